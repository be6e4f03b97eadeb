"""DS18B20 thermometers on one wire (Maxim 19-7487), through MicroPython's `onewire.OneWire`.

All convert at once; nobody waits: `poll()` starts the conversions, lets 750 ms pass, then reads one sensor a
call, since reading one takes 12 ms of bits. Eight sensors at one poll a scan of 500 ms are read every 5 s.

Sensors are told apart by their ROM codes, ascending. Were one missing, the others would take its place, so
none is read unless all are found; the search, 14 ms of bits a sensor, is repeated until they are.
"""

from micropython import const

_SKIP_ROM = const(0xCC)  # commands, table 3 and figures 13, 14
_CONVERT_T = const(0x44)
_READ_SCRATCHPAD = const(0xBE)
_CONVERSION_MS = const(750)  # at 12 bit
_POWER_ON = const(0x0550)  # 85 degC: what a sensor says that has reset instead of converted
# 85 degC is believed of a sensor that was this near to it, in 1/16 K; own: 2 K, the error if it is wrong.
_NEAR = const(32)
_FAILED = const(0x8000)
_FAMILY = const(0x28)  # the first byte of its ROM code, figure 7
_SEARCH_MS = const(10_000)  # between searches; own
_IDLE = const(-1)


class Ds18b20:
    """`n` sensors on a wire."""

    def __init__(self, wire, n: int):
        self._wire = wire
        self._n = n
        self._scratchpad = bytearray(9)
        self._next = _IDLE
        self._waited_ms = 0
        self._bad = (1 << n) - 1
        self._raw = [_FAILED] * n
        self._search()

    def read(self, n: int) -> int:
        """The n-th sensor's temperature in 1/16 degC, 16 bit in two's complement; -0x8000 while it fails."""
        return _FAILED if self._bad >> n & 1 else self._raw[n] & 0xFFFF

    def poll(self, dt_ms: int):
        """Once a scan, `dt_ms` after the last: do the one thing that is due."""
        if not self._roms:
            self._waited_ms += dt_ms
            if self._waited_ms >= _SEARCH_MS:
                self._search()
            return
        if self._next == _IDLE:
            self._convert()
            return
        if self._waited_ms < _CONVERSION_MS:
            self._waited_ms += dt_ms
            if self._waited_ms < _CONVERSION_MS:
                return
        n = self._next
        bit = 1 << n
        self._bad = self._bad & ~bit if self._take(n) else self._bad | bit
        n += 1
        self._next = n if n < self._n else _IDLE

    def _search(self):
        wire = self._wire
        roms = [bytes(rom) for rom in wire.scan() if rom[0] == _FAMILY and not wire.crc8(rom)]
        self._roms = sorted(roms) if len(roms) == self._n else ()
        self._waited_ms = 0

    def _convert(self):
        wire = self._wire
        if not wire.reset():  # nobody answers
            self._bad = (1 << self._n) - 1
            return
        wire.writebyte(_SKIP_ROM)
        wire.writebyte(_CONVERT_T)
        self._waited_ms = 0
        self._next = 0

    def _take(self, n: int) -> bool:
        wire, buf = self._wire, self._scratchpad
        wire.select_rom(self._roms[n])
        wire.writebyte(_READ_SCRATCHPAD)
        wire.readinto(buf)
        # A wire held low reads nine zeros, whose checksum is right; the configuration byte is never 0.
        if wire.crc8(buf) or not buf[4]:
            return False
        raw = buf[1] << 8 | buf[0]
        if raw & 0x8000:
            raw -= 0x10000
        if raw == _POWER_ON and abs(raw - self._raw[n]) > _NEAR:
            return False
        self._raw[n] = raw
        return True
