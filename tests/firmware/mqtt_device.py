"""On MicroPython: a controller with MQTT, its plant a recorded standstill, for brokers and clients to meet.

Arguments: profile.json, "network" for the stand-in of fake_network/, then settings and points as name=value:
points in raw units, settings in units. It scans ten times a second and prints "ready"; a line on standard
input is a point or a setting to write, or an empty one; each is answered by the points, the alarms, what the
gate has refused, the longest wait of a scan beyond its time (ms) and the heap in use after a collection.
"""

import asyncio
import gc
import json
import sys

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path[:0] = [HERE, HERE + "/../../firmware"]
if "network" in sys.argv:
    sys.argv.remove("network")
    sys.path.insert(0, HERE + "/fake_network")

from isentrope import app, points, settings  # noqa: E402
from isentrope.bench.pins import Pins  # noqa: E402
from isentrope.bus.buses import Buses  # noqa: E402
from isentrope.ports.ram import Ram  # noqa: E402
from isentrope.ports.unix import Port  # noqa: E402
from plain import Plain  # noqa: E402

PERIOD_MS = 100


class Controller:
    """Stands for `modes` and its heap, as bus/buses.py has them."""

    def __init__(self, path, words):
        with open(path) as file:
            self._profile = json.load(file)
        port = self.port = Port()
        self.pins = Pins(self._profile)
        sensors = [row for row in self._profile["io"] if row["dir"] == "in"]
        for place, row in enumerate(sensors):  # mid-scale, that is some mild water
            if row["kind"] in ("ntc", "ratiometric"):
                self.pins.inputs[place] = 1 << row["bits"] - 1
        self.scan = app.build(self._profile, self.pins, port, Ram())
        self.ids = {row[1]: row[0] for row in points.rows()}
        self.rows = {row[1]: row for row in settings.rows()}
        self.identity = Plain(names=(app.VERSION, "unix", self._profile["board"], self._profile["machine"]))
        self.late_ms = 0
        self.scan.run(0)
        for word in words:
            self.set(word)
        self.buses = Buses(self, self, port)

    def profile(self):
        return self._profile

    def note(self):
        """The heap's; here every scan collects."""

    def collect(self):
        gc.collect()

    check = collect

    def set(self, word):
        name, value = word.split("=")
        if name in self.ids:
            assert self.scan.write(self.ids[name], int(value), True) == 0, word
        else:
            row = self.rows[name]
            assert self.scan.write(row[0], round(float(value) / 10.0 ** row[3]), True) == 0, word

    async def scans(self):
        port = self.port
        now_ms = 0
        began = port.ticks_ms()
        while True:
            now_ms += PERIOD_MS
            left = began + now_ms - port.ticks_ms()
            await asyncio.sleep_ms(max(left, 0))
            self.late_ms = max(self.late_ms, port.ticks_ms() - began - now_ms)
            self.scan.run(now_ms)
            self.scan.keep()
            gc.collect()

    def state(self):
        letters = {"u8": "B", "u16": "H", "s16": "h", "u32": "I"}
        from struct import unpack

        rows = list(points.rows())
        raw = unpack("<" + "".join([letters[row[3]] for row in rows]), self.scan.points.image)
        late_ms, self.late_ms = self.late_ms, 0
        gc.collect()
        return {
            "points": {row[1]: value for row, value in zip(rows, raw)},
            "alarms": [code for code in range(96) if self.scan.alarms.is_active(code)],
            "refused": self.scan.points.counts[7],
            "late_ms": late_ms,
            "heap": gc.mem_alloc(),
        }

    async def console(self):
        reader = asyncio.StreamReader(sys.stdin.buffer)
        while True:
            line = await reader.readline()
            if not line:
                sys.exit(0)
            word = line.decode().strip()
            if word:
                self.set(word)
            print(json.dumps(self.state()))


async def main():
    controller = Controller(sys.argv[1], sys.argv[2:])
    print("ready")
    await asyncio.gather(controller.scans(), controller.console(), controller.buses.run())


asyncio.run(main())
