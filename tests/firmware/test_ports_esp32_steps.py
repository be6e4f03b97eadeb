"""The ESP32's step pulses: what a motor on the pins of a played-back RMT does, edge by edge."""

import random

from fake_buses import without_heap
from fake_rmt import Rmt
from isentrope.drivers.stepper import Stepper
from isentrope.ports.esp32_steps import SYMBOLS, Steps

VALVE = {"rate_hz": 200, "start_rate_hz": 100, "ramp_steps": 4}
# Rate, start rate and ramp of the catalogue's kinds, and the bounds of both rates.
KINDS = ((200, 100, 16), (60, 30, 8), (50, 50, 0), (500, 100, 40), (600, 600, 0), (10, 10, 0), (600, 30, 120))


def made(valve=None):
    rmt = Rmt()
    steps = Steps(rmt, rmt.direction, rmt.enable, valve or VALVE, rmt.ticks_us)
    rmt.run(10_000)
    return rmt, steps


def arrive(rmt, steps, step_us=10_000, most=100_000):
    for _ in range(most):
        if not steps.busy:
            return
        rmt.run(step_us)
    raise AssertionError("never stands")


def periods(rmt):
    return differences([at for at, _ in rmt.edges])


def differences(times):
    return [times[n + 1] - times[n] for n in range(len(times) - 1)]


def test_a_move_has_its_ramp_at_both_ends():
    rmt, steps = made()
    steps.coils(True)
    steps.go(-12)
    assert steps.busy and steps.count == 0
    arrive(rmt, steps)
    # From edge to edge are half a period of the step before and half of the step after.
    rates = (100, 125, 150, 175, 200, 200, 200, 200, 175, 150, 125, 100)
    wanted = [500_000 / rates[n] + 500_000 / rates[n + 1] for n in range(11)]
    assert all(abs(found - want) <= 4 for found, want in zip(periods(rmt), wanted))
    assert len(rmt.edges) == 12 and rmt.steps == steps.count == -12


def test_nothing_is_driven_at_first():
    rmt, steps = made()
    assert rmt.writes == 1 and not rmt.edges and not rmt.powered
    steps.go(0)
    assert not steps.busy and rmt.writes == 1
    steps.stop()
    assert steps.count == 0


def test_a_hundred_random_moves_are_exact():
    random.seed(3)
    for n in range(100):
        rate, start, ramp = KINDS[n % len(KINDS)]
        rmt, steps = made({"rate_hz": rate, "start_rate_hz": start, "ramp_steps": ramp})
        steps.coils(True)
        target = random.randint(1, 40 if rate == 10 else 700) * random.choice((-1, 1))
        steps.go(target)
        way = 1 if target > 0 else -1
        while steps.busy:
            rmt.run(random.randint(3000, 40_000))  # a look may come late by a collection
            behind = (rmt.steps - steps.count) * way
            assert 0 <= behind <= 1
        assert steps.count == rmt.steps == target
        assert all(to == way for _, to in rmt.edges) and len(rmt.edges) == abs(target)
        assert min(periods(rmt), default=1e9) >= 1e6 / rate - 4


def test_no_step_is_faster_than_the_one_before_allows():
    """Between neighbours the rate changes by one level of the ramp; after a rest it starts anew."""
    for rate, start, ramp in KINDS:
        rmt, steps = made({"rate_hz": rate, "start_rate_hz": start, "ramp_steps": ramp})
        steps.coils(True)
        steps.go(450 if rate > 10 else 30)
        arrive(rmt, steps)
        lengths = [1e6 / (start + k * (rate - start) / ramp) if ramp else 1e6 / rate for k in range(ramp + 1)]
        allowed = [(lengths[k] + lengths[k + 1]) / 2 for k in range(ramp)] + lengths
        for gap in periods(rmt):
            assert gap >= lengths[0] - 4 or any(abs(gap - each) <= 4 for each in allowed)


