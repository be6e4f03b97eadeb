"""profile.json: deterministic, complete, and errors that say what does not fit."""

import json
import math

import pytest
from isentrope_hil import Bench, board, fitting, profile, wants
from isentrope_sim import site
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.valves import load_valve

BOARD, MACHINE = "pico-full", "ashp-r290-8kw"
INVERTERS = (MACHINE, "ashp-r32-9kw", "ashp-r454b-4kw", "ashp-r410a-evi-16kw")  # all that have its signals


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
    assert made["valve"]["half_steps"] is valve.half_steps
    assert made["valve"]["flow"] == {"area_m2": valve.area_m2, "exponent": valve.exponent}


def test_the_hardware_is_the_boards(made):
    place = board.load(BOARD)
    assert made["mcu"] == "rp2040"
    assert list(made["buses"]) == list(place.buses)
    assert made["buses"]["uart0"] == {
        "kind": "rs485", "tx": 0, "rx": 1, "de": 2, "sm": 1, "use": "field bus"}  # fmt: skip
    assert made["devices"] == list(place.devices.values())
    assert [device["kind"] for device in made["devices"]] == ["mcp3208", "mcp3208", "mcp23017"]


@pytest.mark.parametrize(
    ("place", "driver", "valve"),
    [
        ("pico-full", None, {"drive": "bipolar", "sm": 0}),
        ("pico-full", "step_dir", {"drive": "step_dir", "sm": 0}),
        ("esp32-s3", None, {"drive": "step_dir"}),
    ],
)
def test_the_valves_driver(place, driver, valve):
    made = profile.build(place, MACHINE, driver=driver)
    assert {key: made["valve"].get(key) for key in ("drive", "sm") if key in made["valve"]} == valve
    assert "sm" not in made["buses"]["uart1"] if place == "esp32-s3" else made["buses"]["uart1"]["sm"] == 2


@pytest.mark.parametrize(
    ("place", "driver", "pins"),
    [
        # drivers' enables, windings, valve enable, PWM low; both chip selects high
        (
            "pico-full",
            None,
            {**dict.fromkeys((2, 3, 6, 7, 8, 9, 10, 11, 12, 13), 0), 17: 1, 22: 1},
        ),
        # step/dir leaves two of the winding pins to themselves
        (
            "pico-full",
            "step_dir",
            {**dict.fromkeys((2, 3, 6, 7, 10, 11, 12, 13), 0), 17: 1, 22: 1},
        ),
        # the shift register: latch low, output enable off
        (
            "pico-w",
            None,
            {**dict.fromkeys((2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 20), 0), 17: 1, 21: 1, 22: 1},
        ),
        # a step/dir chip of its own enables on low: off is high
        ("esp32-s3", None, {**dict.fromkeys((1, 2, 4, 5, 7, 15, 40), 0), 6: 1, 9: 1, 10: 1}),
    ],
)
def test_every_driven_pin_has_its_safe_level(place, driver, pins):
    made = profile.build(place, MACHINE, driver=driver)
    assert made["pins"] == [[pin, pins[pin]] for pin in sorted(pins)]


def test_every_pin_that_drives_is_listed():
    """Data and clock lines of the buses aside: they select nothing by themselves."""
    for name in board.names():
        place = board.load(name)
        fitted = fitting.fit(place, wants.of("ashp-r290-fixed" if name == "pico-minimal" else MACHINE))
        driving = {claim.pin for claim in place.claims if claim.use in ("out", "relay", "pwm")}
        quiet = {bus[key] for bus in place.buses.values() for key in ("sck", "mosi", "tx") if key in bus}
        assert {pin for pin, _ in profile.wiring(fitted)["pins"]} == driving - quiet, name


def test_relays_on_pins_and_thermometers_on_a_wire():
    made = profile.wiring(fitting.fit(board.load("pico-minimal"), wants.of("ashp-r290-fixed")))
    levels = dict(map(tuple, made["pins"]))
    assert [levels[pin] for pin in range(16, 22)] == [0] * 6
    rows = [row for row in made["io"] if row["kind"] == "ds18b20"]
    assert [row["hw"] for row in rows] == [["ds18b20", 0, place] for place in range(5)]
    assert {row["type"] for row in rows} == {"u16"}


def test_outputs_of_a_bench_run_are_those_of_the_machine():
    assert profile.build(BOARD, MACHINE)["bench_passthrough"] == []
    named = profile.build(BOARD, MACHINE, bench_passthrough=["eev_count", "eev_coils"])
    assert named["bench_passthrough"] == ["eev_count", "eev_coils"]
    with pytest.raises(
        InputError, match=r"unknown output in bench_passthrough 'eev_coil'; did you mean eev_c"
    ):
        profile.build(BOARD, MACHINE, bench_passthrough=["eev_coil"])


DESCRIBED = """[machine]
description = "its signals alone"
valve = "sanhua-dpf-500"
prior = "a test"

[[input]]
kind = "ratiometric"
names = ["evap_p"]

[[output]]
kind = "stepper_count"
names = ["eev_count"]
"""


def test_a_machine_without_a_plant_says_that_it_can_only_be_placed(tmp_path):
    path = tmp_path / "described.toml"
    path.write_text(DESCRIBED)
    assert not fitting.fit(board.load("pico-minimal"), wants.of(path)).problems
    with pytest.raises(InputError, match=r"'described': only its signals .* check-board is all"):
        profile.build("pico-minimal", path)
    with pytest.raises(InputError, match=r"'ashp-r290-fixe' not found"):
        profile.build("pico-minimal", "ashp-r290-fixe")


def test_the_fixed_speed_machine_has_a_profile_that_the_firmware_cannot_run_yet():
    made = profile.build("pico-minimal", "ashp-r290-fixed")
    kinds = {row["name"]: row["kind"] for row in made["io"]}
    assert kinds["flow_t"] == "ds18b20" and kinds["fan_run"] == "relay"
    assert "cond_p" not in kinds and "compressor_ref" not in kinds
    assert made["compressor"]["min_rps"] == made["compressor"]["max_rps"]
    with pytest.raises(InputError, match="lacks cond_p: the firmware"):
        profile.runnable(made)
    with pytest.raises(InputError, match="lacks cond_p"):
        Bench("ashp-r290-fixed", "pico-minimal", "cpython")
    profile.runnable(profile.build(BOARD, MACHINE))


@pytest.mark.parametrize("machine", INVERTERS)
def test_limits_are_ordered_and_inside_the_sensors(machine):
    made = profile.build(BOARD, machine)
    limits = made["limits"]
    rows = {row["name"]: row for row in made["io"]}
    data = site.site_data(load_machine(machine))
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


@pytest.mark.parametrize("machine", INVERTERS)
def test_volumetric_efficiency_falls_with_the_pressure_ratio(machine):
    made = profile.build(BOARD, machine)
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
