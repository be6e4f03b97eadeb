"""The signal table of docs/link.md: every raw signal, point and setting, made on demand, never kept."""

from binascii import crc32

from ..tables import borrowed


def _following(entries) -> bytes | None:
    for entry in entries:
        return entry
    return None


class Table:
    """A profile's table: `crc` (CRC-32) over its `count` entries. `read()` gives the profile anew."""

    def __init__(self, profile: dict, read):
        self._read = read
        self.crc = self.count = 0
        for entry in borrowed("link.entries").entries(profile):
            self.crc = crc32(entry, self.crc)
            self.count += 1
        # Where the next page most likely begins, so that paging makes every entry once.
        self._place = 0
        self._entry: bytes | None = None
        self._rest = None

    def page(self, first: int, buf: bytearray, at: int, end: int) -> int:
        """Write `first` u16, a count u8 and entries from `first` on, as fit, to `buf[at:end]`; the end."""
        place = self._place
        self._place = -1  # until the page is whole: memory may be short for it
        if first != place or self._entry is None:
            self._rest = borrowed("link.entries").entries(self._read())
            for _ in range(min(first, self.count) + 1):
                self._entry = _following(self._rest)
        body = at + 3
        count = 0
        while self._entry is not None and body + len(self._entry) <= end and count < 255:
            buf[body : body + len(self._entry)] = self._entry
            body += len(self._entry)
            count += 1
            self._entry = _following(self._rest)
        self._place = first + count
        if self._entry is None:
            self._rest = None
        buf[at] = first & 0xFF
        buf[at + 1] = first >> 8
        buf[at + 2] = count
        return body
