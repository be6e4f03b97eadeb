"""Backup heater: stages that help where the compressor cannot.

In heating by degree-minutes of what is missing in the supply, counted while the compressor runs as fast as it
may and the air is at the bivalence point or under it, or while an alarm keeps it off at whatever air. In hot
water for the share that the envelope leaves it. Never without water flow, never in cooling, never where
`c.backup_allowed` is false (a power limit, a utility's block).
"""

from micropython import const

from . import states
from .io import BAD_FLOW_T, BAD_RETURN_T
from .ticks import Since

_BASE = const(157)  # of these settings
_FLOW_HIGHEST = const(78)  # places in Settings.v
_START = const(_BASE + 17)  # K min
_BIVALENCE = const(_BASE + 18)
_PROOF_MS = const(5000)  # own: a flap that has just opened
_BETWEEN_MS = const(30_000)  # own: the second stage waits for what the first does
_NEAR_RPS = const(1.0)
_MOST_C = const(75.0)  # own: under the 80 degC of a safety thermostat
_WIDE_K = const(2.0)  # own: over the setpoint, where the stages go at once
_STAGES = const(110)  # decision


class Backup:
    """An option of the controller (options.py): `out.backup`, stages that are on."""

    def __init__(self, profile, settings, log):
        self._v = settings.v
        self._log = log
        data = profile["backup"]
        self._watts = data["stage_w"]
        self._rise = data["rise_k"]  # of the water through each, at the pump's full flow
        self._proof = Since(60_000)
        self._since = Since(600_000, 600_000)
        self._missing = 0.0  # K min
        self._stages = 0

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        # Without its sensor the flow is the return's water: then no compressor warms it.
        flow_c = inp.return_c if c.sensors.failed & BAD_FLOW_T else inp.flow_c
        moving = self._proof.step(now_ms, inp.water_flow and out.pump_pct > 0.0) >= _PROOF_MS
        self._since.step(now_ms)
        wanted = self._wanted(dt_s, inp, out, c, flow_c)
        blind = c.sensors.failed & BAD_FLOW_T and c.sensors.failed & BAD_RETURN_T
        if blind or not ((inp.enable or c.frost_call) and c.backup_allowed and inp.supply_ok):
            wanted = 0
        c.sequence.pump_asked = c.sequence.pump_asked or wanted > 0
        if not moving or flow_c > _MOST_C or c.mode == states.COOLING:
            wanted = 0
        if wanted > self._stages:
            wanted = self._stages + (1 if self._since.ms >= _BETWEEN_MS else 0)
        if wanted != self._stages:
            self._stages = wanted
            self._since.restart(now_ms)
            self._log.add(now_ms, _STAGES, wanted)
        out.backup = wanted
        c.backup_w = sum(self._watts[:wanted])

    def _wanted(self, dt_s: float, inp, out, c, flow_c: float) -> int:
        """Stages, were there flow."""
        stages, v = len(self._watts), self._v
        if c.backup_asked:  # a thermostat's W, or frost
            return stages
        if c.mode == states.HOT_WATER:
            self._missing = 0.0
            return stages if c.hot_water and c.hot_water.rest else 0
        if c.mode != states.HEATING or not c.capacity.allowed:
            self._missing = 0.0
            return 0
        setpoint_c = c.capacity.setpoint_c if c.capacity.setpoint_c > 0.0 else inp.flow_setpoint_c
        rise_k = sum(self._rise[: self._stages]) * 100.0 / max(out.pump_pct, 10.0)
        error_k = setpoint_c - flow_c - rise_k
        if error_k < -_WIDE_K:
            self._missing = 0.0
            return 0
        most = min(c.limits.cap_rps, c.speed.max_rps)
        full = c.state == states.HEATING and c.speed.set_rps >= most - _NEAR_RPS
        helps = c.alarms.stop or (full and (inp.weather_c <= v[_BIVALENCE] or c.backup_ordered))
        if error_k < 0.0 or helps:
            self._missing = min(max(self._missing + error_k * dt_s / 60.0, 0.0), v[_START] * (stages + 0.5))
        elif c.state == states.HEATING and not full:
            self._missing = max(self._missing - dt_s / 60.0, 0.0)
        # A stage comes on at its share of the sum, and goes when one share less is missing.
        on = int(self._missing / v[_START]) if v[_START] > 0.0 else 0
        if on < self._stages and self._missing > (self._stages - 1) * v[_START]:
            on = self._stages
        return min(on, stages)


def make(profile, settings, alarms, log, c):
    return Backup(profile, settings, log)
