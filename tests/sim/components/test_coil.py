"""The coil's air side: dry limit, fan curve, rows, blockage, melting, drainage, conservation."""

from math import exp

import numpy as np
import pytest
from coils import PAR, Coil
from isentrope_sim.components import air, coil
from isentrope_sim.components.fan import fan_point


@pytest.mark.parametrize("fan", [0.55, 0.8, 1.0])
def test_dry_coil_is_plain_cross_flow(fan):
    """Without moisture, rows and strips together are c (1 - exp(-UA / c)) of the machine's own numbers."""
    rig = Coil(2.0, 0.0)
    rig.hold(60, -6.0, fan)
    c = PAR.fan_flow * fan * air.density(275.15) * air.CP_AIR
    ua = PAR.air_ua * fan**PAR.air_exponent
    assert rig.flow == pytest.approx(PAR.fan_flow * fan, rel=1e-9)
    assert rig.fan_w == pytest.approx(PAR.fan_w * fan**PAR.fan_exponent, rel=1e-9)
    assert rig.heat_w == pytest.approx((rig.t_air - rig.wall[0]) * c * (1.0 - exp(-ua / c)), rel=1e-3)
    assert rig.mass == 0.0


def test_fan_meets_its_three_points():
    """Clean: nominal. Ever more resistance: standstill's pressure and power. And monotone between."""
    assert fan_point(PAR, 1.0, 1.0) == pytest.approx((1.0, PAR.fan_w))
    flow, watts = np.array([fan_point(PAR, 1.0, b) for b in np.geomspace(1.0, 1e6, 60)]).T
    assert np.all(np.diff(flow) < 0) and np.all(np.diff(watts) > 0)
    assert watts[-1] == pytest.approx(PAR.fan_shutoff_power * PAR.fan_w, rel=0.02)
    # At standstill all of the fan's pressure lies across the coil: s B q^1.5 = p_shutoff / p.
    q = fan_point(PAR, 1.0, 1e6)[0]
    assert PAR.coil_share * 1e6 * q**1.5 == pytest.approx(PAR.fan_shutoff / PAR.fan_pressure, rel=0.02)


def test_standing_fan_lets_a_draught_through():
    assert fan_point(PAR, 0.0, 1.0) == (PAR.fan_natural, 0.0)
    assert fan_point(PAR, 0.0, 8.0)[0] == pytest.approx(PAR.fan_natural / 4)


