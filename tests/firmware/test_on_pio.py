"""The PIO program of the step pulses, cycle by cycle in an emulator: what the pins do, not what was meant."""

from itertools import pairwise

import numpy as np
import pytest
from isentrope.ports import rp2_steps
from isentrope.ports.rp2_steps import HZ, Steps

pytest.importorskip("pioemu")
from pio_chip import Chip, Coils, Dma, StepDir, periods

SEQUENCES = {
    "bipolar": rp2_steps.BIPOLAR,
    "bipolar, half steps": rp2_steps.BIPOLAR_HALF,
    "unipolar": rp2_steps.UNIPOLAR,
    "unipolar, half steps": rp2_steps.UNIPOLAR_HALF,
    "step/dir": None,
}
KINDS = pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES.keys())


class Slow:
    """An array each of whose writes takes so many cycles of the state machine."""

    itemsize = 2

    def __init__(self, content, chip, cycles):
        self._content, self._chip, self._cycles = content, chip, cycles

    def __len__(self):
        return len(self._content)

    def __getitem__(self, place):
        return self._content[place]

    def __setitem__(self, place, value):
        self._chip.run(self._cycles)
        self._content[place] = value


class Rig:
    def __init__(self, sequence, rate, start, ramp, room=700, skip=True):
        self.sequence = sequence
        self.chip = Chip(4 if sequence else 2, skip)
        self.enabled = []
        valve = {"rate_hz": rate, "start_rate_hz": start, "ramp_steps": ramp}
        self.steps = Steps(
            self.chip, Dma(self.chip), self.chip.where, self.enabled.append, sequence, valve, room
        )

    def writes_in_us(self, us):
        """Time passes while words are written: 100 us are 12,500 cycles of an RP2040."""
        self.steps._halves = Slow(self.steps._halves, self.chip, int(us * HZ / 2e6))
        self.steps._view = Slow(self.steps._view, self.chip, int(us * HZ / 1e6))

    def seen(self):
        """What a motor on the pins has done, its windings' first levels aside."""
        if self.sequence is None:
            return StepDir(self.chip.edges)
        edges = self.chip.edges
        return Coils(self.sequence, edges[1:] if edges and edges[0][1] == self.sequence[0] else edges)

    def run_ms(self, ms):
        self.chip.run(int(ms * HZ / 1000))

    def finish(self):
        for _ in range(1000):
            if not self.steps.busy:
                return
            self.run_ms(500)
        raise AssertionError("never stands")


def due(rate, start, ramp, steps):
    """Periods of a move's steps in cycles, from the definition in `bench/pulses.py`."""
    found = []
    for n in range(steps):
        level = min(n, ramp, steps - 1 - n)
        found.append(HZ / (start + (rate - start) * level / ramp if ramp else rate))
    return found


@KINDS
def test_100_random_moves_step_exactly_and_on_time(sequence):
    random = np.random.Generator(np.random.PCG64(1))
    worst = 0.0
    position = 0
    for _ in range(100):
        rate = float(random.integers(30, 601))
        ramp = int(random.integers(0, 30))
        rig = Rig(sequence, rate, max(30.0, rate / 3), ramp)
        move = int(random.integers(1, 300)) * int(random.choice((-1, 1)))
        rig.steps.go(move)
        rig.finish()
        seen = rig.seen()
        assert seen.position == rig.steps.count == move
        assert len(seen.times) == abs(move)
        wanted = np.array(due(rate, max(30.0, rate / 3), ramp, abs(move)))
        got = np.array([seen.times[0], *periods(seen.times)], float)
        got[0] -= 1  # the cycle in which the edge comes
        worst = max(worst, float(np.max(np.abs(got / wanted - 1.0))))
        position += move
    print(f"worst deviation of a period {worst * 100:.3f} %")
    assert worst < 0.01


@KINDS
def test_an_abort_at_any_moment_keeps_the_count(sequence):
    rig = Rig(sequence, 600, 200, 20)
    random = np.random.Generator(np.random.PCG64(2))
    for _ in range(150):
        rig.steps.go(int(random.integers(-300, 300)))
        rig.chip.run(int(random.integers(1, 60_000)))
        rig.steps.abort()
        assert rig.steps.count == rig.seen().position
        assert not rig.steps.busy
        rig.run_ms(100)
        assert rig.steps.count == rig.seen().position
    rig.steps.go(0)
    rig.finish()
    assert rig.seen().position == rig.steps.count == 0


