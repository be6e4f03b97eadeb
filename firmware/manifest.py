"""The firmware in a MicroPython image of your own (MicroPython manual, "Manifest files"; docs/deploy.md).

make BOARD=RPI_PICO FROZEN_MANIFEST=<here>/firmware/manifest.py
"""

# What MicroPython itself freezes for the board: it has a list of its own, or the port's is for it.
try:
    include("$(BOARD_DIR)/manifest.py")  # type: ignore  # noqa: F821
except Exception:
    include("$(PORT_DIR)/boards/manifest.py")  # type: ignore  # noqa: F821

package("isentrope", opt=2)  # type: ignore  # noqa: F821
module("main.py", opt=2)  # type: ignore  # noqa: F821
