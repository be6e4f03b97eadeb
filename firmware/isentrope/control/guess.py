"""The machine's electric power: guessed, and what a meter says.

The guess: work of a revolution by pressures and speed, fitted to the machine's compressor (docs/protect.md
says how well), the fan by its law, a constant rest. A meter, where there is one, corrects it by at most a
third while the compressor runs. A meter on a bus is believed as it is for what is shown.
"""

from micropython import const

_METER_S = const(30.0)  # own: a meter's own mean, and what the drive takes to follow
_MOST = const(0.33)  # own: further off, meter or model is wrong, not the unit


class Guess:
    """An option of the controller (options.py): `c.guess`, and `out.power_w`."""

    SLOW = True

    def __init__(self, data):
        """`power` of the profile: `exponent` of the isentrope, `per_rev` (J: constant, per kPa of isentropic
        head, per rps, per kPa of difference), `fan_w` at full speed, `fan_exponent`, `rest_w`."""
        self._exponent = data["exponent"]
        self._per_rev = tuple(data["per_rev"])
        self._fan_w = data["fan_w"]
        self._fan_exponent = data["fan_exponent"]
        self.rest_w = data["rest_w"]
        self._seen_w = 0.0  # guess and meter, alike slow
        self._meter_w = 0.0
        self.factor = 1.0  # meter over guess
        self.w = 0.0  # the guess, uncorrected
        self.fan_w = 0.0
        self.joule = 0.0  # of a revolution

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        rps = c.speed.set_rps
        self.joule = 0.0
        self.fan_w = self._fan_w * (out.fan_pct / 100.0) ** self._fan_exponent if out.fan_pct > 0.0 else 0.0
        if out.compressor_on:
            low, high = max(c.evap_kpa, 1.0), max(c.cond_kpa, c.evap_kpa)
            per_rev = self._per_rev
            head = low * ((high / low) ** self._exponent - 1.0)
            joule = per_rev[0] + per_rev[1] * head + per_rev[2] * rps + per_rev[3] * (high - low)
            self.joule = max(joule, 0.0)
        self.w = rps * self.joule + self.fan_w + self.rest_w
        meter = inp.more.meter if inp.more else None
        meter_w = meter.power_w if meter else None
        shown = meter_w
        if meter_w is not None:
            meter_w -= c.backup_w if out.backup else 0.0
        elif inp.wired and inp.wired.meter_kw is not None:
            meter_w = inp.wired.meter_kw * 1000.0
        self._correct(dt_s, meter_w, out.compressor_on)
        out.power_w = int(self.w * self.factor if shown is None else shown)

    def _correct(self, dt_s: float, meter_w, running: bool):
        if meter_w is None or not running:
            self._seen_w = 0.0
            return
        if self._seen_w <= 0.0:
            self._seen_w, self._meter_w = self.w, self.w * self.factor
        share = dt_s / (_METER_S + dt_s)
        self._seen_w += (self.w - self._seen_w) * share
        self._meter_w += (meter_w - self._meter_w) * share
        self.factor = min(max(self._meter_w / max(self._seen_w, 1.0), 1.0 - _MOST), 1.0 + _MOST)


def make(profile, settings, alarms, log, c):
    if c.guess is None and "power" in profile:
        c.guess = Guess(profile["power"])
        return c.guess
    return None
