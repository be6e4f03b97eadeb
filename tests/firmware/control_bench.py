"""What the control tests share: a machine's profile, healthy measurements, and a clock that crosses the wrap.

`Bench` closes no thermodynamic loop: it shows the controller measurements and looks at its decisions.
"""

from isentrope import alarms, decisions, settings
from isentrope.control.controller import Controller
from isentrope.control.io import Inputs, Outputs

T0 = 2**30 - 600_000  # ten minutes before board ticks wrap
SCAN_MS = 500


def profile():
    """A plausible 8 kW R290 machine."""
    return {
        "fluid": "R290",
        "valve": {
            "steps": 500,
            "overdrive_steps": 200,
            "rate_hz": 60,
            "opening_steps": 32,
            "home_running_only": False,
            "flow": {"area_m2": 1.33e-6, "exponent": 0.8},
        },
        "compressor": {
            "displacement_m3": 4.2e-5,
            "min_rps": 20,
            "max_rps": 90,
            "slew_rps_s": 1.0,
            "rated_rps": 60,
            "volumetric": [0.95, -0.02],
        },
        "limits": {
            "high_kpa": 3200.0,
            "low_kpa": 120.0,
            "discharge_max_c": 115.0,
            "envelope": [[-30, 15], [-30, 55], [-20, 82], [20, 82], [20, 25], [10, 15]],
        },
    }


class Bench:
    """A controller with its settings, alarms and log, at the wall of A7/W35."""

    def __init__(self, values=None, machine=None, t0=T0, ledger=None):
        self.settings = settings.Settings()
        self.settings.load(values or {})
        self.alarms = alarms.Alarms()
        self.log = decisions.Log(200)
        machine = machine or profile()
        self.controller = Controller(machine, self.settings, self.alarms, self.log)
        self.controller.ledger = ledger
        self.controller.equip(machine)
        self.out = Outputs()
        self.inp = healthy()
        self.ms = t0
        self.seconds = 0.0

    def scan(self):
        self.inp.eev_homed = self.inp.eev_homed or self.out.eev_home
        self.inp.eev_position = self.out.eev_steps
        self.controller.step(self.ms & 0x3FFFFFFF, self.inp, self.out)
        self.ms += SCAN_MS
        self.seconds += SCAN_MS / 1000.0

    def run(self, seconds):
        for _ in range(int(seconds * 1000) // SCAN_MS):
            self.scan()

    def until(self, condition, most_s):
        """Seconds until `condition()`; fails after `most_s`."""
        start = self.seconds
        while not condition():
            assert self.seconds - start <= most_s, "not within %d s, state %d" % (
                most_s,
                self.controller.state,
            )
            self.scan()
        return self.seconds - start

    def start(self, rps=0.0):
        """Demand heat and come to heating, or to a locked speed."""
        self.inp.enable = True
        self.inp.test_rps = rps
        self.until(lambda: self.out.compressor_on, 300)
        running(self.inp)
        self.run(200)
        return self

    @property
    def optional(self):
        """Names of the options in memory, but for the one that every machine has."""
        names = [type(each).__name__ for each in self.controller._options + self.controller._slow]
        assert names.pop(names.index("Standing")) == "Standing"
        return names

    def logged(self, code):
        """Take the log; values of the entries with `code`."""
        entry = [0, 0, 0]
        values = []
        while self.log.pop_into(entry):
            if entry[1] == code:
                values.append(entry[2])
        return values


def healthy():
    """Standstill at 7 degC outdoors, water at 30."""
    inp = Inputs()
    inp.outdoor_c = inp.coil_c = inp.suction_c = 7.0
    inp.discharge_c = inp.liquid_c = 20.0
    inp.flow_c = inp.return_c = 30.0
    inp.evap_kpa = inp.cond_kpa = 580.0
    inp.hp_ok = inp.motor_ok = inp.water_flow = inp.supply_ok = True
    inp.flow_setpoint_c = 35.0
    return inp


def running(inp):
    """Measurements in service: evaporating at -2 degC with 8 K of superheat, condensing at 37."""
    inp.evap_kpa, inp.cond_kpa = 445.0, 1280.0
    inp.suction_c, inp.coil_c, inp.discharge_c, inp.liquid_c = 6.0, -2.0, 62.0, 32.0
    inp.flow_c, inp.return_c = 35.0, 30.0
