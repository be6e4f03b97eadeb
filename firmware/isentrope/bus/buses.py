"""The field buses that the settings ask for: started, started anew when their settings change, stopped when
they fail.

What is listed in `_BUSES` is a module of this folder with `make(ctx)`, whose `run()` goes on until it fails;
`ctx` is what a bus may use. A bus that fails raises its alarm and is tried again after 1, 2, 4 ... 60 s. None
of it ever reaches the control.
"""

import asyncio

from micropython import const

from ..control.ticks import elapsed
from ..tables import settle
from .registers import Registers

_BASE = const(119)  # of the buses' settings
_MODBUS = _BASE + 2
_END = _BASE + 7  # from _MODBUS to here: what a bus is started with
_BACNET = const(133)
_BACNET_END = _BACNET + 14  # as _END; then come two that a master takes as they change, and its speed
_BAUD = _BACNET + 16
_MQTT = const(198)
_NTP = _MQTT + 4
_MQTT_END = _MQTT + 6
_FAILED = const(57)  # alarm: Modbus failed
_BACNET_FAILED = const(58)
_MQTT_LOST = const(71)
_TIME_LOST = const(72)
_LONGEST_S = const(60)
_LOOK_MS = const(500)
_CLOSING_MS = const(100)  # own: a port that is closed is free again after a few turns of the loop
_VENDOR = b"Isentrope"
_PRODUCT = b"Isentrope heat-pump controller"
# Module, place of the setting that asks for it, the bits that do, the alarm of its failure and its value.
_BUSES = (
    ("rtu", _MODBUS, 1, _FAILED, 1),
    ("tcp", _MODBUS, 2, _FAILED, 2),
    ("bacnet.on_ip", _BACNET, 1, _BACNET_FAILED, 1),
    ("bacnet.on_mstp", _BACNET, 2, _BACNET_FAILED, 2),
    ("mqtt.client", _MQTT, 1, _MQTT_LOST, 3),
    ("ntp", _NTP, 1, _TIME_LOST, 3),
)
_WIRES = ("rtu", "bacnet.on_mstp")
_SIGNALS = ("tank_t", "backup_1")  # that some entities of MQTT stand for


