"""What an installation wires: machine file, profile, knobs, raw signals, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from isentrope_hil import profile
from isentrope_sim import power_fit
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine, machine_names
from isentrope_sim.rig import Rig
from isentrope_sim.site import site_data

MACHINES = Path(profile.__file__).parent / "scenarios" / "machines"
GUARDED = MACHINES / "ashp-r290-8kw-guarded.toml"


def own(tmp_path: Path, text: str, base: str = "ashp-r290-8kw") -> Path:
    path = tmp_path / "own.toml"
    path.write_text(f'[machine]\nname = "own"\nlike = "{base}"\n{text}')
    return path


def test_a_machine_on_a_base_has_all_of_it_but_what_it_says(tmp_path: Path) -> None:
    base = load_machine("ashp-r290-8kw")
    text = '[pump]\nflow_max = { value = 0.5, unit = "kg/s", prior = "a larger one" }\n'
    made = load_machine(own(tmp_path, text))
    assert made.values["pump_flow_max"] == 0.5
    assert {k: v for k, v in made.values.items() if k != "pump_flow_max"} == {
        k: v for k, v in base.values.items() if k != "pump_flow_max"
    }
    with pytest.raises(InputError, match=r"machine\.like is 'nothing', known are ashp-r290-8kw"):
        load_machine(own(tmp_path, "", "nothing"))


def test_signals_take_their_channels_and_knobs_reach_them() -> None:
    machine = load_machine(GUARDED)
    made = profile.build("pico-full", machine)
    labels = {row["name"]: row["label"] for row in made["io"]}
    assert labels["leak_lfl"] == "P3" and labels["water_p"] == "P4" and labels["leak_sensor_ok"] == "D5"
    assert made["leak"] == {"class": "A3", "off": ["fan", "crankcase", "reversing", "backup"]}
    rig = Rig(machine, made["io"], seed=1, noise=False)
    names = [row["name"] for row in made["io"] if row["dir"] == "in"]
    outs = [row.get("safe", 0) for row in made["io"] if row["dir"] == "out"]

    def raw(name: str) -> int:
        return rig.raw_in[names.index(name)]

    rig.step(outs, 0.5)
    assert raw("separator_ok") == 0 and raw("sg_1") == 1, "closed is low"
    assert raw("leak_lfl") == round(0.18 * 4096)
    rig.set("leak_lfl", 25.0)
    rig.set("sg_1", 1.0)
    rig.set("water_p", 300.0)
    for _ in range(4):
        rig.step(outs, 0.5)
    assert raw("sg_1") == 0
    assert raw("leak_lfl") == round((0.18 + 0.72 * 0.25) * 4096)
    assert raw("water_p") == round((0.1 + 0.8 * 0.75) * 4096)
    saved = rig.snapshot()
    rig.set("leak_lfl", 0.0)
    rig.step(outs, 0.5)
    rig.restore(saved)
    assert rig.knob("leak_lfl") == 25.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[controller.terminals]\ncontacts = ["leek_ok"]', "has 'leek_ok', nearest known: leak_ok"),
        ('[controller.terminals]\ncontacts = ["y", "y"]', "each once"),
        (
            '[controller.terminals]\ncontacts = ["leak_ok"]',
            r"leak is missing: a leak sensor needs its answer",
        ),
        (
            '[controller.terminals]\ncontacts = ["leak_ok"]\n[controller.terminals.leak]\noff = []',
            "an A3 machine names its spark sources",
        ),
        (
            '[controller.terminals]\ncontacts = ["leak_ok"]\n[controller.terminals.leak]\n'
            'off = ["fan"]\nfull = ["pump"]',
            "with A3 nothing may be switched on",
        ),
        ('[controller.terminals]\ncontact = ["y"]', "contact is no known key"),
        (
            '[reversing]\nkind = "none"\n[controller]\ncooling = true',
            'controller.cooling: true needs reversing.kind = "four-way", has "none"',
        ),
        ("[controller]\nhot_water = true", "thermistors.tank_t is missing"),
        (
            '[controller.terminals]\ncontacts = ["y2"]',
            "controller.terminals.contacts: y2 needs the thermostat's y, which is missing",
        ),
        (
            '[controller.terminals]\ncontacts = ["leak_sensor_ok"]',
            "leak_sensor_ok needs a gas sensor, contact leak_ok or transmitters.leak_lfl is missing",
        ),
        (
            '[controller.settings]\ngrid_signals = { value = 2, unit = "", prior = "x" }',
            "controller.settings.grid_signals: 2 needs terminals.contacts utility_block, missing",
        ),
        (
            '[reversing]\nkind = "none"\n[controller.settings]\n'
            'defrost = { value = 2, unit = "", prior = "x" }',
            'controller.settings.defrost: needs reversing.kind = "four-way", has "none"',
        ),
        ("[controller.backup]", "controller.backup: the heater's stage first is missing"),
        (
            '[controller.backup]\nsecond = { value = 3000, unit = "W", prior = "x" }',
            "controller.backup: the heater's stage first is missing",
        ),
        (
            '[controller.stages]\nsecond = { value = 60, unit = "1/s", prior = "x" }',
            "controller.stages: relays need one speed, compressor.min_rps = max_rps",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        site_data(load_machine(own(tmp_path, text)))


# Scrolls with a built-in volume ratio lose by it what the four terms do not have (docs/protect.md).
ROUGH = {"ashp-r290-fixed": 0.13, "ashp-r410a-evi-16kw": 0.20}


@pytest.mark.parametrize("name", machine_names())
def test_power_is_guessed_to_a_few_percent_over_the_envelope(name: str) -> None:
    machine = load_machine(name)
    made: dict[str, Any] = power_fit.power(machine)
    rows, joule = power_fit.samples(machine)
    error = np.abs(rows @ np.array(made["per_rev"]) / joule - 1.0)
    assert len(joule) > 20
    assert error.max() < ROUGH.get(name, 0.035)
