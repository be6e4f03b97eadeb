"""`isentrope emulate`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from isentrope_sim.errors import InputError

from isentrope_hil.errors import TargetMissing

if TYPE_CHECKING:
    from isentrope_hil.emulator.board import Board

PANEL = "board"


def add(app: typer.Typer) -> None:
    """Adds this module's command."""
    app.command(rich_help_panel=PANEL)(emulate)


def emulate(
    image: Annotated[
        str | None, typer.Option(metavar="FILE", help="MicroPython's .uf2; default: ISENTROPE_UF2")
    ] = None,
    flash: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="the board's file system, kept there at the end; default: new"),
    ] = None,
    board: Annotated[
        str, typer.Option(help="name, folder or .toml file of the board whose parts --machine is wired to")
    ] = "pico-full",
    machine: Annotated[
        str | None, typer.Option(metavar="M", help="name or .toml file of a simulated machine at the pins")
    ] = None,
) -> None:
    """Emulate a board with an RP2040; other programs reach it at the serial port that is printed."""
    if os.name != "posix":
        raise TargetMissing("emulate needs Linux or macOS (or WSL2): it makes a pseudo-terminal")
    from isentrope_hil.emulator.board import Board
    from isentrope_hil.emulator.serve import PseudoTerminal, serve
    from isentrope_hil.targets.rp2040 import image_path

    made = Board(image_path(image), flash=_stored(flash))
    if machine is not None:
        _wire(made, board, machine)
    signal.signal(signal.SIGTERM, _interrupt)
    port = PseudoTerminal()
    print(port.path, flush=True)
    print(f"{made.image.board}, MicroPython {_dotted(made)}; Ctrl-C ends it", file=sys.stderr)
    try:
        serve(made, port)
    except KeyboardInterrupt:
        pass
    finally:
        port.close()
        if flash is not None:
            _keep(flash, made.flash_fs)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _dotted(board: Board) -> str:
    return ".".join(map(str, board.image.version))


def _wire(made: Board, board: str, machine: str) -> None:
    from isentrope_sim.machine import load_machine
    from isentrope_sim.rig import Rig

    from isentrope_hil import profile
    from isentrope_hil.emulator.pinrig import PinRig

    loaded = load_machine(machine)
    built = profile.build(board, loaded)
    profile.runnable(built)
    if built["mcu"] != "rp2040":
        raise InputError(f"board {board} has an {built['mcu']}; emulate knows the RP2040 only")
    PinRig(made, built, Rig(loaded, built["io"], seed=1))


def _stored(flash: Path | None) -> bytes | None:
    if flash is None or not flash.exists():
        return None
    try:
        return flash.read_bytes()
    except OSError as error:
        raise InputError(f"--flash {flash} cannot be read: {error.strerror}") from None


def _keep(flash: Path, data: bytes) -> None:
    """Whole or not at all."""
    new = flash.with_name(flash.name + ".new")
    try:
        new.write_bytes(data)
        new.replace(flash)
    except OSError as error:
        raise InputError(f"--flash {flash} cannot be written: {error.strerror}") from None
