"""profile.json: deterministic, complete, and errors that say what does not fit."""

import json
import math

import pytest
from isentrope_hil import board, profile
from isentrope_sim import site
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.valves import load_valve

BOARD, MACHINE = "pico-full", "ashp-r290-8kw"


@pytest.fixture(scope="module")
def made():
    return profile.build(BOARD, MACHINE)


def test_same_files_same_bytes(made):
    text = profile.dumps(made)
    assert text == profile.dumps(profile.build(board.load(BOARD), load_machine(MACHINE)))
    assert json.loads(text) == made


def test_rows_stand_in_table_order_with_their_places(made):
    directions = [row["dir"] for row in made["io"]]
    assert directions == sorted(directions)  # "in" before "out"
    assert len({row["name"] for row in made["io"]}) == len(made["io"])
    assert len({tuple(row["hw"]) for row in made["io"]}) == len(made["io"])


def test_every_row_has_what_its_kind_needs(made):
    needs = {
        "ntc": {"bits", "pullup_ohm", "sh"},
        "ratiometric": {"bits", "min_kpa", "max_kpa", "gauge", "lo_ratio", "hi_ratio"},
        "contact": {"active"},
        "stepper_count": {"safe"},
        "level": {"active", "safe"},
        "relay": {"active", "safe"},
        "analog_out": {"min", "max", "safe"},
    }
    for row in made["io"]:
        assert needs[row["kind"]] | {"name", "dir", "type", "label", "hw"} <= row.keys()
        assert row["type"] == ("u8" if row["kind"] in ("contact", "level", "relay") else "u16")
        if row["kind"] in ("level", "relay"):
            assert row["safe"] == 1 - row["active"]


def test_signals_are_those_of_the_documentation(made):
    names = [row["name"] for row in made["io"]]
    assert names == [
        "suction_t",
        "discharge_t",
        "liquid_t",
        "coil_t",
        "outdoor_t",
        "flow_t",
        "return_t",
        "evap_p",
        "cond_p",
        "hp_switch",
        "motor_ok",
        "water_flow",
        "supply_ok",
        "eev_count",
        "eev_coils",
        "compressor_run",
        "reversing_valve",
        "crankcase_heater",
        "alarm",
        "compressor_ref",
        "fan_ref",
        "pump_ref",
    ]


def test_the_valve_is_the_catalogues(made):
    valve = load_valve(made["valve"]["name"])
    assert made["valve"]["steps"] == valve.steps
    assert made["valve"]["flow"] == {"area_m2": valve.area_m2, "exponent": valve.exponent}


def test_limits_are_ordered_and_inside_the_sensors(made):
    limits = made["limits"]
    rows = {row["name"]: row for row in made["io"]}
    data = site.site_data(load_machine(MACHINE))
    assert 101.325 < limits["low_kpa"] < 300 < limits["high_kpa"]
    assert limits["high_kpa"] * 1e3 < data.sensors["hp_switch"].open_at
    assert data.sensors["hp_switch"].close_at < limits["high_kpa"] * 1e3
    assert data.sensors["hp_switch"].open_at < rows["cond_p"]["max_kpa"] * 1e3 + 101_325
    envelope = limits["envelope"]
    assert len(envelope) >= 4
    turned = [
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        for a, b, c in zip(envelope, envelope[1:] + envelope[:1], envelope[2:] + envelope[:2], strict=True)
    ]
    assert all(turn <= 0 for turn in turned) or all(turn >= 0 for turn in turned)  # convex, in order


def test_volumetric_efficiency_falls_with_the_pressure_ratio(made):
    coefficients = made["compressor"]["volumetric"]
    values = [sum(c * ratio**power for power, c in enumerate(coefficients)) for ratio in (1.5, 2, 3, 4, 6, 8)]
    assert values == sorted(values, reverse=True)
    assert 0.5 < values[-1] < values[0] < 1.0


def test_settings_come_on_top():
    made = profile.build(BOARD, MACHINE, {"superheat_setpoint": 7.5})
    assert made["settings"]["superheat_setpoint"] == 7.5


def test_numbers_are_finite_in_json(made):
    def walk(item):
        if isinstance(item, dict):
            for value in item.values():
                walk(value)
        elif isinstance(item, list):
            for value in item:
                walk(value)
        elif isinstance(item, float):
            assert math.isfinite(item)

    walk(made)


def test_unknown_names_say_the_nearest():
    with pytest.raises(InputError, match=r"unknown board 'pico-fall'.*pico-full"):
        profile.build("pico-fall", MACHINE)
    with pytest.raises(InputError, match=r"ashp-r290-8kx.*ashp-r290-8kw"):
        profile.build(BOARD, "ashp-r290-8kx")


def test_a_board_that_is_too_small_says_how_many(tmp_path):
    text = board.load(BOARD).path.read_text()
    small = tmp_path / "small.toml"
    fewer = text.replace('count = 8\nkind = "ntc"', 'count = 2\nkind = "ntc"')
    assert fewer != text
    small.write_text(fewer)
    with pytest.raises(InputError, match=r"needs 7 ntc inputs, the board has 6; .*'return_t'"):
        profile.build(small, MACHINE)