class Buses:
    """`modes` (modes.py) has the scan, a live one or the bench's; `heap` collects garbage."""

    def __init__(self, modes, heap, port):
        self.heap = heap
        self.ticks_ms = port.ticks_ms
        self._modes = modes
        self._port = port
        self._tasks: list = []
        self._started = b""  # the settings that they were started with
        self._down = 0  # a bit for each of _BUSES: it has failed
        self.bacnet = None  # the stack that BACnet's links share (bacnet/config.py)
        self.names = modes.identity.names
        self.restart = port.restart
        self._server = None  # of Modbus, once it is asked
        profile = modes.profile()
        field = profile.get("fieldbus") or {}
        self.host = field.get("host", "0.0.0.0")
        self.tcp_port = field.get("port", 0)  # 0: the setting's
        self.networks = field.get("allow", ())
        self.bacnet_host = field.get("bacnet_host", self.host)
        self.bacnet_port = field.get("bacnet_port", 0)  # as tcp_port
        self.broadcast = field.get("broadcast", "")
        self._line = _line(profile, field)
        self.mqtt_port = field.get("mqtt_port", 0)  # as tcp_port
        self.ntp_port = field.get("ntp_port", 123)
        self.fitted = 1 if "modes" in profile else 0  # and what of _SIGNALS there is
        for row in profile["io"]:
            if row["name"] in _SIGNALS:
                self.fitted |= 2 << _SIGNALS.index(row["name"])
        # Of bus/network.py: the board's own network, once a bus needs it (None: the system has one, or there
        # is none), its kind, what the network file says, the board's name there.
        self.network = None
        self.network_kind = (profile.get("network") or {}).get("kind")
        self.said: dict | None = field.get("network")  # of a bench, which has no such file
        self.hostname = ""

    @property
    def scan(self):
        """The controller there is, or None."""
        return self._modes.scan

    @property
    def rtu(self) -> bool:
        """Modbus has the RS-485 port."""
        return int(self.v[_MODBUS]) & 1 != 0

    @property
    def v(self):
        """The settings in force."""
        return self._modes.scan.settings.v

    def registers(self):
        """Those of the scan there is, made when they are first asked for; None: there is none yet."""
        scan = self._modes.scan
        if scan is None or not scan.started:
            return None
        if scan.bus is None:
            scan.bus = Registers(scan)
        return scan.bus

    def pdu(self, req, at: int, n: int, out, o: int, bus: int) -> int:
        """A Modbus request's answer (modbus.py)."""
        server = self._server = self._server or _modbus(self._modes.identity.names)
        server.registers = self.registers()
        n = server.pdu(req, at, n, out, o, bus)
        server.registers = None  # a controller that the bench drops is garbage at once
        return n

    def count(self, which: int):
        """One more in `Points.counts`, which never reads "not fitted"."""
        scan = self._modes.scan
        if scan:
            counts = scan.points.counts
            counts[which] = (counts[which] + 1) % 0xFFFF

    def rs485(self, baud: int, parity: int | None, stop: int):
        """The line of the field bus. ValueError: the board has none to spare."""
        if self._line is None:
            raise ValueError("no RS-485 port is free")
        return self._port.rs485(self._line[0], self._line[1], baud, parity, stop)

    async def run(self):
        """Follow the settings."""
        while True:
            scan = self._modes.scan
            if scan:
                raw = scan.settings.raw
                asked = bytes(raw[_MODBUS:_END]) + bytes(raw[_BACNET:_BACNET_END])
                asked += bytes(raw[_BAUD : _BAUD + 1]) + bytes(raw[_MQTT:_MQTT_END])
                if asked != self._started:
                    self._started = asked
                    for task in self._tasks:
                        task.cancel()
                    await asyncio.sleep_ms(_CLOSING_MS)
                    self.bacnet = None  # other links, and perhaps another instance
                    self._tasks = [
                        asyncio.create_task(self._keep(row))
                        for row in _BUSES
                        if int(scan.settings.v[row[1]]) & row[2]
                    ]
            await asyncio.sleep_ms(_LOOK_MS)

    async def _keep(self, row):
        """One bus, for ever."""
        name, _, _, alarm, value = row
        bit = 1 << _BUSES.index(row)
        base = __name__[: __name__.rindex(".") + 1]
        if name not in _WIRES:
            from .network import reached, through
        pause = 1
        while True:
            self.heap.collect()
            began_ms = self.ticks_ms()
            try:
                if name not in _WIRES:
                    await reached(self)
                bus = __import__(base + name, None, None, ("make",))
                settle()
                bus = bus.make(self)
                up = asyncio.create_task(self._up(bus, alarm, bit))
                try:
                    await (bus.run() if name in _WIRES else through(self, bus))
                finally:
                    up.cancel()
            except Exception:
                self._down |= bit
                scan = self._modes.scan
                if scan:
                    scan.alarms.raise_(alarm, scan.now_ms, value)
            bus = None  # type: ignore
            if elapsed(self.ticks_ms(), began_ms) > 1000 * _LONGEST_S:
                pause = 1
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_S)

    async def _up(self, bus, alarm: int, bit: int):
        """It is still there after a second: no alarm any more."""
        await asyncio.sleep(1)
        while not getattr(bus, "up", True):
            await asyncio.sleep(1)
        self._down &= ~bit
        scan = self._modes.scan
        if scan and not self._down & _alike(alarm):
            scan.alarms.clear(alarm, scan.now_ms)


def _alike(alarm: int) -> int:
    """The bits of all that raise it."""
    bits = 0
    for n in range(len(_BUSES)):
        if _BUSES[n][3] == alarm:
            bits |= 1 << n
    return bits


def _modbus(names: tuple):
    """The server of Modbus, with what it says of itself."""
    from .modbus import Server

    settle()
    version, _, board, machine = [name.encode()[:48] for name in names]
    return Server(((0, _VENDOR), (1, board), (2, version), (4, _PRODUCT), (5, machine)))


def _line(profile: dict, field: dict):
    """(name, data) of the RS-485 port for the field bus: the profile's choice, or the first one without
    drive and meter; None: there is none."""
    buses = profile.get("buses") or {}
    name = field.get("rtu")
    if name is None:
        taken = [(profile.get(who) or {}).get("bus") for who in ("drive", "meter")]
        free = sorted([each for each in buses if buses[each].get("kind") == "rs485" and each not in taken])
        name = free[0] if free else None
    return None if name is None else (name, buses[name])
