"""Hot-water draw-offs of a day: the profiles of EU 812/2013 and EN 16147, played against the clock.

A draw opens the tap at its flow until its useful energy has come: water counts from its temperature Tm on,
above mains water of 10 degC (EN 16147). It is given up when the next one is due or after 30 min (own choice);
what it lacks is counted.
"""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.world import WATER_J_KG_K, ZERO_C

PROFILES = Path(__file__).with_name("draws.toml")
DAY_S = 86400.0
LONGEST_S = 1800.0
_DONE = 1e-6  # share of a draw that rounding may leave
COLD_K = ZERO_C + 10.0  # EN 16147: energy counts above mains water of 10 degC
_KG_L = 1.0  # water at the meter; EN 16147 measures the flow there

STATE_NAMES = ("draw_next", "draw_open", "draw_left_j", "draw_tapped_s", "draw_peak_k")
_NEXT, _OPEN, _LEFT, _TAPPED, _PEAK = range(5)
TOTALS = ("tap_demanded_j", "tap_useful_j", "tap_missed_j", "tap_cold_draws")


@dataclass(frozen=True)
class Draw:
    """One draw: time of day (s), useful energy (J), flow (kg/s), useful and peak temperature (K; 0: none)."""

    at_s: float
    energy_j: float
    flow_kg_s: float
    useful_k: float
    peak_k: float


def names() -> list[str]:
    """The profiles there are."""
    with PROFILES.open("rb") as file:
        return list(tomllib.load(file))


def load(name: str) -> tuple[Draw, ...]:
    """A profile's draws in order of time.

    Raises:
        InputError: no such profile.
    """
    with PROFILES.open("rb") as file:
        table = tomllib.load(file)
    if name not in table:
        raise InputError(f"unknown draw-off profile {name!r}; known: {', '.join(table)}")
    found = []
    for at, kwh, litres_min, useful_c, peak_c in table[name]["draws"]:
        hours, minutes = at.split(":")
        found.append(
            Draw(
                int(hours) * 3600.0 + int(minutes) * 60.0,
                kwh * 3.6e6,
                litres_min * _KG_L / 60.0,
                useful_c + ZERO_C,
                peak_c + ZERO_C if peak_c else 0.0,
            )
        )
    total = sum(draw.energy_j for draw in found) / 3.6e6
    if not math.isclose(total, table[name]["total"], abs_tol=5e-4):
        raise InputError(
            f"draw-off profile {name}: its draws sum to {total:g} kWh, not {table[name]['total']:g}"
        )
    return tuple(sorted(found, key=lambda draw: draw.at_s))


class Taps:
    """Plays a profile day after day.

    Attributes:
        state: float64 as `STATE_NAMES`: draws begun since the start (the next one's number), whether the tap
            is open, the energy (J) still to come, how long it ran, the warmest water of this draw.
        totals: float64 as `TOTALS`: energy asked for and delivered usefully, energy that failed to come, and
            draws that stayed under their peak temperature.
    """

    def __init__(self, profile: tuple[Draw, ...]) -> None:
        self._profile = profile
        self._first = 0
        self.state = np.zeros(len(STATE_NAMES))
        self.totals = np.zeros(len(TOTALS))

    def reset(self, clock_s: float) -> None:
        """At `clock_s` of a day (s since its midnight); earlier draws of that day are over."""
        self.state[:] = 0.0
        self.totals[:] = 0.0
        self._first = sum(draw.at_s < clock_s for draw in self._profile)

    def _due(self, number: int) -> tuple[Draw, float]:
        """Draw `number` since the start and its moment, s since the start's midnight."""
        day, place = divmod(self._first + number, len(self._profile))
        return self._profile[place], day * DAY_S + self._profile[place].at_s

    def flow(self, clock_s: float, dt_s: float, out_k: float) -> float:
        """Mean tap flow, kg/s, of the step from `clock_s` (s since the start's midnight) on.

        `out_k` is the temperature at the tank's outlet: the last step of a draw only lasts as long as needed.
        """
        state = self.state
        if not self._profile:
            return 0.0
        number = int(state[_NEXT])
        draw, due_s = self._due(number)
        if due_s <= clock_s:
            self._end()
            state[_NEXT], state[_OPEN] = number + 1, 1.0
            state[_LEFT], state[_TAPPED], state[_PEAK] = draw.energy_j, 0.0, 0.0
            self.totals[0] += draw.energy_j
        if state[_OPEN] == 0.0:
            return 0.0
        draw = self._due(int(state[_NEXT]) - 1)[0]
        useful = draw.flow_kg_s * WATER_J_KG_K * (out_k - COLD_K) * dt_s if out_k >= draw.useful_k else 0.0
        return draw.flow_kg_s * (min(1.0, state[_LEFT] / useful) if useful > 0.0 else 1.0)

    def account(self, flow_kg_s: float, out_k: float, dt_s: float) -> None:
        """Count what the step brought: water of mean temperature `out_k`."""
        state = self.state
        if state[_OPEN] == 0.0:
            return
        draw = self._due(int(state[_NEXT]) - 1)[0]
        state[_TAPPED] += dt_s
        state[_PEAK] = max(state[_PEAK], out_k)
        if out_k >= draw.useful_k:
            useful = flow_kg_s * WATER_J_KG_K * (out_k - COLD_K) * dt_s
            state[_LEFT] -= useful
            self.totals[1] += useful
        if state[_LEFT] <= _DONE * draw.energy_j or state[_TAPPED] >= LONGEST_S:
            self._end()

    def _end(self) -> None:
        state = self.state
        if state[_OPEN] == 1.0:
            draw = self._due(int(state[_NEXT]) - 1)[0]
            self.totals[2] += state[_LEFT] if state[_LEFT] > _DONE * draw.energy_j else 0.0
            self.totals[3] += state[_PEAK] < draw.peak_k
            state[_OPEN] = state[_LEFT] = state[_TAPPED] = 0.0
