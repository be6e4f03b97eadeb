"""The machine file's receiver: a vessel needs all its keys, and bad ones are named."""

import copy
import tomllib

import pytest
from isentrope_sim import machine, schema
from isentrope_sim.errors import InputError
from receivers import SECTION, with_receiver

DATA = tomllib.loads((machine.machine_folder() / "ashp-r32-9kw.toml").read_text(encoding="utf-8"))


def entry(key):
    value, unit = SECTION[key]
    return {"value": value, "unit": unit, "prior": "a test's"}


def test_vessel_pipe_and_drier_are_one_volume_with_the_vessels_wall():
    bare, made = machine.parse(DATA, "f.toml").values, with_receiver().values
    assert made["liquid_line_volume"] == pytest.approx(bare["liquid_line_volume"] + 1.2e-3)
    assert made["liquid_line_capacity"] == pytest.approx(bare["liquid_line_capacity"] + 700.0)
    assert made["liquid_line_ambient"] == pytest.approx(bare["liquid_line_ambient"] + 0.5)
    assert bare["receiver_volume"] == 0.0


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("tube", 0.9, r"f.toml: receiver.tube is 0.9, allowed 0.01 to 0.5 1"),
        ("volume", 1.0, r"f.toml: receiver.volume is 1.0, allowed 0 to 0.1 m3"),
        ("volume", 0.0, r"f.toml: receiver.volume is 0 with receiver.tube, a receiver needs both"),
        ("ambient_ua", -1.0, r"f.toml: receiver.ambient_ua is -1.0, allowed 0 to 100 W/K"),
    ],
)
def test_bad_values_are_named(key, value, said):
    data = copy.deepcopy(DATA)
    data["receiver"] = {k: entry(k) for k in SECTION}
    data["receiver"][key]["value"] = value
    with pytest.raises(InputError, match=said):
        machine.parse(data, "f.toml")


def test_missing_and_unknown_keys_are_named():
    data = copy.deepcopy(DATA)
    data["receiver"] = {"volume": entry("volume")}
    with pytest.raises(InputError, match=r"receiver\.volume is 0\.0012 without receiver\.tube"):
        machine.parse(data, "f.toml")
    data["receiver"]["tube"] = entry("tube")
    with pytest.raises(InputError, match=r"receiver\.wall_capacity is missing"):
        machine.parse(data, "f.toml")
    data["receiver"]["tubes"] = entry("tube")
    with pytest.raises(InputError, match="did you mean tube"):
        data["receiver"] |= {k: entry(k) for k in SECTION}
        machine.parse(data, "f.toml")


def test_the_schema_shows_the_section():
    rows = {row["key"]: row for row in schema.rows() if row["section"] == "receiver"}
    assert set(rows) == set(SECTION)
    assert rows["volume"]["required"]
    assert not rows["tube"]["required"]
    assert (rows["tube"]["unit"], rows["tube"]["low"], rows["tube"]["high"]) == ("1", 0.01, 0.5)
    asked = schema.machine_schema()["properties"]["receiver"]["dependentRequired"]
    assert set(asked["tube"]) == {"tube", "wall_capacity", "ambient_ua"}
