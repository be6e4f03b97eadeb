"""What a machine wants of a board: its raw signals, its valve's coils.

From the machine's own file; a machine whose plant is still to come may be described by
`boards/io/<name>.toml`, its signals' names and kinds alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from isentrope_sim.errors import InputError
from isentrope_sim.machine import Machine, all_names, load_machine
from isentrope_sim.site import Signal, wanted_signals
from isentrope_sim.valves import Valve, catalogue, load_valve

from isentrope_hil import mcu, resources, tomlread
from isentrope_hil.boardfile import INPUT_KINDS, OUTPUT_KINDS
from isentrope_hil.errors import unknown
from isentrope_hil.tomlread import Table


@dataclass(frozen=True)
class Wants:
    """The signals of a machine in the order they are placed, and its valve."""

    machine: str
    inputs: tuple[Signal, ...]
    outputs: tuple[Signal, ...]
    valve: Valve


def names() -> list[str]:
    """The machines that can be placed: whole ones and those of which only the I/O is described."""
    return sorted({*all_names(), *(path.stem for path in _folder().glob("*.toml"))})


def of(machine: str | Path | Machine) -> Wants:
    """What a machine wants; by name, path of a file, or loaded.

    Raises:
        InputError: unknown name (names the nearest), or a bad file.
    """
    if isinstance(machine, Machine):
        return Wants(machine.name, *wanted_signals(machine), machine.valve)
    path = Path(machine)
    if path.suffix != ".toml":
        if str(machine) in all_names():
            return of(load_machine(machine))
        path = _folder() / f"{machine}.toml"
        if not path.is_file():
            raise unknown("machine", str(machine), names())
    top = tomlread.read(path)
    return _described(top, path.stem) if "input" in top else of(load_machine(path))


def whole(machine: str | Path) -> Machine:
    """A machine with its plant, by name or path.

    Raises:
        InputError: only its I/O is described; else as `load_machine`.
    """
    path = Path(machine)
    if path.suffix != ".toml" and str(machine) not in all_names():
        path = _folder() / f"{machine}.toml"
    if path.suffix == ".toml" and path.is_file() and "input" in tomlread.read(path):
        raise InputError(
            f"machine {path.stem!r}: only its signals are described so far ({path.name}); a profile "
            "needs its compressor, limits and sensor curves too, so check-board is all it can do"
        )
    return load_machine(machine)


def _folder() -> Path:
    return resources.root("boards") / "io"


def _described(top: Table, name: str) -> Wants:
    head = top.table("machine")
    head.text("description", required=True)
    valve = load_valve(head.choice("valve", catalogue(), required=True))
    mcu.origin(head)
    head.finish()
    inputs, outputs = (
        tuple(signal for table in top.tables(section) for signal in _signals(table, kinds))
        for section, kinds in (("input", INPUT_KINDS), ("output", OUTPUT_KINDS))
    )
    top.finish()
    listed = [signal.name for signal in (*inputs, *outputs)]
    if twice := next((each for each in listed if listed.count(each) > 1), None):
        raise InputError(f"machine {name}: signal {twice!r} is listed twice")
    return Wants(name, inputs, outputs, valve)


def _signals(table: Table, kinds: tuple[str, ...]) -> list[Signal]:
    kind = table.choice("kind", kinds, required=True)
    listed = table.value("names")
    if (
        not isinstance(listed, list)
        or not listed
        or not all(isinstance(each, str) and each for each in listed)
    ):
        table.fail("names", "a list of signal names is wanted")
    table.finish()
    return [Signal(each, kind) for each in listed]
