"""A thermostatic expansion valve: no electronics, a bulb, a diaphragm and a spring.

The bulb's charge is of the machine's fluid; what it presses over the suction pressure (external equaliser)
and the spring lifts the needle in proportion (Eames, Milazzo and Maidment, Int. J. Refrigeration 38, 2014):

    opening = (p_sat(bulb) - p_suction - p_spring) / p_full,    p_spring = p_sat(T_0 + static) - p_sat(T_0)

`static` is the static superheat at T_0 = 0 degC, at which it begins to open (5 K: makers' usual factory
setting); `opening` what fully opens it beyond that (4 K gives the rated flow by the makers' tables; the
valve's seat here is not its own but the machine's, whose rated flow is at a third to a half of the stroke, so
8 K). The bulb lags (makers: 20 to 60 s to 63 %) by `bulb_s` beside the 10 s of the thermistor that stands in
for the pipe's wall. A charge with a MOP is all vapour above it and presses no more: 15 degC, a usual choice
for heat pumps.

Its superheat is a result, not a setpoint: at its default it is where the spring is set at works.
"""

from __future__ import annotations

from collections.abc import Mapping

from isentrope_hil.compare.law import PERIOD_S, Parameter, Signals, Spec, Unit, clipped

REFERENCE_C = 0.0
MOP_C = 15.0

PARAMETERS = (
    Parameter("static", "K", 5.0, 1.0, 9.0),
    Parameter("opening", "K", 8.0, 2.0, 30.0, log=True),
    Parameter("bulb_s", "s", 20.0, 5.0, 60.0),
)


class Thermostatic:
    """One valve; `mop_c`: evaporating temperature over which it closes."""

    def __init__(self, unit: Unit, values: Mapping[str, float], mop_c: float = MOP_C) -> None:
        self._saturation = unit.saturation
        begin_c = REFERENCE_C + values["static"]
        pressure = unit.saturation.dew_kpa
        self._spring = pressure(begin_c) - pressure(REFERENCE_C)
        self._full = pressure(begin_c + values["opening"]) - pressure(begin_c)
        # The charge that boils away at the bulb's temperature of a valve just open at its MOP.
        self._most = pressure(mop_c) + self._spring
        self._lag_s = values["bulb_s"]
        self._bulb_c: float | None = None

    def begin(self, signals: Signals, position_pct: float) -> None:
        """A valve that has been in this suction line all along: the bulb is as warm as the pipe."""
        self._bulb_c = signals.suction_c

    def step(self, signals: Signals) -> float:
        bulb_c = signals.suction_c if self._bulb_c is None else self._bulb_c
        bulb_c += (signals.suction_c - bulb_c) * PERIOD_S / (self._lag_s + PERIOD_S)
        self._bulb_c = bulb_c
        pressed = min(self._saturation.dew_kpa(bulb_c), self._most)
        return clipped(100.0 * (pressed - signals.evap_kpa - self._spring) / self._full)


SPEC = Spec("thermostatic", "thermostatic valve: bulb, spring, MOP", PARAMETERS, Thermostatic)
