"""Where the firmware and the boards are: inside the installed wheel, else in the repository."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from isentrope_sim.errors import InputError

_PACKAGE = Path(__file__).resolve().parent


def root(name: str) -> Path:
    """The folder `name` ("firmware", "boards"): the wheel's `_data/name`, else the repository's."""
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parents[1] / name):
        if folder.is_dir():
            return folder
    raise InputError(f"the folder {name!r} is missing from this installation of isentrope; install it again")


def firmware_sha256() -> str:
    """SHA-256 over the sorted relative paths and the bytes of the firmware's *.py, each followed by NUL."""
    folder = root("firmware")
    digest = sha256()
    for path in sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.py")):
        digest.update(path.encode() + b"\0" + (folder / path).read_bytes() + b"\0")
    return digest.hexdigest()
