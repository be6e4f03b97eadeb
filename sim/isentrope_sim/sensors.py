"""From the machine's true state to raw converter counts and contact levels.

Chain of an analogue sensor: true value -> first-order lag -> offset and white noise -> electrical ratio ->
rounded count of an ideal converter, `count = floor(ratio * 2**bits + 0.5)` kept within 0 .. 2**bits - 1.

- ntc: thermistor to ground, pull-up to the converter's reference, ratio = R / (R + pull-up). R is the exact
  inverse of Steinhart and Hart's 1/T = A + B ln R + C (ln R)^3 (Deep-Sea Research 15, 1968).
- ratiometric: ratio = lo + (hi - lo) (p - p_min) / (p_max - p_min), supply shared with the converter. The
  amplifier ends a little beyond its span: 2.5 % of the supply on either side (own choice: it lies inside the
  0.06 and 0.94 at which a controller calls the sensor broken, so an over-pressure is no broken wire).
- ds18b20: a thermometer on a wire, 1/16 degC in two's complement within -55 to 125 degC; one that is broken
  off or shorted does not answer, which its driver says as -0x8000.
- contact: opens and closes with hysteresis on a true value; "closed" appears as the row's `active` level.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isentrope_sim import faults
from isentrope_sim.errors import InputError
from isentrope_sim.faults import Fault
from isentrope_sim.faulty_sensors import FaultySensor
from isentrope_sim.jit import njit
from isentrope_sim.perturbation import Perturbation

ATMOSPHERE_PA = 101_325.0  # standard atmosphere; a gauge transducer reads against it
OVERRANGE = 0.025  # of the supply; see the module's docstring

NTC, RATIOMETRIC, CONTACT, WIRE = 0.0, 1.0, 2.0, 3.0
_SILENT = 0x8000

# Columns of the channel table that the compiled loop walks.
_KIND, _SOURCE, _LAG, _OFFSET, _SIGMA, _FULL = range(6)
_P0, _P1, _P2, _P3, _P4 = range(6, 11)
_COLUMNS = 11
# ntc: pull-up, A, B, C | ratiometric: lowest Pa, span Pa, lowest ratio, span of ratio | contact: opens at,
# closes at, active level

CURVES = Path(__file__).with_name("ntc_curves.toml")


@dataclass(frozen=True)
class SensorData:
    """What the machine file says of one sensor.

    Attributes:
        source: the true quantity it senses.
        lag_s: time constant (s) of its first-order lag; 0 for a contact.
        noise: standard deviation, K for a thermistor, fraction of full scale for a transducer.
        open_at, close_at: a contact's thresholds in the unit of `source`; both infinite: always closed.
    """

    source: str
    lag_s: float = 0.0
    noise: float = 0.0
    open_at: float = math.inf
    close_at: float = math.inf


def steinhart_hart(points: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """A, B and C of 1/T = A + B ln R + C (ln R)^3 through three (degC, ohm) points, to ten digits."""
    if len(points) != 3:
        raise InputError(f"a thermistor curve needs three points, not {len(points)}")
    inverse = [1.0 / (celsius + 273.15) for celsius, _ in points]
    log = [math.log(ohm) for _, ohm in points]
    slope_12 = (inverse[1] - inverse[0]) / (log[1] - log[0])
    slope_13 = (inverse[2] - inverse[0]) / (log[2] - log[0])
    c = (slope_13 - slope_12) / (log[2] - log[1]) / (log[0] + log[1] + log[2])
    b = slope_12 - c * (log[0] ** 2 + log[0] * log[1] + log[1] ** 2)
    a = inverse[0] - log[0] * (b + c * log[0] ** 2)
    return float(f"{a:.10g}"), float(f"{b:.10g}"), float(f"{c:.10g}")


def ntc_curves() -> dict[str, dict[str, Any]]:
    """The thermistor curves of `ntc_curves.toml` by name."""
    with CURVES.open("rb") as file:
        return tomllib.load(file)


def ntc_curve(name: str) -> tuple[float, float, float]:
    """Steinhart-Hart's A, B and C of a named curve.

    Raises:
        InputError: no such curve; names the known ones.
    """
    curves = ntc_curves()
    if name not in curves:
        raise InputError(f"unknown thermistor curve {name!r}; known: {', '.join(sorted(curves))}")
    return steinhart_hart(curves[name]["fit"])


@njit
def ntc_resistance(kelvin: float, a: float, b: float, c: float) -> float:
    """Resistance (ohm) at a temperature (K): the exact inverse of Steinhart and Hart's equation, C > 0."""
    x = (a - 1.0 / kelvin) / (2.0 * c)
    y = math.sqrt((b / (3.0 * c)) ** 3 + x * x)
    return math.exp((y - x) ** (1.0 / 3.0) - (y + x) ** (1.0 / 3.0))


