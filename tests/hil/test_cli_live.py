"""monitor, settings and jog as a user meets them, on simulated targets."""

import itertools
import json
import os
import pty
import subprocess
import sys

import pytest

TARGET = ("--target", "cpython")


def test_monitor_prints_a_document_a_line(isentrope):
    words = ("--count", "3", "--every", "8", "--speed", "1000", "--write", "enable=1", "--json")
    code, out, err = isentrope("monitor", *TARGET, *words)
    assert (code, err) == (0, "")
    seen = [json.loads(line) for line in out.splitlines()]
    assert len(seen) == 3
    assert [(b["t_ms"] - a["t_ms"]) & 0x3FFFFFFF for a, b in itertools.pairwise(seen)] == [8_000] * 2
    assert seen[-1]["points"]["enable"] == 1 and seen[-1]["points"]["state"] == 1
    assert "state starting" in [event["text"] for look in seen for event in look["log"]]
    assert seen[-1]["decision"]["text"].startswith("start waits for")


def test_monitor_in_plain_lines_names_alarms(isentrope):
    words = ("--count", "2", "--every", "5", "--speed", "1000", "--points", "superheat_k,enable")
    code, out, _ = isentrope("monitor", *TARGET, *words)
    assert code == 0
    assert "superheat_k=" in out and "enable=0" in out and "alarms: none" in out
    code, out, _ = isentrope("monitor", *TARGET, "--events")
    assert code == 0 and "start: power on" in out


def test_monitor_draws_on_a_terminal():
    reader, writer = pty.openpty()
    code = "from isentrope_hil.cli import main; main()"
    words = ("monitor", *TARGET, "--count", "2", "--every", "5", "--speed", "1000")
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "50"}
    process = subprocess.Popen([sys.executable, "-c", code, *words], stdout=writer, env=environment)
    os.close(writer)
    shown = b""
    while True:
        try:
            piece = os.read(reader, 65536)
        except OSError:  # a terminal's way to end
            break
        if not piece:
            break
        shown += piece
    os.close(reader)
    assert process.wait(10) == 0
    assert b"ashp-r290-8kw on pico-full" in shown and b"superheat_setpoint_k" in shown
    assert b"\x1b[1A" in shown  # drawn over itself


@pytest.mark.parametrize("target", ["unix", "cpython"])
def test_settings_set_is_kept_in_the_targets_flash(isentrope, tmp_path, target):
    flash = str(tmp_path / "flash.bin")
    where = ("--target", target, "--storage", flash)
    code, out, _ = isentrope("settings", "set", "superheat_setpoint=7", *where, "--as", "installer")
    assert (code, out) == (0, "superheat_setpoint: 8 K -> 7 K (installer)\n")
    code, out, _ = isentrope("settings", "get", "superheat_setpoint", *where, "--json")
    assert json.loads(out)["superheat_setpoint"] == {
        "value": 7.0, "unit": "K", "low": 3.0, "high": 25.0, "level": "installer",
    }  # fmt: skip


def test_export_import_and_dry_run(isentrope, tmp_path):
    file, flash = tmp_path / "mine.toml", str(tmp_path / "flash.bin")
    where = (*TARGET, "--storage", flash)
    code, out, _ = isentrope("settings", "export", "-o", str(file), *TARGET)
    assert code == 0 and "settings of ashp-r290-8kw on pico-full" in out
    assert "commissioned" not in file.read_text()
    file.write_text(file.read_text().replace("minimum_off = 180 ", "minimum_off = 240 "))
    code, out, err = isentrope("settings", "import", str(file), *where)
    assert (code, out) == (2, "") and "'minimum_off' is the installer's: --as installer" in err
    dry = ("settings", "import", str(file), *where, "--as", "installer", "--dry-run")
    code, out, _ = isentrope(*dry)
    assert (code, out) == (0, "would change minimum_off: 180 s -> 240 s (installer)\n")
    code, out, _ = isentrope(*dry[:-1], "--json")
    assert json.loads(out)["changes"][0]["after"] == 240.0
    code, out, _ = isentrope(*dry)
    assert (code, out) == (0, "nothing to change\n")


@pytest.mark.parametrize("target", ["unix", "cpython"])
def test_jog_drives_outputs(isentrope, target):
    words = ("pump_ref=40%", "alarm=on", "eev_count=60", "compressor_ref=123", "--for", "3", "--json")
    code, out, err = isentrope("jog", *words, "--target", target)
    assert (code, err) == (0, "")
    driven = json.loads(out)["outputs"]
    assert {name: driven[name] for name in ("pump_ref", "alarm", "eev_count", "compressor_ref")} == {
        "pump_ref": 26214, "alarm": 1, "eev_count": 60, "compressor_ref": 123,
    }  # fmt: skip
    assert driven["fan_ref"] == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("monitor",), 2, "--port P for a live board, or --target T"),
        (("settings", "get", "--port", "/dev/no-such-port", *TARGET), 2, "--port P"),
        (("settings", "get", "--port", "/dev/no-such-port"), 3, "/dev/no-such-port: not there"),
        (("settings", "get", "--port", "/dev/x", "--storage", "x"), 2, "--storage and --image go with"),
        (("settings", "get", "nonsense", *TARGET), 2, "unknown setting 'nonsense'"),
        (("settings", "set", "nonsense", *TARGET), 2, "'nonsense' is not NAME=VALUE"),
        (("settings", "set", "superheat_setpoint=99", *TARGET), 2, "99 K is outside 3 to 25 K"),
        (("settings", "import", "no/such.toml", *TARGET), 2, "no/such.toml: cannot be read"),
        (("jog", "pump_ref", *TARGET), 2, "is not OUTPUT=RAW"),
        (("jog", "pump_ref=x", *TARGET), 2, "'x' is no raw value of pump_ref, 0 to 65535"),
        (("jog", "alarm=2", *TARGET), 2, "output 'alarm': 2 is outside 0 to 1"),
        (("jog", "pump=1", *TARGET), 2, "unknown output 'pump'"),
        (("jog", "eev_count=9999", *TARGET), 2, "'eev_count': out of range"),
        (("monitor", "--points", "nonsense", *TARGET), 2, "unknown point 'nonsense'"),
    ],
)
def test_mistakes_are_one_line(isentrope, words, code, says):
    got, out, err = isentrope(*words)
    assert (got, out) == (code, "")
    assert says in err and err.count("\n") == 1
