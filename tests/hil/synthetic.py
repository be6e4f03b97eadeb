"""Synthetic runs for the tests of scenarios, requirements, recorder and reports."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from isentrope_hil.recorder import Event, Recorder
from isentrope_hil.signals import Signal

INS = (
    Signal("suction_t", "in", "u16", 0, "1", 0, 0, 4095),
    Signal("water_flow", "in", "u8", 0, "1", 1, 0, 1),
)
OUTS = (Signal("eev_count", "out", "u16", 0, "1", 0, 0, 65535),)
POINTS = (
    Signal("state", "point", "u8", 0, "1", 1, 0, 11),
    Signal("decision", "point", "u16", 0, "1", 2, 0, 65535),
    Signal("superheat_k", "point", "s16", -2, "K", 3, -5000, 5000),
    Signal("superheat_setpoint_k", "point", "s16", -2, "K", 4, 0, 2000),
    Signal("evap_kpa", "point", "u16", 0, "kPa", 5, 0, 4000),
)
STATES = ("p_evap", "h_0")
TRUTHS = (
    "superheat_k",
    "speed_rps",
    "p_discharge",
    "heat_w",
    "evaporator_w",
    "compressor_w",
    "electric_w",
    "charge_error",
    "energy_residual_j",
)

Curve = Callable[[float], float]


def recorder(
    run_dir: Path,
    seconds: float = 600.0,
    step_s: float = 0.5,
    t0_ms: int = 0,
    superheat_k: Curve = lambda t: 8.0,
    true_superheat_k: Curve = lambda t: 8.0,
    state: Curve = lambda t: 2,
    speed_rps: Curve = lambda t: 50.0,
    charge_error: Curve = lambda t: 0.0,
    residual_j: Curve = lambda t: 0.0,
    events: dict[float, tuple[int, int, str]] | None = None,
) -> Recorder:
    """A run of `seconds` whose signals are functions of time; `events` by the second they are logged in."""
    found = Recorder(run_dir, INS, OUTS, POINTS, STATES, TRUTHS)
    for index in range(round(seconds / step_s)):
        t = index * step_s
        t_ms = (t0_ms + round(t * 1000)) & 0x3FFFFFFF
        logged: list[Event] = [(t_ms, *(events or {})[t])] if t in (events or {}) else []
        found.append(
            t_ms,
            (2000 + index % 3, 1),
            (index % 65536,),
            (int(state(t)), 12, round(superheat_k(t) * 100), 800, 450),
            np.array([4.5e5, 5.6e5 + t]),
            np.array(
                [
                    true_superheat_k(t),
                    speed_rps(t),
                    13e5,
                    6000.0,
                    4800.0,
                    1200.0,
                    1300.0,
                    charge_error(t),
                    residual_j(t),
                ]
            ),
            logged,
            (180, 95, 200_000, index // 100, 300),
        )
    return found
