"""The RMT of an ESP32 as MicroPython 1.28 offers it (ports/esp32/esp32_rmt.c), playing to a clock of its own.

What plays is recorded edge by edge, with the levels of DIR and of the windings at each rising edge.
"""

US = 2  # of a tick at 500 kHz
LONGEST = 32767  # RMT.PULSE_MAX: a duration has 15 bits


class Rmt:
    """`now` in us; a motor on its pins has made `steps` (opening counts up) while `powered`."""

    def __init__(self, symbols=192):
        self.symbols = symbols
        self.now = 0
        self.writes = 0
        self.capacity = 0
        self.way = 0
        self.powered = 0
        self.steps = 0
        self.edges = []  # (us, DIR) of every rising edge that the motor followed
        self.ends = 0
        self.queue = []  # (us, level) to come

    def ticks_us(self):
        return self.now & 0x3FFFFFFF

    def direction(self, level):
        assert not self.queue, "DIR changes while the RMT plays"
        self.way = 1 if level else -1

    def enable(self, level):
        self.powered = level

    def write_pulses(self, durations, levels):
        assert self.now >= self.ends, "it would wait until the pulses before have been played"
        assert len(durations) == len(levels) and len(durations) % 2 == 0
        assert len(durations) // 2 < self.symbols, "it would have to be fed on the way"
        assert all(type(each) is int and 0 < each <= LONGEST for each in durations)
        self.capacity = max(self.capacity, len(durations))
        self.writes += 1
        at = self.now
        level = 0
        for duration, to in zip(durations, levels):
            if to != level:
                self.queue.append((at, to))
            level = to
            at += US * duration
        if level:
            self.queue.append((at, 0))
        self.ends = at

    def wait_done(self):
        return self.now >= self.ends

    def run(self, us):
        """Let time pass."""
        self.now += us
        while self.queue and self.queue[0][0] <= self.now:
            at, level = self.queue.pop(0)
            if level and self.powered:
                self.steps += self.way
                self.edges.append((at, self.way))
