"""What Home Assistant is told, once: one device and its entities, from the points' own tables. Borrowed.

Home Assistant's device discovery (its MQTT integration, from 2024.11 on), keys as abbreviated there. The
message is too long for the heap of a board: `pieces` makes it a few hundred bytes at a time, the same again
every time. At its root one key that is not known there makes all of it void.
"""

from ...tables import find, lines, table

MODES, TANK, BACKUP = 1, 2, 4  # of `fitted`
# Points that only some machines have, and what has to be fitted.
_ONLY = {
    0x0007: TANK,
    0x1004: TANK,
    0x100C: TANK,
    0x2002: TANK,
    0x2003: TANK,
    0x3001: TANK,
    0x3002: TANK,
    0x002C: TANK,
    0x002E: TANK,
    0x0022: BACKUP,
    0x0036: BACKUP,
    0x1005: BACKUP,
    0x1006: BACKUP,
    0x200A: BACKUP,
    0x0030: MODES,
    0x2000: MODES,
    0x2008: MODES,
    0x3005: MODES,
}
_NOT = (0x0040,)
_PRESSED = (0x3002, 0x3004)  # act once: buttons
# Unit of the table: unit, device class, state class there. A kelvin is a difference: no temperature.
_UNITS = {
    "degC": ("\\u00b0C", "temperature", "measurement"),
    "kPa": ("kPa", "pressure", "measurement"),
    "kW": ("kW", "power", "measurement"),
    "K": ("K", "", "measurement"),
    "%": ("%", "", "measurement"),
    "rps": ("rps", "", "measurement"),
    "h": ("h", "duration", "total_increasing"),
    "s": ("s", "duration", ""),
    "kWh": ("kWh", "energy", "total_increasing"),
    "l/min": ("L/min", "volume_flow_rate", "measurement"),
    "rpm": ("rpm", "", "measurement"),
}
_CLASSES = {0x1000: "running", 0x1002: "running", 0x1003: "running", 0x1008: "problem", 0x100E: "problem"}
_ACTIONS = (
    "['off','idle','heating','cooling','heating','idle','heating','idle','idle','off','idle','heating']"
)


def _line(parts: tuple, identity: int) -> str:
    """What follows a point's id in a table."""
    return str(find(parts, b"%04X " % identity) or b"", "ascii")


def _units(raw: int, exponent: int) -> str:
    """A raw value of the table in units."""
    return str(raw * 10**exponent) if exponent >= 0 else "%.*f" % (-exponent, raw * 10.0**exponent)


def pieces(name: str, base: str, names: tuple, fitted: int):
    """The message in pieces. `name`: the device's own; `base` its topics'; `names` as in link/answers.py."""
    version, _, board, machine = names
    texts, states = table("point_texts"), table("point_states")
    yield '{"dev":{"ids":["%s"],"name":"%s","mf":"Isentrope","mdl":"%s","sw":"%s","hw":"%s"}' % (
        name,
        name,
        machine,
        version,
        board,
    )
    yield ',"o":{"name":"isentrope","sw":"%s"},"avty_t":"%s/available","stat_t":"%s/state","cmps":{' % (
        version,
        base,
        base,
    )
    yield _climate(name, base, fitted & MODES)
    if fitted & TANK:
        yield "," + _tank(name, base)
    for fields in lines("point_table"):
        f = [str(field, "ascii") for field in fields]
        identity = int(f[0], 16)
        needs = _ONLY.get(identity, 0)
        if f[9] != "-" and identity not in _NOT and fitted & needs == needs:
            text = _line(texts, identity)
            head = ',"%s":{"name":"%s","uniq_id":"%s-%s"' % (f[2], text, name, f[2])
            yield head + _entity(f, identity, _line(states, identity).split("|"), base) + "}"
    yield ',"refused":{"p":"sensor","name":"command refused","uniq_id":"%s-refused"' % name
    yield ',"stat_t":"%s/refused","val_tpl":"{{ value_json.why }}","ent_cat":"diagnostic"}}}' % base


