"""On MicroPython: time and heap of a scan. Prints one JSON line; `isentrope_hil.benchmark` starts it.

Arguments: the firmware's folder, profile.json, and a file with a JSON list of raw inputs in a line for every
scan, recorded in a closed-loop run, so that every sequence and protection is where a run has it.
"""

import gc
import json
import sys
from time import ticks_diff, ticks_us

sys.path.insert(0, sys.argv[1])

from isentrope.app import build
from isentrope.bench.pins import Pins
from isentrope.points import rows
from isentrope.ports.ram import Ram

Port = __import__(
    "isentrope.ports." + ("rp2" if sys.platform == "rp2" else "unix"), None, None, ("Port",)
).Port
WRITES = (("flow_setpoint_c", 350), ("enable", 1))


def main() -> None:
    with open(sys.argv[2]) as file:
        profile = json.load(file)
    gc.collect()
    before = gc.mem_alloc()
    pins = Pins(profile)
    scan = build(profile, pins, Port(), Ram())
    gc.collect()
    graph = gc.mem_alloc() - before
    ids = {row[1]: row[0] for row in rows()}
    for name, raw in WRITES:
        scan.points.write(ids[name], raw)
    taken, spent = [], []
    inputs = open(sys.argv[3])  # noqa: SIM115 - read line by line: a board has no room for all of them
    for k, line in enumerate(inputs):
        pins.inputs[:] = json.loads(line)
        gc.collect()
        start = gc.mem_alloc()
        began = ticks_us()
        scan.run(k * profile["scan_ms"])
        spent.append(ticks_diff(ticks_us(), began))
        taken.append(gc.mem_alloc() - start)
    taken.sort()
    spent.sort()
    half, most = len(taken) // 2, len(taken) * 99 // 100
    figures = {"graph_bytes": graph, "scan_bytes_p50": taken[half], "scan_bytes_p99": taken[most]}
    figures["scan_us_p50"] = spent[half]
    figures["scan_us_p99"] = spent[most]
    print(json.dumps(figures))


main()
