"""Step pulses from a PIO state machine of an RP2040, behind the interface of `drivers/stepper.py`.

A move is one DMA transfer out of a buffer that holds a word for every step, the ramp in it, so neither a
collection nor an interrupt can delay a step. A word: levels of the pins before the wait (bits 0 to 3), cycles
to wait (4 to 27), levels after it (28 to 31). Windings keep theirs until the step; a step/dir chip gets its
direction a whole period ahead and a rising edge of STEP. The buffer ends in words that wait and change
nothing: there the motor stands until somebody looks. To slow down, turn round or go farther in motion, words
that the DMA has not fetched yet are written anew.

The count is the hardware's: words fetched by the DMA, less those in the FIFO, less the one that is being
waited for. It is exact in motion and after the state machine was stopped at any instruction.
"""

from array import array

from micropython import const

HZ = const(500_000)  # of the state machine: 2 us a cycle, 0.12 % of a period at 600 steps/s
# pull(block); out(pins, 4); out(x, 24); label("wait"); jmp(x_dec, "wait"); out(pins, 4): what @rp2.asm_pio
# makes of it (RP2040 datasheet, 3.4: encodings), in words so that this file loads without hardware.
WORDS = (0x80A0, 0x6004, 0x6038, 0x0043, 0x6004)
OVERHEAD = const(5)  # cycles of a step beside those waited
_PULL = const(0x8080)  # pull(noblock)
_PARKED = const(0xFFFFFF)  # the longest wait, 33 s
_PARKS = const(4)  # over two minutes, while a watchdog acts in 8 s
# Words beyond those fetched that a change of plan leaves alone: two periods, 3 ms at 600 steps/s, and
# words are written faster than they are fetched. Own choice.
_MARGIN = const(2)
_FEW = const(32)  # words that are written one by one, without slices, which are objects on the heap; own
# Levels of the pins in the order of opening, full and half steps (two phases on; one and two phases in turn).
BIPOLAR = bytes((0b0101, 0b0110, 0b1010, 0b1001))  # A+ A- B+ B- of two H-bridges, from bit 0
BIPOLAR_HALF = bytes((0b0101, 0b0100, 0b0110, 0b0010, 0b1010, 0b1000, 0b1001, 0b0001))
UNIPOLAR = bytes((0b0011, 0b0110, 0b1100, 0b1001))  # A B A' B' of a ULN2003
UNIPOLAR_HALF = bytes((0b0011, 0b0010, 0b0110, 0b0100, 0b1100, 0b1000, 0b1001, 0b0001))
_STEP = const(1)  # STEP is the first pin, DIR the second: high opens
_DIR = const(2)
_PIO = 0x50200000  # RP2040 datasheet, 3.7: registers, of block 0 and state machine 0
_BLOCK = 0x100000
_MACHINE = const(0x18)
_EXECCTRL = const(0xCC)
_ADDR = const(0xD4)


def program(pins: int):
    """What rp2.StateMachine takes, laid out as by @rp2.asm_pio since 1.24, for so many pins, low at first."""
    wraps = (len(WORDS) - 1) << 12
    shifts_right = 1 << 19
    return [array("H", WORDS), -1, -1, -1, wraps, shifts_right, (2,) * pins, None, None]


def sequence(drive: str, half_steps: bool):
    """The table for `valve.drive` of a profile; None for a step/dir chip, which has its own."""
    if drive == "step_dir":
        return None
    if drive == "bipolar":
        return BIPOLAR_HALF if half_steps else BIPOLAR
    return UNIPOLAR_HALF if half_steps else UNIPOLAR


def whereabouts(mem32, sm: int):
    """A function for the instruction that state machine `sm` is at; `mem32` is `machine.mem32`."""
    registers = _PIO + (sm >> 2) * _BLOCK + (sm & 3) * _MACHINE
    first = mem32[registers + _EXECCTRL] >> 7 & 31  # where the program wraps to
    address = registers + _ADDR
    return lambda: mem32[address] - first


