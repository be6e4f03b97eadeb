"""CPython lacks MicroPython's own modules: their stand-ins are those of the `cpython` target."""

import sys
from pathlib import Path

SHIMS = Path(__file__).resolve().parents[2] / "hil" / "isentrope_hil" / "targets" / "shims"
sys.path.insert(0, str(SHIMS))
