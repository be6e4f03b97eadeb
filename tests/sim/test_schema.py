"""The schema says what the reader accepts: bounds moved over their edge are refused by both."""

import copy
import json
import tomllib

import pytest
from isentrope_sim import machine, schema
from isentrope_sim.errors import InputError

SCHEMA = schema.machine_schema()
FILES = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in machine.machine_folder().glob("*.toml")
}


def validate(data, rule, at="file"):
    """The part of JSON Schema that this one uses; the path of the first breach, None if there is none."""
    if rule is False:
        return at
    if "const" in rule and data != rule["const"]:
        return at
    if "enum" in rule and data not in rule["enum"]:
        return at
    kind = {"object": dict, "array": list, "string": str, "number": (int, float), None: object}[
        rule.get("type")
    ]
    if not isinstance(data, kind) or (isinstance(data, bool) and rule.get("type") == "number"):
        return at
    if rule.get("type") == "number" and not rule["minimum"] <= data <= rule["maximum"]:
        return at
    if rule.get("type") == "string" and len(data) < rule.get("minLength", 0):
        return at
    if rule.get("type") == "array":
        if not rule.get("minItems", 0) <= len(data) <= rule.get("maxItems", 10**6):
            return at
        found = (validate(each, rule["items"], f"{at}[]") for each in data)
        return next(filter(None, found), None)
    if "oneOf" in rule and sum(all(key in data for key in each["required"]) for each in rule["oneOf"]) != 1:
        return at
    if "properties" in rule:
        for key in rule.get("required", ()):
            if key not in data:
                return f"{at}.{key}"
        for key, value in data.items():
            if key not in rule["properties"]:
                if rule.get("additionalProperties", True):
                    continue
                return f"{at}.{key}"
            if breach := validate(value, rule["properties"][key], f"{at}.{key}"):
                return breach
    for each in rule.get("allOf", ()):
        if validate(data, each["if"], at) is None and (breach := validate(data, each["then"], at)):
            return breach
    return None


@pytest.mark.parametrize("name", FILES)
def test_shipped_machines_are_valid(name):
    assert validate(FILES[name], SCHEMA) is None


def test_it_is_one_json_document():
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"].endswith("2020-12/schema")


NUMBERS = [
    row for row in schema.rows() if row["unit"] is not None and row["required"] and row["indoors"] != "air"
]


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: f"{row['section']}.{row['key']}")
def test_bounds_are_the_readers(row):
    """One step over the upper bound is refused by the schema and by the reader, at the same key."""
    data = copy.deepcopy(FILES["ashp-r290-8kw"])
    data[row["section"]][row["key"]]["value"] = row["high"] * 1.01 + 1e-9
    assert validate(data, SCHEMA) == f"file.{row['section']}.{row['key']}.value"
    with pytest.raises(InputError, match=rf"{row['section']}.{row['key']} "):
        machine.parse(data, "f.toml")


def test_what_the_other_medium_needs_is_refused_by_both():
    """Water's keys under a coil in room air, its sections, and a section of room air over a plate."""
    data = copy.deepcopy(FILES["ashp-r290-8kw"])
    data["indoor_fan"] = {}
    assert validate(data, SCHEMA) == "file.indoor_fan"
    with pytest.raises(InputError, match="indoor_fan"):
        machine.parse(data, "f.toml")
    del data["indoor_fan"]
    data["indoor"]["medium"] = "air"
    assert validate(data, SCHEMA) == "file.indoor_fan"
    with pytest.raises(InputError, match="unknown key 'pump'"):
        machine.parse(data, "f.toml")
    rows = {(row["section"], row["key"]): row for row in schema.rows()}
    assert rows["indoor", "water_ua"]["indoors"] == "water"
    assert rows["indoor", "boiling_ua"]["indoors"] is None


def test_optional_sections_are_said_to_be():
    rows = {(row["section"], row["key"]): row for row in schema.rows()}
    assert rows["compressor", "displacement"]["required"]
    assert not rows["seasonal.colder-55", "tbiv"]["required"]
    assert not rows["sound", "level"]["required"]
    assert rows["installation", "placement"]["known"] == "outdoor-monobloc, split, indoor"


@pytest.mark.parametrize(
    ("section", "key"), [("compressor", "displacment"), ("seasonal", "averag-35"), ("sound", "loud")]
)
def test_unknown_keys_are_refused_by_both(section, key):
    data = copy.deepcopy(FILES["ashp-r290-8kw"])
    data[section][key] = {"value": 1.0, "unit": "W", "prior": "x"}
    assert validate(data, SCHEMA) == f"file.{section}.{key}"
    with pytest.raises(InputError, match=key):
        machine.parse(data, "f.toml")
