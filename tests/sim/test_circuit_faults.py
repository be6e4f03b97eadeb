"""Faults inside the refrigerant circuit: their effect, their books, and that reset and snapshot keep them."""

import dataclasses

import numpy as np
import pytest
from isentrope_sim import benchmark, faults
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import FAULTS, INPUT_NAMES, OUTPUT_NAMES, Plant, U
from isentrope_sim.steady import solve
from plants import MACHINE, running, steady


@pytest.fixture(scope="module")
def sound():
    """A stand settled at 55 1/s, valve fixed, and a snapshot to start each fault from."""
    stand = running(steady(speed_rps=55.0, superheat_k=7.0, wet_bulb_c=1.0))
    return stand, stand.plant.snapshot()


@pytest.fixture
def stand(sound):
    settled, saved = sound
    settled.plant.restore(saved)
    settled.log = []
    return settled


def test_the_plant_offers_what_the_faults_ask_for():
    for row in faults.PLANT.values():
        assert row.parameter in Plant(MACHINE).fault_parameters
        assert FAULTS[row.parameter].nominal == pytest.approx(row.nominal, nan_ok=True)
        assert FAULTS[row.parameter].high >= row.limits.high * faults._FACTORS.get(row.key, 1.0)


def test_leaked_mass_and_energy_are_booked(stand):
    """2 kg/h for two minutes are 67 g less in the circuit; what the balances miss stays what it was."""
    start = stand["charge_kg"]
    stand.plant.set_fault("leak_kg_s", 2.0 / 3600.0)
    stand.run(120)
    assert start - stand["charge_kg"] == pytest.approx(2.0 / 30.0, rel=1e-6)
    stand.assert_balanced()
    assert abs(stand["charge_error"]) < 1e-9
    stand.plant.set_fault("leak_kg_s", 0.0)
    kept = stand["charge_kg"]
    stand.run(60)
    assert stand["charge_kg"] == pytest.approx(kept, rel=1e-9)


def rest(stand, **values):
    """The steady point of a machine built with these values, at the stand's superheat."""
    machine = dataclasses.replace(MACHINE, values=MACHINE.values | values)
    return solve(
        machine, 7.0, 35.0, sink_dt_k=None, speed_rps=55.0, wet_bulb_c=1.0, superheat_k=stand["superheat_k"]
    )


def assert_at(stand, point):
    """Settled where the steady point is, as far as the water's inlet, which the stand holds, allows."""
    assert stand.u[U["eev_opening"]] == pytest.approx(point["eev_opening"], rel=0.03)
    assert stand["subcooling_k"] == pytest.approx(point["subcooling_k"], abs=0.3)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=0.01)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=0.02)


def test_lost_charge_ends_where_a_machine_filled_with_less_is(stand):
    subcooling, superheat = stand["subcooling_k"], stand["superheat_k"]
    stand.plant.set_fault("leak_kg_s", 4.0 / 3600.0)
    stand.run(90)
    stand.plant.set_fault("leak_kg_s", 0.0)
    stand.run(1800)
    assert stand["subcooling_k"] < subcooling and stand["superheat_k"] > superheat
    assert_at(stand, rest(stand, charge=MACHINE.values["charge"] - 0.1))
    stand.assert_balanced()


def test_a_leak_ends_at_the_pressure_of_the_air():
    """Stopped and cold, the machine empties until nothing drives the rest out."""
    plant = Plant(MACHINE)
    plant.reset(280.15, 0.8, 280.15)
    u = np.zeros(len(INPUT_NAMES))
    u[U["water_in_k"]] = u[U["outdoor_k"]] = 280.15
    u[U["outdoor_rh"]] = 0.8
    plant.set_fault("leak_kg_s", 10.0 / 3600.0)
    for _ in range(1200):
        plant.step(u, 0.5)
    y = dict(zip(OUTPUT_NAMES, plant.y, strict=True))
    assert 1.0e5 < y["p_evap"] < 1.2e5
    assert 0.0 < y["charge_kg"] < 0.1
    assert abs(y["charge_error"]) < 1e-9
    assert abs(y["energy_residual_j"]) < 50.0


def test_a_fouled_coil_evaporates_colder_with_less_air(stand):
    p, flow = stand["p_evap"], stand["air_m3_s"]
    stand.plant.set_fault("coil_factor", 0.85)
    stand.run(1800)
    assert stand["air_m3_s"] == pytest.approx(0.85 * flow, rel=1e-6)
    assert stand["p_evap"] < p
    v = MACHINE.values
    left = {name: 0.85 * v[name] for name in ("air_multiplier", "fan_flow", "fan_free_flow")}
    assert_at(stand, rest(stand, **left))
    stand.assert_balanced()


def test_a_fouled_plate_condenses_hotter(stand):
    p, electric = stand["p_cond"], stand["electric_w"]
    stand.plant.set_fault("plate_factor", 0.4)
    stand.run(1800)
    assert stand["p_cond"] > p and stand["electric_w"] > electric
    assert_at(stand, rest(stand, water_ua=0.4 * MACHINE.values["water_ua"]))
    stand.assert_balanced()


def test_air_raises_the_pressure_and_not_the_condensing_temperature(stand):
    p, electric, heat = stand["p_cond"], stand["electric_w"], stand["heat_w"]
    liquid = stand["t_liquid"]
    stand.plant.set_fault("inert_pa", 1e5)
    stand.run(900)
    assert stand["p_cond"] - p == pytest.approx(1e5, rel=0.25)
    assert stand["electric_w"] > 1.03 * electric
    assert stand["heat_w"] == pytest.approx(heat, rel=0.05)
    assert abs(stand["t_liquid"] - liquid) < 3.0
    stand.assert_balanced()


def test_a_slide_stuck_half_way_short_circuits(stand):
    heat = stand["heat_w"]
    stand.plant.set_fault("slide_position", 0.5)
    stand.run(120)
    assert stand["reversing_position"] == 0.5
    assert stand["heat_w"] < 0.8 * heat
    stand.assert_balanced()
    stand.plant.set_fault("slide_position", float("nan"))


def test_a_slide_stuck_in_heating_does_not_reverse(stand):
    stand.plant.set_fault("slide_position", 0.0)
    stand.run(60, reversing=1.0)
    assert stand["reversing_position"] == 0.0
    stand.put(reversing=0.0)


def test_a_slide_half_way_closes_step_by_step():
    """R454B: the evaporator's outlet turns round in the port that the shell's gas crosses (59,000 once)."""
    figures = benchmark.fault_speed(load_machine("ashp-r454b-4kw"))
    assert figures["fallbacks"] < 1000


def test_reset_keeps_a_fault_and_a_snapshot_holds_it(stand):
    saved = stand.plant.snapshot()
    stand.plant.set_fault("coil_factor", 0.5)
    broken = stand.plant.snapshot()
    half = float(stand.plant.par.fan_flow)
    stand.plant.reset(280.15, 0.8, 300.15)
    assert float(stand.plant.par.fan_flow) == half
    stand.plant.restore(saved)
    assert float(stand.plant.par.fan_flow) == 2.0 * half
    stand.plant.restore(broken)
    assert float(stand.plant.par.fan_flow) == half


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("rust", 1.0, "plant fault 'rust' is unknown, known are leak_kg_s"),
        ("coil_factor", 0.01, "coil_factor is 0.01, allowed 0.05 to 1"),
        ("leak_kg_s", float("nan"), "leak_kg_s is nan, allowed 0 to"),
    ],
)
def test_what_it_cannot_be_is_refused(name, value, text):
    with pytest.raises(InputError, match=text):
        Plant(MACHINE).set_fault(name, value)
