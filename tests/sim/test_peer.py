"""Another solver on the same machine: TESPy, with CoolProp's properties."""

import dataclasses

import pytest
from isentrope_sim import peer, steady
from isentrope_sim.errors import PlantError
from plants import MACHINE

tespy = pytest.importorskip("tespy", reason="not run: TESPy is missing (pip install 'isentrope[bench]')")


@pytest.mark.parametrize(("source", "sink", "heat"), [(7, 35, 5600), (7, 55, 5360), (-7, 34, 5300)])
def test_bare_cycle(source, sink, heat):
    """Same pressures, superheat, subcooling and isentropic efficiency: COP within 0.3 %."""
    point = steady.solve(MACHINE, source, sink, heating_w=heat)
    assert peer.TespyCycle(point).solve() == pytest.approx(point["cycle_cop"], rel=3e-3)


@pytest.mark.parametrize(("source", "sink", "heat"), [(7, 35, 5600), (7, 55, 5360)])
def test_same_conductances_and_flows(source, sink, heat):
    """TESPy finds both pressures from our conductances, water and air: COP within 2 %, 0.3 K."""
    found = peer.compare(MACHINE, source, sink, heat)
    assert found["tespy_cop"] == pytest.approx(found["cop"], rel=0.02)
    # 1 % of pressure is 0.3 to 0.4 K of saturation.
    assert found["tespy_evaporating_pa"] == pytest.approx(found["evaporating_pa"], rel=0.01)
    assert found["tespy_condensing_pa"] == pytest.approx(found["condensing_pa"], rel=0.01)


def test_the_conductances_matter():
    """Two thirds of either leave the bounds of the comparison, which can therefore fail."""
    point, given = peer.measure(MACHINE, 7, 35, 5600)
    less = given._replace(condenser=given.condenser * 2 / 3)
    assert peer.TespyMachine(point, less, 7).solve()["condensing_pa"] > 1.01 * point["condensing_pa"]
    less = given._replace(evaporator=given.evaporator * 2 / 3)
    found = peer.TespyMachine(point, less, 7).solve()
    assert found["evaporating_pa"] < 0.99 * point["evaporating_pa"]
    assert found["cop"] < 0.98 * given.cop


def test_what_is_not_compared_says_why(tmp_path):

    blend = dataclasses.replace(MACHINE, refrigerant="R454B")
    with pytest.raises(PlantError, match="TESPy has no R454B"):
        peer.compare(blend, 7, 35, 5600)
