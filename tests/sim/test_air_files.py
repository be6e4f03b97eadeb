"""Files of air/air machines and their rig: what is asked, what is refused, and in which words."""

import copy
import tomllib

import numpy as np
import pytest
from isentrope_hil import profile
from isentrope_sim import machine, site
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.rig import Rig
from isentrope_sim.world.settings import WorldSettings
from rooms import MACHINES, NAMES, ZERO_C

SPLIT = MACHINES["minisplit-r32-3.5kw"]
RAW = tomllib.loads((machine.machine_folder() / "minisplit-r32-3.5kw.toml").read_text(encoding="utf-8"))
NUMBER = {"value": 1.0, "unit": "kg/s", "prior": "a test"}


def rig_of(loaded=SPLIT, **options):
    io_rows = profile.build("pico-full", loaded)["io"]
    return Rig(loaded, io_rows, seed=1, **options), [row for row in io_rows if row["dir"] == "out"]


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("indoor", "medium", "brine", r"indoor.medium is 'brine', allowed water, air"),
        ("indoor", "rows", None, r"indoor.rows is missing \(1, 1 to 8\)"),
        ("indoor", "rows", 2.5, r"indoor.rows is 2.5, allowed whole numbers from 1 to 8"),
        ("indoor", "fin_pitch", 0.5, r"indoor.fin_pitch is 0.5, allowed 0.0008 to 0.02 m"),
        ("indoor", "fin_thickness", 9e-4, r"indoor.fin_thickness is 0.0009, allowed 5e-05 to 0.0005 m"),
        ("indoor", "retained_water", -1.0, r"indoor.retained_water is -1.0, allowed 0 to 0.5 kg/m2"),
        ("indoor_fan", "flow", 0.0, r"indoor_fan.flow is 0.0, allowed 0.001 to 100 m3/s"),
        ("indoor_fan", "free_flow", 0.1, r"indoor_fan.free_flow is 0.1, needed above indoor_fan.flow 0.19"),
        ("indoor_fan", "shutoff_pressure", 30.0, r"indoor_fan.shutoff_pressure is 30, needed above"),
        ("indoor_fan", "min_fraction", 0.0, r"indoor_fan.min_fraction is 0.0, allowed 0.05 to 1 1"),
        ("indoor", "water_ua", NUMBER, r"indoor: unknown key 'water_ua'"),
        ("pump", "flow_max", NUMBER, r"unknown key 'pump'"),
    ],
)
def test_a_bad_value_is_named(section, key, value, message):
    data = copy.deepcopy(RAW)
    if value is None:
        del data[section][key]
    elif isinstance(value, float):
        data[section][key]["value"] = value
    else:
        data.setdefault(section, {})[key] = value
    with pytest.raises(InputError, match=message) as raised:
        machine.parse(data, "file")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("table", "key", "value", "message"),
    [
        ("average-air", "degradation", 0.9, r"average-air.degradation.*0 to 0.5"),
        ("cooling", "pdesign", 1.0, r"cooling.pdesign.*100 to"),
        ("cooling", "tbiv", 1.0, r"seasonal.cooling.tbiv is no known key"),
    ],
)
def test_a_bad_season_is_named(table, key, value, message):
    data = copy.deepcopy(RAW)
    unit = {"degradation": "1", "pdesign": "W", "tbiv": "degC"}[key]
    data["seasonal"][table][key] = {"value": value, "unit": unit, "prior": "a test"}
    with pytest.raises(InputError, match=message):
        machine.parse(data, "file")


def test_a_flow_switch_in_air_has_the_units_of_air():
    controller = copy.deepcopy(SPLIT.controller)
    controller["contacts"]["air_flow"]["opens"]["unit"] = "kg/s"
    bad = machine.Machine(**(vars(SPLIT) | {"controller": controller}))
    with pytest.raises(InputError, match=r"contacts.air_flow.opens has unit 'kg/s', needed 'm3/s'"):
        site.site_data(bad)


@pytest.mark.parametrize("name", NAMES)
def test_the_rig_drives_room_air(name):
    """The pump's output is the indoor fan; flow and return thermistors see the air; the room is held."""
    loaded = load_machine(name)
    rig, outs = rig_of(loaded, noise=False)
    rig.reset(ZERO_C + 7.0, 0.8, ZERO_C + 20.0)
    truth = dict(zip(rig.truth_names, rig.truth, strict=True))
    assert truth["indoor_k"] == pytest.approx(ZERO_C + 20.0) and truth["indoor_fan"] == 0.0
    raw = [0] * len(outs)
    raw[[row["name"] for row in outs].index("pump_ref")] = 65535
    rig.set("room_c", 24.0)
    rig.set("room_rh", 0.6)
    for _ in range(120):
        rig.step(raw, 0.5)
    truth = dict(zip(rig.truth_names, rig.truth, strict=True))
    assert truth["indoor_k"] == pytest.approx(ZERO_C + 24.0) and truth["indoor_rh"] == 0.6
    assert truth["indoor_fan"] == pytest.approx(1.0, abs=0.02)
    assert truth["room_m3_s"] == pytest.approx(loaded.values["room_fan_flow"], rel=0.03)
    warmed = loaded.values["room_fan_w"] / (loaded.values["room_fan_flow"] * 1.19 * 1006.0)
    assert truth["t_room_out"] == pytest.approx(ZERO_C + 24.0 + warmed, abs=0.3), "the fan's own heat"
    assert np.all(np.isfinite(rig.state)) and len(rig.state) == len(rig.state_names)
    assert not [each for each in rig.state_names if each.startswith("house.")]


def test_the_rig_says_what_a_room_lacks():
    rig, _outs = rig_of()
    assert set(rig.knobs) == {"outdoor_c", "outdoor_rh", "room_c", "room_rh"}
    with pytest.raises(InputError, match=r"unknown knob 'load_w'; known: outdoor_c, outdoor_rh, room_c"):
        rig.set("load_w", 100.0)
    with pytest.raises(InputError, match=r"knob room_rh = 1.5, allowed 0 to 1 1"):
        rig.set("room_rh", 1.5)
    with pytest.raises(InputError, match=r"has air indoors, a building with a water circuit needs water"):
        rig_of(world=WorldSettings(building={}).build())


def test_a_rig_goes_back_to_its_snapshot():
    rig, outs = rig_of()
    raw = [0] * len(outs)
    raw[[row["name"] for row in outs].index("pump_ref")] = 40000
    rig.set("room_rh", 0.7)
    rig.step(raw, 0.5)
    saved = rig.snapshot()
    first = [rig.step(raw, 0.5) for _ in range(20)][-1], rig.truth.copy()
    rig.restore(saved)
    second = [rig.step(raw, 0.5) for _ in range(20)][-1], rig.truth.copy()
    assert first[0] == second[0] and np.array_equal(first[1], second[1], equal_nan=True)
