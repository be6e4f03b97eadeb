"""`isentrope new machine`: a commented copy of a machine that works."""

from __future__ import annotations

import re
from pathlib import Path

from isentrope_sim import machine as machines
from isentrope_sim.errors import InputError

_NAME = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")

_HEAD = """\
# {name}: started from {like}. Every value is {{ value, unit, source | prior | fitted }}: where it is from, or
# why it was chosen.
#   isentrope schema machine          all keys with units and bounds
#   isentrope check-machine {path}    reads the file and checks the charge
#   isentrope steady {path} --source 7 --sink-out 35
"""


def make(name: str, like: str, home: Path) -> Path:
    """Write `home`/`name`.toml from the machine `like`, a name or a path; the path of the new file.

    Raises:
        InputError: a bad name, an unknown machine to start from, a file that exists or cannot be made.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"machine name {name!r}: small letters, digits, single dashes and dots")
    if name in machines.all_names():
        raise InputError(f"machine name {name!r}: isentrope has a machine of that name")
    origin = machines.load_machine(like)
    source = machines.machine_path(like)
    path = home / f"{name}.toml"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    text = "".join(lines)
    for key, value in (("name", name), ("description", f"started from {origin.name}")):
        text = re.sub(rf'^{key} = ".*"$', f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
    text = _HEAD.format(name=name, like=origin.name, path=path.as_posix()) + text
    try:
        home.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path}: exists already; nothing was written") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None
    return path
