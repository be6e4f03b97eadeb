"""On MicroPython: time and heap of a request on the field buses. Prints one JSON line for
`isentrope_hil.benchmark`.

Arguments: the firmware's folder, profile.json, and how often a request is made in a round.
"""

import gc
import json
import sys
from time import ticks_diff, ticks_us

sys.path.insert(0, sys.argv[1])

from isentrope import settings
from isentrope.app import build
from isentrope.bench.pins import Pins
from isentrope.bus.gate import RTU
from isentrope.bus.modbus import Server
from isentrope.bus.registers import Registers
from isentrope.drivers.crc16 import crc
from isentrope.ports.ram import Ram

Port = __import__(
    "isentrope.ports." + ("rp2" if sys.platform == "rp2" else "unix"), None, None, ("Port",)
).Port
TIMES = int(sys.argv[3])
REQUESTS = {
    "fc3_125": b"\x03\x40\x00\x00\x7d",
    "fc4_2": b"\x04\x00\x02\x00\x02",
    "fc16_4": b"\x10\x00\x65\x00\x04\x08\x00\x00\x00\xd7\x01\xf4\x02\x58",
}


def cost(call) -> tuple:
    """(us, bytes) of one call, the best of five rounds."""
    best = 0
    taken = 0
    for _ in range(5):
        gc.collect()
        gc.disable()
        start = gc.mem_alloc()
        began = ticks_us()
        for _ in range(TIMES):
            call()
        spent = ticks_diff(ticks_us(), began)
        taken = (gc.mem_alloc() - start) // TIMES
        gc.enable()
        best = min(best or spent, spent)
    return best / TIMES, taken


def main() -> None:
    with open(sys.argv[2]) as file:
        profile = json.load(file)
    scan = build(profile, Pins(profile), Port(), Ram())
    for row in list(settings.rows()):
        if row[1] in ("commissioned", "bus_write"):
            scan.settings.set_raw(row[0], row[5])
    scan.run(0)
    gc.collect()
    before = gc.mem_alloc()
    registers = Registers(scan)
    gc.collect()
    figures = {"registers_bytes": gc.mem_alloc() - before}
    server = Server(((0, b"Isentrope"),), registers)
    out = bytearray(260)
    for name, request in REQUESTS.items():
        size = server.pdu(request, 0, len(request), out, 0, RTU)
        assert not out[0] & 0x80 and size, name
        us, taken = cost(lambda request=request: server.pdu(request, 0, len(request), out, 0, RTU))
        figures[name + "_us"] = us
        figures[name + "_bytes"] = taken
    figures["crc_255_us"] = cost(lambda: crc(out, 255))[0]
    print(json.dumps(figures))


main()
