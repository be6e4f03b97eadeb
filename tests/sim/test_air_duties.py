"""Random duties of the air/air machines, those that once had no short step to go on with among them.

They reverse after a pump-down with the valve shut: wet shell gas meets nearly empty warm cells. More of them:
python -m isentrope_sim.duties ptac-r32-2.6kw 200
"""

import pytest
from isentrope_sim import duties
from rooms import MACHINES

HARD = {
    "minisplit-r32-3.5kw": (72, 81, 190),
    "ptac-r32-2.6kw": (2, 39, 72, 123),
}
EASY = 4  # further ones of every machine
CASES = [(name, seed) for name in MACHINES for seed in (*HARD.get(name, ()), *range(1000, 1000 + EASY))]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_a_duty_finishes_with_its_books_closed(name, seed):
    report = duties.run(MACHINES[name], seed)
    assert not report.fails(), report.line()
    assert report.shortest_s >= duties.SHORT_S, report.line()
