"""A bare cycle in every fluid, through the plant's own properties and components, against CoolProp's numbers.

CoolProp is asked here directly: saturation and isentropic compression by its own calls, (T, p) with the phase
imposed for a blend.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.components import accumulator, cell, compressor, eev
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import load_machine

CoolProp = pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
NAMES = ("R290", "R32", "R410A", "R454B")
BLENDS = {"R410A", "R454B"}
DEW_E, DEW_C = 268.15, 318.15  # K
SUPERHEAT, SUBCOOLING = 6.0, 5.0  # K: from dew, from bubble
EFFICIENCY = 0.7


class Library:
    """CoolProp's states of one fluid."""

    def __init__(self, name):
        self.blend = name in BLENDS
        self.state = CoolProp.AbstractState("HEOS", name + ".mix" if self.blend else name)

    def _read(self):
        s = self.state
        return SimpleNamespace(t=s.T(), p=s.p(), h=s.hmass(), rho=s.rhomass(), s=s.smass())

    def saturated(self, p, q):
        self.state.update(CoolProp.PQ_INPUTS, p, q)
        return self._read()

    def at(self, p, t, vapour):
        self.state.specify_phase(CoolProp.iphase_gas if vapour else CoolProp.iphase_liquid)
        self.state.update(CoolProp.PT_INPUTS, p, t)
        found = self._read()
        self.state.unspecify_phase()
        return found

    def compressed(self, p, entropy):
        """Vapour at p and an entropy, by bisection on temperature."""
        low, high = self.saturated(p, 1).t + 1e-6, 430.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            if self.at(p, middle, True).s < entropy:
                low = middle
            else:
                high = middle
        return self.at(p, low, True)


