"""The plan of a move and its bookkeeping, on a state machine that does a word whenever it is told to."""

from fake_buses import without_heap
from isentrope.ports.rp2_steps import BIPOLAR, HZ, OVERHEAD, WORDS, Steps, program

VALVE = {"rate_hz": 200, "start_rate_hz": 100, "ramp_steps": 4}


class Machine:
    """State machine and DMA channel; `word()` does what the program does with the next word."""

    def __init__(self):
        self.size = self.count = 0
        self.halves = b""
        self.queued = 0
        self.running = False
        self.waiting = 0
        self.pins = BIPOLAR[0]

    def tx_fifo(self):
        return self.queued

    def where(self):
        return 3 if self.waiting else 0

    def restart(self):
        self.waiting = 0

    def exec(self, instruction):
        self.queued -= 1

    def active(self, on):
        self.running = bool(on)

    def word(self):
        """(cycles until the step, its levels), the next word pulled after it."""
        at = 2 * (self.size - self.count - self.queued - self.waiting)
        low, high = self.halves[at], self.halves[at + 1]
        assert low & 15 == self.pins
        self.pins = high >> 12
        self.queued -= 1
        self.feed()
        return (low >> 4) + ((high & 0xFFF) << 12) + OVERHEAD, self.pins

    def feed(self):
        taken = min(4 - self.queued, self.count)
        self.queued += taken
        self.count -= taken


class Channel:
    def __init__(self, machine):
        self._machine = machine

    @property
    def count(self):
        return self._machine.count

    def config(self, read, count, trigger):
        machine = self._machine
        machine.halves = read
        machine.size = machine.count = count
        machine.feed()
        machine.queued -= 1
        machine.waiting = 1
        machine.feed()

    def active(self, on):
        self._machine.count = 0


def ignored(level):
    """No windings here."""


def made(room=50):
    machine = Machine()
    return machine, Steps(machine, Channel(machine), machine.where, ignored, BIPOLAR, VALVE, room)


def test_a_move_has_its_ramp_at_both_ends():
    machine, steps = made()
    steps.go(-12)
    assert steps.busy and steps.count == 0
    found = []
    for n in range(12):
        cycles, levels = machine.word()
        found.append(round(HZ / cycles))
        assert steps.count == -n - 1
        assert levels == BIPOLAR[(-n - 1) % 4]
    assert found == [100, 125, 150, 175, 200, 200, 200, 200, 175, 150, 125, 100]
    assert not steps.busy and steps.count == -12 and not machine.running


def test_nothing_to_do_starts_nothing():
    machine, steps = made()
    steps.go(0)
    assert not steps.busy and not machine.running
    steps.stop()
    steps.abort()
    assert steps.count == 0


def test_turning_round_comes_to_rest_first():
    machine, steps = made()
    steps.go(40)
    for _ in range(10):
        machine.word()
    steps.go(-5)
    highest = 0
    while steps.busy and steps.count >= highest:
        highest = steps.count
        machine.word()
    assert highest <= 10 + 5 + 2 + 4
    while steps.busy:
        machine.word()
    assert steps.count == -5


def test_neither_a_move_nor_a_look_allocates():
    machine, steps = made()
    without_heap(steps.go, 30)
    for _ in range(10):
        machine.word()
    without_heap(steps.go, 20)
    without_heap(steps._stands)
    assert without_heap(steps._done) == 10
    without_heap(steps.stop)
    without_heap(steps.abort)
    assert steps.count == 10


def test_the_program_fits_half_a_block():
    assert len(WORDS) <= 12
    data, _, _, _, execctrl, _, pins, _, _ = program(4)
    assert tuple(data) == WORDS and execctrl >> 12 == len(WORDS) - 1 and len(pins) == 4
