"""A machine with a liquid receiver: steady and through time, what it is for, and its limits."""

import dataclasses
import hashlib

import numpy as np
import pytest
from isentrope_sim import duties, fluids, net
from isentrope_sim.cycle import layout as ly
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import load_machine
from isentrope_sim.plant import Plant
from isentrope_sim.signals import OUTPUTS
from isentrope_sim.steady import cool, solve
from plants import Stand, running
from receivers import with_receiver

MACHINE = with_receiver()
BARE = load_machine("ashp-r32-9kw")
# What the vessel holds over its vapour when full: 1.2 litres of R32 at 21.58 bar (CoolProp 8).
HELD_KG = 1.2e-3 * (919.75 - 62.28)


def at_a7w35(machine, **kwargs):
    return solve(machine, 7.0, 35.0, speed_rps=50.0, **kwargs)


@pytest.fixture(scope="module")
def settled():
    point = at_a7w35(MACHINE, superheat_k=7.0)
    stand = running(point, machine=MACHINE)
    return point, stand, stand.plant.snapshot()


@pytest.fixture
def stand(settled):
    _point, stand, saved = settled
    stand.plant.restore(saved)
    stand.put(speed_rps=50.0, eev_opening=settled[0]["eev_opening"], reversing=0.0, fan=settled[0]["fan"])
    stand.log = []
    return stand


def test_the_settled_plant_is_the_steady_point(settled):
    point, stand, saved = settled
    stand.plant.restore(saved)
    assert stand["superheat_k"] == pytest.approx(point["suction_superheat_k"], abs=0.05)
    assert stand["p_evap"] == pytest.approx(point["evaporating_pa"], rel=1e-4)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-4)
    assert stand["receiver_level"] == pytest.approx(point["receiver_level"], abs=2e-3)
    assert 0.3 < stand["receiver_level"] < 0.8
    assert stand["subcooling_k"] < 0.01
    stand.assert_balanced()


@pytest.mark.parametrize(
    ("name", "charge"), [("ashp-r290-8kw", 0.80), ("ashp-r454b-4kw", 1.0), ("ashp-r410a-evi-16kw", 2.3)]
)
def test_other_fluids(name, charge):
    machine = with_receiver(name, charge)
    point = solve(machine, 7.0, 35.0)
    assert point["charge_kg"] == pytest.approx(charge, rel=1e-6)
    stand = running(point, machine=machine)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-3)
    assert stand["receiver_level"] == pytest.approx(point["receiver_level"], abs=0.02)
    assert 0.1 < stand["receiver_level"] < 0.95
    assert stand["subcooling_k"] < 0.01
    stand.assert_balanced()


def test_charge_goes_into_the_level_and_not_into_the_cop():
    """Over 1.3 to 2.0 kg: saturated liquid, one COP, and a level by V (rho_liq - rho_vap); without a
    receiver the same part of its charge changes the COP by some per cent.
    """
    charges = (1.3, 1.5, 1.7, 1.9, 2.0)
    points = [at_a7w35(with_receiver(charge=c)) for c in charges]
    for point in points:
        assert point["subcooling_k"] < 0.01
        assert point["cop"] == pytest.approx(points[0]["cop"], rel=1e-5)
    levels = np.array([p["receiver_level"] for p in points])
    slopes = np.diff(levels) / np.diff([p["charge_kg"] for p in points])
    assert slopes == pytest.approx(1.0 / HELD_KG, rel=2e-3)
    changed = []
    for charge in charges:
        part = charge / MACHINE.values["charge"]
        values = BARE.values | {"charge": part * BARE.values["charge"]}
        changed.append(at_a7w35(dataclasses.replace(BARE, values=values))["cop"])
    assert max(changed) / min(changed) > 1.03


def test_beyond_its_range_a_receiver_runs_full_or_dry():
    full, dry = at_a7w35(with_receiver(charge=2.4)), at_a7w35(with_receiver(charge=0.9))
    assert full["receiver_level"] == 1.0
    assert full["subcooling_k"] > 3.0
    assert dry["receiver_level"] < 0.1
    # Flash gas before the valve: it has to open wider for less.
    assert dry["eev_opening"] > 1.3 * at_a7w35(MACHINE)["eev_opening"]
    assert dry["cop"] < 0.96 * at_a7w35(MACHINE)["cop"]


def test_cooling_it_lies_behind_the_valve_with_the_level_at_the_mouth():
    """Two phases come and leave: the level holds what the pipe needs, the rest of the charge subcools."""
    little, much = (cool(with_receiver(charge=c), 35.0, 7.0, speed_rps=50.0) for c in (1.2, 1.4))
    for point in (little, much):
        assert 0.03 < point["receiver_level"] < 0.15
    assert much["subcooling_k"] > little["subcooling_k"] > 3.0


def test_results_hardly_depend_on_the_grid():
    """10 and 20 cells, fixed valve: superheat within 1 K, COP within 0.5 %; both machines at one level."""
    point = at_a7w35(MACHINE, superheat_k=7.0)
    coarse, fine = (running(point, cells, machine=MACHINE) for cells in (10, 20))
    assert fine["superheat_k"] == pytest.approx(coarse["superheat_k"], abs=1.0)
    cop = [s["heat_w"] / s["electric_w"] for s in (coarse, fine)]
    assert cop[1] == pytest.approx(cop[0], rel=5e-3)
    assert fine["receiver_level"] == pytest.approx(coarse["receiver_level"], abs=0.05)


