"""What a law of the expansion valve is given once a second, and what it may be set to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

PERIOD_S = 1.0  # as the firmware's own loop; the peers' manuals and sources have the same cycle


@dataclass(slots=True)
class Signals:
    """Measurements after the firmware's drivers and its filter of 2 s, as its own law has them.

    Attributes:
        superheat_k: suction temperature over the dew temperature of the suction pressure, K.
        suction_c, coil_c: on the suction pipe, and where the liquid begins to boil, degC.
        evap_c, cond_c: dew temperatures of both pressures, degC.
        evap_kpa: suction pressure, kPa absolute.
        speed_rps: the compressor's reference, 1/s.
        position_pct: where the valve stands, % of its stroke, as the stepper's driver believes.
    """

    superheat_k: float = 0.0
    suction_c: float = 0.0
    coil_c: float = 0.0
    evap_c: float = 0.0
    cond_c: float = 0.0
    evap_kpa: float = 0.0
    speed_rps: float = 0.0
    position_pct: float = 0.0


@dataclass(frozen=True)
class Unit:
    """What a law may know of the machine it is built into.

    Attributes:
        setpoint_k: superheat wanted, K; the same for every law.
        max_rps: the compressor's highest speed, 1/s.
        saturation: the fluid's tables (firmware/isentrope/refrigerant/saturation.py).
    """

    setpoint_k: float
    max_rps: float
    saturation: Any = None


class Law(Protocol):
    """A law at work; `step` is called every PERIOD_S."""

    def begin(self, signals: Signals, position_pct: float) -> None:
        """Take over a valve that stands at `position_pct` of its stroke."""

    def step(self, signals: Signals) -> float:
        """Where the valve shall stand, % of its stroke."""


@dataclass(frozen=True)
class Parameter:
    """A setting of a law: its default is the maker's, low and high are where tuning may look.

    `log`: tuned on a logarithmic scale; `whole`: a whole number.
    """

    name: str
    unit: str
    default: float
    low: float
    high: float
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Spec:
    """A law by name. `make` is None where the firmware's own law keeps the valve."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Unit, Mapping[str, float]], Law] | None

    def values(self, given: Mapping[str, float] | None = None) -> dict[str, float]:
        """Every parameter: the given ones, else defaults. Raises KeyError for one that is not of this law."""
        values = {p.name: p.default for p in self.parameters}
        for name, value in (given or {}).items():
            if name not in values:
                raise KeyError(name)
            values[name] = float(value)
        return values


def clipped(value: float, low: float = 0.0, high: float = 100.0) -> float:
    """`value` within its bounds."""
    return min(max(value, low), high)
