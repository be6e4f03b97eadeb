"""The points on MQTT: what is told, what commands do, what Home Assistant is told of them."""

import json

from isentrope import points, settings
from isentrope.bus import gate
from isentrope.bus.mqtt import discovery
from isentrope.bus.mqtt.state import NUMBER, WHY, State, decimal, number
from test_bus_registers import bench

NAMES = ("0.1.0", "rp2", "pico-w", "ashp-r290-8kw")
# What Home Assistant's MQTT integration knows, by platform (its documentation, 2026).
SHARED = {"p", "name", "uniq_id"}
KNOWN = {
    "sensor": {"val_tpl", "unit_of_meas", "dev_cla", "stat_cla", "ops", "stat_t", "ent_cat"},
    "binary_sensor": {"val_tpl", "pl_on", "pl_off", "dev_cla"},
    "number": {"val_tpl", "cmd_t", "min", "max", "step", "mode", "unit_of_meas", "dev_cla"},
    "switch": {"val_tpl", "cmd_t", "pl_on", "pl_off", "stat_on", "stat_off"},
    "select": {"val_tpl", "cmd_t", "cmd_tpl", "ops"},
    "button": {"cmd_t", "pl_prs"},
    "climate": {
        "temp_unit", "precision", "temp_step", "min_temp", "max_temp", "curr_temp_t", "curr_temp_tpl",
        "temp_stat_t", "temp_stat_tpl", "temp_cmd_t", "act_t", "act_tpl", "modes", "mode_cmd_t",
        "mode_cmd_tpl", "mode_stat_t", "mode_stat_tpl",
    },
    "water_heater": {
        "temp_unit", "precision", "min_temp", "max_temp", "curr_temp_t", "curr_temp_tpl", "temp_stat_t",
        "temp_stat_tpl", "temp_cmd_t", "modes", "mode_cmd_t", "mode_cmd_tpl", "mode_stat_t", "mode_stat_tpl",
    },
}  # fmt: skip


def opened(**changed):
    board, registers = bench(**dict({"bus_write": 16}, **changed))
    return board, registers, State(registers)


def told(state):
    state.take()
    found = json.loads("".join(state.pieces()))
    state.said()
    return found


def test_numbers_of_a_command():
    for text, digits, wanted in (
        (b"42", 1, 420),
        (b"42.5", 1, 425),
        (b"42.56", 1, 426),
        (b"42.54999", 1, 425),
        (b"-0.05", 1, -1),
        (b"-3", 0, -3),
        (b"1", 0, 1),
        (b"0", 2, 0),
        (b".5", 1, 5),
        (b"5.", 1, 50),
        (b"007", 0, 7),
        (b"9999999", 0, 9999999),
    ):
        assert number(text, digits) == wanted, text
    for text in (b"-", b".", b"1e3", b"nan", b"inf", b"0x10", b" 1", b"1 ", b"1.2.3", b"--1", b"+1", b"1,5"):
        assert number(text, 1) is None, text
    assert number(b"9" * 30, 0) is None and number(b"0." + b"1" * 30, 1) is None
    for raw, digits in ((0, 0), (-5, 1), (425, 1), (-1234, 2), (7, 2), (100, 3)):
        assert number(decimal(raw, digits).encode(), digits) == raw, (raw, digits)


def test_the_state_is_every_point_of_bacnet_in_units():
    _, registers, state = opened()
    found = told(state)
    for row in points.rows():
        if row[9] and row[0] != 0x40:
            raw = registers.get(row[0])
            value = found[row[1]]
            assert value is None if raw is None else abs(value - raw * 10.0 ** row[7]) < 1e-9, row
    assert found["hot_water_c"] is None and found["flow_c"] == 25.0 and "eev_target_steps" not in found


