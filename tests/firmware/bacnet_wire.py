"""BACnet's bytes over a socket and over a line of MS/TP: what an Asker (bacnet_bench.py) asks a firmware that
is another process. The frames around the messages are put together here and in mstp_line.py."""

import contextlib
import os
import select
import socket
import struct
import threading
import time
import tty

from bacnet_bench import Asker, context, number, reference
from mstp_line import frame

# The device's identifier.
READ = bytes([1, 4, 0, 5, 201, 12]) + reference(8, 4194303) + context(1, number(75))
ANSWER_S = 3.0
PACE = 100  # requests that one address sends before another takes over: 100/s are allowed, 250 at once
OWN = 3  # this master's MAC
BAUD = 115_200  # a terminal has none, but the firmware counts how long its frames take
_DATA_EXPECTING_REPLY, _DATA, _POSTPONED = 5, 6, 7
_TOKEN, _POLL, _POLLED = 0, 1, 2


def bvlc(function, data):
    return struct.pack(">BBH", 0x81, function, len(data) + 4) + data


class OnIp(Asker):
    """A client of BACnet/IP; `network()` is one message and its answer, `heard()` what comes by itself."""

    most = 5  # of a request's longest answers: 1476 bytes
    mac = 6  # bytes of an address

    def __init__(self, port):
        self.to = "127.0.0.1", port
        self.line = None
        self.fresh()

    def fresh(self):
        """Another port: to the device, another client."""
        if self.line:
            self.line.close()
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.sent = 0

    def send(self, data, broadcast=False):
        self.line.sendto(bvlc(0x0B if broadcast else 0x0A, data), self.to)
        self.sent += 1

    def heard(self, seconds=0.0):
        """The next message, None: there was none for so long."""
        if not select.select([self.line], [], [], seconds)[0]:
            return None
        data = self.line.recv(1600)
        assert data[:2] == b"\x81\x0a" and data[2] << 8 | data[3] == len(data)
        return data[4:]

    def network(self, data, broadcast=False):
        """A message's answer. Where none may come, a good request behind it is answered alone."""
        if self.sent >= PACE:
            self.fresh()
        self.send(data, broadcast)
        if not data[1] & 4 or broadcast:
            self.send(READ)
        first = self.heard(ANSWER_S)
        assert first is not None, data
        if first[3] != 201:
            if not data[1] & 4 or broadcast:
                assert self.heard(ANSWER_S)[3] == 201
            return first
        return None

    def unanswered(self, messages, broadcast=False):
        """None of them is answered: the good request behind them is the first that is."""
        for first in range(0, len(messages), PACE):
            self.fresh()
            for each in messages[first : first + PACE]:
                self.send(each, broadcast)
            self.send(READ)
            answer = self.heard(ANSWER_S)
            assert answer is not None and answer[2:4] == b"\x30\xc9", answer

    def close(self):
        self.line.close()


class OnMstp(Asker):
    """A master that holds the token but when the other may have something to say of itself."""

    most = 3  # 480 bytes
    mac = 1

    def __init__(self):
        self.master, slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(slave)
        self.slave = slave
        self.name = os.ttyname(slave)
        self.came = b""
        self.told = []  # (to, message) that the device sent with the token
        self.broadcasts = []

    def send(self, data, broadcast=False):
        asks = data[1] & 4 and not broadcast
        self._put(_DATA_EXPECTING_REPLY if asks else _DATA, 255 if broadcast else 1, data)

    def _put(self, kind, to, data=b""):
        os.write(self.master, frame(kind, to, OWN, data))

    def _take(self, deadline):
        """The next whole frame, None: none comes."""
        while True:
            at = self.came.find(b"\x55\xff")
            if at >= 0 and len(self.came) >= at + 8:
                head = self.came[at:]
                n = head[5] << 8 | head[6]
                size = 8 + (n + 2 if n else 0)
                if len(head) >= size:
                    self.came = head[size:]
                    time.sleep(size * 10 / BAUD)  # on a line it would only now have arrived
                    found = head[2], head[3], head[8 : 8 + n]
                    assert frame(found[0], found[1], head[4], found[2]) == head[:size], "its checks"
                    return found
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                return None
            self.came += os.read(self.master, 4096)

    def token(self, give=True, seconds=ANSWER_S, answers=b""):
        """Give the token away and wait until it is back; `told` keeps what was said meanwhile.

        `answers`: the kind of answer, 0x20 and the like, that a confirmed message gets.
        """
        if give:
            self._put(_TOKEN, 1)
        deadline = time.monotonic() + seconds
        while True:
            found = self._take(deadline)
            assert found is not None, "the token is lost"
            kind, to, data = found
            if kind == _POLL and to == OWN:
                self._put(_POLLED, 1)
            elif kind == _TOKEN and to == OWN:
                return
            elif kind in (_DATA, _DATA_EXPECTING_REPLY):
                if to == 255:
                    self.broadcasts.append(data)
                else:
                    self.told.append(data)
                if kind == _DATA_EXPECTING_REPLY:
                    self._put(_DATA, 1, b"\x01\x00" + answers[:1] + data[4:6] + answers[1:])

    def heard(self, seconds=0.0, answers=b"\x20"):
        """As OnIp's."""
        deadline = time.monotonic() + seconds
        while not self.told:
            self.token(answers=answers)
            if time.monotonic() > deadline:
                break
        return self.told.pop(0) if self.told else None

    def network(self, data, broadcast=False):
        """A message's answer; where none comes the reply is postponed."""
        self.send(data, broadcast)
        if data[1] & 4 and not broadcast:
            deadline = time.monotonic() + ANSWER_S
            while True:
                found = self._take(deadline)
                assert found is not None, data
                if found[0] == _DATA and found[1] == OWN:
                    return found[2]
                if found[0] == _POSTPONED and found[1] == OWN:
                    return None
        self.token()
        return self.told.pop(0) if self.told else None

    def unanswered(self, messages, broadcast=False):
        for each in messages:
            assert self.network(each, broadcast) is None, each

    def fresh(self):
        """There is one address."""

    def close(self):
        for end in (self.master, self.slave):
            with contextlib.suppress(OSError):  # a test has closed it
                os.close(end)


class Bbmd:
    """Takes a registration, and whatever a foreign device wants to be told to everybody."""

    def __init__(self):
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.line.settimeout(0.1)
        self.port = self.line.getsockname()[1]
        self.registered = 0
        self.broadcasts = []
        self.over = False
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.over:
            try:
                data, peer = self.line.recvfrom(1600)
            except TimeoutError:
                continue
            if data[1] == 5:
                self.registered += 1
                self.line.sendto(b"\x81\x00\x00\x06\x00\x00", peer)
            elif data[1] == 9:
                self.broadcasts.append(data[4:])

    def close(self):
        self.over = True
        self.thread.join()
        self.line.close()
