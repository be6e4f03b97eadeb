"""Run by MicroPython: the inverter on a terminal, told what to do by lines on standard input.

micropython drive_on_pty.py PATH DRIVE.json [METER.json], with a meter on the same line: "run 40 2.5" runs at
40 rps for 2.5 s, "stop 0 1", "reset 0 1"; after each the readings are printed as JSON, with the longest time
that a step took.
"""

import json
import sys
from time import sleep_ms, ticks_diff, ticks_ms, ticks_us

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path.insert(0, HERE + "/../../firmware")

from isentrope.drivers.inverter import Inverter  # noqa: E402
from isentrope.drivers.meter import Meter  # noqa: E402
from isentrope.ports.unix import Terminal  # noqa: E402

meter = None
if len(sys.argv) > 3:
    with open(sys.argv[3]) as file:
        meter = Meter(json.load(file))
with open(sys.argv[2]) as file:
    inverter = Inverter(json.load(file), Terminal(sys.argv[1]), meter)
for line in sys.stdin:
    what, rps, seconds = line.split()
    inverter.reset = what == "reset"
    longest = 0
    began = ticks_ms()
    while ticks_diff(ticks_ms(), began) < float(seconds) * 1000.0:
        before = ticks_us()
        inverter.step(ticks_ms(), what == "run", float(rps))
        longest = max(longest, ticks_diff(ticks_us(), before))
        sleep_ms(10)
    names = "lost", "running", "fault", "fault_raw", "speed_rps", "current_a", "bus_v", "module_c", "rounds"
    readings = {name: getattr(inverter, name) for name in names}
    readings["longest_us"] = longest
    for name in ("power_w", "energy_wh", "volts", "model", "why") if meter else ():
        readings[name] = getattr(meter, name)
    readings["meter_lost"] = bool(meter and meter.lost)
    print(json.dumps(readings))
