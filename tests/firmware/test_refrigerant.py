"""Saturation of R290 at a few points of CoolProp; tests/sim proves the whole range in 32-bit floats."""

from isentrope.refrigerant import r290
from isentrope.refrigerant.saturation import Saturation, load

# degC, kPa, saturated vapour kg/m3, saturated liquid kg/m3
POINTS = (
    (-50.0, 70.569, 1.7270, 589.90),
    (-20.0, 244.518, 5.5046, 554.45),
    (0.0, 474.458, 10.3505, 528.59),
    (7.0, 584.218, 12.6697, 518.96),
    (35.0, 1217.883, 26.6181, 476.10),
    (50.0, 1713.304, 38.6298, 448.87),
    (85.0, 3436.098, 98.8180, 353.96),
)


def test_published_points():
    sat = Saturation(r290)
    for celsius, kpa, vapour, liquid in POINTS:
        assert abs(sat.dew_c(kpa) - celsius) < 0.05
        assert abs(sat.bubble_c(kpa) - celsius) < 0.05
        assert abs(sat.dew_kpa(celsius) / kpa - 1.0) < 0.002
        assert abs(sat.vapour_density(kpa) / vapour - 1.0) < 0.005
        assert abs(sat.liquid_density(kpa) / liquid - 1.0) < 0.005


def test_ends_hold():
    sat = Saturation(r290)
    assert abs(sat.dew_c(0.0) + 50.0) < 0.01 and abs(sat.dew_c(9000.0) - 85.0) < 0.01
    assert sat.dew_kpa(-80.0) > 70.0 and sat.dew_kpa(120.0) < 3437.0


def test_monotone():
    sat = Saturation(r290)
    last = -60.0
    for kpa in range(71, 3430, 7):
        assert sat.dew_c(kpa) > last
        last = sat.dew_c(kpa)


def test_unknown_fluid_is_named():
    try:
        load("R22")
    except ValueError as error:
        assert "R22" in str(error)
    else:
        raise AssertionError("R22 was taken")
