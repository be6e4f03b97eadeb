"""What runs an image is not run without one; what does not, always is."""

import os
import sys
from functools import cache
from pathlib import Path

import pytest
from isentrope_hil import profile, targets
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator import image
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.image import Image
from isentrope_sim.machine import load_machine

# CPython lacks MicroPython's own modules: their stand-ins are those of the `cpython` target.
sys.path.insert(0, str(Path(targets.__file__).with_name("shims")))

MACHINE = "ashp-r290-8kw"
HOW = "ISENTROPE_UF2=FILE.uf2 make test-emulator"


@pytest.fixture(scope="session")
def uf2() -> str:
    """The path of a MicroPython image for the Pico."""
    path = os.environ.get("ISENTROPE_UF2")
    if not path:
        pytest.skip(f"not run: needs a MicroPython image; {HOW}")
    return path


@pytest.fixture(scope="session")
def pico_full() -> dict:
    """The profile of the board with everything."""
    return profile.build("pico-full", load_machine(MACHINE))


@cache
def _files(path: str) -> bytes:
    built = tree.build(profile.build("pico-full", load_machine(MACHINE)))
    return littlefs.image(built, blocks=image.read(path).sectors)


@pytest.fixture
def deployed(uf2) -> Board:
    """A board with the firmware on it, not yet on the USB."""
    return Board(uf2, flash=_files(uf2))


@pytest.fixture
def empty(tmp_path) -> Image:
    """An image without a program, for parts that run none."""
    return Image(tmp_path / "empty.uf2", (1, 28), "Raspberry Pi Pico", ())
