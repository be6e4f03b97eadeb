"""Components one by one: signs, limits, conservation, floors."""

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.components import air, compressor, eev
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import load_machine

R290 = fluids.load("R290")
PAR = load_machine("ashp-r290-8kw").record()


def record(p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(R290, p, sat)
    return sat


def compress(p_s, p_d, n, superheat=8.0, wall_c=60.0, par=PAR):
    sat_s, sat_d = record(p_s), record(p_d)
    h = tb.vapour_enthalpy(R290, sat_s, sat_s[tb.T_DEW] + superheat)
    rho_d = sat_d[tb.RHO_VAP]
    return compressor.compress(par, R290, sat_s, sat_d, p_s, p_d, h, rho_d, wall_c + 273.15, n)


def overall(dew_s_c, dew_d_c, n):
    p_s, p_d = (tb.pressure_of_dew(R290, c + 273.15) for c in (dew_s_c, dew_d_c))
    m, _pumped, gas, loss, _electric, work, _heat = compress(p_s, p_d, n)
    return m * work / (gas + loss)


def test_compressor_efficiency_falls_with_density():
    """Losses fixed per revolution and leakage cost most where a revolution moves little gas."""
    warm, cold = overall(0, 36, 60), overall(-15, 36, 60)
    assert 0.65 < warm < 0.78
    assert cold < warm - 0.04


def test_compressor_never_goes_negative_pumping():
    """Floors: the pumped flow stays positive from equal pressures to any ratio, and no power is negative."""
    for p_s in (4e5, 1e5, 4e4, 1.6e4):
        _m, pumped, gas, loss, electric, _work, _heat = compress(p_s, 30e5, 50.0)
        assert pumped >= 0 and gas >= 0 and loss > 0 and electric > 0
    assert compress(8e5, 8e5, 50.0)[0] > 0
    assert compress(5e5, 12e5, 0.0)[0] < 0, "standing, it leaks back"
    assert compress(5e5, 5e5, 0.0)[0] == 0


def test_suction_gas_is_heated_by_the_shell():
    """By its transfer units' effectiveness: less gas, more work a kilogram; nothing from as cold a wall."""
    p_s, p_d = 4.5e5, 13e5
    cold_c = record(p_s)[tb.T_DEW] + 8.0 - 273.15
    _m, pumped, gas, _loss, _electric, work, heat = compress(p_s, p_d, 55.0, wall_c=cold_c)
    assert heat == pytest.approx(0.0, abs=1e-6)
    _m, less, more, _loss, _electric, same, heat = compress(p_s, p_d, 55.0, wall_c=cold_c + 40.0)
    assert same == work, "the isentropic work counts from the suction port"
    cp = 1.0 / tb.vapour(R290, record(p_s), tb.vapour_enthalpy(R290, record(p_s), cold_c + 273.15))[1]
    flow = pumped / PAR.outdoor_flow_nominal
    assert heat / (less * cp * 40.0) == pytest.approx(1.0 - np.exp(-PAR.suction_ntu * flow**-0.2), rel=1e-3)
    assert 0.94 < less / pumped < 0.98
    assert more / less > 1.02 * gas / pumped


@pytest.mark.parametrize("ratio", [1.2, 1.7, 2.5, 4.0, 6.0])
def test_built_in_ratio_costs_what_table_and_geometry_say(ratio):
    """Against the same path in the refrigerant's table: isentropic to Vi times the density, then at that
    volume to the line's pressure. kappa is R290's along that isentrope.
    """
    scroll = PAR.copy()
    scroll.volume_ratio, scroll.indicated_efficiency, scroll.suction_ntu = 2.55, 1.0, 0.0
    scroll.kappa = 1.045
    p_s = 4.5e5
    sat_s = record(p_s)
    h = tb.vapour_enthalpy(R290, sat_s, sat_s[tb.T_DEW] + 8.0)
    s, rho = tb.entropy(R290, sat_s, h), tb.vapour(R290, sat_s, h)[2]
    low, high = p_s, 10.0 * p_s
    for _ in range(60):
        middle = 0.5 * (low + high)
        inner = record(middle)
        h_i = tb.enthalpy_of_entropy(R290, inner, s)
        low, high = (middle, high) if tb.state(R290, inner, h_i)[2] < 2.55 * rho else (low, middle)
    expected = h_i - h + (ratio * p_s - middle) / (2.55 * rho)
    _m, pumped, gas, _loss, _electric, work, _heat = compress(p_s, ratio * p_s, 55.0, par=scroll)
    assert gas / pumped >= work
    assert gas / pumped == pytest.approx(expected, rel=0.02)


def test_valve_starves_on_flash_gas_and_shuts_to_its_leakage():
    """Flow grows with opening from the opening point on; vapour at the inlet cuts it; shut, the leakage
    stays.
    """
    t_crit = R290.meta[tb.T_CRIT]
    args = (t_crit, PAR.eev_area, PAR.eev_opening_point, PAR.eev_exponent, PAR.eev_leakage)
    flow = [eev.flow_per_root(op, 5.0, *args) for op in np.linspace(0, 1, 101)]
    assert np.all(np.diff(flow) >= 0) and flow[0] == flow[1] > 0
    assert flow[0] / flow[-1] == pytest.approx(PAR.eev_leakage)
    sat = record(12e5)
    full = eev.root(tb.state(R290, sat, sat[tb.H_LIQ] - 1e4)[2], 7e5)
    h = sat[tb.H_LIQ] + 0.1 * (sat[tb.H_VAP] - sat[tb.H_LIQ])
    assert eev.root(tb.state(R290, sat, h)[2], 7e5) < 0.65 * full
    assert eev.root(500.0, -1e5) == -eev.root(500.0, 1e5)


def test_psychrometrics():
    """Against steam tables: 611.2 Pa at 0, 1228 at 10, 2339 at 20 degC, 259.9 over ice at -10: Magnus holds
    0.3 %.
    """
    for c, pa in ((0, 611.2), (10, 1228), (20, 2339), (-10, 259.9)):
        assert air.saturated_vapour_pressure(c + 273.15) == pytest.approx(pa, rel=3e-3)


def test_air_gives_up_no_more_water_than_it_brings():
    """Where the coil's effectiveness is 1, heat and vapour leave the air at the surface's temperature and
    saturated; with a weak film both follow the Lewis analogy.
    """
    c_air = 30.0
    heat, vapour = air.exchange(1e4, c_air)
    assert heat == pytest.approx(c_air) and vapour == pytest.approx(c_air / air.CP_AIR)
    heat, vapour = air.exchange(0.01, c_air)
    assert vapour == pytest.approx(heat * air.LEWIS / air.CP_AIR, rel=1e-3)
