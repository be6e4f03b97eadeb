"""On MicroPython: a controller on BACnet/IP, its plant a recorded standstill, for peers to talk to.

Arguments: profile.json, host, UDP port (or a terminal and anything, for MS/TP), then `broadcast=ADDRESS`,
`storage=FILE` (the medium, written when the device restarts), or settings and points as name=value:
points in raw units, settings in units. It scans ten times a second and prints "ready" when its port is open;
a line on standard input is a point or a setting to write, or an empty one to print the points and counters.
"""

import asyncio
import gc
import json
import sys

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path.insert(0, HERE + "/../../firmware")

from isentrope import app, points, settings  # noqa: E402
from isentrope.bench.pins import Pins  # noqa: E402
from isentrope.bus.bacnet.on_ip import OnIp  # noqa: E402
from isentrope.bus.bacnet.on_mstp import OnMstp  # noqa: E402
from isentrope.bus.registers import Registers  # noqa: E402
from isentrope.ports.ram import Ram  # noqa: E402
from isentrope.ports.unix import Port  # noqa: E402


class Controller:
    """Also what a bus is given (bus/buses.py)."""

    network = None  # the system has one
    v = networks = ()
    rtu = False
    names = (app.VERSION, "unix", "bench", "?")

    def __init__(self, path, words):
        with open(path) as file:
            profile = json.load(file)
        self.port = Port()
        self.ticks_ms = self.port.ticks_ms
        self.heap = self
        self.pins = Pins(profile)
        sensors = [row for row in profile["io"] if row["dir"] == "in"]
        for place, row in enumerate(sensors):  # mid-scale, that is some mild water
            if row["kind"] in ("ntc", "ratiometric"):
                self.pins.inputs[place] = 1 << row["bits"] - 1
        self.medium = Ram()
        self.file = ""
        if words and words[0].startswith("storage="):
            self.file = words.pop(0).split("=")[1]
            try:
                with open(self.file, "rb") as file:
                    file.readinto(self.medium.data)
            except OSError:
                pass  # a new one
        self.scan = app.build(profile, self.pins, self.port, self.medium)
        self.scan.bus = Registers(self.scan)
        self.ids = {row[1]: row[0] for row in points.rows()}
        self.rows = {row[1]: row for row in settings.rows()}
        self.bacnet = None
        self.broadcast = ""
        self.host = self.bacnet_host = sys.argv[2]
        self.bacnet_port = int(sys.argv[3]) if sys.argv[3].isdigit() else 0
        self.scan.run(0)
        for word in words:
            self.set(word)

    def registers(self):
        return self.scan.bus

    def note(self, n=1):
        """The heap's; here every scan collects."""

    def rs485(self, baud, parity, stop):
        return self.port.rs485("bus", {"path": self.host}, baud, parity, stop)

    def restart(self):
        if self.file:
            with open(self.file, "wb") as file:
                file.write(self.medium.data)
        print("reset")
        sys.exit(0)

    def set(self, word):
        name, value = word.split("=")
        if name == "broadcast":
            self.broadcast = value
        elif name in self.ids:
            assert self.scan.write(self.ids[name], int(value), True) == 0, word
        else:
            row = self.rows[name]
            raw = round(float(value) / 10.0 ** row[3])
            assert self.scan.write(row[0], raw, True) == 0, word

    async def scans(self):
        now_ms = 0
        while True:
            await asyncio.sleep_ms(100)
            now_ms += 100
            self.scan.run(now_ms)
            self.scan.keep()
            gc.collect()

    def state(self):
        letters = {"u8": "B", "u16": "H", "s16": "h", "u32": "I"}
        from struct import unpack

        rows = list(points.rows())
        raw = unpack("<" + "".join([letters[row[3]] for row in rows]), self.scan.points.image)
        values = {row[1]: value for row, value in zip(rows, raw)}
        return {"points": values, "counters": list(self.bacnet.counters)}

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

    async def ready(self):
        while not self.bacnet or not self.bacnet.links:
            await asyncio.sleep_ms(5)
        print("ready %d" % self.bacnet.instance)


async def main():
    controller = Controller(sys.argv[1], sys.argv[4:])
    works = controller.scans(), controller.console(), controller.ready()
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await (OnMstp if controller.host[0] == "/" else OnIp)(controller).run()
    except OSError as error:
        print("failed: %r" % error)
        sys.exit(2)
    tasks.clear()


asyncio.run(main())