def test_an_abort_in_every_cycle_of_a_step_keeps_the_count():
    for cycle in range(2400, 2400 + 850):
        rig = Rig(rp2_steps.BIPOLAR, 600, 200, 2)
        rig.steps.go(50)
        rig.chip.run(cycle + 1667)
        rig.steps.abort()
        assert rig.steps.count == rig.seen().position, cycle


@KINDS
def test_the_count_is_true_in_motion_and_after_any_change_of_plan(sequence):
    random = np.random.Generator(np.random.PCG64(3))
    rig = Rig(sequence, 500, 100, 40)
    rig.writes_in_us(100)
    for turn in range(150):
        if turn % 7 == 6:
            rig.steps.stop()
        else:
            rig.steps.go(int(random.integers(-350, 350)))
        rig.run_ms(float(random.uniform(0.5, 600)))
        assert rig.steps.count == rig.seen().position
    rig.steps.go(77)
    rig.finish()
    assert rig.seen().position == rig.steps.count == 77
    # Never faster than the rate, and no jump of rate but along the ramp.
    gaps = periods(rig.seen().times)
    assert min(gaps) >= HZ / 500 - 1
    for one, other in pairwise(HZ / gap for gap in gaps):
        rounding = 2 * max(one, other) ** 2 / HZ  # a cycle of each period
        assert abs(one - other) <= 10 + rounding or min(one, other) <= 100 * 1.01


def test_a_farther_target_is_reached_without_a_pause():
    one, other = Rig(rp2_steps.BIPOLAR, 60, 30, 8), Rig(rp2_steps.BIPOLAR, 60, 30, 8)
    one.steps.go(200)
    other.steps.go(100)
    other.run_ms(700)
    other.steps.go(200)
    one.finish()
    other.finish()
    assert one.chip.edges == other.chip.edges


def test_stop_ramps_down_and_stands():
    rig = Rig(rp2_steps.UNIPOLAR, 60, 30, 8)
    rig.steps.go(500)
    rig.run_ms(1000)
    before = rig.steps.count
    rig.steps.stop()
    rig.finish()
    # Four steps lie in the FIFO, one is being waited for, two are the margin, nine the ramp.
    assert before < rig.steps.count <= before + 4 + 1 + 2 + 9
    assert rig.seen().position == rig.steps.count
    assert periods(rig.seen().times)[-1] == pytest.approx(HZ / 30, rel=0.01)


def test_a_move_longer_than_the_buffer_is_made_in_parts():
    rig = Rig(rp2_steps.BIPOLAR, 300, 100, 10, room=100)
    rig.steps.go(-350)
    rig.finish()
    assert rig.seen().position == rig.steps.count == -350


def test_it_stands_for_a_minute_when_nobody_looks():
    rig = Rig(None, 600, 200, 20)
    rig.steps.go(30)
    rig.run_ms(60_000)
    assert rig.seen().position == 30 and rig.chip.levels == 2
    assert rig.steps.count == 30 and not rig.steps.busy


def test_windings_are_switched_and_released_at_first():
    rig = Rig(rp2_steps.BIPOLAR, 600, 200, 20)
    rig.steps.coils(True)
    assert rig.enabled == [0, 1]


def test_skipping_the_waits_changes_nothing():
    rigs = [Rig(rp2_steps.BIPOLAR_HALF, 600, 300, 3, skip=skip) for skip in (True, False)]
    for rig in rigs:
        rig.steps.go(-20)
        rig.run_ms(10)
        rig.steps.go(5)
        rig.run_ms(60)
    assert rigs[0].chip.edges == rigs[1].chip.edges


def test_program_counter_is_read_from_the_right_registers():
    # RP2040 datasheet, 3.7: SM2 of PIO 1 has EXECCTRL at 0x0FC and ADDR at 0x104.
    registers = {0x503000FC: 4 + 7 << 12 | 7 << 7, 0x50300104: 10}
    assert rp2_steps.whereabouts(registers, 6)() == 3