def test_only_changes_of_more_than_a_count_are_news():
    board, _, state = opened()
    board.scans(80)  # the valve looks for its stop
    told(state)
    assert not state.take()
    image = board.machine.points.image
    for raw, news in ((10, False), (11, False), (-10, False), (20, True), (-20, True)):
        told(state)
        before = image[0] | image[1] << 8
        image[0:2] = bytes(((before + raw) & 0xFF, (before + raw) >> 8 & 0xFF))
        assert state.take() == news, raw
        image[0:2] = bytes((before & 0xFF, before >> 8))
    told(state)
    board.scans(20)
    assert not state.take(), "the time since the start alone is no news"
    board.machine.alarms.raise_(36, board.machine.now_ms)
    board.scans(1)
    assert state.take(), "a state is"


def test_commands_pass_the_gate_and_have_a_lease():
    board, registers, state = opened(bus_timeout=10)
    assert state.command(b"flow_setpoint_c", b"42.5", gate.MQTT) == 0
    assert state.command(b"enable", b"1", gate.MQTT) == 0
    board.scans(2)
    assert (
        registers.get(0x2001) == 425 and told(state)["flow_setpoint_c"] == 42.5 and told(state)["enable"] == 1
    )
    board.scans(30)
    assert registers.get(0x2001) == 350 and registers.get(0x3000) == 0, "nobody has repeated them"
    assert state.command(b"flow_setpoint_c", b"42.5", gate.MQTT) == 0
    assert state.command(b"flow_setpoint_c", b"", gate.MQTT) == 0 and registers.get(0x2001) == 350
    registers.write(0x2001, 500, gate.BACNET_IP, 8)  # refused: not named in bus_write
    assert registers.get(0x2001) == 350


def test_a_higher_priority_of_bacnet_wins():
    _, registers, state = opened(bus_write=20)
    assert registers.write(0x2001, 500, gate.BACNET_IP, 8) == 0
    assert state.command(b"flow_setpoint_c", b"42", gate.MQTT) == 0
    assert registers.get(0x2001) == 500
    assert registers.write(0x2001, None, gate.BACNET_IP, 8) == 0 and registers.get(0x2001) == 420


def test_refusals_have_a_reason():
    for changed in ({"commissioned": 0}, {"bus_write": 15}):
        board, _, state = opened(**changed)
        assert WHY[state.command(b"flow_setpoint_c", b"40", gate.MQTT)] == "this bus may not write"
        assert board.machine.points.counts[7] == 1
    board, registers, state = opened(bus_quota=1)
    for name, text, why in (
        (b"flow_setpoint_c", b"99", "out of range"),
        (b"flow_setpoint_c", b"warm", "not a number"),
        (b"enable", b"2", "out of range"),
        (b"flow_c", b"40", "read-only"),
        (b"", b"1", "no such point"),
        (b"flow", b"1", "no such point"),
        (b"flow_c return_c", b"1", "no such point"),
        (b"eev_target_steps", b"1", "no such point"),
        (b"hot_water_setpoint_c", b"", "out of range"),
    ):
        assert WHY[state.command(name, text, gate.MQTT)] == why, name
    assert state.command(b"hot_water_setpoint_c", b"48", gate.MQTT) == 0, "a setting: it stays"
    assert WHY[state.command(b"hot_water_setpoint_c", b"47", gate.MQTT)] == "changes of today used up"
    board.scans(1)
    assert registers.get(0x2002) == 480 and WHY.index("not a number") == NUMBER


def entities(fitted):
    whole = json.loads("".join(discovery.pieces("hp-1", "isentrope/hp-1", NAMES, fitted)))
    assert whole["dev"]["ids"] == ["hp-1"] and whole["avty_t"] == "isentrope/hp-1/available"
    assert set(whole) == {"dev", "o", "avty_t", "stat_t", "cmps"} and whole["o"]["name"] == "isentrope"
    return whole["cmps"]