@njit
def _sense(
    truth: np.ndarray, dt_s: float, normal: np.ndarray, table: np.ndarray, state: np.ndarray, raw: np.ndarray
) -> None:
    """Advance every channel's lag by `dt_s` towards the truth at its end, then convert; lag 0 is none."""
    for i in range(table.shape[0]):
        row = table[i]
        if row[_KIND] == CONTACT:
            if row[_P0] != math.inf:
                value = truth[int(row[_SOURCE])]
                rising = row[_P0] > row[_P1]
                if state[i] == 1.0 and (value > row[_P0] if rising else value < row[_P0]):
                    state[i] = 0.0
                elif state[i] == 0.0 and (value < row[_P1] if rising else value > row[_P1]):
                    state[i] = 1.0
            raw[i] = int(row[_P2]) if state[i] == 1.0 else 1 - int(row[_P2])
            continue
        value = truth[int(row[_SOURCE])]
        decay = math.exp(-dt_s / row[_LAG]) if row[_LAG] > 0.0 else 0.0
        state[i] = value + (state[i] - value) * decay
        sensed = state[i] + row[_OFFSET] + row[_SIGMA] * normal[i]
        if row[_KIND] == WIRE:
            sixteenths = min(max(math.floor(16.0 * (sensed - 273.15) + 0.5), -880), 2000)
            raw[i] = sixteenths & 0xFFFF
            continue
        if row[_KIND] == NTC:
            ohm = ntc_resistance(sensed, row[_P1], row[_P2], row[_P3])
            ratio = ohm / (ohm + row[_P0])
        else:
            ratio = row[_P2] + row[_P3] * (sensed - row[_P0]) / row[_P1]
            ratio = min(max(ratio, row[_P2] - OVERRANGE), row[_P2] + row[_P3] + OVERRANGE)
        raw[i] = min(max(math.floor(ratio * row[_FULL] + 0.5), 0), int(row[_FULL]) - 1)


