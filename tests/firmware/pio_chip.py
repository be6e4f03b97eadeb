"""A state machine in `rp2040-pio-emulator`, its DMA channel and its pins, for `ports/rp2_steps.py`."""

from collections import deque
from itertools import pairwise

from isentrope.ports import rp2_steps
from pioemu import State, emulate

FIFO_DEPTH = 4
BASE = 6  # the first pin
WAIT = 3  # the program's jump to itself


class Chip:
    """`rp2.StateMachine` and time: `run(cycles)`. `edges` are (cycle, levels of the pins).

    With `skip` the cycles in which the program only counts down are taken at once: nothing else happens then.
    """

    def __init__(self, pins, skip=True):
        self.words, _, _, _, execctrl, shiftctrl, out_init, _, _ = rp2_steps.program(pins)
        assert shiftctrl >> 19 & 1
        self._top = execctrl >> 12 & 31
        self._count = len(out_init)
        self._mask = (1 << self._count) - 1
        self._skip = skip
        self._state = State()
        self._running = False
        self._source = ()
        self._next = 0
        self.count = 0
        self.edges = []
        self.restart()

    @property
    def levels(self):
        return self._state.pin_values >> BASE & self._mask

    @property
    def clock(self):
        return self._state.clock

    def where(self):
        return self._state.program_counter

    def tx_fifo(self):
        return len(self._state.transmit_fifo)

    def restart(self):
        state = self._state
        self._state = State(
            clock=state.clock, pin_values=state.pin_values, transmit_fifo=deque(state.transmit_fifo)
        )
        self._cycles = emulate(
            list(self.words),
            stop_when=lambda opcode, state: False,
            initial_state=self._state,
            out_base=BASE,
            out_count=self._count,
            wrap_top=self._top,
        )

    def exec(self, instruction):
        assert instruction == 0x8080 and not self._running
        self._state.transmit_fifo.popleft()

    def active(self, on):
        """`sm.active` and `dma.active`: told apart by `dma`."""
        self._running = bool(on)

    def feed(self):
        while self.count and len(self._state.transmit_fifo) < FIFO_DEPTH:
            low, high = self._source[2 * self._next], self._source[2 * self._next + 1]
            self._state.transmit_fifo.append(low | high << 16)
            self._next += 1
            self.count -= 1

    def run(self, cycles):
        """Let so many cycles of the state machine pass."""
        end = self.clock + cycles
        while self.clock < end:
            self.feed()
            state = self._state
            if not self._running:
                object.__setattr__(state, "clock", end)
                break
            spare = min(state.x_register, end - state.clock) - 2
            if self._skip and state.program_counter == WAIT and spare > 0:
                object.__setattr__(state, "x_register", state.x_register - spare)
                object.__setattr__(state, "clock", state.clock + spare)
            before = self.levels
            _, self._state = next(self._cycles)
            if self.levels != before:
                self.edges.append((self.clock, self.levels))


class Dma:
    """The channel's side of a chip."""

    def __init__(self, chip):
        self._chip = chip

    @property
    def count(self):
        return self._chip.count

    def config(self, read, count, trigger):
        assert trigger and len(read) == 2 * count and read.itemsize == 2
        chip = self._chip
        chip._source, chip._next, chip.count = read, 0, count

    def active(self, on):
        assert not on
        self._chip.count = 0


class Coils:
    """Counts what the windings do: every edge must be a step to a neighbour in the sequence."""

    def __init__(self, sequence, edges):
        self.at = None
        self.times = []
        self.position = 0
        places = {levels: n for n, levels in enumerate(sequence)}
        place = 0
        for clock, levels in edges:
            assert levels in places, f"no step of the sequence: {levels:04b}"
            turn = (places[levels] - place) % len(sequence)
            assert turn in (1, len(sequence) - 1), "a step was skipped"
            self.position += 1 if turn == 1 else -1
            place = places[levels]
            self.times.append(clock)


class StepDir:
    """Counts what a step/dir chip does: rising edges of STEP, the direction steady around them."""

    def __init__(self, edges):
        self.times = []
        self.position = 0
        was = 0
        changed = rose = -1000
        for clock, levels in edges:
            if (levels ^ was) & 2:
                assert not levels & 1, "the direction changes under a pulse"
                changed = clock
            if levels & 1 and not was & 1:
                assert clock - changed >= 5
                self.position += 1 if levels & 2 else -1
                self.times.append(clock)
                rose = clock
            if was & 1 and not levels & 1:
                assert clock - rose >= 1  # 2 us
            was = levels


def periods(times):
    return [later - earlier for earlier, later in pairwise(times)]
