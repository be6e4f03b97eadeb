"""Four drawn cases of the superheat campaign, one a fluid, on MicroPython with the plant's carry-over.

The campaign itself, `isentrope campaign superheat`, has fifty a fluid; its table is in docs/superheat.md.
"""

import pytest
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
