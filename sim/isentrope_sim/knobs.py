"""What can be turned while a rig runs: air, load, emitters, water, a bath, and what is wired to it."""

from __future__ import annotations

from collections.abc import Mapping

from isentrope_sim import terminals
from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine
from isentrope_sim.site import Site
from isentrope_sim.steady import ROOM_RH
from isentrope_sim.tagged import TaggedTable

# Name -> unit, lowest, highest. EN 14511 rates from -22 to 65 degC; the plant goes a little further.
WATER: Mapping[str, tuple[str, float, float]] = {
    "outdoor_c": ("degC", -40.0, 50.0),
    "outdoor_rh": ("1", 0.0, 1.0),
    # Heat the house draws, as far as the emitter law gives it; negative: cold water takes it in.
    "load_w": ("W", -100_000.0, 100_000.0),
    "emitter_w_k": ("W/K", 0.0, 20_000.0),  # the emitters' conductance to the room
    "room_c": ("degC", 5.0, 35.0),
    "water_flow": ("1", 0.0, 2.0),  # factor on the pump's flow
    "bath": ("1", 0.0, 1.0),  # 1: a bath holds the water into the condenser at return_c, 0: the house does
    "return_c": ("degC", 1.0, 80.0),
}
# The same of a machine with room air indoors: its room is held.
ROOM: Mapping[str, tuple[str, float, float]] = {
    "outdoor_c": WATER["outdoor_c"],
    "outdoor_rh": WATER["outdoor_rh"],
    "room_c": WATER["room_c"],
    "room_rh": ("1", 0.0, 1.0),
}


class Knobs:
    """Where the knobs of one rig stand.

    Args:
        limits: name -> unit, lowest, highest.
        owned: those that something else turns, with the reason.

    Attributes:
        limits: of those that may be set.
        now: name -> where it stands, in its unit; the owned ones too.
    """

    def __init__(self, limits: Mapping[str, tuple[str, float, float]], owned: Mapping[str, str]) -> None:
        self.limits = {name: each for name, each in limits.items() if name not in owned}
        self.now: dict[str, float] = {}
        self._owned = owned

    def set(self, name: str, value: float) -> None:
        """Raises InputError: no such knob, one that is owned, or a value outside its range."""
        if name in self._owned:
            raise InputError(f"knob {name!r} cannot be set: {self._owned[name]}")
        if name not in self.limits:
            raise InputError(f"unknown knob {name!r}; known: {', '.join(self.limits)}")
        unit, low, high = self.limits[name]
        if not low <= value <= high:
            raise InputError(f"knob {name} = {value!r}, allowed {low:g} to {high:g} {unit}")
        self.now[name] = float(value)


def knobs_of(machine: Machine) -> dict[str, tuple[str, float, float]]:
    """The knobs of a machine's rig, beside those of its world: name -> unit, lowest, highest."""
    top = TaggedTable(machine.controller, f"machine {machine.name}: controller")
    wired = terminals.read(top, machine.texts["charge"]["class"]).knobs
    return {
        **(ROOM if machine.values["indoor_air"] > 0.0 else WATER),
        **{name: knob[:3] for name, knob in wired.items()},
    }


def at_start(site: Site, outdoor_c: float, rh: float, water_c: float) -> dict[str, float]:
    """All of them after a reset; with room air indoors `water_c` is the room's temperature."""
    return {
        "outdoor_c": outdoor_c,
        "outdoor_rh": rh,
        "load_w": site.load_w,
        "emitter_w_k": site.emitter_w_k,
        "room_c": water_c if site.house is None else 20.0,
        "room_rh": ROOM_RH,
        "water_flow": 1.0,
        "bath": 0.0,
        "return_c": water_c,
        **{name: knob[3] for name, knob in site.terminals.knobs.items()},
    }
