"""The scan: read, decide, write, once a period."""

from micropython import const

from . import decisions as d
from . import settings as s
from .control import states
from .control.io import Inputs, Outputs
from .control.ticks import elapsed
from .drivers.analog_out import AnalogOut
from .drivers.contact import Contact
from .drivers.ntc import Ntc
from .drivers.pressure import Pressure
from .drivers.relay import Relay
from .drivers.stepper import Stepper
from .drivers.thermometer import Thermometer
from .points import Points, place

_LEASE_MS = const(2000)  # outputs outlive their last scan by so long; own: four default scans
_STOOD_CLOSED = const(89)  # decision
_REFUSED = const(67)  # and the result: the decision that says so
_DRIVERS = {
    "ntc": Ntc,
    "ratiometric": Pressure,
    "ds18b20": Thermometer,
    "contact": Contact,
    "relay": Relay,
    "analog_out": AnalogOut,
}
# In the order of the bits of Inputs.bad.
_SENSORS = (
    "suction_t",
    "discharge_t",
    "liquid_t",
    "coil_t",
    "outdoor_t",
    "flow_t",
    "return_t",
    "evap_p",
    "cond_p",
)
# Those that drivers/more.py reads or drives.
_MORE = ("phase_ok", "shell_t", "tank_t", "hot_water_valve", "backup_1")


def drivers(profile: dict, pins) -> dict:
    """A driver for every raw signal that has one, by the signal's name."""
    made = {}
    for direction, raw in (("in", pins.inputs), ("out", pins.outputs)):
        place = 0
        for row in profile["io"]:
            if row["dir"] == direction:
                driver = _DRIVERS.get(row["kind"])
                if driver:
                    made[row["name"]] = driver(row, raw, place)
                place += 1
    return made