class Steps:
    """`sm` has the program and stands; `dma` is set up to write words to its FIFO, paced by it.

    `where` is its `whereabouts()`; `enable(level)` switches the windings; `sequence` is one of the tables
    above, None for a step/dir chip; `room` the longest move in steps (4 bytes each); rates in steps/s.
    """

    def __init__(self, sm, dma, where, enable, sequence, valve: dict, room: int):
        self._sm = sm
        self._dma = dma
        self._where = where
        self._enable = enable
        self._closing = _levels(sequence, -1)
        self._opening = _levels(sequence, 1)
        self._ramp = ramp = valve["ramp_steps"]
        rate_hz = valve["rate_hz"]
        first_hz = valve["start_rate_hz"] if ramp else rate_hz
        rise = (rate_hz - first_hz) / ramp if ramp else 0.0
        waits = [int(HZ / (first_hz + k * rise) + 0.5) - OVERHEAD for k in range(ramp + 1)]
        # The wait's share of a word, at each level of the ramp.
        self._lows = tuple([(wait & 0xFFF) << 4 for wait in waits])
        self._highs = tuple([wait >> 12 for wait in waits])
        self._room = room
        self._words = room + ramp + _PARKS
        # Two halves a word, low first: whole ones would be objects on the heap.
        self._halves = array("H", bytes(4 * self._words))
        self._view = memoryview(self._halves)
        self._from = 0  # the count at the first word
        self._way = 1
        self._planned = 0  # words that step; 0: the motor stands
        self._target = 0
        self.coils(False)

    @property
    def count(self) -> int:
        return self._from + self._way * self._done()

    @property
    def busy(self) -> bool:
        return not self._stands()

    def coils(self, on: bool):
        self.energised = on
        self._enable(1 if on else 0)

    def go(self, target: int):
        changed = target != self._target
        self._target = target
        if changed and self._moves():
            self._change((target - self._from) * self._way)
        else:
            self._stands()

    def stop(self):
        if self._planned:
            self._change(0)
        self._target = self._from + self._way * self._planned

    def abort(self):
        """Stand still at once, without a ramp; `count` stays true."""
        if self._planned:
            self._sm.active(0)
            self._finish()
        self._target = self._from

    def _stands(self) -> bool:
        """The motor stands at its target; one that stands elsewhere is started."""
        if self._planned and not self._moves():
            self._sm.active(0)
            self._finish()
        if not self._planned and self._target != self._from:
            self._begin()
        return not self._planned

    def _moves(self) -> bool:
        """A step of what is planned is still to come."""
        return self._done() < self._planned

    def _done(self) -> int:
        """Steps made of those planned; 0 when none are."""
        if not self._planned:
            return 0
        sm, dma, where = self._sm, self._dma, self._where
        while True:
            left, queued, at = dma.count, sm.tx_fifo(), where()
            if left == dma.count and queued == sm.tx_fifo() and at == where():  # nothing moved on in between
                break
        done = self._words - left - queued - (1 if at else 0)
        return min(done, self._planned)

    def _begin(self):
        left = self._target - self._from
        self._way = 1 if left > 0 else -1
        self._plan(0, -1, min(left * self._way, self._room))
        self._sm.restart()
        self._dma.config(read=self._halves, count=self._words, trigger=True)
        self._sm.active(1)

    def _finish(self):
        self._from += self._way * self._done()
        self._planned = 0
        self._dma.active(0)
        while self._sm.tx_fifo():
            self._sm.exec(_PULL)

    def _change(self, steps: int):
        """Plan the move anew, to be `steps` long, from the first word that may still be written."""
        n = self._words - self._dma.count + _MARGIN
        if n < self._planned:
            low = self._halves[2 * n - 2] & 0xFFF0
            high = self._halves[2 * n - 1] & 0xFFF
            level = 0
            while self._lows[level] != low or self._highs[level] != high:
                level += 1
            self._plan(n, level, min(steps, self._room))

    def _plan(self, n: int, level: int, steps: int):
        """Write the words from the n-th on; the step before it was at `level` of the ramp (-1: standing).

        A move that is too short for its ramp ends at the ramp's foot.
        """
        halves, ramp, way = self._halves, self._ramp, self._way
        lows, highs = self._lows, self._highs
        before, after = self._opening if way > 0 else self._closing
        places = len(before)
        slowing = steps - ramp  # the first step of the ramp down
        turn = -1  # where the first turn of the sequence at full rate begins
        while True:
            if level == ramp:
                if turn < 0:
                    turn = n
                elif n == turn + places and slowing > n + _FEW:
                    n = self._copy(turn, n, slowing)
            left = steps - n - 1
            following = level + 1 if level < ramp else ramp
            if following > left:
                following = left
            if following < level - 1:
                following = level - 1
            if following < 0:
                break
            level = following
            place = (self._from + way * n) % places
            halves[2 * n] = before[place] | lows[level]
            halves[2 * n + 1] = highs[level] | after[place]
            n += 1
        self._planned = n
        levels = before[(self._from + way * n) % places]
        for at in range(2 * n, 2 * (n + _PARKS), 2):
            halves[at] = levels | (_PARKED & 0xFFF) << 4
            halves[at + 1] = _PARKED >> 12 | levels << 12

    def _copy(self, begin: int, n: int, end: int) -> int:
        """Full rate until `end`, maybe a thousand words: what is there from `begin` to `n`, over and over."""
        view = self._view
        first = 2 * begin
        while n < end:
            size = 2 * min(n - begin, end - n)
            view[2 * n : 2 * n + size] = view[first : first + size]
            n += size >> 1
        return n


def _levels(sequence, way: int) -> tuple:
    """Levels before a step from each place in the sequence; those after it, where a word has them."""
    if sequence is None:
        direction = _DIR if way > 0 else 0
        return (direction,), ((direction | _STEP) << 12,)
    size = len(sequence)
    return tuple(sequence), tuple([sequence[(n + way) % size] << 12 for n in range(size)])
