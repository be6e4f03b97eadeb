"""Settings from outside: all checked before any is written, in an order that contradicts nothing."""

import json

import pytest
from isentrope_hil import parameters
from isentrope_hil.attach import Attached
from isentrope_hil.targets.firmware import imported
from isentrope_sim.errors import InputError
from live_board import Board


@pytest.fixture
def board():
    with imported() as imports:
        live = Board(imports)
        with Attached(live) as host:
            yield host


def change(board, wanted, level="maker"):
    found = parameters.changes(board.table, board.settings(), wanted, level)
    board.unlock(level)
    parameters.write(board, found)
    return found


def test_differences_are_told_and_written(board):
    before = board.settings()
    found = change(board, {"superheat_setpoint": 9.0, "minimum_off": before["minimum_off"]}, "installer")
    assert [str(each) for each in found] == ["superheat_setpoint: 8 K -> 9 K (installer)"]
    assert board.settings() == {**before, "superheat_setpoint": 9.0}
    assert change(board, {"superheat_setpoint": 9.0}) == []


def test_every_mistake_is_named_and_nothing_is_written(board):
    before = board.settings()
    wanted = {
        "superheat_setpoint": 7.0,
        "nonsense": 1.0,
        "minimum_off": 9999.0,
        "superheat_gain": 4.0,
        "low_superheat": 8.0,
    }
    with pytest.raises(InputError) as raised:
        parameters.changes(board.table, before, wanted, "installer", "mine.toml")
    said = str(raised.value)
    assert said.startswith("mine.toml: ")
    for part in (
        "unknown setting 'nonsense'",
        "setting 'minimum_off': 9999 s is outside 0 to 3600 s",
        "setting 'superheat_gain' is the maker's: --as maker",
        "settings 'low_superheat' and 'superheat_setpoint' contradict each other: 8 K is above 7 K",
    ):
        assert part in said
    assert board.settings() == before


def test_the_way_there_contradicts_nothing(board):
    """Up and down, whichever stands first."""
    for low, high in ((9.0, 12.0), (2.0, 3.0), (10.0, 25.0), (4.0, 8.0)):
        for wanted in (
            {"low_superheat": low, "superheat_setpoint": high},
            {"superheat_setpoint": high, "low_superheat": low},
        ):
            change(board, {"low_superheat": 4.0, "superheat_setpoint": 8.0})
            change(board, wanted)
            now = board.settings()
            assert (now["low_superheat"], now["superheat_setpoint"]) == (low, high)
    change(board, {"defrost_coil_mild": -20.0, "defrost_coil_cold": -25.0, "defrost_coil_deep": -30.0})
    change(board, {"defrost_coil_deep": -3.0, "defrost_coil_cold": -2.0, "defrost_coil_mild": -1.0})


def test_a_refusal_on_the_way_takes_all_back(board, monkeypatch):
    before = board.settings()
    found = parameters.changes(
        board.table, before, {"minimum_off": 200.0, "minimum_run": 100.0, "bench_enable": 1.0}, "installer"
    )
    board.unlock("installer")
    scan = board.session._stream.scan
    scan.out.compressor_on = True  # so that bench_enable is refused
    with pytest.raises(InputError, match=r"'bench_enable': not now.*; nothing was changed"):
        parameters.write(board, found)
    assert board.settings() == before


def test_files_in_both_forms(board, tmp_path):
    values = {name: board.settings()[name] for name in ("superheat_setpoint", "fan_lowest", "superheat_gain")}
    of = {"machine": "m", "board": "b", "firmware": "1"}
    for name, as_json in (("a.toml", False), ("a.json", True)):
        path = tmp_path / name
        path.write_text(parameters.text(values, board.table, of, as_json))
        assert parameters.read(path) == values
    assert "# 3 to 25 K, installer" in (tmp_path / "a.toml").read_text()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.toml", "[settings]\nx = ", "neither TOML"),
        ("a.json", "{", "neither TOML nor, named .json, JSON"),
        ("a.toml", "x = 1", "no table"),
        ("a.toml", "[settings]\nx = true", "settings.x is True, not a number"),
        ("a.toml", "[settings]\nx = nan", "settings.x is nan, not a number"),
        ("a.toml", "[settings]\nx = '7'", "settings.x is '7', not a number"),
        ("a.toml", "[settings]\n[sttings]", "unknown key 'sttings'"),
        ("a.json", json.dumps([1]), "no table"),
    ],
)
def test_bad_files(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=r"a\.toml|a\.json") as raised:
        parameters.read(path)
    assert says in str(raised.value)


@pytest.mark.parametrize("word", ["a", "a=", "a=x", "=3", "a=nan", "a=inf"])
def test_bad_words(word):
    with pytest.raises(InputError, match="is not NAME=VALUE"):
        parameters.assignments([word])
    with pytest.raises(InputError, match="twice"):
        parameters.assignments(["a=1", "a=2"])
