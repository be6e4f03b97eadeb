"""What a controller keeps in its flash travels from one run to the next."""

import json

import pytest
from isentrope_hil import Bench, cli
from isentrope_hil.errors import TargetError
from link_example import COMMAND

QUIET = 16  # scans: five seconds, and those that write
SHORT = """
machine = "ashp-r290-8kw"
board = "pico-full"
duration = "10 s"

[settings]
superheat_setpoint = 6.5

[[requirement]]
id = "S-1"
kind = "final"
signal = "superheat_setpoint_k"
lo = 6.5
hi = 6.5
"""


@pytest.fixture
def command(monkeypatch):
    """Runs `isentrope` with these arguments; its exit code."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["isentrope", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code

    return run


@pytest.mark.parametrize("target", ["cpython", "unix"])
def test_settings_and_counters_outlive_a_power_cut(target):
    with Bench(target=target) as bench:
        bench.reset()
        bench.step(4)  # a new board writes its first record at once
        bench.write("superheat_setpoint", 6.5)
        bench.step(4)
        early = bench.storage()
        bench.step(QUIET)
        image = bench.storage()
        assert len(image) == len(early) and image != early
        bench.reset(storage=early)  # cut before the quiet time was over
        bench.step()
        assert bench.read("superheat_setpoint_k") == 8.0
        bench.reset(storage=image)
        assert bench.storage() == image
        bench.step()
        assert bench.read("superheat_setpoint_k") == 6.5
        assert bench.read("resets") == 2
        bench.reset(storage=b"")
        bench.step()
        assert bench.read("superheat_setpoint_k") == 8.0


def test_destroyed_storage_stops_the_machine_until_it_is_acknowledged():
    with Bench(target="cpython") as bench:
        bench.reset()
        bench.reset(storage=bytes(len(bench.storage())))
        bench.step()
        assert bench.read("fault_code") == 13
        bench.write("enable", 1)
        bench.write("fault_reset", 1)
        bench.step()
        assert bench.read("fault_code") == 0


def test_storage_passes_a_bad_line():
    with Bench(target="cpython", link_noise=0.003) as bench:
        bench.reset(settings={"superheat_setpoint": 6.5})
        bench.step(QUIET)
        image = bench.storage()
        bench.reset(storage=image)
        assert bench.storage() == image
        bench.step()
        assert bench.read("superheat_setpoint_k") == 6.5


def test_an_image_too_large_is_refused():
    with Bench(target="cpython") as bench:
        bench.reset()
        size = len(bench.storage())
        bench.reset(storage=bytes(size))
        with pytest.raises(TargetError, match=f"with a storage image of {size + 1} bytes"):
            bench.reset(storage=bytes(size + 1))


def test_a_target_without_storage():
    with Bench(target=f"exec:{COMMAND}") as bench:
        bench.reset()
        bench.step()
        assert bench.storage() == b""
        bench.step()


def test_a_run_leaves_its_storage_and_takes_an_earlier_one(command, tmp_path, capsys):
    scenario = tmp_path / "short.toml"
    scenario.write_text(SHORT)
    first, second = tmp_path / "first", tmp_path / "second"
    assert command("run", str(scenario), "--target", "cpython", "--out", str(first)) == 0
    image = (first / "storage.bin").read_bytes()
    assert not (first / "storage-before.bin").exists()
    scenario.write_text(SHORT.replace("[settings]\nsuperheat_setpoint = 6.5\n", ""))
    options = ["--target", "cpython", "--storage", str(first / "storage.bin"), "--out", str(second)]
    capsys.readouterr()
    assert command("run", str(scenario), *options, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (second / "storage-before.bin").read_bytes() == image
    assert document["files"]["storage"] == str(second / "storage.bin")
    assert f"--storage {second / 'storage-before.bin'}" in document["replay"]


def test_a_storage_file_that_is_not_there(command, tmp_path, capsys):
    assert command("run", "demo", "--storage", str(tmp_path / "none.bin")) == 2
    assert "none.bin cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["cpython", "unix"])
def test_a_valve_that_was_closed_when_the_power_went_homes_short(target):
    def homed_after_s():
        scans = 0
        while not bench.read("eev_homed"):
            bench.step()
            scans += 1
            assert scans < 200
        assert bench.truth("eev_true_steps") == 0.0
        return scans * bench.scan_s

    with Bench(target=target) as bench:
        bench.reset()
        bench.step()
        whole = homed_after_s()
        bench.write("superheat_setpoint", 6.5)
        bench.step(QUIET)
        closed = bench.storage()
        bench.reset(storage=closed)
        bench.step()
        assert homed_after_s() < 0.3 * whole
        bench.write("enable", 1)
        while bench.read("eev_position_steps") == 0.0:
            bench.step()
        opened = bench.storage()
        bench.reset(storage=opened, eev_fraction=0.9)
        bench.step()
        assert homed_after_s() == whole
