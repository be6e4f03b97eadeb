"""`isentrope new board`: a commented copy of a board that works."""

from __future__ import annotations

import re
from pathlib import Path

from isentrope_sim.errors import InputError

from isentrope_hil import board as boards

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RESERVED = ("mcu", "io")  # folders of boards/ that are no boards

_HEAD = """\
# {name}: started from {like}. Facts of the chip are in boards/mcu/{mcu}.toml; docs/boards.md has the schema.
#   1. [board] edge: the pins your board brings out, and the document that says so (`source`, or `prior`)
#   2. [bus.*] and [device.*]: serial ports, converters, expanders
#   3. [[input]] and [[output]]: one entry a terminal, or `count` of them in a row
#   4. isentrope check-board {path} --machine ashp-r290-8kw   lists everything that is wrong
"""


def make(name: str, like: str, home: Path) -> Path:
    """Write `home`/`name`/board.toml from the board `like`; the path.

    Raises:
        InputError: a bad name, an unknown board to start from, a folder that exists or cannot be made.
    """
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise InputError(
            f"board name {name!r}: small letters, digits and single dashes, not {' or '.join(_RESERVED)}"
        )
    if name in boards.names():
        raise InputError(f"board name {name!r}: isentrope has a board of that name")
    source = boards.read(like)
    path = home / name / "board.toml"
    lines = source.path.read_text(encoding="utf-8").splitlines(keepends=True)
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    text = re.sub(r'^title = ".*"$', f'title = "{name}"', "".join(lines), count=1, flags=re.MULTILINE)
    head = _HEAD.format(name=name, like=source.name, mcu=source.mcu.name, path=path.as_posix())
    try:
        path.parent.mkdir(parents=True)
        path.write_text(head + text, encoding="utf-8")
    except FileExistsError:
        raise InputError(f"{path.parent}: exists already; nothing was written") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    return path
