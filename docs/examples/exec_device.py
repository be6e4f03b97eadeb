"""A device of the bench link in plain Python: the smallest thing that `isentrope run ... --target exec:`
accepts.

    isentrope link-check "exec:python docs/examples/exec_device.py"

It describes the raw inputs and outputs of the profile it is given, holds every output in its safe state and
counts its scans. Put a controller where `scan` is. The protocol is docs/link.md; nothing here comes from the
project.
"""

import json
import os
import struct
import sys
from zlib import crc32

TYPES = ("u8", "u16", "s16", "u32", "s32")
HIGHEST = {"u8": 255, "u16": 65535, "s16": 32767, "u32": 2**31 - 1, "s32": 2**31 - 1}
HEAD = struct.Struct("<BHHI")  # type, session, seq, t_ms
PAGE = 8  # table entries in one DESCRIBE reply


def cobs_encode(data):
    blocks = []
    for run in data.split(b"\0"):
        while len(run) >= 254:
            blocks.append(b"\xff" + run[:254])
            run = run[254:]
        blocks.append(bytes((len(run) + 1,)) + run)
    return b"".join(blocks)


def cobs_decode(data):
    out, at = b"", 0
    while at < len(data):
        code = data[at]
        if code == 0 or at + code > len(data):
            return None
        out += data[at + 1 : at + code]
        at += code
        if code < 255 and at < len(data):
            out += b"\0"
    return out


def text(s):
    return bytes((len(s.encode()),)) + s.encode()


def entry(kind, type_, ident, name, *, exponent=0, writable=0, low=0, high=None, unit=""):
    high = HIGHEST[type_] if high is None else high
    head = struct.pack("<BBbBHii", kind, TYPES.index(type_), exponent, writable, ident, low, high)
    return head + text(name) + text(unit)


class Device:
    def __init__(self, profile):
        self.profile = profile
        self.ins = [row for row in profile["io"] if row["dir"] == "in"]
        self.outs = [row for row in profile["io"] if row["dir"] == "out"]
        self.table = [entry(0, row["type"], i, row["name"]) for i, row in enumerate(self.ins)]
        self.table += [entry(1, row["type"], i, row["name"]) for i, row in enumerate(self.outs)]
        self.table += [
            entry(2, "u32", 0, "scans"),
            entry(2, "u8", 1, "enable", high=1, writable=1),
            entry(3, "s16", 0x4000, "setpoint", exponent=-1, writable=1, low=200, high=600, unit="degC"),
        ]
        self.table_crc = crc32(b"".join(self.table))
        letters = {"u8": "B", "u16": "H"}
        self.in_struct = struct.Struct("<" + "".join(letters[row["type"]] for row in self.ins))
        self.out_struct = struct.Struct("<IIHH" + "".join(letters[row["type"]] for row in self.outs) + "IB")
        self.session = None
        self.ready = self.done = False
        self.last = (0, 0)  # seq and t_ms last executed
        self.last_crc = None
        self.kept = b""

    def frame(self, kind, seq, t_ms, payload):
        body = HEAD.pack(kind, self.session or 0, seq, t_ms) + payload
        return b"\0" + cobs_encode(body + struct.pack("<I", crc32(body))) + b"\0"

    def nak(self, reason):
        return self.frame(0xCE, *self.last, bytes((reason,)))

    def receive(self, piece):
        """The bytes to send back for what stood between two zeros."""
        data = cobs_decode(piece)
        if data is None or not 13 <= len(data) <= 1024:
            return self.nak(1)
        body, crc = data[:-4], struct.unpack("<I", data[-4:])[0]
        if crc != crc32(body):
            return self.nak(1)
        kind, session, seq, t_ms = HEAD.unpack_from(body)
        if kind == 0x48:  # HELLO
            if session != self.session:
                self.session, self.ready, self.last, self.last_crc = session, False, (0xFFFF, 0), None
            names = ("example", "exec", self.profile["board"], self.profile["machine"])
            head = struct.pack("<BIHH", 0x31, self.table_crc, len(self.table), self.profile["scan_ms"])
            return self.frame(0xC8, seq, t_ms, head + b"".join(text(name) for name in names))
        if session != self.session:
            return self.nak(5)
        if seq == self.last[0] and self.last_crc is not None:
            return self.kept if crc == self.last_crc else self.nak(2)
        if seq != (self.last[0] + 1) & 0xFFFF:
            return b""
        answer = self.execute(kind, t_ms, body[HEAD.size :])
        if isinstance(answer, int):
            return self.nak(answer)
        self.last, self.last_crc = (seq, t_ms), crc
        self.kept = self.frame(kind | 0x80, seq, t_ms, answer)
        return self.kept

    def execute(self, kind, t_ms, payload):
        """The reply's payload, or the reason of a NAK."""
        if kind == 0x44 and len(payload) == 2:  # DESCRIBE
            first = struct.unpack("<H", payload)[0]
            page = self.table[first : first + PAGE]
            return struct.pack("<HB", first, len(page)) + b"".join(page)
        if kind == 0x52 and len(payload) >= 14:  # RESET
            if struct.unpack_from("<I", payload, 9)[0] != self.table_crc:
                return 8
            if len(payload) != 14 + 6 * payload[13]:  # more would be storage, and this device keeps none
                return 4
            self.ready, self.scans, self.enable = True, 0, 0
            return b""
        if kind == 0x53:  # STEP
            if not self.ready:
                return 6
            if len(payload) != self.in_struct.size:
                return 4
            outputs = self.scan(t_ms, self.in_struct.unpack(payload))
            return self.out_struct.pack(0, 0, 0, 0, *outputs, self.scans, self.enable)
        if kind == 0x57 and len(payload) == 6:  # WRITE
            return bytes((self.write(*struct.unpack("<Hi", payload)),))
        if kind == 0x4C and len(payload) == 1:  # LOG: this device keeps none
            return b"\0"
        if kind == 0x42:  # BYE
            self.done = True
            return b""
        return 4 if kind in (0x44, 0x52, 0x57, 0x4C) else 3

    def scan(self, t_ms, inputs):
        """One scan: raw inputs in, raw outputs out, both in the profile's order."""
        self.scans += 1
        return [row["safe"] for row in self.outs]

    def write(self, ident, raw):
        if ident == 0:
            return 2
        if ident == 1:
            if not 0 <= raw <= 1:
                return 3
            self.enable = raw
            return 0
        if ident == 0x4000:
            return 0 if 200 <= raw <= 600 else 3
        return 1


def main():
    with open(os.environ["ISENTROPE_PROFILE"]) as file:
        device = Device(json.load(file))
    rest = b""
    while data := os.read(sys.stdin.fileno(), 4096):
        *pieces, rest = (rest + data).split(b"\0")
        for piece in filter(None, pieces):
            os.write(sys.stdout.fileno(), device.receive(piece))
            if device.done:
                return


if __name__ == "__main__":
    main()