def test_a_long_move_comes_in_pieces_of_a_second():
    rmt, steps = made({"rate_hz": 200, "start_rate_hz": 100, "ramp_steps": 16})
    steps.coils(True)
    steps.go(1596)
    arrive(rmt, steps)
    assert rmt.steps == 1596 and rmt.writes == 1 + 9
    assert rmt.now < 1596 / 200 * 1.12e6
    rests = [gap for gap in periods(rmt) if gap > 2e6 / 200 + 10]
    assert len(rests) == 8 and max(rests) < 10_000 + 10_000 + 2000


def test_the_list_fits_the_memory_it_is_played_from():
    rmt, steps = made({"rate_hz": 600, "start_rate_hz": 600, "ramp_steps": 0})
    steps.coils(True)
    steps.go(5000)
    arrive(rmt, steps)
    assert rmt.steps == 5000 and rmt.capacity == 2 * (SYMBOLS - 1)


def test_a_new_target_waits_for_the_piece():
    rmt, steps = made()
    steps.coils(True)
    steps.go(1000)
    for _ in range(30):
        rmt.run(10_000)
        steps.go(1000)
    steps.go(-5)
    arrive(rmt, steps)
    assert rmt.steps == steps.count == -5
    highest = sum(1 for _, way in rmt.edges if way > 0)
    assert highest == sum(1 for _, way in rmt.edges if way < 0) - 5 < 200


def test_stop_stands_at_the_end_of_the_piece():
    rmt, steps = made()
    steps.coils(True)
    steps.go(1000)
    rmt.run(300_000)
    steps.stop()
    arrive(rmt, steps)
    assert rmt.now < 1_400_000
    assert steps.count == rmt.steps < 200
    rmt.run(2_000_000)
    assert not steps.busy and steps.count == rmt.steps


def test_released_windings_stand_at_once():
    rmt, steps = made()
    steps.coils(True)
    steps.go(1000)
    rmt.run(300_000)
    steps.coils(False)
    there = steps.count
    assert there == rmt.steps > 0 and not steps.busy
    rmt.run(100_000)
    # Energised again while old pulses still play: these must not turn the motor, and the new move waits.
    steps.go(there + 3)
    steps.coils(True)
    assert steps.busy and not rmt.powered
    rmt.run(100_000)
    assert steps.count == rmt.steps == there
    arrive(rmt, steps)
    assert steps.count == rmt.steps == there + 3 and rmt.powered


def test_a_homing_cut_short_is_made_up_for():
    """The driver of the valve on these pulses, its motor between two stops."""
    valve = {"steps": 500, "overdrive_steps": 50, "rate_hz": 200, "start_rate_hz": 100, "ramp_steps": 4}
    rmt, steps = made(valve)
    driver = Stepper(steps, valve)
    rotor, seen = 500, 0

    def scan(home, target=0):
        nonlocal rotor, seen
        driver.read()
        driver.write(home and not driver.homed, target, 500)
        for _ in range(50):
            rmt.run(10_000)
            steps.poll()
        rotor = min(max(rotor + rmt.steps - seen, 0), 500)
        seen = rmt.steps

    for _ in range(2):
        scan(True)
    driver.stop()
    for _ in range(3):
        scan(False)
    assert 0 < rotor < 500 and not driver.homed and not rmt.powered
    for _ in range(12):
        scan(True)
    assert driver.homed and rotor == 0
    for _ in range(8):
        scan(False, 200)
    assert rotor == driver.position == 200 and not rmt.powered


def test_neither_a_move_nor_a_look_allocates():
    rmt, steps = made()
    steps.coils(True)
    rmt.write_pulses = lambda durations, levels: None
    without_heap(steps.go, 300)
    without_heap(steps.poll)
    without_heap(steps._follow)
    without_heap(steps.stop)
    without_heap(steps.coils, False)


def test_an_abort_stands_at_once_and_keeps_the_count():
    rmt, steps = made()
    steps.coils(True)
    steps.go(60)
    rmt.run(200_000)
    steps.abort()
    count = steps.count
    assert 0 < count < 60 and not rmt.powered and not steps.energised
    rmt.run(2_000_000)
    assert rmt.steps == steps.count == count and not steps.busy
