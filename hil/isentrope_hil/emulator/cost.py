"""What the scripts of targets/*_cost.py measure on the emulated board, with the deployed files."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isentrope_hil import resources, targets
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator.board import Board

_SLOT = "a"
_LONGEST_MS = 600_000.0  # emulated; own
# As firmware/main.py loads; the modules' copies are garbage where they run out of the flash.
_RUN = """
import gc, sys
gc.threshold(16384)
sys.path.insert(0, "a")
sys.argv[:] = {words!r}
import pack
pack.mount("a")
import isentrope.cost
"""


def measured(
    image: str,
    profile: Mapping[str, Any],
    script: str,
    *words: object,
    files: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """The figures of `script` with the profile, the names of `files`, which are beside it, and these words
    as arguments.

    Raises:
        RuntimeError: the script fails; the board's own words.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "firmware")
        shutil.copytree(resources.root("firmware"), source)
        shutil.copy(Path(targets.__file__).with_name(script), source / "isentrope" / "cost.py")
        built = tree.build(profile, slot=_SLOT, firmware=source)
    built |= {f"{_SLOT}/{name}": data for name, data in (files or {}).items()}
    built["maintenance"] = b""  # no firmware runs: the prompt is there
    board = Board(image)
    board.flash_fs = littlefs.image(built, blocks=board.image.sectors)
    board.boot()
    arguments = [
        "",
        _SLOT,
        f"{_SLOT}/profile.json",
        *(f"{_SLOT}/{name}" for name in files or ()),
        *(str(word) for word in words),
    ]
    said = _asked(board, _RUN.format(words=arguments))
    found: dict[str, Any] = json.loads(said)
    return found


def _asked(board: Board, code: str) -> str:
    """What the board's raw prompt prints for it."""
    got = bytearray()
    board.on_serial = got.extend

    def ask(data: bytes, end: bytes, times: int, ms: float) -> None:
        got.clear()
        board.send(data)
        board.run_until(lambda: got.count(end) >= times, ms=ms)

    ask(b"\r\x03\x03\x01", b"raw REPL; CTRL-B to exit\r\n>", 1, 5000.0)
    ask(code.encode() + b"\x04", b"\x04", 2, _LONGEST_MS)
    said, error, _ = bytes(got).split(b"\x04")
    if error:
        raise RuntimeError(f"on the emulated board: {error.decode().strip()}")
    return said.decode()[len("OK") :]
