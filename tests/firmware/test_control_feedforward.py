"""The flow balance of compressor and valve."""

from control_bench import profile
from isentrope.control.feedforward import FeedForward
from isentrope.refrigerant.saturation import load


def model():
    return FeedForward(profile(), load("R290"))


def test_flow_is_density_times_swept_volume():
    ff = model()
    density = ff.density(474.46, 0.0)
    assert abs(density - 10.35) < 0.02
    assert abs(ff.density(474.46, 8.0) / density - 273.15 / 281.15) < 1e-3
    flow = ff.compressor_flow(60.0, density, 2.5)
    assert abs(flow - 10.35 * 4.2e-5 * 60.0 * (0.95 - 0.02 * 2.5)) < 1e-4


def test_opening_passes_the_flow():
    ff = model()
    for evap, cond in ((300.0, 1000.0), (445.0, 1280.0), (600.0, 2500.0)):
        opening = ff.opening(0.02, ff.full(evap, cond))
        liquid = load("R290").liquid_density(cond)
        flow = 0.82 * 1.33e-6 * opening**0.8 * (2.0 * liquid * (cond - evap) * 1000.0) ** 0.5
        assert abs(flow - 0.02) < 1e-4


def test_colder_liquid_passes_more():
    """W. Li's (T_sc / T_crit)^0.0609, within the range of that fit; what is not known stays."""
    ff = model()
    before = ff.opening(0.02, ff.full(445.0, 1280.0)) ** 0.8
    for subcooling, factor in ((10.0, 2.0**0.0609), (-3.0, 0.3**0.0609), (40.0, 3.0**0.0609)):
        for _ in range(60):
            ff.liquid(subcooling, True)
        assert abs(before / ff.opening(0.02, ff.full(445.0, 1280.0)) ** 0.8 - factor) < 1e-4
    for _ in range(60):
        ff.liquid(0.0, False)
    assert abs(before / ff.opening(0.02, ff.full(445.0, 1280.0)) ** 0.8 - factor) < 1e-4
    assert not ff.subcooled


def test_a_compressor_far_over_its_rated_speed_is_eased_later():
    """Full load is what swings: R454B's runs up to 119 1/s, rated at 55."""
    made = profile()
    made["compressor"] = dict(made["compressor"], rated_rps=55.0, max_rps=119.0)
    ff = FeedForward(made, load("R290"))
    density = ff.density(load("R290").dew_kpa(-2.0), 8.0)
    assert abs(ff.ease(0.6 * 119.0, density) - 1.0) < 1e-6


def test_more_pressure_needs_less_opening_and_more_speed_more():
    ff = model()
    assert ff.opening(0.02, ff.full(445.0, 2000.0)) < ff.opening(0.02, ff.full(445.0, 1200.0))
    density = ff.density(445.0, 8.0)
    slow, fast = ff.compressor_flow(30.0, density, 2.9), ff.compressor_flow(90.0, density, 2.9)
    assert ff.opening(slow, ff.full(445.0, 1280.0)) < ff.opening(fast, ff.full(445.0, 1280.0))


def test_equal_pressures_and_no_flow_stay_finite():
    ff = model()
    assert ff.opening(0.0, ff.full(580.0, 580.0)) == 0.0
    assert 0.0 < ff.opening(0.01, ff.full(580.0, 580.0)) < 50.0
    assert ff.steps(0.0) == 32 and ff.steps(1.0) == 500