@pytest.mark.parametrize("seed", range(60))
def test_water_and_energy_close_over_anything(seed):
    """Frosting, melting, drying, refreezing in random order, with steps of 0.01 to 0.5 s."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rig = Coil(float(rng.uniform(-15, 15)), float(rng.uniform(0.3, 1.0)), cells=int(rng.integers(4, 16)))
    for _ in range(8):
        fan, dt = float(rng.choice([0.0, 0.6, 1.0])), float(rng.choice([0.01, 0.05, 0.25, 0.5]))
        if rng.random() < 0.5:
            rig.hold(
                400 * dt, rng.uniform(-30, 30, rig.n), fan, dt, k=float(rng.choice([100.0, 400.0, 2000.0]))
            )
        else:
            rig.heat(400 * dt, float(rng.uniform(-4e3, 4e3)), fan, dt)
        rig.assert_balanced()


def test_frost_gathers_as_in_the_field():
    """A2, wet bulb 1, walls at -5 degC, full fan: 1 to 4 kg/h, under 1 mm, air flow falls by a third or more
    within 40 min, the fan draws more.
    """
    rig = Coil().hold(2400, -5.0)
    assert 1.0 < rig.ice / (2.0 / 3.0) < 4.0
    assert 0.3e-3 < rig.thickness.max() < 0.95e-3
    assert rig.flow < 0.67 * PAR.fan_flow and rig.fan_w > PAR.fan_w
    rig.assert_balanced()


def test_more_moisture_and_colder_walls_gather_more():
    damp = [Coil(2.0, rh).hold(600, -5.0).ice for rh in (0.6, 0.7, 0.8, 0.9, 1.0)]
    cold = [Coil(2.0, 0.84).hold(600, t).ice for t in (-1.0, -2.0, -4.0, -6.0)]
    assert np.all(np.diff(damp) > 0) and np.all(np.diff(cold) > 0)
    assert Coil(2.0, 0.5).hold(600, -5.0).ice == 0.0, "the frost point is -6.5 degC"


def test_first_row_closes_first_and_air_turns_to_the_open_strips():
    rig = Coil().hold(1800, np.where(np.arange(10) < 5, -5.0, 4.0))
    closed, open_ = rig.thickness[0], rig.thickness[-1]
    assert closed[0] > 1.3 * closed[1] > 1.3 * closed[2] > 0
    assert np.all(open_ == 0)
    assert rig.f[coil.F_C_AIR, 9] > 1.3 * rig.f[coil.F_C_AIR, 0]


def test_one_row_is_a_machine_too():
    par = PAR.copy()
    par.coil_rows = 1.0
    rig = Coil(par=par).hold(900, -5.0).heat(200, 4000.0)
    assert rig.thickness.shape == (10, 1) and rig.ice == 0.0
    rig.assert_balanced()


def test_dew_stays_water_above_zero_and_drains():
    """Walls at 2 degC in air of 7 degC, 87 %: no ice; what the fins do not hold runs off."""
    rig = Coil(7.0, 0.87).hold(1200, 2.0)
    held, before = rig.mass, rig.drained
    rig.hold(600, 2.0)
    assert rig.ice == 0.0 and rig.flow == pytest.approx(PAR.fan_flow)
    assert held == pytest.approx(PAR.retained_water * PAR.fin_area, rel=0.1)
    assert rig.mass == pytest.approx(held, rel=1e-3)
    assert rig.drained - before > 0.3
    rig.assert_balanced()


def test_dew_freezes_when_the_wall_does():
    rig = Coil(7.0, 0.87).hold(600, 2.0)
    water = rig.mass
    rig.hold(60, -3.0)
    assert rig.ice == pytest.approx(rig.mass) and rig.ice > water
    rig.assert_balanced()


@pytest.mark.parametrize("dt", [0.05, 0.5])
def test_melting_takes_its_heat_at_zero(dt):
    """Frosted for 40 min, then 5 kW with the fan off: the surface stays at 0 degC until the ice is gone,
    which takes the heat of fusion and of warming frost and walls, and little more.
    """
    rig = Coil().heat(2400, -4500.0, 1.0, 0.5)
    ice, start = rig.ice, rig.wall[0] - 273.15
    spent = 0.0
    while rig.ice > 0.01 * ice:
        rig.heat(dt, 5000.0, 0.0, dt)
        spent += 5000.0 * dt
        if rig.ice < 0.95 * ice:
            assert rig.wall.max() - 273.15 < 1.0
    warmed = -start * (PAR.outdoor_wall_capacity + 2100.0 * ice)
    assert spent == pytest.approx(ice * 0.3336e6 + warmed, rel=0.05)
    rig.assert_balanced()


def test_step_hardly_matters_to_melting():
    """Melting time, retained and drained water with steps of 0.5 s against 0.02 s."""
    found = []
    for dt in (0.5, 0.02):
        rig = Coil().heat(1800, -4500.0, 1.0, 0.5)
        rig.heat(150, 5000.0, 0.0, dt)
        found.append((rig.mass, rig.drained, rig.wall[0] - 273.15))
    assert found[0] == pytest.approx(found[1], rel=0.01)


def test_water_left_after_defrost_freezes_again():
    rig = Coil().heat(1800, -4500.0, 1.0, 0.5).heat(120, 5000.0)
    left = rig.mass
    assert rig.ice == 0.0 and 0.1 < left < 1.2 * PAR.retained_water * PAR.fin_area
    rig.heat(180, -4000.0, 1.0)
    assert rig.ice == pytest.approx(rig.mass) and rig.ice > 0.9 * left
    assert rig.flow > 0.98 * PAR.fan_flow, "a film of ice takes little of the gap"
    rig.assert_balanced()


def test_warm_dry_air_dries_the_coil():
    rig = Coil(7.0, 0.87).hold(600, 2.0)
    rig.w_air = 0.0
    rig.hold(3600, 7.0)
    assert rig.mass == 0.0, "what is less than a layer of molecules has dried"
    rig.assert_balanced()
    rig = Coil(-5.0, 0.95).hold(1800, -12.0)
    ice, thick = rig.ice, rig.thickness.max()
    rig.w_air = 0.0
    rig.hold(600, -5.0)
    assert rig.ice < ice and rig.thickness.max() < thick, "ice sublimes"


def test_at_rest_means_without_storage():
    """The steady answer is that of long holding, above zero and well below."""
    for t in (2.0, -3.0):
        rig = Coil(7.0, 0.87).hold(40 if t < 0 else 900, t)
        rest = Coil(7.0, 0.87)
        coil.air_flow(rest.par, 1.0, rest.t_air, rest.f, rest.n)
        for _ in range(30):
            q, slope = coil.respond_cell(
                rest.par, rest.f, 0, rig.wall[0], rest.n, 0.0, rest.t_air, rest.w_air
            )
            rest.f[coil.F_SURFACE, :3] = rest.f[coil.F_NEXT, :3]
        assert q * rest.n == pytest.approx(rig.heat_w, rel=2e-3)
        assert slope < 0.0


def test_saturated_air():
    """The slope is the derivative, over ice and over water; and water's own table (0.00377 at 0 degC)."""
    for t in (258.0, 268.0, 274.0, 290.0):
        after, before = (air.saturated_humidity(t + d)[0] for d in (0.01, -0.01))
        assert air.saturated_humidity(t)[1] == pytest.approx((after - before) / 0.02, rel=1e-4)
    assert air.saturated_humidity(273.15)[0] == pytest.approx(0.00377, rel=2e-3)


def test_air_gives_up_no_more_than_it_brings():
    """With a film that transfers any amount, air leaves at the surface's temperature and saturated there."""
    sensible, vapour = air.exchange(1e5, 30.0)
    assert sensible == pytest.approx(30.0) and vapour == pytest.approx(30.0 / air.CP_AIR)
    sensible, vapour = air.exchange(0.1, 30.0)
    assert vapour * air.CP_AIR / sensible == pytest.approx(1.0 / 0.90, rel=1e-3), (
        "Lewis, with hardly any film"
    )
