"""Four drawn cases of the superheat campaign, one a fluid, on MicroPython with the plant's carry-over.

The campaign itself, `isentrope campaign superheat`, has fifty a fluid; its table is in docs/superheat.md.
"""

import pytest
from isentrope_hil import Bench
from isentrope_hil.superheat_campaign import Options, run_case, settings_of
from isentrope_hil.superheat_draws import VALVES, draw
from isentrope_hil.superheat_journey import run

SEED = 3000


@pytest.mark.parametrize("machine", VALVES)
def test_drawn_case_meets_every_bar(machine):
    row = run_case(draw(machine, SEED), Options(target="unix"))
    missed = [bar for bar, met in row["bars"].items() if met is False]
    assert not missed, {k: v for k, v in row.items() if not isinstance(v, dict)}


def test_a_wet_start_ends_on_the_hardest_draw():
    """Seed 3007, warm air at 85 rps: suction is wet at the temperature at which the law expects it dry."""
    case = draw("ashp-r290-8kw", 3007)
    trace = run(case, settings_of(case.machine), until="steady")
    late = slice(int(600.0 / trace.step_s), None)
    assert trace.columns["true.liquid_kg_s"][late].max() == 0.0
    assert trace.columns["true.superheat_k"][late].min() > 3.0


def test_superheat_comes_to_its_setpoint_while_demand_moves_the_speed():
    """Demand follows noisy water: tenths of rps a second are no ramp, in which the valve would not open."""
    with Bench("ashp-r290-8kw", "pico-full", "cpython", seed=1) as bench:
        bench.reset(outdoor_c=-2.5, rh=0.95, water_c=30.0, settings={"defrost": 0})
        bench.knob("load_w", 4900.0)
        bench.write("flow_setpoint_c", 35.0)
        bench.write("enable", 1)
        bench.step(1800)
        errors = []
        for _ in range(400):
            bench.step()
            errors.append(bench.truth("superheat_k") - bench.read("superheat_setpoint_k"))
    assert abs(sum(errors) / len(errors)) < 0.5
