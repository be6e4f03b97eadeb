"""Lines for MS/TP: one that a test plays, and one that several stations share."""

from isentrope.bus.bacnet.frames import data_check, header_check


class Line:
    """Bytes to come, and what went."""

    def __init__(self):
        self.coming = b""
        self.sent = b""

    def take(self, view):
        n = min(len(view), len(self.coming))
        view[:n] = self.coming[:n]
        self.coming = self.coming[n:]
        return n

    def write(self, buf, n):
        self.sent += bytes(buf[:n])


def frame(kind, to, source, data=b""):
    """A frame, put together here; its checks are the firmware's, which have tests of their own."""
    head = bytes([kind, to, source, len(data) >> 8, len(data) & 255])
    said = b"\x55\xff" + head + bytes([header_check(head, 0)])
    if data:
        check = data_check(data, 0, len(data))
        said += data + bytes([check & 255, check >> 8])
    return said


def frames(sent):
    """(type, to, source, data) of all that was sent; every check must be right."""
    found = []
    while sent:
        kind, to, source = sent[2], sent[3], sent[4]
        n = sent[5] << 8 | sent[6]
        size = 8 + (n + 2 if n else 0)
        assert frame(kind, to, source, sent[8 : 8 + n]) == sent[:size], sent
        found.append((kind, to, source, sent[8 : 8 + n]))
        sent = sent[size:]
    return found


class Shared:
    """Octets at 38,400 Bd: what one station sends, the others hear when it has arrived."""

    def __init__(self):
        self.ms = 0
        self.under_way = []
        self.waiting = {}

    def pass_ms(self, ms):
        self.ms = ms
        for sent in self.under_way[:]:
            if sent[0] <= ms:
                self.under_way.remove(sent)
                for each in self.waiting:
                    if each != sent[1]:
                        self.waiting[each] += sent[2]


class Station:
    """A station's end of a shared line."""

    @staticmethod
    def line():
        return Shared()

    def __init__(self, line, number):
        self.line = line
        self.number = number
        line.waiting[number] = b""

    def take(self, view):
        data = self.line.waiting[self.number]
        n = min(len(view), len(data))
        view[:n] = data[:n]
        self.line.waiting[self.number] = data[n:]
        return n

    def write(self, buf, n):
        self.line.under_way.append((self.line.ms + n * 10 / 38.4, self.number, bytes(buf[:n])))
