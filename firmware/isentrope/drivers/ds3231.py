"""DS3231: a clock with its own crystal and battery on I2C (Maxim 19-5170). It keeps local time.

Registers 00 to 06 are seconds to year in BCD, 0F the status; its bit OSF stays set from a stop of the
oscillator, so from an empty battery, until somebody clears it: the time is not to be believed meanwhile.
"""

from micropython import const

from ..dates import date, first

_STATUS = const(0x0F)
_STOPPED = const(0x80)


def _bcd(value: int) -> int:
    return (value >> 4) * 10 + (value & 15)


def _coded(value: int) -> int:
    return value // 10 << 4 | value % 10


class Ds3231:
    """`read()` and `write()`; a chip that does not answer has no time and takes none."""

    def __init__(self, i2c, address: int):
        self._i2c = i2c
        self._address = address
        self._buf = bytearray(7)
        self._flag = bytearray(1)

    def read(self) -> tuple | None:
        """(day since 1 January 2000, minute, second) or None: no chip, or a time that is not to be
        believed."""
        buf, flag = self._buf, self._flag
        try:
            self._i2c.readfrom_mem_into(self._address, _STATUS, flag)
            self._i2c.readfrom_mem_into(self._address, 0, buf)
        except OSError:
            return None
        second, minute, hour = _bcd(buf[0]), _bcd(buf[1]), _bcd(buf[2] & 0x3F)
        day, month, year = _bcd(buf[4]), _bcd(buf[5] & 0x1F), _bcd(buf[6])
        if flag[0] & _STOPPED or buf[2] & 0x40 or second > 59 or minute > 59 or hour > 23:
            return None
        if not (1 <= day <= 31 and 1 <= month <= 12 and year <= 99):
            return None
        return first(year, month) + day - 1, hour * 60 + minute, second

    def write(self, day: int, minute: int, second: int) -> bool:
        """Set it, and trust it from now on; False: it does not answer."""
        year, month, of_month = date(day)
        buf, flag = self._buf, self._flag
        buf[0], buf[1], buf[2] = _coded(second), _coded(minute % 60), _coded(minute // 60)
        buf[3] = (day + 5) % 7 + 1  # 1 Monday
        buf[4], buf[5], buf[6] = _coded(of_month), _coded(month), _coded(year)
        try:
            self._i2c.writeto_mem(self._address, 0, buf)
            self._i2c.readfrom_mem_into(self._address, _STATUS, flag)
            flag[0] &= ~_STOPPED & 0xFF
            self._i2c.writeto_mem(self._address, _STATUS, flag)
        except OSError:
            return False
        return True
