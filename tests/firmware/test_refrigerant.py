"""Saturation of the four fluids at a few points of CoolProp; tests/sim proves all of it in 32-bit floats."""

import sys

from isentrope.refrigerant import saturation
from isentrope.refrigerant.saturation import load

# degC, dew kPa, bubble kPa, saturated vapour kg/m3 at dew, saturated liquid kg/m3 at bubble
POINTS = {
    "R290": (
        (-50.0, 70.569, 70.569, 1.7270, 589.90),
        (-20.0, 244.518, 244.518, 5.5046, 554.45),
        (0.0, 474.458, 474.458, 10.3505, 528.59),
        (7.0, 584.218, 584.218, 12.6697, 518.96),
        (35.0, 1217.883, 1217.883, 26.6181, 476.10),
        (50.0, 1713.304, 1713.304, 38.6298, 448.87),
        (85.0, 3436.098, 3436.098, 98.8180, 353.96),
    ),
    "R32": (
        (-50.0, 110.143, 110.143, 3.2316, 1208.36),
        (-20.0, 405.753, 405.753, 11.1572, 1120.56),
        (0.0, 813.101, 813.101, 22.0910, 1055.26),
        (7.0, 1011.504, 1011.504, 27.5585, 1030.58),
        (35.0, 2189.834, 2189.834, 63.3434, 917.05),
        (50.0, 3141.233, 3141.233, 98.5499, 839.26),
        (70.0, 4876.823, 4876.823, 196.6879, 680.93),
    ),
    "R410A": (
        (-50.0, 108.552, 108.982, 4.4539, 1345.14),
        (-20.0, 399.296, 400.659, 15.4154, 1245.12),
        (0.0, 798.054, 800.702, 30.5763, 1169.98),
        (7.0, 991.756, 995.020, 38.1866, 1141.22),
        (35.0, 2138.455, 2144.850, 88.8513, 1005.09),
        (50.0, 3062.827, 3070.556, 141.1367, 906.80),
        (60.0, 3834.366, 3841.834, 200.7838, 815.49),
    ),
    "R454B": (
        (-50.0, 98.961, 105.146, 3.4848, 1236.74),
        (-20.0, 365.498, 384.775, 12.0281, 1148.11),
        (0.0, 732.422, 767.413, 23.7452, 1082.02),
        (7.0, 911.059, 953.006, 29.5811, 1056.99),
        (35.0, 1972.415, 2047.458, 67.5070, 941.36),
        (50.0, 2831.576, 2922.707, 104.5045, 861.65),
        (55.0, 3174.518, 3268.991, 121.7049, 829.85),
    ),
}
TOP_C = {"R290": 85.0, "R32": 72.0, "R410A": 68.4, "R454B": 73.0}


def test_published_points():
    for fluid, points in POINTS.items():
        sat = load(fluid)
        for celsius, dew, bubble, vapour, liquid in points:
            assert abs(sat.dew_c(dew) - celsius) < 0.05
            assert abs(sat.bubble_c(bubble) - celsius) < 0.05
            assert abs(sat.dew_kpa(celsius) / dew - 1.0) < 0.002
            assert abs(sat.bubble_kpa(celsius) / bubble - 1.0) < 0.002
            assert abs(sat.vapour_density(dew) / vapour - 1.0) < 0.005
            assert abs(sat.liquid_density(bubble) / liquid - 1.0) < 0.005


def test_glide():
    """At one pressure dew is above bubble by the glide."""
    for fluid, low, high in (
        ("R290", -0.01, 0.01),
        ("R32", -0.01, 0.01),
        ("R410A", 0.05, 0.2),
        ("R454B", 1.2, 1.6),
    ):
        sat = load(fluid)
        for kpa in (200.0, 800.0, 2000.0, 3000.0):
            assert low < sat.dew_c(kpa) - sat.bubble_c(kpa) < high, (fluid, kpa)


def test_ends_hold():
    for fluid, top in TOP_C.items():
        sat = load(fluid)
        assert abs(sat.dew_c(0.0) + 50.0) < 0.01 and abs(sat.bubble_c(9000.0) - top) < 0.01
        assert sat.dew_kpa(-80.0) == sat.dew_kpa(-50.1)
        assert abs(sat.bubble_kpa(120.0) / sat.bubble_kpa(top) - 1.0) < 0.001
        assert sat.vapour_density(0.0) > 1.0 and sat.liquid_density(9000.0) > 300.0


def test_monotone():
    for fluid in POINTS:
        sat = load(fluid)
        top = int(sat.bubble_kpa(200.0))
        for line in (sat.dew_c, sat.bubble_c, sat.vapour_density):
            last = line(0.0)
            for kpa in range(180, top, 17):
                assert line(kpa) > last
                last = line(kpa)


def test_only_the_machines_own_is_in_memory():
    """One fluid's table is imported, and its module dropped when the table is taken."""
    package = saturation.__name__.rsplit(".", 1)[0]
    load("R454B")
    tables = [package + "." + fluid.lower() for fluid in POINTS]
    assert not [name for name in tables if name in sys.modules]


def test_unknown_fluid_is_named():
    for fluid in ("R22", "saturation", "", "r290/../r32"):
        try:
            load(fluid)
        except ValueError as error:
            assert "fluid is %s," % fluid in str(error)
        else:
            raise AssertionError(fluid + " was taken")
