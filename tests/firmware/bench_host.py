"""The host's side of docs/link.md, small and independent, around a device in the test's own process."""

from binascii import crc32
from struct import calcsize, pack, unpack_from

from isentrope import app
from isentrope.bench.pins import Pins
from isentrope.heap import Heap
from isentrope.link.answers import Identity
from isentrope.link.protocol import Link
from isentrope.live import Live
from isentrope.modes import Modes
from isentrope.ports.ram import Ram
from sample import T0, Port, profile, raw_in
from test_link_cobs import decoded, textbook

HELLO, DESCRIBE, RESET, STEP, WRITE, LOG, BYE = 0x48, 0x44, 0x52, 0x53, 0x57, 0x4C, 0x42
IMAGE, PUT = 0x49, 0x50
ATTACH, POLL, SETTINGS, EVENTS, JOG, MAINT = 0x41, 0x51, 0x47, 0x45, 0x4A, 0x4D
NAK, FAULT = 0xCE, 0xC6
LETTERS = "BHhIi"


def frame(kind, session, seq, t_ms=0, payload=b""):
    body = pack("<BHHI", kind, session, seq, t_ms) + payload
    return b"\0" + textbook(body + pack("<I", crc32(body))) + b"\0"


def replies(sent):
    """The frames a device has sent, as (type, session, seq, t_ms, payload); all must be sound."""
    found = []
    for piece in sent.split(b"\0"):
        if piece:
            body = decoded(piece)
            assert body is not None and crc32(body[:-4]) == unpack_from("<I", body, len(body) - 4)[0]
            found.append(tuple(unpack_from("<BHHI", body)) + (body[9:-4],))
    return found


class Host:
    """A session with a fresh device."""

    def __init__(self, changes=None):
        whole = profile()
        whole.update(changes or {})
        self.port = Port()
        self.link = app.bench(whole, self.port)
        self.session = 0x1234
        self.seq = 0
        self.t_ms = T0
        self.table = []

    def raw(self, data):
        """Bytes as they are; the replies."""
        self.port.sent = b""
        self.link.feed(data)
        return replies(self.port.sent)

    def send(self, kind, payload=b"", seq=None, t_ms=0, session=None):
        seq = self.seq if seq is None else seq
        return self.raw(frame(kind, self.session if session is None else session, seq, t_ms, payload))

    def ask(self, kind, payload=b"", t_ms=0):
        """The payload of the one, matching reply."""
        found = self.send(kind, payload, t_ms=t_ms)
        assert len(found) == 1, found
        answer, session, seq, _, payload = found[0]
        assert (answer, session, seq) == (kind | 0x80, self.session, self.seq), found
        self.seq = (self.seq + 1) & 0xFFFF
        return payload

    def refused(self, kind, payload=b"", **how):
        """The reason of the one NAK."""
        found = self.send(kind, payload, **how)
        assert len(found) == 1 and found[0][0] == NAK, found
        return found[0][4][0]

    def hello(self, session=0x1234):
        found = self.send(HELLO, b"\x31", seq=0x5555, t_ms=0x55555555, session=session)
        assert len(found) == 1 and found[0][:4] == (0xC8, session, 0x5555, 0x55555555), found
        self.session = session
        self.seq = 0
        return found[0][4]

    def describe(self):
        """Every entry as (kind, type, exponent, writable, id, low, high, name, unit), and their bytes."""
        crc, count = unpack_from("<IH", self.hello(), 1)
        raw = b""
        self.table = []
        while len(self.table) < count:
            page = self.ask(DESCRIBE, pack("<H", len(self.table)))
            first, n = unpack_from("<HB", page)
            assert first == len(self.table) and n > 0
            raw += page[3:]
            at = 3
            for _ in range(n):
                entry = unpack_from("<BBbBHii", page, at)
                at += calcsize("<BBbBHii")
                name = str(page[at + 1 : at + 1 + page[at]], "utf-8")
                at += 1 + page[at]
                unit = str(page[at + 1 : at + 1 + page[at]], "utf-8")
                at += 1 + page[at]
                self.table.append(tuple(entry) + (name, unit))
        assert crc32(raw) == crc
        self.crc = crc
        return self

    def image(self):
        """The device's storage, page by page."""
        image = b""
        while True:
            page = self.ask(IMAGE, pack("<H", len(image)))
            first, size = unpack_from("<HH", page)
            assert first == len(image)
            image += page[4:]
            if len(image) == size:
                return image
            assert len(page) > 4

    def put(self, image):
        for first in range(0, len(image), 500):
            self.ask(PUT, pack("<H", first) + image[first : first + 500])

    def reset(self, flags=0, changes=(), image=b""):
        payload = pack("<IIBIB", 1, T0, flags, self.crc, len(changes))
        return self.ask(RESET, payload + b"".join([pack("<Hi", *change) for change in changes]) + image, T0)

    def inputs(self, raw=None):
        return pack("<9H4B", *(raw or raw_in()))

    def step(self, raw=None, dt_ms=500):
        """One scan; outputs and points by name."""
        payload = self.ask(STEP, self.inputs(raw), self.t_ms)
        self.t_ms = (self.t_ms + dt_ms) & 0x3FFFFFFF
        names = [e[7] for e in self.table if e[0] in (1, 2)]
        form = "<IIHH" + "".join([LETTERS[e[1]] for e in self.table if e[0] in (1, 2)])
        assert len(payload) == calcsize(form)
        self.status = unpack_from("<IIHH", payload)
        return dict(zip(names, unpack_from(form, payload)[4:]))


def opened(**how):
    """A host whose device has been described and reset."""
    host = Host().describe()
    host.reset(**how)
    return host


class Board(Host):
    """A session with a live board, whose pins and storage are in RAM; `changes` to its profile."""

    def __init__(self, changes=None):
        whole = profile()
        whole.update(changes or {})
        self.port = Port()
        self.session, self.seq, self.t_ms, self.table = 0x1234, 0, 0, []
        heap = Heap(self.port)
        self.pins = Pins(whole)
        self.pins.inputs[:] = raw_in()
        self.machine = app.build(whole, self.pins, self.port, Ram())
        self.live = Live(self.machine, heap, self.port, whole["scan_ms"])
        identity = Identity("1", "test", whole, lambda: whole)
        self.modes = Modes(self.port, heap, identity, lambda: whole, app.build, self.live)
        self.link = Link(self.modes, heap, self.port)
        self.modes.begin()

    def scans(self, n=1):
        for _ in range(n):
            self.port.now_ms += 500
            self.modes.tick()

    def attach(self, session=0x4321):
        found = self.send(ATTACH, b"\x31", seq=0x5555, t_ms=0x55555555, session=session)
        assert len(found) == 1 and found[0][:4] == (0xC1, session, 0x5555, 0x55555555), found
        self.session = session
        self.seq = 0
        return found[0][4]

    def output(self, name):
        rows = [row["name"] for row in profile()["io"] if row["dir"] == "out"]
        return self.pins.outputs[rows.index(name)]
