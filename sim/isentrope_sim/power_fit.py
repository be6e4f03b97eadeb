"""A machine's electric power as few numbers, for a controller that has no meter (docs/protect.md).

Work of a compressor's revolution, J, is fitted to the machine's own compressor over its envelope:

    J = c0 + c1 p_s ((p_d / p_s)^m - 1) + c2 n + c3 (p_d - p_s),   m = (kappa - 1) / kappa

The isentropic head of the swept volume, friction that grows with speed, and losses by the pressure
difference, the terms that `components.compressor` has. Pressures in kPa, n in 1/s.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from isentrope_sim import fluids
from isentrope_sim.components import compressor
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import Machine

ZERO_C = 273.15
_SUPERHEAT_K = 8.0
_STEPS = 6  # of evaporating and condensing temperature across the envelope
_DISCHARGE_K = 30.0  # own: a usual discharge superheat; leak and heating of the gas hardly see it


def power(machine: Machine) -> dict[str, Any]:
    """The profile's `power`: `exponent`, `per_rev`, `fan_w`, `fan_exponent`, `rest_w`, to five digits.

    The indoor fan of a machine with room air belongs to the rest at full flow; a water pump does not, for
    the plant's electric power has none.
    """
    values = machine.values
    rows, joule = samples(machine)
    weights = 1.0 / joule
    fitted = np.linalg.lstsq(rows * weights[:, None], joule * weights, rcond=None)[0]
    rest = values["controls_w"] + values.get("room_fan_w", 0.0)
    return {
        "exponent": _digits(_exponent(machine)),
        "per_rev": [_digits(each) for each in fitted],
        "fan_w": _digits(values["fan_w"]),
        "fan_exponent": _digits(values["fan_exponent"]),
        "rest_w": _digits(rest),
    }


def samples(machine: Machine) -> tuple[np.ndarray, np.ndarray]:
    """(terms of the equation, J of a revolution) over the envelope at lowest, rated and highest speed."""
    par, fluid = machine.record(), fluids.load(machine.refrigerant)
    corners = machine.limits["envelope"]
    evaps, conds = zip(*corners, strict=True)
    suction, discharge = np.zeros(tb.SAT_SIZE), np.zeros(tb.SAT_SIZE)
    rows, joule = [], []
    speeds = dict.fromkeys(machine.values[f"{name}_rps"] for name in ("min", "rated", "max"))
    for evap in np.linspace(min(evaps), max(evaps), _STEPS):
        for cond in np.linspace(min(conds), max(conds), _STEPS):
            if not _inside(corners, float(evap), float(cond)) or cond - evap < 10.0:
                continue
            p_s = tb.pressure_of_dew(fluid, ZERO_C + evap)
            p_d = tb.pressure_of_dew(fluid, ZERO_C + cond)
            tb.saturation(fluid, p_s, suction)
            tb.saturation(fluid, p_d, discharge)
            h_s = tb.vapour_enthalpy(fluid, suction, ZERO_C + evap + _SUPERHEAT_K)
            t_d = ZERO_C + cond + _DISCHARGE_K
            rho_d = tb.vapour(fluid, discharge, tb.vapour_enthalpy(fluid, discharge, t_d))[2]
            for n in speeds:
                electric = compressor.compress(par, fluid, suction, discharge, p_s, p_d, h_s, rho_d, t_d, n)[
                    4
                ]
                rows.append(terms(p_s / 1e3, p_d / 1e3, n, _exponent(machine)))
                joule.append(electric / n)
    return np.array(rows), np.array(joule)


def terms(low_kpa: float, high_kpa: float, rps: float, exponent: float) -> list[float]:
    """The four terms of the equation."""
    head = low_kpa * ((high_kpa / low_kpa) ** exponent - 1.0)
    return [1.0, head, rps, high_kpa - low_kpa]


def _exponent(machine: Machine) -> float:
    kappa = machine.values["kappa"]
    return (kappa - 1.0) / kappa


def _digits(value: float) -> float:
    return float(f"{value:.5g}")


def _inside(corners: list[list[float]], evap: float, cond: float) -> bool:
    """Whether a point lies in the polygon or on its edge: even-odd rule, a hair inward."""
    middle = np.mean(corners, axis=0)
    x, y = evap + 1e-6 * (middle[0] - evap), cond + 1e-6 * (middle[1] - cond)
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside
