"""A fixed-speed machine on its contactor, with a condensing pressure: it regulates, cycles and waits."""

import os
from pathlib import Path

import pytest
from isentrope_hil import Bench
from isentrope_sim.machine import machine_path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

PRESSURE = """[controller.transducers.cond_p]
low = { value = 0.0, unit = "kPa", prior = "gauge, as on the suction side" }
high = { value = 3450.0, unit = "kPa", prior = "34.5 bar(g), a stock range" }
gauge = true

"""
WIRED = ("liquid_t", "coil_t", "outdoor_t", "flow_t", "return_t")


def on_a_full_board(folder: Path) -> Path:
    """`ashp-r290-fixed` with thermistors for its wire, no low-pressure switch, and a second transducer."""
    text = machine_path("ashp-r290-fixed").read_text(encoding="utf-8")
    head, rest = text.split("# On one wire", 1)
    curves = "".join(f'{name} = "ntc-10k-3435"\n' for name in WIRED)
    text = head + curves + "\n# There is no condensing" + rest.split("# There is no condensing", 1)[1]
    head, rest = text.split("[controller.contacts.lp_switch]", 1)
    text = head + "[controller.contacts.water_flow]" + rest.split("[controller.contacts.water_flow]", 1)[1]
    text = text.replace("[controller.contacts.hp_switch]", PRESSURE + "[controller.contacts.hp_switch]")
    path = folder / "ashp-r290-fixed.toml"
    path.write_text(text)
    return path


def test_it_regulates_cycles_and_waits(tmp_path: Path) -> None:
    with Bench(str(on_a_full_board(tmp_path)), "pico-full", "unix", seed=1) as made:
        made.reset(outdoor_c=7.0, water_c=31.0)
        made.knob("load_w", 5400.0)  # nearly what the machine gives
        made.write("flow_setpoint_c", 35.0)
        made.write("enable", 1)
        ran, steady, stopped, warmest = 0, [], 0, 0.0
        for second in range(7000):
            made.step(2)
            if second == 2400:
                assert abs(sum(steady[-300:]) / 300.0 - 8.0) < 0.5
                made.knob("load_w", 3000.0)
            if made.read("compressor") == 1:
                ran += 1
                warmest = max(warmest, made.read("flow_c"))
                assert made.read("fan_pct") > 0.0 and made.read("circulation_pump") == 1
                if ran > 480:
                    steady.append(made.truth("superheat_k"))
            elif ran:
                stopped += 1
                if stopped > 60:
                    break
        assert len(steady) > 120 and stopped > 60, (ran, stopped)
        assert min(steady) > 2.0
        assert 37.5 < warmest < 39.0
        assert made.read("stop_alarms") == 0 and made.read("warn_alarms") == 0
        made.write("flow_setpoint_c", 45.0)  # heat is wanted at once, and waits
        made.step(2)
        assert made.read("compressor") == 0
