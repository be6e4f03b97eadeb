"""Draw-off profiles: the regulation's sums, the clock, and what counts as delivered."""

import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.world import WATER_J_KG_K, draws

HOT = 328.15


def play(taps, start_s, seconds, out_k=HOT, dt=1.0):
    drawn = 0.0
    for step in range(round(seconds / dt)):
        flow = taps.flow(start_s + step * dt, dt, out_k)
        drawn += flow * dt
        taps.account(flow, out_k, dt)
    return drawn


@pytest.mark.parametrize(("name", "kwh", "count"), [("M", 5.845, 23), ("L", 11.655, 24), ("XL", 19.07, 30)])
def test_the_profiles_sum_to_the_regulations_reference_energy(name, kwh, count):
    found = draws.load(name)
    assert len(found) == count
    assert sum(draw.energy_j for draw in found) / 3.6e6 == pytest.approx(kwh, abs=5e-4)
    assert [draw.at_s for draw in found] == sorted(draw.at_s for draw in found)


def test_unknown_profile():
    with pytest.raises(InputError, match="'XXL'; known: M, L, XL"):
        draws.load("XXL")


@pytest.mark.parametrize("dt", [0.5, 5.0])
@pytest.mark.parametrize("name", ["M", "L", "XL"])
def test_a_day_of_hot_water_delivers_exactly_what_is_asked(name, dt):
    taps = draws.Taps(draws.load(name))
    taps.reset(0.0)
    drawn = play(taps, 0.0, draws.DAY_S, dt=dt)
    asked, useful, missed, cold = taps.totals
    assert useful == pytest.approx(asked, rel=1e-5)
    assert drawn == pytest.approx(useful / (WATER_J_KG_K * (HOT - draws.COLD_K)))
    assert (missed, cold) == (0.0, 0.0)


def test_the_next_day_and_a_start_at_noon():
    taps = draws.Taps(draws.load("M"))
    taps.reset(12 * 3600.0)
    play(taps, 12 * 3600.0, draws.DAY_S)
    assert taps.totals[0] / 3.6e6 == pytest.approx(5.845)


def test_lukewarm_water_does_not_count_and_is_given_up():
    taps = draws.Taps(draws.load("M"))
    taps.reset(7.0 * 3600.0)
    play(taps, 7.0 * 3600.0, 3600.0, out_k=305.15)  # 32 degC: enough for a basin (25), not for a shower (40)
    asked, useful, missed, _ = taps.totals
    assert useful < asked - 1.39 * 3.6e6
    assert missed == pytest.approx(1.4 * 3.6e6)


def test_a_peak_that_was_not_reached_is_counted():
    taps = draws.Taps(draws.load("M"))
    taps.reset(12.5 * 3600.0)
    play(taps, 12.5 * 3600.0, 3600.0, out_k=318.15)  # the dishes of 12:45 want 55 degC
    assert taps.totals[3] == 1.0
    assert taps.totals[2] == 0.0
