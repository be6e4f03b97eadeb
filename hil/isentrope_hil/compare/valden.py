"""The one-step rule of the Valden Heat Pump Controller, firmware 1.13 (an open Arduino project, OpenHP).

The difference of two pipe thermometers, after and before the evaporator, is held by single steps:

- under the target: a step shut each `close_s`; within `hysteresis` over it: nothing; over that: a step open
  each `open_s`, or each `fast_open_s` when it is more than `precise` further;
- more than `emergency` under the target: at once to the least working position, 20 ms a step.

Its numbers are the published defaults for a valve of 250 steps, of which one step is 0.4 % of stroke, here
too. The target is the common setpoint plus `offset`: a difference of temperatures along a coil is not
superheat (pressure drop, a blend's glide), and the project's text leaves it to whoever installs it.
"""

from __future__ import annotations

from collections.abc import Mapping

from isentrope_hil.compare.law import PERIOD_S, Parameter, Signals, Spec, Unit, clipped

STEP_PCT = 100.0 / 250.0

PARAMETERS = (
    Parameter("open_s", "s", 30.0, 1.0, 60.0, log=True),
    Parameter("close_s", "s", 45.0, 1.0, 60.0, log=True),
    Parameter("fast_open_s", "s", 1.4, 0.5, 15.0, log=True),
    Parameter("precise", "K", 8.6, 0.5, 12.0),
    Parameter("emergency", "K", 1.7, 0.5, 8.0),
    Parameter("hysteresis", "K", 0.45, 0.1, 1.5),
    Parameter("least_pct", "%", 20.0, 2.0, 30.0),
    Parameter("offset", "K", 0.0, -3.0, 5.0),
)


class Valden:
    """One controller."""

    def __init__(self, unit: Unit, values: Mapping[str, float]) -> None:
        self._v = dict(values)
        self._target = unit.setpoint_k + values["offset"]
        self._opening = 0.0
        self._since_s = 0.0  # of the last step

    def begin(self, signals: Signals, position_pct: float) -> None:
        """It never works below its least position: from less it opens there at once."""
        self._opening = max(position_pct, self._v["least_pct"])
        self._since_s = 0.0

    def step(self, signals: Signals) -> float:
        v = self._v
        self._since_s += PERIOD_S
        over = signals.suction_c - signals.coil_c - self._target
        if over < -v["emergency"]:
            self._opening = v["least_pct"]
        elif over < 0.0:
            self._steps(-1, v["close_s"])
        elif over > v["hysteresis"] + v["precise"]:
            self._steps(1, v["fast_open_s"])
        elif over > v["hysteresis"]:
            self._steps(1, v["open_s"])
        return self._opening

    def _steps(self, way: int, every_s: float) -> None:
        """The steps that are due; after a rest one is, as in a loop that asks how long ago the last was."""
        due = int(self._since_s / every_s)
        if not due:
            return
        if self._since_s >= every_s + PERIOD_S:
            due, self._since_s = max(int(PERIOD_S / every_s), 1), 0.0
        else:
            self._since_s -= due * every_s
        self._opening = clipped(self._opening + way * due * STEP_PCT, self._v["least_pct"])


SPEC = Spec("valden", "Valden, open controller: one-step rule", PARAMETERS, Valden)
