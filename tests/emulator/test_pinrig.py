"""The live firmware against the simulated machine at its pins: converters, coils, expander, PWM, watchdog."""

import numpy as np
import pytest
from isentrope_hil.attach import Attached
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.emulator.stream import BoardStream
from isentrope_sim.machine import load_machine
from isentrope_sim.rig import Rig

HOMING_MS = 25_000.0
JITTER = 0.01


def test_a_start_at_the_pins(deployed, pico_full):
    rig = Rig(load_machine("ashp-r290-8kw"), pico_full["io"], seed=1)
    pins = PinRig(deployed, pico_full, rig)
    deployed.boot()
    with Attached(BoardStream(deployed)) as board:
        poll = board.poll()
        assert {level for _, _, level in pins.expanders[0].history} == {
            0
        }  # relays off from the first level on
        sensors = [row for row in pico_full["io"] if row["dir"] == "in"]
        for row, true in zip(sensors, rig.raw_in, strict=True):
            allowed = 25 if row["kind"] in ("ntc", "ratiometric") else 0  # noise of two readings
            assert poll.ins[row["name"]] == pytest.approx(true, abs=allowed), row["name"]

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
