"""The whole deployment against MicroPython on an emulated Pico: mpremote, reset, ATTACH, and power cuts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from isentrope_hil.deploy import littlefs, session, tree, upload
from isentrope_hil.errors import TargetError
from isentrope_hil.profile import build

IMAGE = os.environ.get("ISENTROPE_UF2")
HERE = Path(__file__).parent
NEVER = 1 << 30

pytestmark = pytest.mark.skipif(
    not IMAGE,
    reason="not run: needs a MicroPython image for the Pico (https://micropython.org/download/RPI_PICO/); "
    "run ISENTROPE_UF2=FILE.uf2 .venv/bin/python -m pytest tests/hil/deploy/test_on_emulator.py",
)


class Port:
    """The board for the length of a block; `flash` keeps its file system."""

    def __init__(self, flash, cut=NEVER):
        self.flash = flash
        self.cut = cut

    def __enter__(self):
        command = [sys.executable, str(HERE / "emulated_port.py"), IMAGE, str(self.flash), str(self.cut)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.path = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.operations = int(self.process.communicate(timeout=30)[0])


def isentrope(*words):
    command = [sys.executable, "-c", "from isentrope_hil.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


WHAT = ("--board", "pico-full", "--machine", "ashp-r290-8kw", "--json")


def test_first_deployment_update_and_rollback(tmp_path):
    flash = tmp_path / "flash"
    with Port(flash) as port:
        first = isentrope("deploy", "--port", port.path, *WHAT)
        assert first.returncode == 0, first.stdout + first.stderr
        done = json.loads(first.stdout)
        assert (done["slot"], done["copied"], done["trial"]) == ("a", 0, False)
        update = isentrope("deploy", "--port", port.path, *WHAT, "--settings", "superheat_setpoint=7")
        assert update.returncode == 0, update.stdout + update.stderr
        done = json.loads(update.stdout)
        assert (done["slot"], done["sent"], done["trial"]) == ("b", 1, True)
        back = isentrope("deploy", "--port", port.path, "--rollback", "--json")
        assert back.returncode == 0, back.stdout + back.stderr
        assert json.loads(back.stdout)["slot"] == "a"
    files = littlefs.files(flash.read_bytes())
    assert files["active"] == b"a"
    assert "trial" not in files


@pytest.mark.parametrize("board", ["esp32-s3"])
def test_the_wrong_board_is_refused_and_runs_on(tmp_path, board):
    with Port(tmp_path / "flash") as port:
        done = isentrope("deploy", "--port", port.path, "--board", board, "--machine", "ashp-r290-8kw")
    assert done.returncode == 2
    assert "wrong board for the profile: esp32-s3 has an ESP32-S3" in done.stderr
    assert "Raspberry Pi Pico with RP2040" in done.stderr
    assert done.stderr.count("\n") == 1
    assert littlefs.files((tmp_path / "flash").read_bytes()) == {}


@pytest.fixture(scope="module")
def update(tmp_path_factory):
    """(file system with the old, its files, the new's files, flash operations from power-on to its end)."""
    flash = tmp_path_factory.mktemp("board") / "flash"
    profile = build("pico-full", "ashp-r290-8kw")
    old, new = tree.build(profile), tree.build({**profile, "scan_ms": 1000})
    before = littlefs.image(old, blocks=352)
    flash.write_bytes(before)
    operations = updated(flash, new)
    assert whole(flash, new)
    return before, old, new, operations


@pytest.mark.parametrize("part", [0.5, 0.97])
def test_power_cut_in_the_middle_leaves_the_old_and_the_next_try_ends_it(tmp_path, update, part):
    before, old, new, operations = update
    flash = tmp_path / "flash"
    flash.write_bytes(before)
    with pytest.raises(TargetError, match="still starts the firmware it had: run the same command again"):
        updated(flash, new, cut=int(part * operations))
    files = littlefs.files(flash.read_bytes())
    assert {path: files[path] for path in old} == old
    updated(flash, new)
    assert whole(flash, new)


def updated(flash, files, cut=NEVER):
    """How many flash operations it takes; the firmware that is there has to answer before."""
    port = Port(flash, cut)
    with port:
        session.answer(port.path, "pico-full", "ashp-r290-8kw")
        with session.maintenance(port.path) as console:
            upload.install(console, files)
    return port.operations


def whole(flash, files):
    """Whether folder b is active and holds these files alone."""
    held = littlefs.files(flash.read_bytes())
    slot = {path[2:]: data for path, data in held.items() if path[:2] == "b/"}
    return held["active"] == b"b" and slot == {
        path[2:]: data for path, data in files.items() if path[:2] == "a/"
    }
