"""ADS1115: four channels of 15 bit and sign on I2C, with a reference of its own (Texas Instruments SBAS444).

Single shots at 128 samples/s (8 ms each) and +/-4.096 V, in turn: `poll()` takes the conversion that it once
started and starts the next, so nobody waits. A channel is as old as a turn takes: four scans at one poll a
scan; a task may poll more often.

A ratio needs the rail measured too, as one more channel of this chip or of another on the same rail.
"""

from micropython import const

_CONVERSION = const(0)  # registers, table 8-3
_CONFIG = const(1)
# Config register, table 8-6: start, single-ended, +/-4.096 V, single shot, 128 samples/s, comparator off.
_SHOT_HIGH = const(0xC3)
_SHOT_LOW = const(0x83)
_IDLE = const(0x80)  # OS, read: no conversion runs
_FULL = const(1 << 15)
_RAIL_LOWEST = const(16000)  # 2.0 V: the chip's own lowest supply, so a lower reading is no rail
_PATIENCE = const(8)  # polls that may find the chip converting; own: eight of 10 ms outlast any conversion


class Ads1115:
    """`channels` are converted in turn; `rail` is the chip with the rail on `rail_channel`; None: itself."""

    def __init__(self, i2c, address: int, channels: tuple, rail_channel: int, rail=None):
        self._i2c = i2c
        self._address = address
        self._channels = channels
        self._turn = 0
        self._running = False
        self._polls = 0
        self._pointer = bytearray((_CONFIG,))
        self._shot = bytearray((_CONFIG, 0, _SHOT_LOW))
        self._answer = bytearray(2)
        self._rail = rail or self
        self._rail_channel = rail_channel
        # Of the last conversion of each channel, 0.125 mV; 0 if the chip does not answer.
        self.codes = [0] * 4

    def poll(self):
        """Take the conversion that is ready, start the next."""
        try:
            if not self._running or self._take():
                self._start()
        except OSError:
            self._lost()

    def read(self, channel: int) -> int:
        """Vin / rail x 2^15, 0 to 32767; 0, which every sensor's driver takes as failed, without a rail."""
        rail = self._rail.codes[self._rail_channel]
        if rail < _RAIL_LOWEST:
            return 0
        return min((self.codes[channel] * _FULL + (rail >> 1)) // rail, _FULL - 1)

    def _start(self):
        shot = self._shot
        shot[1] = _SHOT_HIGH | self._channels[self._turn] << 4
        self._i2c.writeto(self._address, shot)
        self._running = True
        self._polls = 0

    def _take(self) -> bool:
        """Fetch the result; False while the chip still converts. A chip that has reset itself starts over."""
        high = self._read(_CONFIG)[0]
        shot = self._shot
        if high & ~_IDLE != shot[1] & ~_IDLE:
            self._lost()
        elif high & _IDLE:
            answer = self._read(_CONVERSION)
            code = answer[0] << 8 | answer[1]
            # A little below ground reads negative.
            self.codes[self._channels[self._turn]] = 0 if code >= _FULL else code
            self._turn = (self._turn + 1) % len(self._channels)
        else:
            self._polls += 1
            if self._polls < _PATIENCE:
                return False
            self._lost()
        return True

    def _read(self, register: int) -> bytearray:
        self._pointer[0] = register
        self._i2c.writeto(self._address, self._pointer)
        self._i2c.readfrom_into(self._address, self._answer)
        return self._answer

    def _lost(self):
        self._running = False
        codes = self.codes
        for channel in range(4):
            codes[channel] = 0
