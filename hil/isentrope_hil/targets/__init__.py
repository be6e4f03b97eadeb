"""Targets by name: where the controller under test runs."""

from __future__ import annotations

from pathlib import Path

from isentrope_hil.errors import unknown
from isentrope_hil.targets.base import Target

OWN_FIRMWARE = ("unix", "cpython", "rp2040")  # those that run the firmware files of this installation
NAMES = ("unix", "cpython", "serial:PORT", "exec:CMD", "rp2040")


def make(spec: str, *, heap: str = "2m", image: str | None = None, firmware: Path | None = None) -> Target:
    """The target that `spec` names, not yet started.

    `heap` is MicroPython's heap on the unix port ("512k", "2m"), `image` the .uf2 that target rp2040 runs,
    `firmware` the folder of what unix and cpython run, if not this installation's.
    InputError for an unknown name, TargetMissing for one that cannot be had.
    """
    name, colon, rest = spec.partition(":")
    if spec == "unix":
        from isentrope_hil.targets.unix import UnixTarget

        return UnixTarget(heap=heap, script=None if firmware is None else firmware / "main.py")
    if spec == "cpython":
        from isentrope_hil.targets.cpython import CPythonTarget

        return CPythonTarget(firmware)
    if name == "serial" and colon:
        from isentrope_hil.targets.serialport import SerialTarget

        return SerialTarget(rest)
    if name == "exec" and colon:
        from isentrope_hil.targets.command import CommandTarget

        return CommandTarget(rest)
    if spec == "rp2040":
        from isentrope_hil.targets.rp2040 import Rp2040Target

        return Rp2040Target(image)
    raise unknown("target", spec, NAMES)
