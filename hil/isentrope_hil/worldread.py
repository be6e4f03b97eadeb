"""The parts of a scenario that say what stands around the machine and what breaks, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from isentrope_sim.errors import InputError

from isentrope_hil.tomlread import Table, duration_s, nearest

if TYPE_CHECKING:
    from isentrope_sim.faults import Fault
    from isentrope_sim.world.settings import WorldSettings

_DAY_S = 86400.0


@dataclass(frozen=True)
class World:
    """The world of a scenario: its settings (None: none asked for), the knobs it offers and owns."""

    settings: WorldSettings | None = None
    knobs: Mapping[str, tuple[str, float, float]] = field(default_factory=dict)
    owned: Mapping[str, str] = field(default_factory=dict)


def world(top: Table, longest_s: float) -> World:
    """The tables `weather` (or a text), `building` and `hot_water`, with the files read and checked once.

    Raises:
        InputError: an unknown key, a value out of range, weather that is wrong or too short for the run.
    """
    if not {"weather", "building", "hot_water"} & set(top):
        return World()
    from isentrope_sim.world.live import knobs_of, owned_knobs  # compiled code
    from isentrope_sim.world.settings import OPTIONS, WorldSettings

    given: dict[str, Any] = {}
    if "weather" in top:
        given |= _weather(top)
    for name in ("building", "hot_water"):
        if name in top:
            table = top.table(name)
            given[name] = {
                key: table.choice(key, option.known, required=True)
                if option.known
                else table.number(key, option.low, option.high, required=True)
                for key, option in OPTIONS[name].items()
                if key in table
            }
            for key in table:
                if key not in OPTIONS[name]:
                    table.fail(key, f"unknown key; {nearest(key, OPTIONS[name])}")
    settings = WorldSettings(**given)
    try:
        data = settings.build(longest_s)
    except InputError as error:
        top.fail("weather" if settings.weather and "weather" in str(error) else None, str(error))
    return World(settings, knobs_of(data), owned_knobs(data))


def _weather(top: Table) -> dict[str, Any]:
    from isentrope_sim.world.weather import PACKAGED

    if isinstance(top.value("weather"), str):
        name, found = top.text("weather"), {}
    else:
        table = top.table("weather")
        if "dry_bulb_c" in table:  # a design day
            day = (
                table.number("dry_bulb_c", -40.0, 50.0, required=True),
                table.number("rh", 0.0, 1.0, 0.9),
                table.number("solar_w_m2", 0.0, 1200.0, 0.0),
            )
            clock_s = table.parsed("clock", _clock, 0.0)
            table.finish()
            return {"design_day": day, "clock_s": clock_s}
        name = table.text("file", required=True)
        found = {"start_s": table.duration("start", default=0.0)}
        table.finish()
    if name in PACKAGED:
        return {"weather": name, **found}
    path = (top.folder / name).resolve()
    if not path.is_file():
        top.fail("weather", f"no such file, nor weather of the package; {nearest(name, PACKAGED)}")
    return {"weather": str(path), **found}


def _clock(value: object) -> float:
    """A time of day "06:30", or a duration since midnight, in s."""
    if isinstance(value, str) and value.count(":") == 1:
        hours, _, minutes = value.partition(":")
        if hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60:
            return int(hours) * 3600.0 + int(minutes) * 60.0
        raise ValueError('a time of day is wanted, "00:00" to "23:59"')
    seconds = duration_s(value)
    if not 0.0 <= seconds < _DAY_S:
        raise ValueError("a time of day is wanted, 0 to 24 h")
    return seconds


def kinds(machine: str) -> dict[str, str]:
    """What of a machine can fail besides its plant, and of which kind each is."""
    from isentrope_sim import faults
    from isentrope_sim.machine import load_machine
    from isentrope_sim.site import wanted_signals

    inputs, outputs = wanted_signals(load_machine(machine))
    found = {
        signal.name: faults.kind_of({"name": signal.name, "kind": signal.kind})
        for signal in (*inputs, *outputs)
    }
    return found | {faults.SUPPLY: faults.SUPPLY, faults.LINK: faults.LINK}


def fault(table: Table, known: Mapping[str, str]) -> Fault:
    """An event's `fault = { on, verb, ... }`, checked against the signals there are.

    Raises:
        InputError: with file and line, what is wrong and what is allowed.
    """
    from isentrope_sim import faults

    target, verb = table.text("on", required=True), table.text("verb", required=True)
    try:
        return faults.check(
            target, verb, {k: table.value(k) for k in table if k not in ("on", "verb")}, known
        )
    except InputError as error:
        table.fail(None, str(error))


def cleared(table: Table, known: Mapping[str, str]) -> tuple[str, ...]:
    """An event's `clear`: a target, a plant fault's name, "all", or a list of them."""
    from isentrope_sim import faults

    value = table.value("clear")
    names = value if isinstance(value, list) else [value]
    allowed = (*known, *faults.PLANT, "plant", faults.ALL)
    for name in names:
        if name not in allowed:
            table.fail("clear", f"unknown target {name!r}; {nearest(str(name), allowed)}")
    return tuple(names)
