"""The `[controller]` part of a machine file: complete, tagged, and errors that name the key."""

import copy
import dataclasses
import tomllib

import pytest
from isentrope_sim import machine, site
from isentrope_sim.errors import InputError

NAMES = machine.machine_names()
MACHINE = machine.load_machine("ashp-r290-8kw")


def changed(path, value):
    """The machine with one key of its controller table replaced, or removed by None."""
    controller = copy.deepcopy(MACHINE.controller)
    *folders, key = path.split(".")
    table = controller
    for folder in folders:
        table = table[folder]
    if value is None:
        del table[key]
    else:
        table[key] = value
    return dataclasses.replace(MACHINE, controller=controller)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_machines_have_a_site(name):
    data = site.site_data(machine.load_machine(name))
    assert {signal.name for signal in data.inputs} == data.sensors.keys()


@pytest.mark.parametrize("name", NAMES)
def test_noise_and_lag_are_at_least_what_real_sensors_have(name):
    """Read from the file itself: the requirements on superheat are worth nothing with quieter sensors."""
    with (machine.machine_folder() / f"{name}.toml").open("rb") as file:
        sensors = tomllib.load(file)["controller"]["sensors"]
    assert sensors["thermistor_noise"]["value"] >= 0.1
    assert sensors["transducer_noise"]["value"] >= 0.002
    assert 5.0 <= sensors["thermistor_lag"]["value"] <= 15.0
    assert sensors["transducer_lag"]["value"] >= 0.1


def test_the_file_reaches_the_rig():
    data = site.site_data(changed("sensors.thermistor_lag", {"value": 12.0, "unit": "s", "prior": "a test"}))
    assert data.sensors["suction_t"].lag_s == 12.0
    assert data.sensors["suction_t"].noise == 0.1
    assert data.sensors["evap_p"].noise == 0.002


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("drive", None, "controller.drive is missing"),
        ("drive.start", None, r"controller.drive.start is missing \(1/s, 0 to 60\)"),
        ("drive.start", 10.0, "controller.drive.start must be { value, unit, and one of source, prior }"),
        ("drive.start", {"value": 10.0, "unit": "1/s"}, "must be { value, unit"),
        ("drive.start", {"value": 10.0, "unit": "Hz", "prior": "a test"}, "has unit 'Hz', needed '1/s'"),
        ("drive.start", {"value": 99.0, "unit": "1/s", "prior": "a test"}, "is 99.0, allowed 0 to 60 1/s"),
        ("drive.stort", 1, "controller.drive.stort is no known key, did you mean start?"),
        ("transducers.evap_p.gauge", 1, "controller.transducers.evap_p.gauge is 1, allowed true or false"),
        (
            "thermistors.coil_t",
            "ntc-10k-3453",
            "controller.thermistors.coil_t is 'ntc-10k-3453', nearest known: ntc-10k",
        ),
        ("settings.pump_speed", "fast", "controller.settings.pump_speed must be { value, unit"),
    ],
)
def test_errors_name_the_key(path, value, message):
    with pytest.raises(InputError, match=message):
        site.site_data(changed(path, value))


def test_volumetric_efficiency_follows_the_compressor():
    """A leakier compressor delivers less, more so at high ratios."""
    tight = site.volumetric_efficiency(MACHINE)
    leaky = site.volumetric_efficiency(
        dataclasses.replace(
            MACHINE, values={**MACHINE.values, "leak_area": 3.0 * MACHINE.values["leak_area"]}
        )
    )

    def value(coefficients, ratio):
        return sum(c * ratio**power for power, c in enumerate(coefficients))

    assert value(tight, 2.0) > value(leaky, 2.0)
    assert value(tight, 6.0) - value(leaky, 6.0) > value(tight, 2.0) - value(leaky, 2.0)
