"""Heat and energies: water flow, heat to the water, COP, and what the counters add up.

Heat is flow times heat capacity times the difference of flow and return. The flow is estimated: the pump's
speed, of what flows at full speed (a closed circuit's law), while the flow switch says that water moves. Two
thermistors that differ by 0.1 K are 2 % of 5 K.

Counted are scaled integers, tenths of a joule; what is taken back (a defrost's heat) is made up before the
counter goes on. Heat counts while the compressor runs and for the pump's overrun: then standing sensors that
differ would add up for ever. The backup heater's power counts on both sides.
"""

from array import array

from micropython import const

from . import states
from .io import BAD_FLOW_T, BAD_RETURN_T

_FULL = const(205)  # place in Settings.v
_UNIT = const(3_600_000)  # 0.1 kWh in 0.1 J
_HUNDREDTH_MS = const(36_000)  # of an hour
_LOWEST = const(-0x3FFFFFFF)  # beyond it an integer takes heap
_J_LK = const(4155.0)  # of a litre of water at 35 degC, for each K
_OVERRUN_MS = const(120_000)  # own: the plate has cooled
_NONE = const(0xFFFF)
_MOST = const(65_534)
_ELECTRIC = const(0)  # places in `due`, in the order of the ledger's counters
_HEAT = const(1)
_TANK_ELECTRIC = const(2)
_TANK_HEAT = const(3)
_COLD = const(4)
_BACKUP = const(5)


class Energy:
    """An option of the controller (options.py), behind the guess. `due`: units for the ledger to add."""

    SLOW = True

    def __init__(self, water, settings):
        """`water` of the profile: `full_lpm`, and whether the pump has `steps`; None: room air."""
        self._full_lpm = float(water["full_lpm"]) if water else 0.0
        self._steps = bool(water and water["steps"])
        self._v = settings.v
        self._parts = array("i", bytearray(24))  # 0.1 J, ms of the last; not yet a unit
        self.due = array("H", bytearray(12))
        self._rest_ms = 0
        self.news = False  # there is something in `due`

    def step(self, now_ms: int, dt_s: float, inp, out, c):
        dt_ms = int(dt_s * 1000.0 + 0.5)
        running = out.compressor_on
        backup_w = int(c.backup_w) if out.backup else 0
        meter = inp.more.meter if inp.more else None
        metered = meter is not None and meter.power_w is not None
        power_w = max(out.power_w, 0)
        electric_w = power_w if metered else power_w + backup_w
        if metered:
            power_w = max(power_w - backup_w, 0)
        heat_w = 0
        if self._full_lpm > 0.0:
            heat_w = self._heat(inp, out)
        self._rest_ms = _OVERRUN_MS if running else max(self._rest_ms - dt_ms, 0)
        cools = c.mode == states.COOLING
        if self._full_lpm > 0.0:
            out.cop_c = 0
        if running and power_w > 0 and out.heat_cw != _NONE:
            out.cop_c = min(max((-heat_w if cools else heat_w) * 100 // power_w, 0), _MOST)
        self._add(_ELECTRIC, electric_w * dt_ms)
        tank = c.mode == states.HOT_WATER
        if tank and (running or backup_w):
            self._add(_TANK_ELECTRIC, electric_w * dt_ms)
        if not self._rest_ms:
            heat_w = 0
        if cools:
            self._add(_COLD, -heat_w * dt_ms)
        else:
            heat_w += backup_w
            self._add(_HEAT, heat_w * dt_ms)
            if tank:
                self._add(_TANK_HEAT, heat_w * dt_ms)
        if backup_w:
            self._parts[_BACKUP] += dt_ms
            if self._parts[_BACKUP] >= _HUNDREDTH_MS:
                self._parts[_BACKUP] -= _HUNDREDTH_MS
                self.due[_BACKUP] += 1
                self.news = True

    def _heat(self, inp, out) -> int:
        """Heat to the water, W, negative when it is taken; flow and heat for the points."""
        lpm = 0.0
        if inp.water_flow and out.pump_pct > 0.0:
            lpm = self._v[_FULL] or self._full_lpm
            if self._steps:
                lpm *= out.pump_pct / 100.0
        out.water_lpm = lpm
        if inp.bad & (BAD_FLOW_T | BAD_RETURN_T):
            out.heat_cw = _NONE
            return 0
        heat_w = int(lpm * (_J_LK / 60.0) * (inp.flow_c - inp.return_c))
        out.heat_cw = min(abs(heat_w) // 10, _MOST)
        return heat_w

    def _add(self, place: int, watt_ms: int):
        part = max(self._parts[place] + watt_ms // 100, _LOWEST)
        while part >= _UNIT:
            part -= _UNIT
            self.due[place] += 1
            self.news = True
        self._parts[place] = part


def make(profile, settings, alarms, log, c):
    c.energy = Energy(profile.get("water"), settings) if c.guess else None
    return c.energy
