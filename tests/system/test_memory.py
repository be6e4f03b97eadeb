"""Two simulated hours on MicroPython leave the heap as it was after the first half, a small heap too.

By then what is learned of the machine has become numbers of its own, 16 bytes each.
"""

import pytest
from isentrope_hil import Bench
from isentrope_hil.scenario import load

GROWTH_BYTES = 256


@pytest.mark.parametrize("heap", ["2m", "512k"])
def test_heap_does_not_grow_over_two_hours(heap):
    scenario = load("demo")
    with Bench(scenario.machine, scenario.board, "unix", heap=heap) as bench:
        document = bench.run(scenario)
        free = bench.recorder.column("timing.heap_free")  # right after the last collection
    assert document["verdict"] != "blocked", document["error"]
    assert document["device"]["gc_count"] > 50
    assert abs(free[len(free) // 2] - free[-1]) <= GROWTH_BYTES