class Sensors:
    """All inputs of a machine, in the order of the profile's `in` rows.

    Args:
        rows: the `in` rows of the profile's `io`.
        data: what the machine says of each sensor, by signal name.
        truth_names: names of the truth vector given to `sense`.
        perturbation: offsets of this unit's sensors.
        noise: False silences the noise (and draws none).
        seed: of the noise's own generator.

    Attributes:
        state: float64, lagged value (K, Pa) of an analogue channel; 1 closed or 0 open of a contact.
        raw: int64 counts and levels.

    Raises:
        InputError: a row the machine has no sensor for, or of unknown kind or source.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        data: Mapping[str, SensorData],
        truth_names: Sequence[str],
        perturbation: Perturbation,
        *,
        noise: bool,
        seed: int,
    ) -> None:
        self.names = [str(row["name"]) for row in rows]
        self.state_names = [
            f"{row['name']}_closed" if row["kind"] == "contact" else f"{row['name']}_lagged" for row in rows
        ]
        self.state = np.zeros(len(rows))
        self.raw = np.zeros(len(rows), np.int64)
        self._table = np.array([_channel(row, data, truth_names, perturbation) for row in rows]).reshape(
            -1, _COLUMNS
        )
        self._nominal = self._table.copy()
        self.kinds = {str(row["name"]): faults.kind_of(row) for row in rows}
        self._faulty: dict[int, FaultySensor] = {}
        self._normal = np.zeros(len(rows))
        self._noise = noise
        self._seed = seed
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def reset(self, truth: np.ndarray) -> None:
        """Every sensor sound and at rest on the truth, contacts closed until they look, noise anew."""
        self.clear()
        self._generator = np.random.Generator(np.random.PCG64(self._seed))
        analogue = self._table[:, _KIND] != CONTACT
        source = self._table[:, _SOURCE].astype(np.int64)
        self.state[:] = np.where(analogue, truth[source], 1.0)
        self.sense(truth, 0.0)

    def sense(self, truth: np.ndarray, dt_s: float) -> None:
        """Advance by `dt_s` to the given truth; `raw` then holds what the converters see."""
        if self._noise:
            self._generator.standard_normal(out=self._normal)
        if self._faulty:
            truth = self._disturb(truth, dt_s)
        _sense(truth, dt_s, self._normal, self._table, self.state, self.raw)
        for place, faulty in self._faulty.items():
            if self._table[place, _KIND] == CONTACT:
                faulty.own = float(self.state[place])
                closed = faulty.closed(faulty.own == 1.0)
                active = int(self._table[place, _P2])
                self.state[place], self.raw[place] = float(closed), active if closed else 1 - active
            elif self._table[place, _KIND] == WIRE and faulty.fault.verb in ("open", "short"):
                self.raw[place] = _SILENT
            else:
                self.raw[place] = faulty.count(int(self.raw[place]), int(self._table[place, _FULL]))

    def _disturb(self, truth: np.ndarray, dt_s: float) -> np.ndarray:
        """The truth with a place behind it for every channel, in which the faulty ones find their own."""
        count = len(truth)
        extended = np.concatenate((truth, np.zeros(len(self.names))))
        for place, faulty in self._faulty.items():
            row, nominal = self._table[place], self._nominal[place]
            if row[_KIND] == CONTACT:
                faulty.tick(dt_s)
                self.state[place] = faulty.own
                row[_P0], row[_P1] = nominal[_P0] * faulty.threshold(), nominal[_P1] * faulty.threshold()
                continue
            extended[count + place] = faulty.sensed(float(truth[int(nominal[_SOURCE])]), dt_s)
            row[_SOURCE] = count + place
            row[_LAG], row[_OFFSET] = faulty.lag(float(nominal[_LAG])), faulty.offset(float(nominal[_OFFSET]))
        return extended

    def unmet(self, fault: Fault) -> str:
        """Why a sensor cannot have this fault, in one line; "" if it can."""
        place = self.names.index(fault.target)
        senses = self._nominal[place, _KIND] != CONTACT or self._nominal[place, _P0] != math.inf
        if senses or fault.verb not in ("offset", "drift"):
            return ""
        return f"fault {fault.verb!r} on {fault.target!r}: this contact has no threshold that could move"

    def fault(self, fault: Fault) -> None:
        """Break the sensor `fault.target` from the next step on; an earlier fault of it ends."""
        place = self.names.index(fault.target)
        self.clear(fault.target)
        seed = int(np.random.SeedSequence([self._seed, 0xFA, place]).generate_state(1)[0])
        self._faulty[place] = FaultySensor(
            fault, self.kinds[fault.target], float(self.state[place]), int(self.raw[place]), seed
        )

    def clear(self, name: str | None = None) -> None:
        """Repair one sensor, or all of them."""
        for place in [place for place in self._faulty if name in (None, self.names[place])]:
            if self._table[place, _KIND] == CONTACT:
                self.state[place] = self._faulty[place].own
            del self._faulty[place]
            self._table[place] = self._nominal[place]

    def snapshot(self) -> tuple[Any, ...]:
        broken = {place: faulty.snapshot() for place, faulty in self._faulty.items()}
        return self.state.copy(), self.raw.copy(), self._generator.bit_generator.state, broken

    def restore(self, saved: tuple[Any, ...]) -> None:
        self.clear()
        self.state[:], self.raw[:], self._generator.bit_generator.state, broken = saved
        self._faulty = {place: FaultySensor.of(each) for place, each in broken.items()}


def _channel(
    row: Mapping[str, Any],
    data: Mapping[str, SensorData],
    truth_names: Sequence[str],
    perturbation: Perturbation,
) -> list[float]:
    name = row["name"]
    if name not in data:
        raise InputError(f"the machine has no sensor {name!r}; it has {', '.join(sorted(data))}")
    sensor = data[name]
    if sensor.source not in truth_names:
        raise InputError(f"sensor {name!r} senses {sensor.source!r}, which the machine does not have")
    head = [float(truth_names.index(sensor.source)), sensor.lag_s]
    full = float(2 ** int(row.get("bits", 1)))
    if row["kind"] == "ntc":
        a, b, c = row["sh"]
        offset = perturbation.ntc_k.get(name, 0.0)
        return [NTC, *head, offset, sensor.noise, full, row["pullup_ohm"], a, b, c, 0.0]
    if row["kind"] == "ds18b20":
        offset = perturbation.ntc_k.get(name, 0.0)
        return [WIRE, *head, offset, sensor.noise, 65536.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    if row["kind"] == "ratiometric":
        # What is no absolute pressure has its own range, in thousandths of its unit here.
        least, most = (row.get(key, row.get(f"{key}_kpa")) for key in ("min", "max"))
        low = least * 1e3 + (ATMOSPHERE_PA if row.get("gauge") else 0.0)
        span = (most - least) * 1e3
        offset = perturbation.pressure_fs.get(name, 0.0) * span
        ratios = [row["lo_ratio"], row["hi_ratio"] - row["lo_ratio"]]
        return [RATIOMETRIC, *head, offset, sensor.noise * span, full, low, span, *ratios, 0.0]
    if row["kind"] == "contact":
        return [
            CONTACT,
            *head,
            0.0,
            0.0,
            full,
            sensor.open_at,
            sensor.close_at,
            float(row["active"]),
            0.0,
            0.0,
        ]
    raise InputError(
        f"input {name!r} is of unknown kind {row['kind']!r}; known: contact, ds18b20, ntc, ratiometric"
    )
