"""Controller boards by name: `boards/<name>/board.toml`, pins and converters as data (docs/boards.md)."""

from __future__ import annotations

from pathlib import Path

from isentrope_sim.errors import InputError

from isentrope_hil import boardfile, boardrules, resources
from isentrope_hil.boardfile import INPUT_KINDS, OUTPUT_KINDS, Board, Channel
from isentrope_hil.errors import unknown

__all__ = ["INPUT_KINDS", "OUTPUT_KINDS", "Board", "Channel", "load", "names", "read"]


def names() -> list[str]:
    """The boards that come with the package."""
    return sorted(path.parent.name for path in resources.root("boards").glob("*/board.toml"))


def read(name_or_path: str | Path) -> Board:
    """A board by name or from a file (or the folder that holds its board.toml), only its form checked.

    Raises:
        InputError: unknown name (names the nearest), unreadable or malformed file: file, line and key.
    """
    path = Path(name_or_path)
    if path.suffix == ".toml":
        return boardfile.read(path)
    if str(name_or_path) in names():
        return boardfile.read(resources.root("boards") / str(name_or_path) / "board.toml")
    if (path / "board.toml").is_file():
        return boardfile.read(path / "board.toml")
    raise unknown("board", str(name_or_path), names())


def load(name_or_path: str | Path) -> Board:
    """A board that can work: read, and without any fault of `boardrules`.

    Raises:
        InputError: as `read`; or the board's first fault. `isentrope check-board` lists all of them.
    """
    board = read(name_or_path)
    if found := boardrules.problems(board):
        raise InputError(found[0].text)
    return board
