"""The control core: measurements in, decisions out, once a scan."""

from . import states


class Controller:
    """Everything the machine decides."""

    def __init__(self, profile, settings, alarms, log):
        self.settings = settings
        self.alarms = alarms
        self.log = log
        alarms.log = log
        self.state = states.OFF
        self.decision = 0  # code of the decision in force
        self.superheat_k = 0.0
        self.superheat_setpoint_k = 0.0
        self.subcooling_k = 0.0
        self.evap_sat_c = 0.0  # dew of the suction pressure
        self.cond_sat_c = 0.0  # bubble of the discharge pressure
        self.discharge_superheat_k = 0.0
        self.speed_set_rps = 0.0
        self.eev_target_steps = 0
        self.feedforward_steps = 0
        self.starts = 0
        self.run_s = 0

    def step(self, now_ms, inp, out):
        """One scan: read `inp` (control/io.py), fill `out`."""
