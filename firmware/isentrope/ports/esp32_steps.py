"""Step pulses from the RMT of an ESP32 for a step/dir chip, behind the interface of `drivers/stepper.py`.

A move is one `write_pulses()` out of two preallocated lists, ramps in it, so neither a collection nor an
interrupt can delay a step. The lists fit the memory that the RMT plays from: it fetches nothing on the way,
where a write to flash, which keeps interrupts waiting, would make it repeat old pulses.

What has been handed to the RMT is played to its end: MicroPython's only way to stop it, `active(False)`, is
fatal on an ESP32 that is in the middle of more than 300 ms (ports/esp32/esp32_rmt.c of 1.28). A longer move
is therefore made of pieces of a second at most, each with its ramps, with a short rest between two while
somebody polls; a new target or `stop()` takes effect when the piece is over. To stand still at once the
windings are released: the pulses that are left turn nothing and are not counted.

The RMT tells that it has finished, not how far it is. Between pieces the count is exact; within one it is
the number of edges that are due by `ticks_us`, both clocks being the same crystal's: at most one step behind.
"""

from micropython import const

HZ = const(500_000)  # of the RMT: 2 us, 0.12 % of a period at 600 steps/s; half a period is 65 ms at most
# Of its memory, one a step and one for the end: 3 of an ESP32's 8 blocks, all 4 of an ESP32-S3 that can send.
SYMBOLS = const(192)
_ROOM = const(SYMBOLS - 1)
_WRAP = const(0x3FFFFFFF)  # of ticks_us
_PIECE = const(HZ)  # 1 s; own: the period of the superheat loop, which has no use for a slower answer


class Steps:
    """`rmt` is an `esp32.RMT` on the STEP pin at `HZ` with `SYMBOLS`, idle low.

    `direction(level)` sets the DIR pin, high opens; `enable(level)` switches the windings; rates in steps/s.
    """

    def __init__(self, rmt, direction, enable, valve: dict, ticks_us):
        self._rmt = rmt
        self._direction = direction
        self._enable = enable
        self._ticks_us = ticks_us
        self._ramp = ramp = valve["ramp_steps"]
        rate_hz = valve["rate_hz"]
        first_hz = valve["start_rate_hz"] if ramp else rate_hz
        rise = (rate_hz - first_hz) / ramp if ramp else 0.0
        self._periods = tuple(int(HZ / (first_hz + k * rise) + 0.5) for k in range(ramp + 1))
        cruise = (_PIECE - 2 * sum(self._periods[:ramp])) // self._periods[ramp]
        self._most = min(_ROOM, 2 * ramp + max(cruise, 1))
        self._durations = [1] * (2 * _ROOM)
        self._levels = [0] * (2 * _ROOM)
        self._from = 0  # the count when the piece began
        self._way = 1
        self._planned = 0  # steps of the piece that is played
        self._done = 0  # of these
        self._edge = 0  # ticks from its beginning to the next
        self._level = 0  # of that step: its place in the ramp
        self._since_us = 0
        self._target = 0
        self.energised = False
        self._playing = True
        # No edges: the RMT takes its own buffer from the heap now.
        rmt.write_pulses(self._durations, self._levels)
        self.coils(False)

    @property
    def count(self) -> int:
        self.poll()
        return self._from + self._way * self._done

    @property
    def busy(self) -> bool:
        self.poll()
        return self._planned > 0 or self._target != self._from

    def coils(self, on: bool):
        """Energise or release the windings; in motion the motor then stands, and its count with it."""
        self.energised = on
        if self._planned and not on:
            self._target = self.count
            self._from = self._target
            self._planned = self._done = 0
        if not on or self._planned or not self._playing:
            self._enable(1 if on else 0)

    def go(self, target: int):
        self._target = target
        self.poll()

    def stop(self):
        """Stand still where the piece that is being played ends."""
        self._target = self._from + self._way * self._planned

    def abort(self):
        """The windings are released, and what is left to play is forgotten; `count` stays true."""
        self.coils(False)
        self._target = self._from

    def poll(self):
        """Bring the count up to date; when a piece is over, begin the next."""
        if self._playing:
            if not self._rmt.wait_done():
                self._follow()
                return
            self._playing = False
            self._from += self._way * self._planned
            self._planned = self._done = 0
            self._enable(1 if self.energised else 0)
        if self._target != self._from:
            self._begin()

    def _follow(self):
        """Count the rising edges that are due."""
        ticks = ((self._ticks_us() - self._since_us) & _WRAP) // (1_000_000 // HZ)
        while self._done < self._planned and ticks >= self._edge:
            before = self._periods[self._level]
            self._done += 1
            self._level = self._following(self._level, self._done, self._planned)
            after = self._periods[self._level]
            self._edge += before - (before >> 1) + (after >> 1)

    def _begin(self):
        left = self._target - self._from
        self._way = 1 if left > 0 else -1
        self._direction(1 if left > 0 else 0)
        self._planned = min(left * self._way, self._most)
        self._fill(self._planned)
        self._done = 0
        self._level = 0
        self._edge = self._periods[0] >> 1
        self._playing = True
        self._rmt.write_pulses(self._durations, self._levels)
        self._since_us = self._ticks_us()

    def _following(self, level: int, n: int, steps: int) -> int:
        """The n-th step's place in the ramp, after a step at `level` (-1: standing)."""
        return max(level - 1, min(level + 1, self._ramp, steps - n - 1))

    def _fill(self, steps: int):
        """Write the waves of so many steps, low first, and for the rest ticks without a wave."""
        durations, levels = self._durations, self._levels
        level = -1
        for n in range(steps):
            level = self._following(level, n, steps)
            period = self._periods[level]
            durations[2 * n] = period >> 1
            durations[2 * n + 1] = period - (period >> 1)
            levels[2 * n + 1] = 1
        for at in range(2 * steps, 2 * _ROOM):
            durations[at] = 1
            levels[at] = 0
