"""What is broken on a rig: the supply, what is refused, repair, and what a snapshot keeps."""

import pytest
from isentrope_sim.errors import InputError
from quiet_rig import quiet, raw, step
from test_rig import make, running, truth


def test_a_supply_that_comes_and_goes():
    rig = step(quiet(), 60, running())
    rig.fault("supply", "intermittent", period_s=10.0, off_s=2.0)
    seen = [raw(step(rig, 1, running()), "supply_ok") for _ in range(40)]
    assert seen == [1] * 4 + [0] * 16 + [1] * 4 + [0] * 16
    step(rig, 1, running())
    saved = rig.snapshot()
    first = [raw(step(rig, 1, running()), "supply_ok") for _ in range(30)]
    rig.clear_fault()
    assert raw(step(rig, 1, running()), "supply_ok") == 0
    rig.restore(saved)
    assert [raw(step(rig, 1, running()), "supply_ok") for _ in range(30)] == first


def test_a_power_cut_stops_everything_and_shows_at_the_monitor():
    rig = step(quiet(), 60, running())
    valve = truth(rig, "eev_true_steps")
    rig.fault("supply", "off")
    step(rig, 1, running())
    step(rig, 40, running(count=400))
    assert raw(rig, "supply_ok") == 1
    assert truth(rig, "speed_rps") == 0.0 and not rig.actuators.running
    assert truth(rig, "fan") < 1e-3 and truth(rig, "pump") < 1e-3
    assert truth(rig, "eev_true_steps") == valve
    rig.fault("supply_ok", "short")  # a bridged monitor hides it, until it is repaired
    assert raw(step(rig), "supply_ok") == 0
    rig.clear_fault("supply_ok")
    assert raw(step(rig), "supply_ok") == 1
    saved = rig.snapshot()
    rig.clear_fault("supply")
    step(rig, 40, running(count=400))
    assert raw(rig, "supply_ok") == 0
    assert truth(rig, "speed_rps") > 20.0
    rig.restore(saved)
    assert raw(step(rig, 4, running()), "supply_ok") == 1
    assert not rig.actuators.running


def test_a_snapshot_carries_the_faults():
    rig = make()
    step(rig, 20, running())
    rig.fault("liquid_t", "garbage")
    rig.fault("evap_p", "delayed", delay_s=4.0)
    rig.fault("water_flow", "intermittent", period_s=6.0, off_s=2.0)
    rig.fault("eev_count", "lost-steps", fraction=0.3)
    rig.fault("pump_ref", "garbage")
    step(rig, 20, running(count=350))
    saved = rig.snapshot()

    def onward(on):
        return [(tuple(on.step(running(70.0, 350 + i), 0.5)), on.state.tobytes()) for i in range(50)]

    first = onward(rig)
    rig.clear_fault()
    step(rig, 3)
    rig.restore(saved)
    assert onward(rig) == first
    other = make(seed=9)
    other.restore(saved)
    assert onward(other) == first
    assert set(other.faults) == set(rig.faults)


def test_reset_repairs_everything():
    rig = quiet()
    rig.fault("outdoor_t", "short")
    rig.reset(280.15, 0.87, 303.15)
    assert rig.faults == {}
    assert raw(step(rig), "outdoor_t") > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("outdoor", "open"), r"no such target; known: plant, suction_t"),
        (("outdoor_t", "bent"), r"a thermistor knows open, off, short"),
        (("outdoor_t", "offset"), r"by_k is missing, -100 to 100 K"),
        (("outdoor_t", "offset", {"by_k": 400.0}), r"by_k = 400.0, allowed -100 to 100 K"),
        (("outdoor_t", "offset", {"by_k": float("nan")}), r"by_k = nan, allowed"),
        (("outdoor_t", "open", {"by_k": 1.0}), r"unknown parameter 'by_k'; known: none"),
        (
            ("coil_t", "intermittent", {"period_s": 5.0, "off_s": 6.0}),
            r"off_s = 6 is longer than period_s = 5",
        ),
        (("plant", "rust"), r"unknown; the plant has charge-loss, coil-fouling"),
    ],
)
def test_what_cannot_be_is_named(arguments, message):
    rig = quiet()
    with pytest.raises(InputError, match=message):
        rig.fault(*arguments[:2], **(arguments[2] if len(arguments) > 2 else {}))
    assert rig.faults == {}


def test_clearing_what_is_sound_is_an_error():
    rig = quiet()
    rig.fault("outdoor_t", "open")
    with pytest.raises(InputError, match="'coil_t' has no fault to clear; broken: outdoor_t"):
        rig.clear_fault("coil_t")
