"""A scenario: machine, board, settings, initial state, a timeline and requirements, from a TOML file.

docs/scenarios.md has the schema with an example of everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import isentrope_sim
from isentrope_sim.errors import InputError

from isentrope_hil import requirements, resources, worldread
from isentrope_hil.errors import unknown
from isentrope_hil.requirements import Requirement, Result
from isentrope_hil.signals import Signal
from isentrope_hil.tomlread import Table, nearest, read

if TYPE_CHECKING:
    from isentrope_sim.faults import Fault
    from isentrope_sim.world.settings import WorldSettings

SCENARIOS = Path(__file__).parent / "scenarios"
_LONGEST_S = 366 * 86400.0  # a year and a day: longer is a mistake in the unit


@dataclass(frozen=True)
class Initial:
    """Standstill the run starts from: outdoor air (degC, relative humidity 0..1) and heating water (degC);
    carry_over: the evaporator's liquid surges in bursts (`Plant`).
    """

    outdoor_c: float = 7.0
    rh: float = 0.87
    water_c: float = 25.0
    carry_over: bool = False


@dataclass(frozen=True)
class Event:
    """One entry of the timeline.

    Args:
        at_s: when, in s from the first step; it acts on the first step at or after it.
        name: what anchors and reports call it.
        plant: the rig's knobs to set (`isentrope_sim.knobs`, and those of the scenario's world).
        write: the firmware's points and settings to write, in their units, as a bus would.
        over_s: the knobs move there in a straight line within this time.
        fault: what breaks; clear: targets that are repaired, before anything breaks.
    """

    at_s: float
    name: str
    plant: Mapping[str, float] = field(default_factory=dict)
    write: Mapping[str, float] = field(default_factory=dict)
    over_s: float = 0.0
    fault: Fault | None = None
    clear: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A loaded scenario; `text` is the file as read, kept with every run; `world` None: none of its own."""

    name: str
    path: Path
    text: str
    description: str
    machine: str
    board: str
    duration_s: float
    seed: int
    initial: Initial
    settings: Mapping[str, float]
    timeline: tuple[Event, ...]
    requirements: tuple[Requirement, ...]
    world: WorldSettings | None = None

    def event_times_s(self) -> dict[str, float]:
        """Moments of the timeline's events by name."""
        return {event.name: event.at_s for event in self.timeline}

    def problems(self, signals: Iterable[Signal]) -> list[str]:
        """What this scenario sets or writes that a device with these signals refuses; one line each."""
        table = {(signal.kind, signal.name): signal for signal in signals}
        wanted = [("setting", name, value, "[settings]") for name, value in self.settings.items()]
        wanted += [
            ("setting" if ("setting", name) in table else "point", name, value, f"event '{event.name}'")
            for event in self.timeline
            for name, value in event.write.items()
        ]
        found = []
        for kind, name, value, place in wanted:
            signal = table.get((kind, name))
            if signal is None:
                known = [each for each_kind, each in table if each_kind == kind]
                found.append(f"{self.path}, {place}: no {kind} '{name}'; {nearest(name, known)}")
            elif kind == "point" and not signal.writable:
                writable = [s.name for s in table.values() if s.kind == "point" and s.writable]
                found.append(f"{self.path}, {place}: point '{name}' is read-only; {nearest(name, writable)}")
            else:
                try:
                    signal.raw(value)
                except InputError as error:
                    found.append(f"{self.path}, {place}: {error}")
        return found

    def blocked(self, unapplied: Mapping[str, str]) -> list[Result]:
        """A blocked result for every event whose fault was not applied or cleared: reasons by event."""
        return [
            Result(
                f"fault:{event.name}",
                f"fault '{event.name}' applied",
                "applied",
                None,
                "",
                requirements.BLOCKED,
                note=unapplied[event.name],
            )
            for event in self.timeline
            if event.name in unapplied
        ]


