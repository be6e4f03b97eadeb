"""The virtual pulse generator: exact times, whatever the scan; ramps; targets that change in motion."""

from isentrope.bench.pulses import Pulses


def times(rate, start, ramp, steps):
    """The instants of a move's pulses in us, from the definition."""
    now = 0
    found = []
    for n in range(steps):
        level = min(n, ramp, steps - 1 - n)
        hz = start + (rate - start) * level / ramp if ramp else rate
        now += int(1e6 / hz + 0.5)
        found.append(now)
    return found


def test_every_pulse_comes_at_its_time():
    for rate, start, ramp, steps in (
        (60, 30, 8, 200),
        (200, 100, 16, 20),
        (500, 100, 50, 1000),
        (90, 90, 0, 7),
    ):
        for chunk in (500_000, 7_919, 1_000_003):
            pulses = Pulses(rate, start, ramp)
            pulses.go(-steps)
            due = times(rate, start, ramp, steps)
            now = 0
            while pulses.busy:
                now += chunk
                pulses.advance(chunk)
                assert -pulses.count == sum(1 for t in due if t <= now), (rate, chunk, now)
            assert pulses.count == -steps
            assert now - chunk < due[-1] <= now


def test_at_its_target_it_stands_still():
    pulses = Pulses(60, 30, 8)
    pulses.go(0)
    assert not pulses.busy
    pulses.advance(10_000_000)
    assert pulses.count == 0


def test_a_farther_target_is_reached_without_a_pause():
    one, other = Pulses(60, 30, 8), Pulses(60, 30, 8)
    one.go(200)
    other.go(100)
    for _ in range(20):
        one.advance(100_000)
        other.advance(100_000)
        if other.count > 40:
            other.go(200)
    while one.busy or other.busy:
        one.advance(100_000)
        other.advance(100_000)
        assert one.count == other.count


def test_turning_round_slows_down_first():
    pulses = Pulses(60, 30, 8)
    pulses.go(100)
    while pulses.count < 50:
        pulses.advance(1000)
    pulses.go(0)
    highest = 0
    gaps = []
    last = 0
    now = 0
    while pulses.busy:
        now += 100
        before = pulses.count
        pulses.advance(100)
        highest = max(highest, pulses.count)
        if pulses.count != before:
            gaps.append(now - last)
            last = now
    assert pulses.count == 0
    assert highest == 50 + 9  # the pulse on its way, and the ramp's eight
    slowest = max(gaps[1:])
    assert 33_000 < slowest < 34_000  # the start rate's period, at the turn
    assert all(
        abs(gaps[i] - gaps[i + 1]) < 6000 for i in range(1, len(gaps) - 1)
    )  # no jump of rate but along the ramp


def test_stop_ends_at_the_foot_of_the_ramp():
    pulses = Pulses(60, 30, 8)
    pulses.go(1000)
    while pulses.count < 50:
        pulses.advance(1000)
    pulses.stop()
    pulses.advance(60_000_000)
    assert pulses.count == 50 + 9
    assert not pulses.busy


def test_any_sequence_of_targets_ends_at_the_last():
    state = 12345
    pulses = Pulses(80, 30, 8)
    for _ in range(400):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        pulses.go((state >> 8) % 500)
        pulses.advance((state >> 4) % 400_000)
    pulses.go(77)
    pulses.advance(20_000_000)
    assert pulses.count == 77


def test_an_abort_stands_at_once():
    pulses = Pulses(60, 30, 8)
    pulses.go(500)
    pulses.advance(1_000_000)
    count = pulses.count
    pulses.abort()
    pulses.advance(1_000_000)
    assert pulses.count == count > 0 and not pulses.busy
    pulses.go(count + 10)
    pulses.advance(1_000_000)
    assert pulses.count == count + 10
