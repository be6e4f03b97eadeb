"""The live firmware against the simulated machine at its pins: converters, coils, expander, PWM, watchdog."""

import numpy as np
import pytest
from isentrope_hil import profile
from isentrope_hil.attach import Attached
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.emulator.stream import BoardStream
from isentrope_sim.machine import load_machine
from isentrope_sim.rig import Rig

MACHINE = "ashp-r290-8kw"
NOISE = 25 / 4096  # of two readings of the same sensor, of its range
HOMING_MS = 25_000.0
JITTER = 0.01


def check_sensors(profile, seen, true):
    """What the firmware read is what the simulated sensors say, to their noise; contacts to the bit."""
    rows = [row for row in profile["io"] if row["dir"] == "in"]
    for row, value in zip(rows, true, strict=True):
        allowed = NOISE * 2 ** row["bits"] if "bits" in row else 0
        assert seen[row["name"]] == pytest.approx(int(value), abs=allowed), row["name"]


def test_a_start_at_the_pins(deployed, pico_full):
    rig = Rig(load_machine(MACHINE), pico_full["io"], seed=1)
    pins = PinRig(deployed, pico_full, rig)
    deployed.boot()
    with Attached(BoardStream(deployed)) as board:
        poll = board.poll()
        assert {level for _, _, level in pins.expanders[0].history} == {
            0
        }  # relays off from the first level on
        check_sensors(pico_full, poll.ins, rig.raw_in)
        board.write("flow_setpoint_c", 35.0)
        board.write("enable", 1)
        rig.set("load_w", 5000.0)
        deployed.run(HOMING_MS)
        points = board.points()
        assert points["eev_homed"] == 1
        assert float(rig.truth[rig.truth_names.index("eev_true_steps")]) > 0
        deployed.run(10_000)
        poll = board.poll()

    assert not pins.coils.illegal and not pins.coils.unpowered
    # The valve may have stepped between the last scan and now.
    valve = pico_full["valve"]
    behind = (pins.coils.position - poll.outs["eev_count"] + 0x8000) % 0x10000 - 0x8000
    assert abs(behind) <= valve["rate_hz"] * pico_full["scan_ms"] / 1000
    rates = np.linspace(valve["start_rate_hz"], valve["rate_hz"], valve["ramp_steps"] + 1)
    periods = np.array([period for period in pins.coils.periods if period < 1500 / rates[0]])
    assert len(periods) > 1000
    nearest = np.abs(periods[:, None] / (1000 / rates) - 1).min(axis=1)
    assert nearest.max() < JITTER
    outs = dict(
        zip((row["name"] for row in pico_full["io"] if row["dir"] == "out"), pins.raw_out(), strict=True)
    )
    for name in ("compressor_run", "reversing_valve", "crankcase_heater", "alarm", "eev_coils"):
        assert outs[name] == poll.outs[name], name
    for name in ("compressor_ref", "fan_ref", "pump_ref"):
        assert outs[name] == pytest.approx(poll.outs[name], abs=2), name
    assert outs["compressor_run"] == 1 and outs["pump_ref"] > 0
    assert deployed.resets == []


@pytest.mark.parametrize("name", ["pico-w", "w5500-evb-pico"])
def test_other_converters_and_expanders(uf2, name):
    """Their chips on a Pico's image: 74HC595 on SPI; three ADS1115 and the contacts on I2C. No network."""
    machine = load_machine(MACHINE)
    made = profile.build(name, machine)
    board = Board(uf2)
    board.flash_fs = littlefs.image(tree.build(made), blocks=board.image.sectors)
    rig = Rig(machine, made["io"], seed=1)
    pins = PinRig(board, made, rig)
    board.boot()
    with Attached(BoardStream(board)) as attached:
        board.run(1500)
        poll = attached.poll()
    check_sensors(made, poll.ins, rig.raw_in)
    assert pins.expanders[0].history
    assert {level for _, _, level in pins.expanders[0].history} == {0}
    assert board.resets == []