def _entity(f: list, identity: int, states: list, base: str) -> str:
    name, kind = f[2], f[9]
    listed = "['" + "','".join(states) + "']"
    ops = '["' + '","'.join(states) + '"]'
    value = ',"val_tpl":"{{ value_json.%s }}"' % name
    command = ',"cmd_t":"%s/%s/set"' % (base, name)
    if kind == "AI" or kind == "AV":
        unit, device, counted = _UNITS.get(f[3], ("", "", ""))
        said = value
        if unit:
            said += ',"unit_of_meas":"%s"' % unit
        if device:
            said += ',"dev_cla":"%s"' % device
        if kind == "AV":
            low, high, exponent = int(f[5]), int(f[6]), int(f[4])
            said += ',"p":"number","mode":"box","min":%s,"max":%s,"step":%s' % (
                _units(low, exponent),
                _units(high, exponent),
                _units(1, int(f[7])),
            )
            return said + command
        if f[1] == "I" and f[3] == "-":
            counted = "total_increasing"
        elif f[3] == "-" and f[4] != "0":  # a ratio; what is whole is a code
            counted = "measurement"
        if counted:
            said += ',"stat_cla":"%s"' % counted
        return said + ',"p":"sensor"'
    if kind == "MSI":
        template = "{{ %s[value_json.%s|int(0)] }}" % (listed, name)
        return ',"p":"sensor","dev_cla":"enum","ops":%s,"val_tpl":"%s"' % (ops, template)
    if kind == "BI":
        device = _CLASSES.get(identity, "")
        return (
            ',"p":"binary_sensor","pl_on":"1","pl_off":"0"'
            + value
            + (',"dev_cla":"%s"' % device if device else "")
        )
    if kind == "MSV":
        low = int(f[5])
        template = "{{ %s[value_json.%s|int(%d) - %d] }}" % (listed, name, low, low)
        back = "{{ %s.index(value) + %d }}" % (listed, low)
        said = ',"p":"select","ops":%s,"val_tpl":"%s","cmd_tpl":"%s"' % (ops, template, back)
        return said + command
    if identity in _PRESSED:
        return ',"p":"button","pl_prs":"1"' + command
    return ',"p":"switch","pl_on":"1","pl_off":"0","stat_on":"1","stat_off":"0"' + value + command


def _climate(name: str, base: str, modes: int) -> str:
    """The heating water: flow temperature, flow setpoint; the operating mode, or `enable` without any."""
    said = (
        '"heating":{"p":"climate","name":"heating water","uniq_id":"%s-heating","temp_unit":"C"'
        ',"precision":0.1,"temp_step":0.5,"min_temp":15,"max_temp":75'
        ',"curr_temp_t":"%s/state","curr_temp_tpl":"{{ value_json.flow_c }}"'
        ',"temp_stat_t":"%s/state","temp_stat_tpl":"{{ value_json.flow_setpoint_c }}"'
        ',"temp_cmd_t":"%s/flow_setpoint_c/set"'
        ',"act_t":"%s/state","act_tpl":"{{ %s[value_json.state|int(0)] }}"'
        ',"mode_stat_t":"%s/state"'
    ) % (name, base, base, base, base, _ACTIONS, base)
    if modes:
        return said + (
            ',"modes":["off","heat","cool","auto"],"mode_cmd_t":"%s/operating_mode/set"'
            ',"mode_stat_tpl":"{{ '
            "['off','heat','cool','auto','off'][value_json.operating_mode|int(0)] }}\""
            ",\"mode_cmd_tpl\":\"{{ ['off','heat','cool','auto'].index(value) }}\"}" % base
        )
    return said + (
        ',"modes":["off","heat"],"mode_cmd_t":"%s/enable/set"'
        ",\"mode_stat_tpl\":\"{{ ['off','heat'][value_json.enable|int(0)] }}\""
        ",\"mode_cmd_tpl\":\"{{ ['off','heat'].index(value) }}\"}" % base
    )


def _tank(name: str, base: str) -> str:
    """Hot water: its setpoint is a setting, and a boost is the mode "high_demand"."""
    return (
        '"hot_water":{"p":"water_heater","name":"hot water","uniq_id":"%s-hot-water","temp_unit":"C"'
        ',"precision":0.1,"min_temp":30,"max_temp":70'
        ',"curr_temp_t":"%s/state","curr_temp_tpl":"{{ value_json.hot_water_c }}"'
        ',"temp_stat_t":"%s/state","temp_stat_tpl":"{{ value_json.hot_water_setpoint_c }}"'
        ',"temp_cmd_t":"%s/hot_water_setpoint_c/set"'
        ',"modes":["heat_pump","high_demand"],"mode_stat_t":"%s/state"'
        ",\"mode_stat_tpl\":\"{{ ['heat_pump','high_demand'][value_json.hot_water_boost_now|int(0)] }}\""
        ',"mode_cmd_t":"%s/hot_water_boost_now/set"'
        ",\"mode_cmd_tpl\":\"{{ ['heat_pump','high_demand'].index(value) }}\"}"
    ) % (name, base, base, base, base, base)
