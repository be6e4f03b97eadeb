"""Emitters meet their nominal point and their law away from it; energy closes; floors are slow."""

import math

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.world import WATER_J_KG_K, emitters

ROOM = 293.15


def settled(data, supply_k, flow=1.0, fan=1.0):
    par = data.record()
    water, slab, out = np.full(emitters.CELLS, supply_k), np.full(emitters.CELLS, supply_k), np.zeros(3)
    for _ in range(400):
        emitters.advance(water, slab, par, flow * par[emitters.FLOW], 1.0, supply_k, ROOM, fan, 3600.0, out)
    return out


@pytest.mark.parametrize("kind", emitters.KINDS)
def test_nominal_heat_at_the_nominal_point(kind):
    data = emitters.preset(kind, 5400.0, 140.0, ROOM)
    heat, supply, back = settled(data, data.supply_k)
    assert heat == pytest.approx(5400.0, rel=1e-6)
    assert (supply, back) == (data.supply_k, pytest.approx(data.return_k, abs=1e-6))


@pytest.mark.parametrize(("kind", "exponent"), [("radiator", 1.3), ("fan-coil", 1.0)])
def test_half_the_over_temperature_follows_the_exponent(kind, exponent):
    data = emitters.preset(kind, 5400.0, 140.0, ROOM)
    # At ten times the flow all cells are near the supply: the law itself.
    full, half = (settled(data, ROOM + over, flow=100.0)[0] for over in (30.0, 15.0))
    assert math.log2(full / half) == pytest.approx(exponent, abs=0.02)


@pytest.mark.parametrize("flow", [0.3, 0.5, 2.0])
def test_a_radiator_finds_the_logarithmic_mean(flow):
    """EN 442-2: heat over nominal = (dT_log / dT_log nominal)^n."""

    def log_mean(supply, back):
        return (supply - back) / math.log((supply - ROOM) / (back - ROOM))

    data = emitters.preset("radiator", 5400.0, 140.0, ROOM)
    heat, supply, back = settled(data, data.supply_k, flow=flow)
    expected = 5400.0 * (log_mean(supply, back) / log_mean(data.supply_k, data.return_k)) ** 1.3
    assert heat == pytest.approx(expected, rel=0.02)
    assert heat == pytest.approx(flow * data.flow_kg_s * WATER_J_KG_K * (supply - back), rel=1e-6)


def test_a_floor_obeys_en_1264_at_its_surface():
    data = emitters.preset("floor", 5400.0, 140.0, ROOM)
    par = data.record()
    water, slab, out = np.full(emitters.CELLS, 305.0), np.full(emitters.CELLS, 300.0), np.zeros(3)
    for _ in range(2000):
        emitters.advance(water, slab, par, par[emitters.FLOW], 1.0, 305.0, ROOM, 1.0, 600.0, out)
    assert out[0] == pytest.approx(
        8.92 * data.area_m2 / emitters.CELLS * float(np.sum((slab - ROOM) ** 1.1)), rel=1e-6
    )


def test_a_fan_coil_without_its_fan_gives_a_tenth_and_a_bit():
    data = emitters.preset("fan-coil", 5400.0, 140.0, ROOM)
    assert 0.1 < settled(data, data.supply_k, fan=0.0)[0] / 5400.0 < 0.13


@pytest.mark.parametrize("fresh", [1.0, 0.4, 0.0])
@pytest.mark.parametrize("kind", emitters.KINDS)
@pytest.mark.parametrize("dt", [0.5, 60.0])
def test_energy_closes_to_rounding_with_and_without_mixing(kind, fresh, dt):
    par = emitters.preset(kind, 5400.0, 140.0, ROOM).record()
    water, slab, out = np.full(emitters.CELLS, 300.0), np.full(emitters.CELLS, 295.0), np.zeros(3)

    def held():
        return par[emitters.C_W] * water.sum() + par[emitters.C_S] * slab.sum()

    first, brought = held(), 0.0
    flow = par[emitters.FLOW]
    for _ in range(1000):
        emitters.advance(water, slab, par, flow, fresh, 310.0, ROOM, 1.0, dt, out)
        brought += dt * (flow * fresh * WATER_J_KG_K * (310.0 - out[2]) - out[0])
    assert held() - first == pytest.approx(brought, abs=1e-9 * first)


def test_a_floor_is_slow_and_a_radiator_is_not():
    time = {}
    for kind in ("floor", "radiator"):
        data = emitters.preset(kind, 5400.0, 140.0, ROOM)
        par = data.record()
        water, slab, out = np.full(emitters.CELLS, ROOM), np.full(emitters.CELLS, ROOM), np.zeros(3)
        seconds = 0.0
        while out[0] < 0.63 * 5400.0:
            emitters.advance(water, slab, par, par[emitters.FLOW], 1.0, data.supply_k, ROOM, 1.0, 5.0, out)
            seconds += 5.0
        time[kind] = seconds
    assert 1.0 * 3600.0 < time["floor"] < 6 * 3600.0
    assert 120.0 < time["radiator"] < 30 * 60.0


@pytest.mark.parametrize("kind", emitters.KINDS)
def test_rest_is_at_rest(kind):
    par = emitters.preset(kind, 5400.0, 140.0, ROOM).record()
    water_k, slab_k = emitters.rest(par, 3000.0, ROOM)
    water, slab, out = np.full(emitters.CELLS, water_k), np.full(emitters.CELLS, slab_k), np.zeros(3)
    flow = 1000.0 * par[emitters.FLOW]
    emitters.advance(water, slab, par, flow, 1.0, water_k, ROOM, 1.0, 60.0, out)
    assert out[0] == pytest.approx(3000.0, rel=1e-3)


def test_what_cannot_be():
    with pytest.raises(InputError, match="unknown emitter 'ceiling'; known: floor, radiator, fan-coil"):
        emitters.preset("ceiling", 5400.0, 140.0, ROOM)
    with pytest.raises(InputError, match="is more than 17 m2 can give"):
        emitters.preset("floor", 5400.0, 20.0, ROOM).record()
