"""A stepper's position from its pins."""

import pytest
from isentrope_hil.emulator.coils import BIPOLAR, SEQUENCES, Illegal, StepCounter


def turn(counter: StepCounter, ms: float, before: int, after: int):
    """All pins of one moment, one after the other as they are seen."""
    for pin in range(4):
        if (before ^ after) >> pin & 1:
            counter.change(ms, pin, after >> pin & 1)


@pytest.mark.parametrize("drive", SEQUENCES)
def test_there_and_back(drive):
    sequence = SEQUENCES[drive]
    counter = StepCounter(sequence)
    way = [*range(11), *range(9, -3, -1)]
    before = 0
    for n, place in enumerate(way):
        after = sequence[place % len(sequence)]
        turn(counter, 10.0 * n, before, after)
        before = after
    assert counter.position == -2
    assert max(position for _, position in counter.steps) == 10
    assert not counter.illegal
    assert counter.periods == [10.0] * (10 - 1 + 12 - 1)


def test_pins_without_current_keep_the_place():
    counter = StepCounter(BIPOLAR)
    levels = (BIPOLAR[0], BIPOLAR[1], 0, BIPOLAR[1], BIPOLAR[2])
    for n, (before, after) in enumerate(zip((0, *levels), levels, strict=False)):
        turn(counter, n, before, after)
    assert (counter.position, counter.illegal) == (2, [])


def test_a_skipped_phase_is_illegal():
    counter = StepCounter(BIPOLAR)
    turn(counter, 1.0, 0, BIPOLAR[0])
    turn(counter, 2.0, BIPOLAR[0], BIPOLAR[2])
    turn(counter, 3.0, BIPOLAR[2], 0b1111)
    assert counter.position == 0
    assert counter.illegal == [Illegal(2.0, BIPOLAR[0], BIPOLAR[2]), Illegal(3.0, BIPOLAR[2], 0b1111)]


def test_pins_set_at_different_moments_are_seen():
    counter = StepCounter(BIPOLAR)
    turn(counter, 1.0, 0, BIPOLAR[0])
    counter.change(2.0, 0, 0)
    counter.change(2.1, 1, 1)
    assert counter.position == 1
    assert counter.illegal == [Illegal(2.0, BIPOLAR[0], 0b0100)]


def test_steps_without_power_do_not_turn_it():
    counter = StepCounter(BIPOLAR)
    turn(counter, 1.0, 0, BIPOLAR[0])
    counter.power(False)
    turn(counter, 2.0, BIPOLAR[0], BIPOLAR[1])
    counter.power(True)
    turn(counter, 3.0, BIPOLAR[1], BIPOLAR[2])
    assert (counter.position, counter.unpowered) == (1, 1)


def test_step_and_direction():
    counter = StepCounter(None)
    for ms, pin, level in (
        (1, 1, 1),
        (2, 0, 1),
        (3, 0, 0),
        (4, 0, 1),
        (5, 0, 0),
        (6, 1, 0),
        (7, 0, 1),
        (8, 0, 0),
    ):
        counter.change(ms, pin, level)
    assert counter.position == 1
    assert counter.steps == [(2, 1), (4, 2), (7, 1)]
