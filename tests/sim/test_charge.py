"""The charge check against published limits and tables."""

import dataclasses

import pytest
from isentrope_sim import charge
from isentrope_sim.declared import Declared, Installation
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine

R290, R32, R454B = (charge.FLUIDS[name] for name in ("R290", "R32", "R454B"))
MACHINE = load_machine("ashp-r290-8kw")


def placed(fluid, kg, placement, room_area=None, release_height=None):
    """The machine with another refrigerant, charge and place."""
    return dataclasses.replace(
        MACHINE,
        refrigerant=fluid,
        values=MACHINE.values | {"charge": kg},
        texts=MACHINE.texts | {"charge": {"class": charge.FLUIDS[fluid].safety_class}},
        declared=Declared(installation=Installation(placement, room_area, release_height)),
    )


def test_thresholds():
    """The 150 g, 1 kg and 5 kg of propane; R32 and R454B as data sheets give them (3.91 lb, 33.9 lb)."""
    assert charge.limits(R290) == pytest.approx((0.152, 0.988, 4.94))
    assert charge.limits(R32)[0] == pytest.approx(1.842)
    assert charge.limits(R454B)[:2] == pytest.approx((3.91 * 0.4536, 33.9 * 0.4536), rel=2e-3)
    assert charge.limits(charge.FLUIDS["R410A"]) is None


@pytest.mark.parametrize(
    ("area", "kg"),
    [(1, 0.138), (3, 0.414), (6, 0.829), (7, 0.907), (10, 1.084), (20, 1.533), (30, 1.877), (45, 2.299)],
)
def test_room_table_of_a_manufacturer(area, kg):
    """Panasonic WH-ADC0309K3E5, table I: R32 at 0.6 m, by IEC 60335-2-40:2018."""
    assert charge.leaked_limit(R32, area, 0.6) == pytest.approx(kg, abs=1e-3)


@pytest.mark.parametrize(("kg", "area"), [(1.86, 29.44), (2.00, 34.04), (2.10, 37.53), (2.30, 45.02)])
def test_area_table_of_a_manufacturer(kg, area):
    """The same manual, table II."""
    assert charge.least_area(R32, kg, 0.6) == pytest.approx(area, rel=1e-3)


def test_area_and_charge_are_inverse():
    for fluid, kg in ((R32, 3.0), (R454B, 2.5), (R290, 0.3)):
        area = charge.least_area(fluid, kg, 1.8)
        assert charge.leaked_limit(fluid, area, 1.8) == pytest.approx(kg)


def test_low_units_count_as_floor_standing_ones():
    assert charge.leaked_limit(R32, 20.0, 0.1) == charge.leaked_limit(R32, 20.0, 0.6)
    assert charge.leaked_limit(R32, 20.0, 1.8) == pytest.approx(3 * charge.leaked_limit(R32, 20.0, 0.6))


def test_a_room_never_allows_less_than_m1_nor_more_than_m2():
    assert charge.room_limit(R290, 1.0, 0.6) == pytest.approx(0.152)
    assert charge.room_limit(R290, 1000.0, 2.2) == pytest.approx(0.988)
    assert charge.least_area(R290, 0.15, 0.6) is None
    assert charge.least_area(R290, 1.2, 0.6) == float("inf")


def test_the_shipped_machine_stands_outside():
    found = charge.check(MACHINE)
    assert found.ok
    assert found.safety_class == "A3"
    assert found.allowed == found.m3


@pytest.mark.parametrize(
    ("machine", "ok", "allowed"),
    [
        (placed("R290", 5.5, "outdoor-monobloc"), False, 4.94),
        (placed("R290", 0.14, "indoor"), True, 0.152),
        (placed("R290", 0.5, "indoor", 20.0, 1.8), False, 0.338),
        (placed("R32", 1.6, "split"), True, 1.842),
        (placed("R32", 2.2, "split", 40.0, 0.6), False, 2.168),
        (placed("R32", 2.1, "split", 40.0, 0.6), True, 2.168),
        (placed("R410A", 9.0, "indoor"), True, None),
    ],
)
def test_verdicts(machine, ok, allowed):
    found = charge.check(machine)
    assert found.ok is ok
    assert found.allowed == (None if allowed is None else pytest.approx(allowed, abs=1e-3))


def test_the_room_may_be_given():
    machine = placed("R32", 2.2, "split", 20.0, 0.6)
    assert not charge.check(machine).ok
    assert charge.check(machine, 45.0).ok


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (placed("R32", 2.2, "split", None, 0.6), "installation.room_area is missing; a charge of 2.2 kg R32"),
        (placed("R32", 2.2, "split", 20.0, None), "installation.release_height is missing"),
        (placed("R32", 2.2, "split", -3.0, 0.6), "room_area is -3.0, allowed above 0 m2"),
        (dataclasses.replace(MACHINE, declared=Declared()), "section installation is missing"),
        (dataclasses.replace(MACHINE, refrigerant="R32"), "charge.class is 'A3', R32 is 'A2L'"),
        (dataclasses.replace(MACHINE, refrigerant="R12"), "'R12': no safety class known, known are R290"),
    ],
)
def test_bad_machines(machine, message):
    with pytest.raises(InputError, match=message):
        charge.check(machine)


def test_the_document_has_json_numbers_only():
    found = charge.document(placed("R290", 1.2, "indoor", 20.0, 0.6))
    assert found["verdict"] == "refused"
    assert found["least_area_m2"] is None