def test_start_stop_reversal_and_restart_keep_the_books(settled, stand):
    stand.run(300, rps=50.0, reversing=1.0)
    stand.run(300, reversing=0.0)
    stand.run(600, rps=0)
    assert stand["receiver_level"] < 0.2  # Equalised, its liquid has flashed and run off to the cold coil.
    stand.run(900, rps=50.0)
    stand.assert_balanced()
    assert np.abs(stand.column("charge_error")).max() < 1e-9
    assert stand["receiver_level"] == pytest.approx(settled[0]["receiver_level"], abs=0.02)


def test_defrost_keeps_the_books_and_the_level_returns(settled):
    """Whole cycles of frost and reverse-cycle defrost, as `isentrope steady` averages them."""
    point = net.solve(MACHINE, 2.0, 30.0, speed_rps=50.0)
    assert 0.03 < point["defrost_loss"] < 0.15
    _point, stand, saved = settled
    stand.plant.restore(saved)
    stand.log = []
    stand.run(100, rps=35.0, reversing=1.0, fan=0.0, eev_opening=0.6)
    stand.run(1800, rps=50.0, reversing=0.0, fan=1.0, eev_opening=settled[0]["eev_opening"])
    stand.assert_balanced()
    assert stand["receiver_level"] == pytest.approx(settled[0]["receiver_level"], abs=0.02)


def high_side_kg(stand):
    """Refrigerant in condenser and vessel, heating."""
    w, n = stand.plant._w, stand.plant.cells
    return float(w[ly.MASS_OLD, n + 2 :].sum())


def test_pump_down_brings_the_charge_into_condenser_and_vessel(stand):
    before = high_side_kg(stand)
    stand.run(60, rps=50.0, eev_opening=0.0)
    assert stand["p_suction"] < 2e5
    assert high_side_kg(stand) > before + 0.1
    assert high_side_kg(stand) > 0.8 * stand["charge_kg"]
    stand.run(600, rps=0)
    stand.run(600, rps=50.0, eev_opening=0.3)
    stand.assert_balanced()


def test_all_the_charge_in_the_vessel():
    """Full of liquid at the start, the rest of the circuit vapour: level 1, finite, and it starts from it."""
    machine = with_receiver(charge=2.05)
    stand = Stand(machine=machine, water_c=7.0)
    plant, n = stand.plant, stand.plant.cells
    line = ly.CELLS + 4 * n
    plant.x[ly.CELLS : ly.CELLS + n] = plant.x[ly.CELLS + 2 * n]
    plant._pool(np.array([line]), 2.05)
    plant._s[ly.S_CHARGE_0] = plant._unpack()
    stand.put(water_kg_s=0.3263, water_in_k=303.15)
    stand.run(0.5)
    assert stand["receiver_level"] > 0.99
    stand.run(300, rps=50.0, eev_opening=0.3)
    assert np.isfinite(stand.plant.x).all()
    assert np.abs(stand.column("charge_error")).max() < 1e-9


def test_lost_charge_comes_out_of_the_receiver_first(stand):
    """While there is liquid over the mouth a leak changes neither subcooling, superheat nor pressures."""
    level, superheat, p = stand["receiver_level"], stand["superheat_k"], stand["p_cond"]
    stand.plant.set_fault("leak_kg_s", 0.3 / 3600.0)
    stand.run(3600)
    assert level - stand["receiver_level"] == pytest.approx(0.3 / HELD_KG, rel=0.05)
    assert stand["superheat_k"] == pytest.approx(superheat, abs=0.3)
    assert stand["p_cond"] == pytest.approx(p, rel=2e-3)
    stand.run(5400)
    assert stand["receiver_level"] < 0.1
    assert stand["superheat_k"] > superheat + 2.0
    stand.assert_balanced()


def test_snapshot_continues_bit_for_bit(stand):
    def go():
        stand.run(120, rps=60.0, reversing=1.0)
        stand.run(60, eev_opening=0.0)
        return hashlib.sha256(stand.plant.x.tobytes() + stand.plant.y.tobytes()).hexdigest()

    saved, u = stand.plant.snapshot(), stand.u.copy()
    first = go()
    stand.plant.restore(saved)
    stand.u[:] = u
    assert go() == first


def test_the_level_is_an_output_and_0_without_a_receiver():
    assert OUTPUTS["receiver_level"].unit == "1"
    assert Stand(machine=BARE).run(1)["receiver_level"] == 0.0
    assert at_a7w35(BARE)["receiver_level"] == 0.0


def test_a_charge_that_does_not_fit_is_refused_and_the_vessel_counts():
    allowed = []
    made = with_receiver()
    for machine in (BARE, made):
        with pytest.raises(InputError, match=r"^charge is 9 kg, allowed up to .* 'ashp-r32-9kw' at") as error:
            Plant(dataclasses.replace(machine, values=machine.values | {"charge": 9.0}))
        allowed.append(float(str(error.value).split("allowed up to ")[1].split(" kg")[0]))
    # 1.2 litres of the coldest liquid that the table has.
    sat, fluid = np.zeros(tb.SAT_SIZE), fluids.load("R32")
    tb.saturation(fluid, tb.pressure_of_dew(fluid, 280.15), sat)
    densest = tb.state(fluid, sat, fluid.meta[tb.H_MIN])[2]
    vessel = made.values["liquid_line_volume"] * densest
    assert allowed[1] - allowed[0] == pytest.approx(vessel, rel=0.03)


@pytest.mark.parametrize("seed", [3, 33, 37, 59])
def test_random_duties_finish_with_their_books(seed):
    """Seed 33 drew cold liquid backwards into the vessel's hot vapour: two solutions until it was bounded."""
    report = duties.run(MACHINE, seed)
    assert not report.fails(), report.line()
    assert report.shortest_s >= 1e-5
