"""Whether a charge is allowed where the machine stands: IEC 60335-2-40, by the refrigerant's safety class.

Charges in kg, areas in m2, heights in m, flammability limits in kg/m3.
"""

import math
from dataclasses import dataclass
from typing import Any

from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine


@dataclass(frozen=True)
class Flammability:
    """A refrigerant's safety class (ISO 817) and lower flammability limit, None where it does not burn."""

    safety_class: str
    lfl: float | None


# Classes and limits: IEC 60335-2-40, annex BB (ISO 817). ASHRAE 34 has 0.353 for R454B, another mixture of
# its tolerance band; the lower one is the safe one.
FLUIDS = {
    "R290": Flammability("A3", 0.038),
    "R32": Flammability("A2L", 0.307),
    "R454B": Flammability("A2L", 0.296),
    "R410A": Flammability("A1", None),
}
# m1, m2, m3 in m3 of air at the flammability limit, by class: up to m1 no requirement, up to m2 by room area,
# up to m3 with ventilation or outdoors, above m3 outside the standard (IEC 60335-2-40:2018, annex GG).
MULTIPLES = {"A3": (4.0, 26.0, 130.0), "A2": (4.0, 26.0, 130.0), "A2L": (6.0, 52.0, 260.0)}
# Annex GG.2: 2.5 LFL^(5/4) h0 sqrt(A); for A2L also not over 0.75 LFL h0 A, three quarters of the limit mixed
# over the whole floor.
SPREAD, SPREAD_EXPONENT = 2.5, 1.25
MIXED_SHARE = {"A2L": 0.75}
LEAST_HEIGHT = 0.6  # lower ones count as this (annex GG.2)


@dataclass(frozen=True)
class ChargeCheck:
    """The verdict on a charge: m1, m2, m3 and what is allowed, kg, None where unlimited; `reason` in words.

    least_area is the smallest room for this charge, m2, None where no room matters.
    """

    safety_class: str
    charge: float
    m1: float | None
    m2: float | None
    m3: float | None
    allowed: float | None
    least_area: float | None
    ok: bool
    reason: str


def flammability(refrigerant: str) -> Flammability:
    """The class and limit of a refrigerant. Raises InputError for one without data."""
    if refrigerant not in FLUIDS:
        raise InputError(f"refrigerant {refrigerant!r}: no safety class known, known are {', '.join(FLUIDS)}")
    return FLUIDS[refrigerant]


def limits(fluid: Flammability) -> tuple[float, float, float] | None:
    """m1, m2, m3 in kg; None for a fluid that does not burn."""
    if fluid.lfl is None:
        return None
    a, b, c = MULTIPLES[fluid.safety_class]
    return a * fluid.lfl, b * fluid.lfl, c * fluid.lfl


def leaked_limit(fluid: Flammability, area: float, height: float) -> float:
    """Charge, kg, that may leak into an unventilated room of that floor area: the formula, without m1 and m2.

    height: of the lowest part that can leak over the floor. inf for a fluid that does not burn. Raises
    InputError for an area or height that is not positive.
    """
    for name, value, unit in (("room_area", area, "m2"), ("release_height", height, "m")):
        if not (math.isfinite(value) and value > 0.0):
            raise InputError(f"{name} is {value!r}, allowed above 0 {unit}")
    if fluid.lfl is None:
        return math.inf
    h0 = max(height, LEAST_HEIGHT)
    spread = SPREAD * fluid.lfl**SPREAD_EXPONENT * h0 * math.sqrt(area)
    mixed = MIXED_SHARE.get(fluid.safety_class, math.inf) * fluid.lfl * h0 * area
    return min(spread, mixed)


def room_limit(fluid: Flammability, area: float, height: float) -> float:
    """Largest charge, kg, in an unventilated room: what may leak, at least m1 and at most m2."""
    leaked = leaked_limit(fluid, area, height)
    three = limits(fluid)
    return leaked if three is None else min(max(leaked, three[0]), three[1])


def least_area(fluid: Flammability, charge: float, height: float) -> float | None:
    """Smallest floor area, m2, for a charge; None if any room will do, inf if none without ventilation."""
    three = limits(fluid)
    if three is None or fluid.lfl is None or charge <= three[0]:
        return None
    if charge > three[1]:
        return math.inf
    h0 = max(height, LEAST_HEIGHT)
    spread = (charge / (SPREAD * fluid.lfl**SPREAD_EXPONENT * h0)) ** 2
    share = MIXED_SHARE.get(fluid.safety_class)
    return max(spread, charge / (share * fluid.lfl * h0)) if share else spread


def check(machine: Machine, room_area: float | None = None) -> ChargeCheck:
    """The charge of a machine against its fluid's class and its placement.

    room_area (m2) overrides the file's. An outdoor monobloc keeps its refrigerant outside: only m3 bounds it.
    Raises InputError where the file declares no placement, another class than the fluid's, or no room for an
    indoor part whose charge needs one.
    """
    fluid = flammability(machine.refrigerant)
    said = machine.texts["charge"]["class"]
    if said != fluid.safety_class:
        raise InputError(
            f"machine {machine.name!r}: charge.class is {said!r}, {machine.refrigerant} is "
            f"{fluid.safety_class!r}"
        )
    place = machine.declared.installation
    if place is None:
        raise InputError(f"machine {machine.name!r}: section installation is missing (placement, room)")
    charge = machine.values["charge"]
    three = limits(fluid)
    if three is None:
        return _verdict(fluid, charge, three, None, None, "does not burn, no limit")
    if place.placement == "outdoor-monobloc":
        return _verdict(fluid, charge, three, three[2], None, "outdoors: up to m3")
    if charge <= three[0]:
        return _verdict(fluid, charge, three, three[0], None, "up to m1: any room")
    area = room_area if room_area is not None else place.room_area
    if area is None or place.release_height is None:
        missing = "room_area" if area is None else "release_height"
        raise InputError(
            f"machine {machine.name!r}: installation.{missing} is missing; a charge of {charge:g} kg "
            f"{machine.refrigerant} in a {place.placement} machine is above m1, {three[0]:.3g} kg"
        )
    allowed = room_limit(fluid, area, place.release_height)
    smallest = least_area(fluid, charge, place.release_height)
    return _verdict(fluid, charge, three, allowed, smallest, f"room of {area:g} m2 without ventilation")


def _verdict(
    fluid: Flammability,
    charge: float,
    three: tuple[float, float, float] | None,
    allowed: float | None,
    smallest: float | None,
    reason: str,
) -> ChargeCheck:
    m1, m2, m3 = three or (None, None, None)
    ok = allowed is None or charge <= allowed
    return ChargeCheck(fluid.safety_class, charge, m1, m2, m3, allowed, smallest, ok, reason)


def document(machine: Machine, room_area: float | None = None) -> dict[str, Any]:
    """The check as the JSON document of `isentrope check-machine`; infinite areas become null."""
    found = vars(check(machine, room_area))
    area = found["least_area"]
    found = found | {"least_area": None if area is None or math.isinf(area) else area}
    names = {"charge": "charge_kg", "m1": "m1_kg", "m2": "m2_kg", "m3": "m3_kg", "allowed": "allowed_kg"}
    names |= {"least_area": "least_area_m2"}
    place = machine.declared.installation
    return {
        "machine": machine.name,
        "refrigerant": machine.refrigerant,
        "placement": place.placement if place else None,
        "verdict": "pass" if found.pop("ok") else "refused",
        **{names.get(key, key): value for key, value in found.items()},
    }
