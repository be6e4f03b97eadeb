"""An estimate of the outdoor unit's sound from its fan's and compressor's speed.

Two sources without coherence, each scaled from a declared level by a power law of its speed. Levels are
A-weighted, in dB; sound power re 1 pW, sound pressure re 20 uPa.
"""

import math

from isentrope_sim.declared import Sound
from isentrope_sim.errors import InputError

# Fan law of sound power, 50 log10 of the speed ratio at one diameter (ASHRAE Handbook, HVAC Applications,
# noise and vibration control; AMCA 301). Air flow follows the speed, so the fraction of full flow serves.
FAN_EXPONENT = 5.0
# Own choice: 25 log10 of the speed ratio, the middle of the 20 to 30 usual for rotating machines (power with
# speed squared to cubed): 7.5 dB when the speed doubles.
COMPRESSOR_EXPONENT = 2.5
# Directivity by the number of reflecting planes: ground; ground and wall; ground and corner.
DIRECTIVITY = {"free": 2.0, "wall": 4.0, "corner": 8.0}


def power_level(declared: Sound, speed_rps: float, fan: float) -> float:
    """Sound power level, dB(A), at a compressor speed (1/s, 0 = off) and a fraction 0..1 of full air flow.

    -inf where neither turns. Raises InputError for negative or non-finite values.
    """
    for name, value in (("speed_rps", speed_rps), ("fan", fan)):
        if not (math.isfinite(value) and value >= 0.0):
            raise InputError(f"{name} is {value!r}, allowed 0 and above")
    loudness = declared.fan_share * (fan / declared.fan) ** FAN_EXPONENT
    loudness += (1.0 - declared.fan_share) * (speed_rps / declared.speed) ** COMPRESSOR_EXPONENT
    return declared.level + 10.0 * math.log10(loudness) if loudness > 0.0 else -math.inf


def pressure_level(power_db: float, distance_m: float, directivity: float = DIRECTIVITY["free"]) -> float:
    """Sound pressure level, dB(A), at a distance in the open: Lp = Lw + 10 log10(Q / (4 pi r2)), ISO 9613-2.

    Raises InputError for a distance below 0.5 m (near field) or a directivity outside 1 to 8.
    """
    if not distance_m >= 0.5:
        raise InputError(f"distance is {distance_m!r} m, allowed 0.5 m and above")
    if not 1.0 <= directivity <= 8.0:
        raise InputError(f"directivity is {directivity!r}, allowed 1 to 8")
    return power_db + 10.0 * math.log10(directivity / (4.0 * math.pi * distance_m**2))
