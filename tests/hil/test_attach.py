"""The host's side of an ATTACH session, against the firmware itself on pins in RAM."""

from __future__ import annotations

import math

import pytest
from isentrope_hil import frames
from isentrope_hil.attach import Attached, Declined
from isentrope_hil.errors import InputError, ProtocolError, Refused
from isentrope_hil.link import Link
from isentrope_hil.noise import ByteNoise
from isentrope_hil.targets.firmware import imported
from live_board import PROFILE, Board


@pytest.fixture
def imports():
    with imported() as found:
        yield found


@pytest.fixture
def board(imports):
    return Board(imports)


def test_who_is_there(board):
    with Attached(board) as host:
        hello = host.hello
        assert (hello.firmware, hello.target, hello.board, hello.machine) == (
            "9.9",
            "test",
            "pico-full",
            "ashp-r290-8kw",
        )
    assert board.modes.live is not None


def test_points_outputs_and_inputs_by_name(board):
    board.pins.inputs[0] = 2048
    with Attached(board) as host:
        board.scans(4)
        values = host.points()
        assert values["uptime_s"] == 2 and values["suction_c"] == pytest.approx(25.0, abs=0.5)
        assert math.isnan(values["discharge_c"])  # a count of 0 is a short
        poll = host.poll()
        assert poll.t_ms == 2000 and poll.ins["suction_t"] == 2048
        assert list(poll.ins) == [row["name"] for row in PROFILE["io"] if row["dir"] == "in"]
        assert poll.outs["eev_coils"] == 1


def test_settings_are_read_and_written(board):
    with Attached(board) as host:
        before = host.settings()
        assert before["superheat_setpoint"] == PROFILE["settings"].get("superheat_setpoint", 8.0)
        assert len(before) == len(host.table.settings)
        with pytest.raises(Declined, match="'superheat_setpoint': locked: it needs the level of installer"):
            host.write("superheat_setpoint", 6.5)
        host.unlock("installer")
        host.write("superheat_setpoint", 6.5)
        with pytest.raises(Declined, match="'low_superheat': contradicts another setting"):
            host.write("low_superheat", 7.0)
        assert host.settings() == {**before, "superheat_setpoint": 6.5}
        host.write("enable", 1)
        board.scans()
        assert host.points()["enable"] == 1


def test_mistakes_are_named(board):
    with Attached(board) as host:
        with pytest.raises(InputError, match=r"'superheat_setpiont'.*superheat_setpoint"):
            host.write("superheat_setpiont", 6.5)
        with pytest.raises(InputError, match="40 K is outside 3 to 25 K"):
            host.write("superheat_setpoint", 40.0)
        with pytest.raises(InputError, match="'outdoor_c': read-only"):
            host.write("outdoor_c", 10.0)
        with pytest.raises(InputError, match="unknown output 'pump'"):
            host.jog("pump", 1)
        with pytest.raises(InputError, match="'pump_ref': out of range"):
            host.jog("pump_ref", 70_000)


def test_logs(board):
    with Attached(board) as host:
        board.scans(20)
        log = host.log()
        assert "state off" in [event.text for event in log]
        assert host.log() == []
        events = host.events()
        assert events[0].text == "start: power on" and events[0].t_ms == 0
        assert "alarm raised: suction temperature sensor" in [event.text for event in events]


def test_jog(board):
    place = [row["name"] for row in PROFILE["io"] if row["dir"] == "out"].index("fan_ref")
    with Attached(board) as host:
        board.scans()
        host.jog("fan_ref", 12_345)
        board.scans()
        assert board.pins.outputs[place] == 12_345
    board.scans()
    assert board.pins.outputs[place] == 0


def test_maintenance_needs_the_machine_off(board):
    with Attached(board) as host:
        board.scan.out.compressor_on = True
        with pytest.raises(Refused, match="refused MAINT: its machine is not off"):
            host.maintenance()
        host.unlock("installer")
        with pytest.raises(InputError, match="'bench_enable': not now: the machine is not off"):
            host.write("bench_enable", 1)
        assert not board.port.maintained
        board.scan.out.compressor_on = False
        host.maintenance()
    assert board.port.maintained


def test_a_bad_line_changes_nothing(board):
    with Attached(board) as host:
        host.session._to_device, host.session._from_device = ByteNoise(0.003, 1), ByteNoise(0.003, 2)
        host.unlock("installer")
        for n in range(30):
            host.write("minimum_off", 100 + n)
            board.scans()
            assert host.poll().t_ms == 500 * (n + 1)
        assert host.session.counters.retries > 0
        assert host.settings()["minimum_off"] == 129


def test_the_bench_is_told_how_to_get_a_commissioned_board(board):
    with Attached(board) as host:
        host.unlock("installer")
        host.write("commissioned", 1)
    with pytest.raises(Refused, match="refused HELLO: a machine hangs on it; set its bench_enable to 1"):
        Link(board).hello()
    with Attached(board) as host:
        host.unlock("installer")
        host.write("bench_enable", 1)
    bench = Link(board)
    bench.describe(bench.hello())
    with pytest.raises(Refused, match="refused ATTACH: a bench session is in force"):
        Attached(board).open()


def test_a_board_without_a_profile_says_why(imports):
    board = Board(imports, why="profile.json is not there")
    with Attached(board) as host:
        assert (host.hello.board, host.hello.machine, host.hello.entries) == ("?", "?", 0)
        assert [event.text for event in host.log()] == [
            "alarm raised: profile bad: profile.json is not there"
        ]
        with pytest.raises(ProtocolError):
            host.points()
        host.maintenance()
    assert board.port.maintained
    with pytest.raises(Refused, match=r"refused HELLO: its profile\.json is missing or damaged"):
        Link(board).hello()


def test_an_opening_is_no_console_command():
    for kind in frames.OPENINGS:
        _, frame = frames.opening(kind, 0x0101)
        assert not set(frame) & {1, 2, 3, 4}
