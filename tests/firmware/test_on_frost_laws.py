"""Of the laws of a defrost only the chosen one is in memory, and goes with the choice."""

import subprocess
import sys


def test_only_the_chosen_law_is_loaded():
    code = (
        "import sys; sys.path[:0] = %r;"
        "from defrost_bench import heating; bench = heating({'defrost': 2});"
        "print(type(bench.controller.defrost.frost.law).__module__);"
        "print(sorted(m.split('.')[-1] for m in sys.modules if m.startswith('isentrope.control.frost')))"
    ) % (list(sys.path),)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split("\n")[:2] == ["isentrope.control.frostdemand", "['frost']"]
