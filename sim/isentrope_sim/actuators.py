"""From raw pulse counts, relay levels and duties to valve position, shaft speed, fan and pump.

- Stepper valve: each pulse moves the rotor one step while the coils are energised; the stops hold it at 0 and
  at full stroke (further pulses slip), and the needle follows with backlash. Nothing tells the controller.
- Relay: takes its new position after a delay that an interrupted command starts anew.
- Inverter drive: while the run circuit is closed it follows the reference at its own acceleration limit, from
  a least reference on; when the circuit opens the shaft coasts down. The circuit is the run relay in series
  with the high-pressure switch and the motor protector, as on the wiring diagram: no software is in it.
- Compressor on the mains (no reference): the closed run circuit takes it to its one speed.
- Fan and pump follow their duty, or their relay, with a first-order lag.

A step sees the outputs as they stand at its start; values after the step are those at its end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isentrope_sim import faults
from isentrope_sim.errors import InputError
from isentrope_sim.faults import Fault
from isentrope_sim.faulty_actuators import FaultyActuator
from isentrope_sim.jit import njit
from isentrope_sim.more_relays import NAMES as MORE
from isentrope_sim.more_relays import MoreRelays, state_names
from isentrope_sim.valves import Valve

# Signals this rig knows, in the order of the compiled step's columns.
SIGNALS = (
    "eev_count",
    "eev_coils",
    "compressor_run",
    "reversing_valve",
    "crankcase_heater",
    "alarm",
    "compressor_ref",
    "fan_ref",
    "pump_ref",
)
_COUNT, _COILS, _RUN, _REVERSING, _CRANKCASE, _ALARM, _SPEED, _FAN, _PUMP = range(9)
_RELAYS = (_RUN, _REVERSING, _CRANKCASE, _ALARM)
# Fan and pump on relays take the places of their references: on is full flow.
_SWITCHED = {"fan_run": _FAN, "pump_run": _PUMP}

STATE_NAMES = (
    "eev_last_count",
    "eev_rotor_steps",
    "eev_needle_steps",
    "eev_coils_on",
    "speed_rps",
    "fan_fraction",
    "pump_fraction",
    "run_on",
    "reversing_on",
    "crankcase_on",
    "alarm_on",
    "run_pending_s",
    "reversing_pending_s",
    "crankcase_pending_s",
    "alarm_pending_s",
)
_LAST, _ROTOR, _NEEDLE, _COILS_ON, _RPS, _FAN_NOW, _PUMP_NOW, _ON = range(8)
_PENDING = _ON + len(_RELAYS)


@dataclass(frozen=True)
class ActuatorData:
    """The drive's, fan's, pump's and relays' own behaviour.

    Attributes:
        valve: the expansion valve.
        relay_delay_s: pull-in and drop-out time of relay and contactor.
        acceleration_rps_s: the drive's ramp in both directions.
        coast_rps_s: deceleration of the unpowered compressor.
        start_rps: least speed reference that makes the drive run.
        fan_lag_s, pump_lag_s: first-order time constants.
        mains_rps: the one speed of a compressor without a drive; 0: a drive follows its reference.
    """

    valve: Valve
    relay_delay_s: float
    acceleration_rps_s: float
    coast_rps_s: float
    start_rps: float
    fan_lag_s: float
    pump_lag_s: float
    mains_rps: float = 0.0


@njit
def _actuate(
    raw: np.ndarray, dt_s: float, run_ok: bool, scale: np.ndarray, data: np.ndarray, state: np.ndarray
) -> None:
    """Advance all actuators by `dt_s` under the raw outputs.

    Args:
        raw: int64 in the order of `SIGNALS`, relays and coils already as 0 off, 1 on.
        run_ok: the safety contacts in series with the run relay are closed.
        scale: float64[9, 2], lowest value and value per count of the analogue outputs.
        data: full stroke, backlash (steps), relay delay, acceleration, coast, start reference, fan's and
            pump's lag.
        state: as `STATE_NAMES`.
    """
    steps = (raw[_COUNT] - int(state[_LAST]) + 0x8000 & 0xFFFF) - 0x8000
    state[_LAST] = raw[_COUNT]
    # The coils may have been switched off after the last pulse of this scan: either end counts.
    if raw[_COILS] == 1 or state[_COILS_ON] == 1.0:
        rotor = min(max(state[_ROTOR] + steps, 0.0), data[0])
        state[_ROTOR] = rotor
        state[_NEEDLE] = min(max(state[_NEEDLE], rotor - data[1], 0.0), rotor)
    state[_COILS_ON] = raw[_COILS]

    for place in range(len(_RELAYS)):
        wanted = float(raw[_RELAYS[place]])
        if wanted == state[_ON + place]:
            state[_PENDING + place] = 0.0
        else:
            state[_PENDING + place] += dt_s
            if state[_PENDING + place] >= data[2]:
                state[_ON + place] = wanted
                state[_PENDING + place] = 0.0

    if state[_ON] == 1.0 and run_ok:
        target = scale[_SPEED, 0] + scale[_SPEED, 1] * raw[_SPEED]
        if target < data[5]:
            target = 0.0
        step = data[3] * dt_s
        state[_RPS] += min(max(target - state[_RPS], -step), step)
    else:
        state[_RPS] = max(state[_RPS] - data[4] * dt_s, 0.0)

    fan = scale[_FAN, 0] + scale[_FAN, 1] * raw[_FAN]
    pump = scale[_PUMP, 0] + scale[_PUMP, 1] * raw[_PUMP]
    state[_FAN_NOW] = fan + (state[_FAN_NOW] - fan) * math.exp(-dt_s / data[6])
    state[_PUMP_NOW] = pump + (state[_PUMP_NOW] - pump) * math.exp(-dt_s / data[7])


class Actuators:
    """All outputs of a machine, from the profile's `out` rows.

    Attributes:
        state: float64 as `state_names`; the properties below read it.
        more: relays that not every machine has.
        powered: False: a power cut, no output has any effect.

    Raises:
        InputError: an output that this machine does not know.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], data: ActuatorData, *, seed: int = 0) -> None:
        self.kinds = {str(row["name"]): faults.kind_of(row) for row in rows}
        self._faulty: dict[int, FaultyActuator] = {}
        self.powered = True
        self._seed = seed
        self.state_names = [*STATE_NAMES, *state_names(rows)]
        self.state = np.zeros(len(self.state_names))
        self.more = MoreRelays(rows, data.relay_delay_s, self.state[len(STATE_NAMES) :], seed)
        places = [place for place, row in enumerate(rows) if row["name"] not in MORE]
        self._places = np.array(places, np.int64) if self.more.places else None
        rows = [rows[place] for place in places]
        self._stroke = data.valve.steps
        self._column = np.array([_column(row) for row in rows], np.int64)
        self._invert = np.zeros(len(SIGNALS), np.int64)
        self._scale = np.zeros((len(SIGNALS), 2))
        for row in rows:
            column = _column(row)
            if row["kind"] in ("relay", "level"):
                self._invert[column] = 1 - int(row["active"])
                self._scale[column] = 0.0, 1.0
            elif row["kind"] == "analog_out":
                # Fan and pump carry 0 to 100 %, the drive its speed in rps.
                unit = 1.0 if column == _SPEED else 0.01
                self._scale[column] = row["min"] * unit, (row["max"] - row["min"]) * unit / 65535.0
        if data.mains_rps > 0.0:
            self._scale[_SPEED] = data.mains_rps, 0.0
        self._raw = np.zeros(len(SIGNALS), np.int64)
        self._data = np.array(
            [
                data.valve.steps,
                data.valve.backlash_steps,
                data.relay_delay_s,
                data.acceleration_rps_s,
                data.coast_rps_s,
                data.start_rps,
                data.fan_lag_s,
                data.pump_lag_s,
            ]
        )
        self._nominal = self._data.copy()

    def reset(self, eev_steps: float) -> None:
        """All sound, at rest and off; the valve stands where it was left, `eev_steps` from closed."""
        self.clear()
        self.powered = True
        self.state[:] = 0.0
        self.state[_ROTOR] = self.state[_NEEDLE] = eev_steps

    def step(self, raw_out: Sequence[int], dt_s: float, run_ok: bool) -> None:
        """Advance by `dt_s` under the raw outputs, in the order of the `out` rows."""
        if self._places is None:
            self._raw[self._column] = raw_out
        else:
            self.more.step(raw_out, dt_s, self.powered)
            self._raw[self._column] = np.asarray(raw_out)[self._places]
        np.bitwise_xor(self._raw, self._invert, out=self._raw)
        if self._faulty:
            self._disturb(dt_s)
        if not self.powered:
            self._raw[_COUNT + 1 :] = 0
        _actuate(self._raw, dt_s, run_ok, self._scale, self._data, self.state)

    def _disturb(self, dt_s: float) -> None:
        self._data[:] = self._nominal
        for column, faulty in self._faulty.items():
            self._raw[column] = faulty.command(int(self._raw[column]), dt_s)
            if column == _COUNT:
                count = int(self._raw[column])
                steps = (count - int(self.state[_LAST]) + 0x8000 & 0xFFFF) - 0x8000
                self.state[_LAST] = count - faulty.moved(steps, dt_s) & 0xFFFF
                self._slip(faulty.slipped(dt_s))
            elif column == _SPEED:
                self._data[3] /= faulty.slowness
            elif column in (_FAN, _PUMP):
                self._data[6 + (column == _PUMP)] *= faulty.slowness

    def _slip(self, steps: int) -> None:
        """The rotor slips, with or without current, and the needle with it as far as its play lets it."""
        state = self.state
        state[_ROTOR] = min(max(state[_ROTOR] + steps, 0.0), self._stroke)
        state[_NEEDLE] = min(max(state[_NEEDLE], state[_ROTOR] - self._data[1], 0.0), state[_ROTOR])

    def fault(self, fault: Fault) -> None:
        """Break the actuator `fault.target` from the next step on; an earlier fault of it ends."""
        self.clear(fault.target)
        if fault.target in self.more:
            self.more.fault(fault)
            return
        column = _place(fault.target)
        seed = int(np.random.SeedSequence([self._seed, 0xFB, column]).generate_state(1)[0])
        held = int(self._raw[column])
        if column in _RELAYS:  # the contact may not have followed its command yet
            held = int(self.state[_ON + _RELAYS.index(column)])
        self._faulty[column] = FaultyActuator(fault, self.kinds[fault.target], held, seed)

    def clear(self, name: str | None = None) -> None:
        """Repair one actuator, or all of them."""
        self.more.clear(name)
        if name is not None and name in self.more:
            return
        for column in [column for column in self._faulty if name is None or column == _place(name)]:
            del self._faulty[column]
        self._data[:] = self._nominal

    def recount(self) -> None:
        """The controller has started anew and counts its pulses from 0."""
        self.state[_LAST] = 0.0

    def snapshot(self) -> tuple[Any, ...]:
        broken = {column: faulty.snapshot() for column, faulty in self._faulty.items()}
        return self.state.copy(), self._raw.copy(), self.powered, broken, self.more.snapshot()

    def restore(self, saved: tuple[Any, ...]) -> None:
        self.clear()
        self.state[:], self._raw[:], self.powered, broken, more = saved
        self.more.restore(more)
        self._faulty = {column: FaultyActuator.of(each) for column, each in broken.items()}

    @property
    def eev_steps(self) -> float:
        """True needle position, steps from closed."""
        return float(self.state[_NEEDLE])

    @property
    def eev_opening(self) -> float:
        """True needle position as a fraction of full stroke."""
        return float(self.state[_NEEDLE]) / self._stroke

    @property
    def speed_rps(self) -> float:
        return float(self.state[_RPS])

    @property
    def fan(self) -> float:
        return float(self.state[_FAN_NOW])

    @property
    def pump(self) -> float:
        return float(self.state[_PUMP_NOW])

    @property
    def running(self) -> bool:
        """The run relay's contact is closed."""
        return bool(self.state[_ON] == 1.0)

    @property
    def reversing(self) -> float:
        return float(self.state[_ON + 1])

    @property
    def crankcase(self) -> float:
        return float(self.state[_ON + 2])


def _column(row: Mapping[str, Any]) -> int:
    if row["name"] not in SIGNALS and row["name"] not in _SWITCHED:
        raise InputError(f"the machine has no output {row['name']!r}; it has {', '.join(SIGNALS)}")
    return _place(row["name"])


def _place(name: str) -> int:
    """The column of an output."""
    return _SWITCHED[name] if name in _SWITCHED else SIGNALS.index(name)
