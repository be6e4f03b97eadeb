"""Where the firmware and the boards are: inside the installed wheel, else in the repository."""

from __future__ import annotations

from pathlib import Path

from isentrope_sim.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def root(name: str) -> Path:
    """The folder `name` ("firmware", "boards"): the wheel's `_data/name` if present, else the repository's."""
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parents[1] / name):
        if folder.is_dir():
            return folder
    raise InputError(f"the folder {name!r} is missing from this installation of isentrope; install it again")
