"""Four drawn cases of the superheat campaign, one a fluid, on MicroPython with the plant's carry-over.

The campaign itself, `isentrope campaign superheat`, has fifty a fluid; its table is in docs/superheat.md.
"""

import pytest
from isentrope_hil.superheat_campaign import Options, run_case
from isentrope_hil.superheat_draws import VALVES, draw

SEED = 3000


@pytest.mark.parametrize("machine", VALVES)
def test_drawn_case_meets_every_bar(machine):
    row = run_case(draw(machine, SEED), Options(target="unix"))
    missed = [bar for bar, met in row["bars"].items() if met is False]
    assert not missed, {k: v for k, v in row.items() if not isinstance(v, dict)}
