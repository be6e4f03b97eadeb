"""The recipe of `humid-cold-week.csv`: a synthetic week in which an air coil frosts most.

    python -m isentrope_sim.world.week [FILE]        needs the extra `weather`

Around freezing the air holds enough water and the coil is below zero: that, and not hard cold, is where
frost grows fastest. Day by day (own choice): freezing fog, fog, drizzle, wet snow, clear and cold, a melting
day (south wind, snow on the ground keeps the air saturated), showers. Temperature: the day's mean plus a
sine with its maximum at 15:00 plus an AR(1) noise (0.3 K, 0.85 an hour) from PCG64(`SEED`), within -3..+4
degC; humidity: the day's level less 4 % a K above the day's mean plus noise of 1 %, within 0.85..1. Sun: the
Haurwitz clear sky at 47.5 N 8.5 E from 12 January on, times the day's transmission, split by Erbs.
"""

import sys
from pathlib import Path

import numpy as np

from isentrope_sim.world import weather

SEED = 20260112
START = "2026-01-12"
LATITUDE, LONGITUDE, ZONE = 47.5, 8.5, "Etc/GMT-1"
# mean degC, half swing K, humidity level, transmission of the clear sky's irradiance
DAYS = (
    (-1.0, 0.6, 0.99, 0.20),
    (0.2, 0.5, 0.995, 0.15),
    (1.8, 0.7, 0.97, 0.12),
    (0.4, 0.6, 0.98, 0.12),
    (-2.4, 1.5, 0.93, 0.75),
    (1.8, 1.6, 0.985, 0.45),
    (2.4, 0.9, 0.94, 0.25),
)


def generate() -> str:
    """The file's text."""
    import pandas as pd
    from pvlib import clearsky, irradiance, solarposition

    normal = np.random.Generator(np.random.PCG64(SEED)).standard_normal
    ends = pd.date_range(START, periods=24 * len(DAYS), freq="h", tz=ZONE) + pd.Timedelta(hours=1)
    middles = ends - pd.Timedelta(minutes=30)
    sun = solarposition.get_solarposition(middles, LATITUDE, LONGITUDE)
    mean, swing, level, through = (
        np.interp(np.arange(24 * len(DAYS)), 24 * np.arange(len(DAYS)) + 12, [day[k] for day in DAYS])
        for k in range(4)
    )
    hours = (np.arange(24 * len(DAYS)) + 1) % 24
    noise = np.zeros(24 * len(DAYS))
    for i in range(1, len(noise)):
        noise[i] = 0.85 * noise[i - 1] + 0.3 * np.sqrt(1.0 - 0.85**2) * normal()
    deviation = swing * np.cos(2.0 * np.pi * (hours - 15) / 24.0) + noise
    dry = np.clip(mean + deviation, -3.0, 4.0)
    rh = np.clip(level - 0.04 * np.maximum(deviation, 0.0) + 0.01 * normal(len(dry)), 0.85, 1.0)
    ghi = clearsky.haurwitz(sun["apparent_zenith"])["ghi"].to_numpy() * through
    split = irradiance.erbs(ghi, sun["zenith"].to_numpy(), middles)
    vertical = weather.vertical_mean(
        middles, LATITUDE, LONGITUDE, ghi, np.asarray(split["dni"]), np.asarray(split["dhi"])
    )
    rows = [",".join(weather.COLUMNS)]
    for i, end in enumerate(ends):
        rows.append(f"{end:%Y-%m-%dT%H:%M:%S},{dry[i]:.2f},{rh[i]:.3f},{ghi[i]:.1f},{vertical[i]:.1f}")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else weather.PACKAGED["humid-cold-week"]
    target.write_text(generate())
    print(target)
