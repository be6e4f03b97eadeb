"""A coil that is iced up, evaporating at -27 degC and under: a defrost runs through, and no plate freezes."""

from collections.abc import Callable

from isentrope_hil import Bench
from isentrope_sim.cycle import layout

DEFROSTING = 5
ENDED, COLD = 42, 44  # decisions.DEFROST_ENDED, DEFROST_COLD
WATER = 0x100 + 46  # alarms.DEFROST_WATER
KELVIN = 273.15
PLATE = [i for i, name in enumerate(layout.state_names(10)) if name.startswith("t_wall_indoor")]


def icing(bench: Bench, **settings: float) -> None:
    """Humid air of -2.5 degC against a load beyond the machine: within half an hour no air comes through."""
    bench.reset(outdoor_c=-2.5, rh=0.95, water_c=30.0, settings=settings)
    bench.knob("load_w", 4900.0)
    bench.write("flow_setpoint_c", 35.0)
    bench.write("enable", 1)


def until(bench: Bench, condition: Callable[[], bool], most_s: int) -> None:
    for _ in range(2 * most_s):
        if condition():
            return
        bench.step()
    raise AssertionError(f"not within {most_s} s")


def melts(bench: Bench) -> float:
    """Runs a defrost to its end; the plate's coldest wall in it, degC."""
    coldest, scans = 100.0, 0
    while bench.read("state") == DEFROSTING:
        bench.step()
        scans += 1
        assert scans < 1000
        coldest = min(coldest, *(bench.rig.plant.x[i] - KELVIN for i in PLATE))
    return coldest


def codes(bench: Bench) -> list[int]:
    return [code for _, code, _, _ in bench.events]


def test_out_of_a_coil_without_air() -> None:
    with Bench("ashp-r290-8kw", "pico-full", "cpython", seed=1) as bench:
        icing(bench, defrost=0)
        until(bench, lambda: bench.read("stop_alarms") > 0.0, 2400)
        bench.step(1000)  # the pause, and a start that stays wet at the envelope's edge
        until(bench, lambda: bench.read("state") == 2 and bench.truth("p_suction") < 190e3, 600)
        assert bench.read("flow_c") < 31.0
        bench.events.clear()
        bench.write("defrost", 1)
        until(bench, lambda: bench.read("state") == DEFROSTING, 700)
        assert melts(bench) > 3.0
        assert ENDED in codes(bench) and COLD not in codes(bench)
        assert WATER not in codes(bench)
        assert bench.truth("frost_kg") < 0.1


def test_a_coil_that_loses_its_air_is_defrosted_before_a_trip() -> None:
    """Long before the interval is over."""
    with Bench("ashp-r290-8kw", "pico-full", "cpython", seed=1) as bench:
        icing(bench, defrost_interval=240)
        until(bench, lambda: bench.read("state") == DEFROSTING, 4500)
        assert melts(bench) > 3.0
        assert bench.read("stop_alarms") == 0.0 and bench.truth("frost_kg") < 0.1
        assert ENDED in codes(bench)
