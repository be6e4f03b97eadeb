"""DS18B20 thermometers on one wire (Maxim 19-7487), through MicroPython's `onewire.OneWire`.

All convert at once; nobody waits: `poll()` starts the conversions, lets 750 ms pass, then reads one sensor a
call, since reading one takes 12 ms of bits. Eight sensors at one poll a scan of 500 ms are read every 5 s.
"""

from micropython import const

_SKIP_ROM = const(0xCC)  # commands, table 3 and figures 13, 14
_CONVERT_T = const(0x44)
_READ_SCRATCHPAD = const(0xBE)
_CONVERSION_MS = const(750)  # at 12 bit
_POWER_ON = const(0x0550)  # 85 degC: what a sensor says that has reset instead of converted
# 85 degC is believed of a sensor that was this near to it, in 1/16 K; own: 2 K, the error if it is wrong.
_NEAR = const(32)
_NONE = const(-0x8000)
_IDLE = const(-1)


class Ds18b20:
    """`raw[n]` is the last good reading of the sensor with the n-th of `roms` in 1/16 degC; see `bad(n)`."""

    def __init__(self, wire, roms: tuple):
        self._wire = wire
        self._roms = roms
        self._scratchpad = bytearray(9)
        self._next = _IDLE
        self._waited_ms = 0
        self._bad = (1 << len(roms)) - 1
        self.raw = [_NONE] * len(roms)

    def bad(self, n: int) -> bool:
        """The n-th sensor's last reading failed, or there was none yet."""
        return bool(self._bad >> n & 1)

    def poll(self, dt_ms: int):
        """Once a scan, `dt_ms` after the last: do the one thing that is due."""
        if self._next == _IDLE:
            self._convert()
            return
        if self._waited_ms < _CONVERSION_MS:
            self._waited_ms += dt_ms
            if self._waited_ms < _CONVERSION_MS:
                return
        n = self._next
        bit = 1 << n
        self._bad = self._bad & ~bit if self._read(n) else self._bad | bit
        n += 1
        self._next = n if n < len(self._roms) else _IDLE

    def _convert(self):
        wire = self._wire
        if not wire.reset():  # nobody answers
            self._bad = (1 << len(self._roms)) - 1
            return
        wire.writebyte(_SKIP_ROM)
        wire.writebyte(_CONVERT_T)
        self._waited_ms = 0
        self._next = 0

    def _read(self, n: int) -> bool:
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
        if raw == _POWER_ON and abs(raw - self.raw[n]) > _NEAR:
            return False
        self.raw[n] = raw
        return True
