"""The optional sections of a machine file: read strictly, defaults said once."""

import copy
import tomllib

import pytest
from isentrope_sim import declared, machine
from isentrope_sim.errors import InputError

FILE = machine.machine_folder() / "ashp-r290-8kw.toml"
RAW = tomllib.loads(FILE.read_text(encoding="utf-8"))


def watt(value, **tags):
    return {"value": value, "unit": "W"} | (tags or {"prior": "x"})


def test_the_shipped_machine_declares_its_certificate():
    said = machine.load_machine("ashp-r290-8kw").declared
    assert said.seasonal.rated["average-35"] == {
        "pdesign": 6470.0,
        "tbiv": -6.0,
        "tol": -10.0,
        "degradation": 0.9,
    }
    assert said.seasonal.standby_w["standby_w"] == 16.0
    assert said.sound.level == 50.0
    assert said.installation.placement == "outdoor-monobloc"


def test_a_file_may_leave_all_of_it_out():
    data = {key: value for key, value in RAW.items() if key not in declared.SECTIONS}
    assert machine.parse(data, "f.toml").declared == declared.Declared()


def test_an_empty_section_has_the_defaults():
    seasonal = declared.read({"seasonal": {}}, "f.toml").seasonal
    assert (seasonal.function, seasonal.source, seasonal.rated) == ("heating", "air", {})
    assert set(seasonal.standby_w.values()) == {0.0}


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("seasonal", "function", "cooling", "f.toml: seasonal.function is 'cooling'"),
        ("seasonal", "off_w", watt(-1.0), "seasonal.off_w is -1.0, allowed 0 to 1000 W"),
        ("seasonal", "off_w", 3.0, "seasonal.off_w must be"),
        ("seasonal", "off_w", {"value": 1.0, "unit": "kW", "prior": "x"}, "has unit 'kW', needed 'W'"),
        ("seasonal", "average-45", {}, "seasonal.average-45 is no known key, did you mean average-35"),
        ("seasonal", "average-55", {"pdesing": watt(1.0)}, "average-55.pdesing is no known key"),
        ("seasonal", "average-55", {"pdesign": watt(float("nan"))}, "pdesign is nan, allowed 100"),
        ("sound", "level", None, r"sound.level is missing \(dB, 20 to 110\)"),
        ("installation", "placement", "roof", "installation.placement is 'roof'"),
        ("installation", "placement", None, "installation.placement is missing"),
        (
            "installation",
            "room_area",
            {"value": 0, "unit": "m2", "prior": "x"},
            "room_area is 0, allowed 1 to",
        ),
    ],
)
def test_bad_sections(section, key, value, message):
    data = copy.deepcopy(RAW)
    if value is None:
        del data[section][key]
    else:
        data[section][key] = value
    with pytest.raises(InputError, match=message):
        machine.parse(data, "f.toml")


def test_a_section_must_be_a_table():
    with pytest.raises(InputError, match="sound must be a table, is 3"):
        machine.parse(RAW | {"sound": 3}, "f.toml")