def names() -> list[str]:
    """The scenarios that come with the package."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def load(name_or_path: str | Path) -> Scenario:
    """Read and check a scenario by name, or from a file.

    Raises:
        InputError: unknown name; unreadable or malformed file; unknown key, machine, board, knob or kind of
            requirement; a value of the wrong type or out of range. One line with file, line, key, value and
            what is allowed.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        if str(name_or_path) not in names():
            raise unknown("scenario", str(name_or_path), names())
        path = SCENARIOS / f"{name_or_path}.toml"
    top = read(path)
    duration_s: float = top.duration("duration", low=1.0, high=_LONGEST_S, required=True)
    world = worldread.world(top, duration_s)
    machine = _known(top, "machine", _machine_names())
    loaded = Scenario(
        name=top.text("name", path.stem),
        path=path,
        text=top.source_text,
        description=top.text("description", ""),
        machine=machine,
        board=_known(top, "board", _board_names()),
        duration_s=duration_s,
        seed=top.integer("seed", 0, 2**32 - 1, 1),
        initial=_initial(top.table("initial"), world),
        settings=_numbers(top.table("settings")),
        timeline=_timeline(top.tables("timeline"), duration_s, machine, world),
        requirements=_requirements(top.tables("requirement")),
        world=world.settings,
    )
    top.finish()
    return loaded


def _known(top: Table, key: str, known: list[str]) -> str:
    """A name among `known`, or a path to a file of the user's own (from the scenario's folder)."""
    value: str = top.text(key, required=True)
    if "/" in value or value.endswith(".toml"):
        own = (top.folder / value).resolve()
        if not own.exists():
            top.fail(key, "no such file")
        return str(own)
    if value not in known:
        top.fail(key, f"unknown {key}; {nearest(value, known)}")
    return value


def _machine_names() -> list[str]:
    return sorted(path.stem for path in (Path(isentrope_sim.__file__).parent / "machines").rglob("*.toml"))


def _board_names() -> list[str]:
    return sorted(path.parent.name for path in resources.root("boards").glob("*/board.toml"))


def _initial(table: Table, world: worldread.World) -> Initial:
    for key, knob in (("outdoor_c", "outdoor_c"), ("rh", "outdoor_rh")):
        if key in table and knob in world.owned:
            table.fail(key, world.owned[knob])
    # Limits: the machine's tables reach from -50 to +85 degC; EN 14511 rates between -22 and 65 degC.
    initial = Initial(
        table.number("outdoor_c", -40.0, 50.0, Initial.outdoor_c),
        table.number("rh", 0.0, 1.0, Initial.rh),
        table.number("water_c", 1.0, 75.0, Initial.water_c),
        table.flag("carry_over", Initial.carry_over),
    )
    table.finish()
    return initial


def _numbers(table: Table) -> dict[str, float]:
    return {key: table.number(key) for key in table}


def _timeline(
    tables: list[Table], duration_s: float, machine: str, world: worldread.World
) -> tuple[Event, ...]:
    from isentrope_sim.knobs import knobs_of  # compiled code: loaded only when a scenario is
    from isentrope_sim.machine import load_machine

    knobs = {**knobs_of(load_machine(machine)), **world.knobs}
    breaking = any("fault" in table or "clear" in table for table in tables)
    kinds = worldread.kinds(machine) if breaking else {}
    events: list[Event] = []
    for place, table in enumerate(tables):
        name = table.text("name", f"event-{place + 1}")
        if any(name == event.name for event in events):
            table.fail("name", "used twice")
        plant = table.table("plant")
        for knob in plant:
            if knob in world.owned:
                plant.fail(knob, world.owned[knob])
            if knob not in knobs:
                plant.fail(knob, f"unknown knob of the rig; {nearest(knob, knobs)}")
        event = Event(
            at_s=table.duration("at", high=duration_s, required=True),
            name=name,
            plant={knob: plant.number(knob, *knobs[knob][1:]) for knob in plant},
            write=_numbers(table.table("write")),
            over_s=table.duration("over", default=0.0),
            fault=worldread.fault(table.table("fault"), kinds) if "fault" in table else None,
            clear=worldread.cleared(table, kinds) if "clear" in table else (),
        )
        if event.over_s > 0.0 and (event.write or not event.plant):
            table.fail("over", "ramps the knobs under 'plant' only; points are written at once")
        if not (event.plant or event.write or event.fault or event.clear):
            table.fail(None, "the event does nothing; it needs 'plant', 'write', 'fault' or 'clear'")
        table.finish()
        events.append(event)
    return tuple(sorted(events, key=lambda event: event.at_s))


def _requirements(tables: list[Table]) -> tuple[Requirement, ...]:
    found: list[Requirement] = []
    for table in tables:
        requirement = requirements.parse(table)
        if any(requirement.id == other.id for other in found):
            table.fail("id", "used twice")
        found.append(requirement)
    return tuple(found)
