"""Net operating points: whole defrost cycles where frost forms, the dry point elsewhere."""

import dataclasses

import pytest
from isentrope_sim import net, steady
from isentrope_sim.certified import certified_points
from isentrope_sim.errors import InputError
from plants import MACHINE

# The bar of a certified point after the fit: source over 5 degC 7 %, 10 % at low lift; 5 degC and under 10 %.
LOW_LIFT_C = 30.0


@pytest.mark.parametrize("row", certified_points(MACHINE.name), ids=lambda row: row.test)
def test_certified_cop(row):
    bar = 0.07 if row.source_c > 5.0 and row.sink_out_c > LOW_LIFT_C else 0.10
    found = net.solve(MACHINE, row.source_c, row.sink_out_c, heating_w=row.heating_w)
    assert found["cop"] == pytest.approx(row.cop, rel=bar)
    assert found["heating_w"] == pytest.approx(row.heating_w, rel=5e-3)
    assert found["frost"] == ("simulated" if row.source_c <= net.FROST_C else "none")


def test_warm_points_are_the_dry_ones():
    warm, dry = net.solve(MACHINE, 7, 35), steady.solve(MACHINE, 7, 35)
    assert warm == dry | {"frost": "none"}


def test_a_cold_point_has_all_keys_of_a_dry_one_and_its_cycle():
    told = []
    cold, dry = net.solve(MACHINE, 2, 35, said=told.append), steady.solve(MACHINE, 2, 35)
    assert set(cold) > set(dry)
    assert 0.05 < cold["defrost_loss"] < 0.2
    assert cold["cop"] == pytest.approx(cold["dry_cop"] * (1.0 - cold["defrost_loss"]))
    assert cold["heating_w"] < cold["dry_heating_w"] == dry["heating_w"]
    assert told == ["first cycle at 55.0 1/s", "cycle 2 at 55.0 1/s"]


def test_drier_air_frosts_less():
    wet, dry = (net.solve(MACHINE, 2, 35, wet_bulb_c=c)["defrost_loss"] for c in (1.5, -1.5))
    assert dry < 0.6 * wet


def test_least_speed_with_frost_is_below_every_dry_heat():
    """The dry point of that heat does not exist: the loss is against the dry point of that speed."""
    least = net.solve(MACHINE, 2, 30, speed_rps=MACHINE.values["min_rps"])
    assert least["heating_w"] < least["dry_heating_w"]
    assert 0.0 < least["defrost_loss"] < 0.25


def test_sources_other_than_air_do_not_frost():
    said = dataclasses.replace(MACHINE.declared.seasonal, source="brine")
    brine = dataclasses.replace(MACHINE, declared=dataclasses.replace(MACHINE.declared, seasonal=said))
    assert net.solve(brine, 0, 35)["frost"] == "none"


def test_bad_input():
    with pytest.raises(InputError, match="source_c is nan"):
        net.solve(MACHINE, float("nan"), 35)
    with pytest.raises(InputError, match="sink_dt_k is 50, allowed 1 to 30"):
        net.solve(MACHINE, 2, 35, sink_dt_k=50.0)
