"""Random duties of the water machines that once did not finish, or lost energy.

R32: the slide half way, pressures the wrong way round; of the two ways to close a step (`newton`) each fails
one of them; cold liquid that runs back into the gas of the standing compressor's shell. R410A: a compressor
on a shut valve heats its gas to the end of the tables. More of them:
python -m isentrope_sim.duties ashp-r32-9kw 160
"""

import pytest
from isentrope_sim import duties
from isentrope_sim.machine import load_machine

HARD = {"ashp-r32-9kw": (37, 81, 7132, 7139), "ashp-r410a-evi-16kw": (19, 47, 78)}


@pytest.mark.parametrize(("name", "seed"), [(name, seed) for name in HARD for seed in HARD[name]])
def test_a_duty_finishes_with_its_books_closed(name, seed):
    report = duties.run(load_machine(name), seed)
    assert not report.fails(), report.line()
    assert report.shortest_s >= duties.SHORT_S, report.line()
    assert report.energy_error < 1e-5
