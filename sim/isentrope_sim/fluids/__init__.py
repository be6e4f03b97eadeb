"""Refrigerant properties: tables made from CoolProp at build time, evaluated by compiled code of our own.

`load("R290")` gives a `Table`; a fluid is one `.npz` file beside this module. To add one: a section in
`ranges.toml`, then `isentrope fluids build NAME`.
"""

import zipfile
from functools import cache
from pathlib import Path

import numpy as np

from isentrope_sim.errors import InputError
from isentrope_sim.fluids.table import VERSION, Table

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The refrigerants that have a table."""
    return sorted(p.stem.upper() for p in FOLDER.glob("*.npz"))


@cache
def load(name: str) -> Table:
    """The table of a refrigerant.

    Raises InputError for an unknown fluid, or a table without the version this code evaluates.
    """
    path = FOLDER / f"{name.lower()}.npz"
    if not path.is_file():
        raise InputError(f"refrigerant {name!r}: no such table, known are {', '.join(names())}")
    return read(path)


def read(path: Path) -> Table:
    """A table from a file; see `load`."""
    build = f"isentrope fluids build {path.stem.upper()}"
    try:
        with np.load(path) as data:
            version = int(data["version"]) if "version" in data.files else None
            if version != VERSION:
                raise InputError(f"{path.name}: table version {version}, needed {VERSION}: {build}")
            return Table(*(np.ascontiguousarray(data[key], dtype=np.float64) for key in Table._fields))
    except (OSError, EOFError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"{path.name}: no property table ({error}): {build}") from None