class Scan:
    """The controller's machine side: `run()` is one scan."""

    def __init__(self, profile: dict, pins, port, settings, alarms, log, controller, storage):
        self.pins = pins
        self.settings = settings
        self.alarms = alarms
        self.log = log
        self.controller = controller
        self.storage = storage
        self.inp = Inputs()
        self.out = Outputs()
        self.valve = Stepper(pins.pulses, profile["valve"])
        if storage.closed:
            self.valve.trust()
            self.inp.supply_ok = True  # else its coming, which forgets the position, is the first scan's news
            log.add(0, _STOOD_CLOSED, profile["valve"]["overdrive_steps"])
        self.points = Points(self.inp, self.out, controller, alarms, storage, profile["valve"]["steps"])
        by_name = drivers(profile, pins)
        self._sensors = tuple(by_name[name] for name in _SENSORS)
        self._hp_switch = by_name["hp_switch"]
        self._motor_ok = by_name["motor_ok"]
        self._water_flow = by_name["water_flow"]
        self._supply_ok = by_name["supply_ok"]
        self._run = by_name["compressor_run"]
        self._speed = by_name.get("compressor_ref")
        self._fan = by_name.get("fan_ref") or by_name["fan_run"]
        self._pump = by_name.get("pump_ref") or by_name["pump_run"]
        self._reversing = by_name["reversing_valve"]
        self._crankcase = by_name["crankcase_heater"]
        self._alarm = by_name["alarm"]
        self._port = port
        if profile.get("drive") or profile.get("meter") or any(name in by_name for name in _MORE):
            from .drivers.more import More

            self.inp.more = More(profile, by_name, pins, port)
        if profile.get("wired"):
            from .drivers.wired import Wired

            self.inp.wired = Wired(by_name)
        self.rtc = None
        chip = getattr(pins, "rtc", None)
        if chip:
            from .rtc import Rtc

            self.rtc = Rtc(chip, self.points.clock, self.inp, alarms)
        self.jog = None  # outputs driven by hand (link/jog.py)
        self.bus = None  # the points as the field buses see them (bus/registers.py), once one is there
        self._refused: tuple | None = None  # the last write of a setting that was, as the log has it
        self.started = False
        self._expired = False  # the lease ended since the last scan began
        self.now_ms = 0  # control time of the last scan
        self.scan_us = 0  # what it took, collection excluded

    def poll(self, now_ms: int):
        """Between two scans, for what takes its time on the pins or on the drive's bus."""
        self.pins.poll(now_ms)
        if self.inp.more:
            self.inp.more.poll(now_ms)

    @property
    def off(self) -> bool:
        """The machine stands: the compressor is off and nothing is under way that leads to or from it."""
        return not self.out.compressor_on and self.controller.state in (-1, states.OFF, states.FAULT)

    def write(self, identity: int, raw: int, free: bool = False) -> int:
        """Write a point or a setting, as any wire may: 0 done, else the codes of docs/link.md's WRITE.

        `free`: whatever the level in force. Whether the bench may have the machine is decided while it
        stands.
        """
        settings = self.settings
        at = settings.place(identity)
        if identity < s.FIRST:
            at = place(identity)
            if at < 0:
                bus = self.bus
                if bus and not self.points.check(identity, raw) and bus.commands.local(identity, raw):
                    return s.DONE
                return self.points.write(identity, raw)
            identity = settings.identity(at)
        if at < 0:
            return s.UNKNOWN
        old = settings.raw[at]
        if not free and not settings.allowed(at):
            result = s.LOCKED
        elif at in (s.COMMISSIONED, s.BENCH_ENABLE) and not self.off:
            result = s.NOT_NOW
        else:
            result = settings.set_raw(identity, raw)
        if result:
            said = _REFUSED + result, d.pair(at, min(max(raw, -32768), 32767))
            if said != self._refused:  # who tries again and again must not fill the log
                self._refused = said
                self.log.add(self.now_ms, said[0], said[1])
        elif raw != old:
            self._refused = None
            settings.unlock(settings.level)
            self.storage.changed(at, old)
        return result

    def run(self, now_ms: int):
        """Read, decide, write; a scan that outlives the lease drives nothing."""
        began = self._port.ticks_us()
        dt_ms = elapsed(now_ms, self.now_ms) if self.started else 0
        self.now_ms = now_ms
        self.inp.lapsed = self._expired or dt_ms > _LEASE_MS
        self._expired = False
        if self.points.reset_wanted:
            self.points.reset_wanted = False
            self.alarms.reset(now_ms)
        if self.bus:
            self.bus.passed(dt_ms)
        if not self.started:
            self.started = True
            self.storage.begin(now_ms, self._port.cause)
        self._read(dt_ms)
        self.controller.step(now_ms, self.inp, self.out)
        storage = self.storage
        storage.ledger.step(now_ms, dt_ms, self.inp, self.out, self.controller, self.alarms, storage.events)
        self._write(dt_ms)
        if self._expired:
            self.safe()
        else:
            self.pins.drive()
        self.points.clock.step(now_ms, dt_ms)
        if self.rtc:
            self.rtc.step(now_ms, dt_ms)
        self.points.update(dt_ms)
        self.scan_us = elapsed(self._port.ticks_us(), began)

    def keep(self):
        """After the scan, once its outputs are out: what storage has to do, one flash operation at most."""
        jog = self.jog
        closed = self.off and self.inp.supply_ok and self.valve.closed and not (jog and jog.valve)
        self.storage.step(self.now_ms, self.out.compressor_on, closed)

    def safe(self):
        """Every output in its safe state, the valve standing still."""
        self.valve.stop()
        self.pins.safe()

    def expire(self, now_ms: int):
        """For whatever watches the scan: the outputs' lease ends when no scan renews it."""
        if self.started and elapsed(now_ms, self.now_ms) > _LEASE_MS:
            self._expired = True
            self.safe()

    def _read(self, dt_ms: int):
        self.pins.sample(dt_ms)
        inp = self.inp
        suction, discharge, liquid, coil, outdoor, flow, ret, evap, cond = self._sensors
        inp.suction_c = suction.read()
        inp.discharge_c = discharge.read()
        inp.liquid_c = liquid.read()
        inp.coil_c = coil.read()
        inp.outdoor_c = outdoor.read()
        inp.flow_c = flow.read()
        inp.return_c = ret.read()
        inp.evap_kpa = evap.read()
        inp.cond_kpa = cond.read()
        bad = 0
        bit = 1
        for sensor in self._sensors:
            if sensor.bad:
                bad |= bit
            bit <<= 1
        inp.bad = bad
        inp.hp_ok = self._hp_switch.closed()
        inp.motor_ok = self._motor_ok.closed()
        inp.water_flow = self._water_flow.closed()
        valve = self.valve
        supply_ok = self._supply_ok.closed()
        if supply_ok and not inp.supply_ok:
            valve.forget()
        inp.supply_ok = supply_ok
        if inp.more:
            inp.more.read(self.now_ms)
        if inp.wired:
            inp.wired.read()
        valve.read()
        inp.eev_position = valve.position
        inp.eev_homed = valve.homed

    def _write(self, dt_ms: int):
        out = self.out
        jog = self.jog
        if jog is None or not jog.valve:
            steps = out.eev_steps
            if steps and not self.storage.open():
                steps = 0
            self.valve.write(out.eev_home, steps, dt_ms)
        self._run.set(out.compressor_on)
        if self._speed:
            self._speed.set(out.speed_rps)
        if self.inp.more:
            self.inp.more.step(out.compressor_on, out.speed_rps)
            self.inp.more.switch(out)
        self._fan.set(out.fan_pct)
        self._pump.set(out.pump_pct)
        self._reversing.set(out.reversing_on)
        self._crankcase.set(out.crankcase_on)
        self._alarm.set(out.alarm_on)
        if jog:
            jog.step(dt_ms)