def record(fluid, p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(fluid, p, sat)
    return sat


@pytest.fixture(params=NAMES)
def cycle(request):
    """The cycle's corners from the plant's table, and CoolProp beside it."""
    fluid = fluids.load(request.param)
    c = SimpleNamespace(name=request.param, fluid=fluid, library=Library(request.param))
    c.p_e, c.p_c = tb.pressure_of_dew(fluid, DEW_E), tb.pressure_of_dew(fluid, DEW_C)
    c.low, c.high = record(fluid, c.p_e), record(fluid, c.p_c)
    c.h_suction = tb.vapour_enthalpy(fluid, c.low, c.low[tb.T_DEW] + SUPERHEAT)
    c.h_liquid = tb.liquid_enthalpy(fluid, c.high, c.high[tb.T_BUBBLE] - SUBCOOLING)
    c.entropy = tb.entropy(fluid, c.low, c.h_suction)
    c.isentropic = tb.enthalpy_of_entropy(fluid, c.high, c.entropy)
    c.h_discharge = c.h_suction + (c.isentropic - c.h_suction) / EFFICIENCY
    return c


def test_bare_cycle(cycle):
    """COP within 0.05 %, discharge within 0.05 K, volumetric capacity within 0.05 %."""
    lib = cycle.library
    dew_e, dew_c, bubble_c = (
        lib.saturated(p, q) for p, q in ((cycle.p_e, 1), (cycle.p_c, 1), (cycle.p_c, 0))
    )
    assert dew_e.t == pytest.approx(DEW_E, abs=1e-3) and dew_c.t == pytest.approx(DEW_C, abs=1e-3)
    suction = lib.at(cycle.p_e, dew_e.t + SUPERHEAT, True)
    liquid = lib.at(cycle.p_c, bubble_c.t - SUBCOOLING, False)
    work = (lib.compressed(cycle.p_c, suction.s).h - suction.h) / EFFICIENCY
    cop = (suction.h + work - liquid.h) / work

    plant_work = cycle.h_discharge - cycle.h_suction
    assert (cycle.h_discharge - cycle.h_liquid) / plant_work == pytest.approx(cop, rel=5e-4)
    # Where CoolProp puts the temperature of the plant's discharge.
    t = tb.vapour(cycle.fluid, cycle.high, cycle.h_discharge)[0]
    assert lib.at(cycle.p_c, t, True).h == pytest.approx(cycle.h_discharge, abs=50.0)
    rho = tb.vapour(cycle.fluid, cycle.low, cycle.h_suction)[2]
    capacity = rho * (cycle.h_suction - cycle.h_liquid)
    assert capacity == pytest.approx(suction.rho * (suction.h - liquid.h), rel=5e-4)


def test_behind_the_valve(cycle):
    """Temperature and density of the wet mixture, by CoolProp's own flash."""
    state = cycle.library.state
    state.update(CoolProp.HmassP_INPUTS, cycle.h_liquid, cycle.p_e)
    t, slope, rho = tb.state(cycle.fluid, cycle.low, cycle.h_liquid)
    assert t == pytest.approx(state.T(), abs=0.05)
    assert rho == pytest.approx(state.rhomass(), rel=5e-4)
    glide = cycle.low[tb.T_DEW] - cycle.low[tb.T_BUBBLE]
    if cycle.name == "R454B":
        # It boils further under dew than the quarter that has flashed would say by a straight line.
        assert 0.0 < t - cycle.low[tb.T_BUBBLE] < 0.25 * glide
        assert slope > 0.0


def test_valve_and_compressor(cycle):
    """Flow through the valve by CoolProp's density, isentropic work by its entropy."""
    lib, par = cycle.library, load_machine("ashp-r290-8kw").record()
    bubble = lib.saturated(cycle.p_c, 0)
    liquid = lib.at(cycle.p_c, bubble.t - SUBCOOLING, False)
    rho = tb.liquid(cycle.fluid, cycle.high, cycle.h_liquid)[2]
    area = eev.flow_per_root(
        0.4,
        SUBCOOLING,
        cycle.fluid.meta[tb.T_CRIT],
        par.eev_area,
        par.eev_opening_point,
        par.eev_exponent,
        0.0,
    )
    flow = area * eev.root(rho, cycle.p_c - cycle.p_e)
    dp = cycle.p_c - cycle.p_e
    assert flow == pytest.approx(area * (2.0 * liquid.rho * dp) ** 0.5, rel=5e-4)
    critical = {"R290": 369.89, "R32": 351.26, "R410A": 344.49, "R454B": 351.1}[cycle.name]
    assert cycle.fluid.meta[tb.T_CRIT] == pytest.approx(critical, abs=0.1)

    suction = lib.at(cycle.p_e, lib.saturated(cycle.p_e, 1).t + SUPERHEAT, True)
    rho_d = tb.vapour(cycle.fluid, cycle.high, cycle.h_discharge)[2]
    shell = suction.t + 50.0
    m, pumped, gas, loss, electric, work, heating = compressor.compress(
        par, cycle.fluid, cycle.low, cycle.high, cycle.p_e, cycle.p_c, cycle.h_suction, rho_d, shell, 60.0
    )
    warmed = lib.at(cycle.p_e, shell, True).h - suction.h
    assert 0.0 <= heating < 0.4 * pumped * warmed
    assert work == pytest.approx(lib.compressed(cycle.p_c, suction.s).h - suction.h, rel=5e-4)
    swept = par.displacement * 60.0 * suction.rho
    assert 0.7 * swept < m < swept
    assert 0.0 < gas + loss < electric


def test_evaporator_cells_close_and_end_at_dew(cycle):
    """Ten cells at rest take up what the enthalpies say, and never run colder than the one before."""
    fluid, sat = cycle.fluid, cycle.low
    h, air = cycle.h_liquid, sat[tb.T_DEW] + 12.0
    m = 6800.0 / (sat[tb.H_VAP] - h)
    temperatures, heat = [], 0.0
    for _ in range(10):
        h_in = h
        _h, h, t, _mass, wall, m_out, q = cell.solve_cell(
            fluid, sat, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, m, h_in, h_in, air, 100.0, 100.0, 0.0,
            400.0, 400.0, 20.0, 60.0, sat[tb.SLIP], 0.0,
        )  # fmt: skip
        assert q == pytest.approx(m * (h - h_in), rel=1e-5, abs=1e-3)
        assert m_out == m and t <= wall <= air
        temperatures.append(t)
        heat += q
    assert np.all(np.diff(temperatures) >= -1e-9)
    assert heat == pytest.approx(m * (h - cycle.h_liquid), rel=1e-6)
    assert h > sat[tb.H_VAP] and temperatures[-1] > sat[tb.T_DEW]


def test_accumulator_lets_dry_vapour_pass_and_keeps_liquid(cycle):
    par, sat = load_machine("ashp-r290-8kw").record(), cycle.low
    rho = tb.state(cycle.fluid, sat, cycle.h_suction)[2]
    assert accumulator.outlet(par, sat, cycle.h_suction, rho, 0.02) == (cycle.h_suction, 0.0, 0.0)
    wet = sat[tb.H_LIQ] + 0.3 * (sat[tb.H_VAP] - sat[tb.H_LIQ])
    rho = tb.state(cycle.fluid, sat, wet)[2]
    h_out, liquid, level = accumulator.outlet(par, sat, wet, rho, 0.02)
    assert 0.0 < liquid < 0.2 * 0.02 and 0.0 < level < 1.0
    assert wet < h_out < sat[tb.H_VAP]
