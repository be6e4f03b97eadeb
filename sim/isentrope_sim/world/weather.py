"""Weather: hourly files read through libraries, looked up at any moment.

| file | read by | time of its hour |
|---|---|---|
| `.epw` EnergyPlus | pvlib (extra `weather`) | 1..24 local standard time: the hour that ends then |
| `.csv` TMY3 | pvlib | 01:00..24:00 local standard time: the hour that ends then |
| `.csv` with the columns of `COLUMNS` | pyarrow | ISO time of the hour's end, local standard time |

Dry bulb and humidity are taken as those at the hour's end, irradiance as the mean of the hour, put at its
middle; between them lines are drawn. Local standard time has no summer time. Typical years are
stitched from months of different years: their years are ignored, so is a 29 February that is not there. A
year repeats itself; a shorter file does not.

Sun: position, and the isotropic model for the four vertical orientations (ground albedo 0.2), by pvlib;
`vertical` is their mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isentrope_sim.errors import InputError

HOUR_S = 3600.0
YEAR_HOURS = 8760
COLUMNS = ("time", "dry_bulb_c", "rh", "ghi_w_m2", "vertical_w_m2")
PACKAGED = {"humid-cold-week": Path(__file__).with_name("humid-cold-week.csv")}
ALBEDO = 0.2

# Lowest and highest of each quantity; outside them a file says "missing" (EPW: 99.9 degC, 999 %, 9999 W/m2)
# or the plant has no state for it.
_RANGES = {
    "dry_bulb_c": (-40.0, 50.0, "degC"),
    "rh": (0.0, 1.1, "1"),
    "ghi_w_m2": (0.0, 1500.0, "W/m2"),
    "vertical_w_m2": (0.0, 1500.0, "W/m2"),
}


@dataclass(frozen=True, eq=False)
class Weather:
    """Hourly weather.

    Attributes:
        name: file or design day.
        dry_c, rh, ghi, vertical: float64 of one length: degC, 0..1, W/m2 horizontal and mean vertical.
        clock_s: time of day (s) at t = 0, the beginning of the first record's hour.
    """

    name: str
    dry_c: np.ndarray
    rh: np.ndarray
    ghi: np.ndarray
    vertical: np.ndarray
    clock_s: float = 0.0

    @property
    def length_s(self) -> float:
        """How far it reaches; a year and a constant have no end."""
        hours = len(self.dry_c)
        return math.inf if hours == 1 or hours >= YEAR_HOURS else hours * HOUR_S

    def at(self, t_s: float) -> tuple[float, float, float, float]:
        """Dry bulb (degC), relative humidity (0..1), horizontal and vertical irradiance (W/m2) at `t_s`."""
        place, part = divmod(t_s / HOUR_S - 1.0, 1.0)
        i, k = self._index(int(place)), self._index(int(place) + 1)
        place, sun = divmod(t_s / HOUR_S - 0.5, 1.0)
        j, m = self._index(int(place)), self._index(int(place) + 1)
        return (
            float(self.dry_c[i] + part * (self.dry_c[k] - self.dry_c[i])),
            float(self.rh[i] + part * (self.rh[k] - self.rh[i])),
            float(self.ghi[j] + sun * (self.ghi[m] - self.ghi[j])),
            float(self.vertical[j] + sun * (self.vertical[m] - self.vertical[j])),
        )

    def _index(self, hour: int) -> int:
        n = len(self.dry_c)
        return hour % n if n >= YEAR_HOURS else min(max(hour, 0), n - 1)


def design_day(dry_bulb_c: float, rh: float = 0.9, vertical_w_m2: float = 0.0) -> Weather:
    """Constant weather, as for sizing: -10 degC without sun, say."""
    one = np.ones(1)
    return Weather("design-day", dry_bulb_c * one, rh * one, vertical_w_m2 * one, vertical_w_m2 * one)


def load(name_or_path: str | Path) -> Weather:
    """Read a weather file, or one that comes with the package (`PACKAGED`).

    Raises:
        InputError: no such file or format, the library is missing, an hour is missing or comes twice, or a
            value is missing or out of range; names file and line.
    """
    path = PACKAGED.get(str(name_or_path), Path(name_or_path))
    if not path.is_file():
        raise InputError(
            f"weather {str(name_or_path)!r}: no such file; with the package: {', '.join(PACKAGED)}"
        )
    suffix = path.suffix.lower()
    if suffix == ".epw":
        return _from_pvlib(path, "read_epw", first_line=9, to_end=1)
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            own = file.readline().strip().split(",")[0] == COLUMNS[0]
        return _own(path) if own else _from_pvlib(path, "read_tmy3", first_line=3, to_end=0)
    raise InputError(
        f"weather {path}: unknown kind of file {suffix!r}; known: .epw, .csv (TMY3 or {COLUMNS})"
    )


def _own(path: Path) -> Weather:
    from pyarrow import ArrowInvalid, csv

    try:
        table = csv.read_csv(path)
    except ArrowInvalid as error:
        raise InputError(f"weather {path}: {error}") from None
    if tuple(table.column_names) != COLUMNS:
        raise InputError(f"weather {path}, line 1: columns {', '.join(table.column_names)}; wanted {COLUMNS}")
    for name in COLUMNS:
        if table[name].null_count:
            line = table[name].is_null().to_pylist().index(True) + 2
            raise InputError(f"weather {path}, line {line}: {name} is missing")
    try:
        times = table["time"].to_numpy().astype("datetime64[s]")
        values = {name: table[name].to_numpy().astype(np.float64) for name in COLUMNS[1:]}
    except (ValueError, TypeError) as error:
        raise InputError(f"weather {path}: {error}") from None
    return _checked(path, times - np.timedelta64(1, "h"), values, 2)


def _from_pvlib(path: Path, reader: str, first_line: int, to_end: int) -> Weather:
    """Through pvlib; `to_end`: hours from the library's time stamp to the end of the record's hour."""
    try:
        from pvlib import iotools
    except ImportError:
        raise InputError(f"weather {path} needs pvlib: pip install 'isentrope[weather]'") from None
    problem: Exception | None = None
    for year in (None, 2001, 2000):  # as it is; a typical year; one with a 29 February
        try:
            frame, site = getattr(iotools, reader)(path, coerce_year=year)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            problem = error
            continue
        begins = frame.index - np.timedelta64(1 - to_end, "h")
        times = begins.tz_localize(None).to_numpy().astype("datetime64[s]")
        if np.all(np.diff(times) == np.timedelta64(1, "h")) or year is not None:
            break
    else:
        raise InputError(f"weather {path}: pvlib's {reader} cannot read it: {problem}") from None
    _consecutive(path, times, first_line)
    values = {"dry_bulb_c": frame["temp_air"].to_numpy(np.float64)}
    values["rh"] = frame["relative_humidity"].to_numpy(np.float64) / 100.0
    for name in ("ghi", "dni", "dhi"):
        _within(path, name, frame[name].to_numpy(np.float64), (0.0, 1500.0, "W/m2"), first_line)
    values["ghi_w_m2"] = frame["ghi"].to_numpy(np.float64)
    values["vertical_w_m2"] = vertical_mean(
        begins + np.timedelta64(30, "m"), float(site["latitude"]), float(site["longitude"]),
        frame["ghi"].to_numpy(), frame["dni"].to_numpy(), frame["dhi"].to_numpy(),
    )  # fmt: skip
    return _checked(path, times, values, first_line)


def vertical_mean(
    middles: Any, latitude: float, longitude: float, ghi: np.ndarray, dni: np.ndarray, dhi: np.ndarray
) -> np.ndarray:
    """Mean irradiance (W/m2) of the four vertical orientations; `middles`: time-zone aware pandas index."""
    from pvlib import irradiance, solarposition

    sun = solarposition.get_solarposition(middles, latitude, longitude)
    total = np.zeros(len(ghi))
    for azimuth in (0, 90, 180, 270):
        zenith, towards = sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
        plane = irradiance.get_total_irradiance(90, azimuth, zenith, towards, dni, ghi, dhi, albedo=ALBEDO)
        total += np.asarray(plane["poa_global"])
    return total / 4.0


def _consecutive(path: Path, times: np.ndarray, first_line: int) -> None:
    wrong = np.flatnonzero(np.diff(times) != np.timedelta64(1, "h"))
    if len(wrong):
        before, after = times[wrong[0]], times[wrong[0] + 1]
        raise InputError(
            f"weather {path}, line {first_line + int(wrong[0]) + 1}: the hour from {after} does not follow "
            f"the one from {before}; hours must be complete and in order"
        )


def _within(
    path: Path, name: str, values: np.ndarray, allowed: tuple[float, float, str], first_line: int
) -> None:
    low, high, unit = allowed
    wrong = np.flatnonzero(~((values >= low) & (values <= high)))  # NaN too
    if len(wrong):
        raise InputError(
            f"weather {path}, line {first_line + int(wrong[0])}: {name} is {values[wrong[0]]:g} or missing, "
            f"allowed {low:g} to {high:g} {unit}"
        )


def _checked(path: Path, begins: np.ndarray, values: dict[str, np.ndarray], first_line: int) -> Weather:
    if len(begins) < 2:
        raise InputError(f"weather {path}: {len(begins)} hours; at least 2 are needed")
    _consecutive(path, begins, first_line)
    for name, allowed in _RANGES.items():
        _within(path, name, values[name], allowed, first_line)
    first = begins[0]
    return Weather(
        path.name,
        values["dry_bulb_c"],
        np.minimum(values["rh"], 1.0),  # EPW allows up to 110 %; a moist-air state does not
        values["ghi_w_m2"],
        values["vertical_w_m2"],
        float((first - first.astype("datetime64[D]")) / np.timedelta64(1, "s")),
    )