def test_home_assistant_is_told_of_every_point_once():
    found = entities(7)
    rows = {row[1]: row for row in points.rows() if row[9] and row[0] != 0x40}
    assert set(found) == set(rows) | {"heating", "hot_water", "refused"}
    assert len({each["uniq_id"] for each in found.values()}) == len(found)
    for name in found:
        entity = found[name]
        assert set(entity) <= SHARED | KNOWN[entity["p"]], name
        assert set(entity) >= SHARED, name
    for name in rows:
        platform = {"AI": "sensor", "AV": "number", "BI": "binary_sensor", "MSI": "sensor", "MSV": "select"}
        wanted = platform.get(rows[name][9], "switch")
        assert found[name]["p"] in (wanted, "button"), name
        if "cmd_t" in found[name]:
            assert found[name]["cmd_t"] == "isentrope/hp-1/%s/set" % name and rows[name][8] == "rw"
    assert found["fault_reset"]["p"] == "button" and found["state"]["dev_cla"] == "enum"


def test_units_are_explicit_and_a_kelvin_is_no_temperature():
    found = entities(7)
    units = {
        "degC": "\u00b0C",
        "K": "K",
        "kPa": "kPa",
        "kW": "kW",
        "%": "%",
        "rps": "rps",
        "h": "h",
        "s": "s",
        "kWh": "kWh",
        "l/min": "L/min",
        "rpm": "rpm",
    }
    classes = {"degC": "temperature", "kPa": "pressure", "kW": "power", "kWh": "energy"}
    classes.update({"l/min": "volume_flow_rate", "h": "duration", "s": "duration"})
    for row in points.rows():
        if row[9][:1] == "A" and row[0] != 0x40:
            entity = found[row[1]]
            assert entity.get("unit_of_meas", "") == (units[row[2]] if row[2] else ""), row
            assert entity.get("dev_cla") == classes.get(row[2]), row
            if row[9] == "AV":
                assert abs(entity["min"] - row[5] * 10.0 ** row[4]) < 1e-6, row
                assert abs(entity["max"] - row[6] * 10.0 ** row[4]) < 1e-6, row
                assert abs(entity["step"] - 10.0 ** row[7]) < 1e-9, row
    for name in ("compressor_h", "heat_kwh", "starts"):
        assert found[name]["stat_cla"] == "total_increasing", name
    assert found["cop"]["stat_cla"] == "measurement" and "stat_cla" not in found["fault_code"]
    for name, point in (("heating", 0x2001), ("hot_water", 0x2002)):
        row = next(each for each in points.rows() if each[0] == point)
        assert found[name]["min_temp"] == row[5] * 10.0 ** row[4]
        assert found[name]["max_temp"] == row[6] * 10.0 ** row[4]


def test_only_what_is_fitted_is_told():
    bare = entities(0)
    assert "hot_water" not in bare and "hot_water_c" not in bare and "operating_mode" not in bare
    assert "hot_water_heat_kwh" not in bare and "backup_h" not in bare and "cooling_kwh" not in bare
    assert "backup_kw" not in bare and bare["heating"]["modes"] == ["off", "heat"]
    assert bare["heating"]["mode_cmd_t"].endswith("/enable/set")
    assert "hot_water" in entities(2) and "backup_kw" in entities(4)
    assert entities(1)["heating"]["modes"] == ["off", "heat", "cool", "auto"]


def test_every_state_has_a_text_and_every_action_a_state():
    found = entities(7)
    rows = {row[0]: row for row in points.rows()}
    for identity, name in (
        (0x3C, "state"),
        (0x3D, "sg_state"),
        (0x2000, "operating_mode"),
        (0x200E, "sg_request"),
    ):
        assert len(found[name]["ops"]) == rows[identity][6] - rows[identity][5] + 1, name
    assert found["heating"]["act_tpl"].count("'") == 2 * (rows[0x3C][6] + 1)


def test_the_settings_stand_where_they_are_read():
    names = [row[1] for row in settings.rows()]
    assert names[198:202] == ["mqtt", "mqtt_port", "mqtt_interval", "mqtt_discovery"]
    assert names[202:204] == ["ntp", "summer_time"] and names[139] == "bacnet_utc_offset"
