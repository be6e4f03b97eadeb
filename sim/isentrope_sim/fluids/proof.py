"""Proves a table: its worst error against the equation of state at random, seeded points.

Outside the dome the reference is CoolProp at (T, p) with the phase imposed (a blend's own (p, h) flash is
slow and fails); the table is then asked at the enthalpy found. Saturation is compared with CoolProp's own
saturation call where that succeeds, which proves the equilibria of `equation` too, and with those elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from isentrope_sim import fluids
from isentrope_sim.fluids import equation, firmware_tables, ranges
from isentrope_sim.fluids import table as tb

BARS = {
    "density": 2e-4,
    "temperature_k": 0.03,
    "saturation_k": 0.03,
    "dome_density": 2e-4,
    "dome_k": 0.05,
    "entropy": 0.1,
    "board_k": firmware_tables.BARS["temperature_k"],
    "board_density": firmware_tables.BARS["density"],
}
"""What every fluid's tables must prove: relative density; K; J/kg/K (0.1: 0.03 K of discharge)."""

LOST = 0.1  # K: CoolProp's saturation call that is further off found no equilibrium but something else


def prove(fluid: ranges.Range, table: tb.Table, points: int = 4000, seed: int = 1) -> dict[str, float]:
    """Worst errors of the plant's table over the whole of its range.

    Args:
        points: for each of vapour, liquid and saturation; a tenth of them in the dome.

    Returns:
        Relative for `density` (single phase, saturated ends included) and `dome_density`; K for
        `temperature_k` (single phase), `saturation_k` (dew and bubble) and `dome_k`; J/kg/K for `entropy` of
        vapour; `library`: the share, 0..1, of saturation points that CoolProp's own call answered.

    Raises InputError if CoolProp is missing.
    """
    source = equation.of(fluid)
    rng = np.random.Generator(np.random.PCG64(seed))
    sat = np.empty(tb.SAT_SIZE)
    names = ("density", "temperature_k", "saturation_k", "dome_density", "dome_k", "entropy")
    worst = dict.fromkeys(names, 0.0)

    def note(name: str, error: float) -> None:
        worst[name] = max(worst[name], float(abs(error)))

    def at_saturation(p: float, vapour: bool) -> bool:
        own = at = source.saturated(p, vapour)
        answered = False
        try:
            library = source.saturated_by_library(p, vapour)
            answered = abs(library.t - own.t) < LOST
        except ValueError:
            pass
        if answered:
            at = library
        note("saturation_k", sat[tb.T_DEW if vapour else tb.T_BUBBLE] - at.t)
        note("density", sat[tb.RHO_VAP if vapour else tb.RHO_LIQ] / at.rho - 1.0)
        return answered

    def outside(p: float, vapour: bool) -> None:
        edge, end = (tb.H_VAP, tb.H_MAX) if vapour else (tb.H_LIQ, tb.H_MIN)
        # Equal chances over the enthalpies of the table; the point itself is CoolProp's at its temperature.
        h = float(rng.uniform(*sorted((sat[edge], table.meta[end]))))
        at = source.at_temperature(p, tb.state(table, sat, h)[0], vapour)
        if (at.h < sat[edge]) == vapour:
            return  # inside the dome's edge by less than its error
        t, _slope, rho = tb.state(table, sat, at.h)
        note("temperature_k", t - at.t)
        note("density", rho / at.rho - 1.0)
        if vapour:
            note("entropy", tb.entropy(table, sat, at.h) - at.s)

    low, high = np.log(table.meta[[tb.P_MIN, tb.P_MAX]])
    answered = 0
    for number in range(points):
        p = float(np.exp(rng.uniform(low, high)))
        tb.saturation(table, p, sat)
        for vapour in (False, True):
            answered += at_saturation(p, vapour)
            outside(p, vapour)
        if number % 10 == 0:
            at = source.wet(p, float(rng.uniform(0.02, 0.98)))
            t, _slope, rho = tb.state(table, sat, at.h)
            note("dome_k", t - at.t)
            note("dome_density", rho / at.rho - 1.0)
    worst["library"] = answered / (2 * points)
    return worst


def whole(name: str, firmware: Path, points: int = 2000, seed: int = 1) -> dict[str, Any]:
    """Proof of a fluid's committed tables, plant's and firmware's: what `isentrope fluids prove` shows.

    firmware: the folder with isentrope/ in it. `worst` has the keys of `prove` and `board_k`,
    `board_density` of the firmware's; `missed` are the bars it does not keep. Raises InputError.
    """
    fluid = ranges.of(name)
    table = fluids.load(name)
    worst = prove(fluid, table, points, seed)
    board = firmware_tables.prove(fluid, firmware_tables.load(name, firmware), max(points // 2, 10), seed)
    worst["board_k"], worst["board_density"] = board["temperature_k"], board["density"]
    missed = [key for key, bar in BARS.items() if not worst[key] <= bar]
    return {
        "fluid": name,
        "range_bar": [fluid.p_min / 1e5, fluid.p_max / 1e5],
        "range_c": [fluid.t_min - 273.15, fluid.t_max - 273.15],
        "size_kb": (fluids.FOLDER / f"{name.lower()}.npz").stat().st_size / 1024,
        "worst": worst,
        "passed": not missed,
        "missed": missed,
    }
