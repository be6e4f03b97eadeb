"""A compressor on the mains: one speed, no drive, relays for fan and pump, thermometers on a wire."""

import copy
import dataclasses

import numpy as np
import pytest
from isentrope_sim.actuators import Actuators
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.perturbation import Perturbation
from isentrope_sim.rig import Rig
from isentrope_sim.sensors import Sensors
from isentrope_sim.site import fixed_speed, site_data
from isentrope_sim.steady import solve

MACHINE = load_machine("ashp-r290-fixed")
SITE = site_data(MACHINE)


def rows():
    """The profile's rows, as a board would have them; relays close on 1, contacts show 1 when closed."""
    extra = {
        "ntc": {"bits": 12, "pullup_ohm": 10_000.0},
        "ratiometric": {"bits": 12},
        "contact": {"active": 1},
        "relay": {"active": 1},
        "level": {"active": 1},
    }
    made = []
    for direction, signals in (("in", SITE.inputs), ("out", SITE.outputs)):
        for signal in signals:
            row = {"name": signal.name, "dir": direction, "kind": signal.kind}
            made.append(row | dict(signal.data) | extra.get(signal.kind, {}))
    return made


OUT = [row["name"] for row in rows() if row["dir"] == "out"]


def raw(**on):
    return [on.get(name, 0) for name in OUT]


def test_the_machine_has_one_speed_and_no_inverter():
    assert fixed_speed(MACHINE) and not fixed_speed(load_machine("ashp-r290-8kw"))
    point = solve(MACHINE, 7, 35)
    assert point["speed_rps"] == pytest.approx(48.3)
    assert point["fan"] == 1.0
    assert 5000 < point["heating_w"] < 6500
    with pytest.raises(InputError, match=r"heating_w is 3000, this point allows (\d+) to \1 W"):
        solve(MACHINE, 7, 35, heating_w=3000)
    with pytest.raises(InputError, match=r"speed_rps is 40, allowed 48\.3 to 48\.3"):
        solve(MACHINE, 7, 35, speed_rps=40)


def test_the_contactor_takes_it_to_its_speed_and_the_chain_stops_it():
    actuators = Actuators([row for row in rows() if row["dir"] == "out"], SITE.actuators)
    actuators.reset(0.0)
    for _ in range(20):
        actuators.step(raw(compressor_run=1, fan_run=1), 0.5, True)
    assert actuators.speed_rps == pytest.approx(48.3)
    assert actuators.fan == pytest.approx(1.0, abs=0.02) and actuators.pump == 0.0
    actuators.step(raw(compressor_run=1, pump_run=1), 0.5, False)
    actuators.step(raw(compressor_run=1, pump_run=1), 0.5, False)
    assert actuators.speed_rps == 0.0
    assert 0.0 < actuators.fan < 1.0 and actuators.pump > 0.5


def test_relays_of_fan_and_pump_can_fail():
    rig = Rig(MACHINE, rows(), seed=1)
    rig.fault("fan_run", "off")
    for _ in range(40):
        rig.step(raw(fan_run=1, pump_run=1), 0.5)
    assert rig.actuators.fan == pytest.approx(0.0, abs=1e-3) and rig.actuators.pump > 0.99
    rig.clear_fault("fan_run")
    for _ in range(40):
        rig.step(raw(fan_run=1, pump_run=1), 0.5)
    assert rig.actuators.fan > 0.99


def test_a_thermometer_broken_off_does_not_answer():
    rig = Rig(MACHINE, rows(), seed=1)
    rig.fault("flow_t", "open")
    seen = dict(zip(rig.sensors.names, rig.step(raw(), 0.5), strict=True))
    assert seen["flow_t"] == 0x8000 and seen["return_t"] != 0x8000


def test_it_heats_the_house_on_relays_alone():
    rig = Rig(MACHINE, rows(), seed=1, noise=False)
    steps = rig.site.actuators.valve.steps
    rig.reset(280.15, 0.87, 298.15, eev_fraction=0.5)
    for _ in range(1200):
        rig.step(raw(compressor_run=1, fan_run=1, pump_run=1, eev_coils=1), 0.5)
    truth = dict(zip(rig.truth_names, rig.truth, strict=True))
    assert truth["heat_w"] > 4500 and truth["speed_rps"] == pytest.approx(48.3)
    assert truth["water_kg_s"] == pytest.approx(0.2676, rel=1e-3)
    assert truth["eev_true_steps"] == pytest.approx(0.5 * steps)
    assert abs(truth["charge_error"]) < 1e-9
    seen = dict(zip(rig.sensors.names, rig.raw_in, strict=True))
    assert seen["lp_switch"] == 1
    assert seen["flow_t"] / 16 == pytest.approx(truth["t_water_out"] - 273.15, abs=0.3)


@pytest.mark.parametrize(("celsius", "count"), [(0.0, 0), (25.0625, 401), (-10.125, -162), (300.0, 2000)])
def test_a_thermometer_on_a_wire_counts_sixteenths(celsius, count):
    (row,) = (row for row in rows() if row["name"] == "flow_t")
    sensors = Sensors([row], SITE.sensors, ["t_water_out"], Perturbation(), noise=False, seed=1)
    sensors.reset(np.array([celsius + 273.15]))
    assert sensors.raw[0] == count & 0xFFFF


def changed(section, key, value):
    controller = copy.deepcopy(MACHINE.controller)
    if value is None:
        del controller[section][key]
    else:
        controller[section][key] = value
    return dataclasses.replace(MACHINE, controller=controller)


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("thermometers", "flow_t", None, "controller.thermistors.flow_t is missing"),
        ("thermometers", "flow_t", "pt1000", "controller.thermometers.flow_t is 'pt1000'"),
        ("thermometers", "floor_t", "ds18b20", "controller.thermometers.floor_t is no known key"),
        ("transducers", "evap_p", None, "controller.transducers.evap_p is missing"),
        ("drive", "start", {"value": 1.0, "unit": "1/s", "prior": "x"}, "drive.start is no known key"),
    ],
)
def test_bad_files_name_the_key(section, key, value, message):
    with pytest.raises(InputError, match=message):
        site_data(changed(section, key, value))
