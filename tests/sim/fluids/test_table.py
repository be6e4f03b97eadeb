"""Every fluid's table against its oracle, CoolProp, and its own seams and inverses."""

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb

NAMES = ("R290", "R32", "R410A", "R454B")


def record(fluid, p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(fluid, p, sat)
    return sat


@pytest.fixture(params=NAMES)
def fluid(request):
    return fluids.load(request.param)


def test_the_four_fluids_have_tables():
    assert tuple(fluids.names()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_accuracy_against_coolprop(name):
    """Over the whole range, to under the critical point: a tenth of what the plant asks for."""
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    from isentrope_sim.fluids import proof, ranges

    worst = proof.prove(ranges.of(name), fluids.load(name), points=1000, seed=7)
    assert worst["density"] < 2e-5
    assert worst["temperature_k"] < 0.01
    assert worst["saturation_k"] < 1e-4
    assert worst["entropy"] < 0.01
    # Of a pure fluid there is nothing to approximate in the dome; R454B's glide is.
    assert worst["dome_k"] < (0.05 if name == "R454B" else 1e-4)
    assert worst["dome_density"] < (2e-4 if name == "R454B" else 1e-6)
    assert worst["library"] > 0.95  # most of the reference is CoolProp's own answer, not our equilibrium


@pytest.mark.parametrize("name", NAMES)
def test_range_is_what_the_data_say_and_a_machine_needs(name):
    from isentrope_sim.fluids import ranges

    span, fluid = ranges.of(name), fluids.load(name)
    assert fluid.meta[tb.P_MIN] == span.p_min and fluid.meta[tb.P_MAX] == span.p_max
    # Standstill at -45 degC, and a high-pressure switch: 31 bar(g) for R290, 45 bar(g) for the others.
    assert record(fluid, span.p_min)[tb.T_DEW] < 228.15
    assert span.p_max > (32e5 if name == "R290" else 46e5)
    assert span.p_max < fluid.meta[tb.P_CRIT]
    sat = record(fluid, 8e5)
    assert tb.state(fluid, sat, fluid.meta[tb.H_MIN])[0] < 213.0
    assert tb.state(fluid, sat, fluid.meta[tb.H_MAX])[0] > 430.0


@pytest.mark.parametrize("p", [0.2e5, 4.7e5, 12.4e5, 30e5])
def test_continuous_across_the_dome(fluid, p):
    sat = record(fluid, p)
    for edge in (tb.H_LIQ, tb.H_VAP):
        below, above = (tb.state(fluid, sat, sat[edge] + d) for d in (-1e-4, 1e-4))
        assert abs(below[0] - above[0]) < 1e-5
        assert abs(below[2] / above[2] - 1) < 1e-6


def test_smooth_within_a_phase(fluid):
    """The derivative the solver uses is the slope of the temperature, in liquid, dome and vapour, and is
    positive: flux then rises with enthalpy and a cell has one solution.
    """
    rng = np.random.Generator(np.random.PCG64(3))
    top = 0.95 * fluid.meta[tb.P_MAX]
    for _ in range(600):
        sat = record(fluid, float(np.exp(rng.uniform(np.log(0.2e5), np.log(top)))))
        h = float(rng.uniform(fluid.meta[tb.H_MIN], fluid.meta[tb.H_MAX]))
        if any(abs(h - sat[edge]) < 2e2 for edge in (tb.H_LIQ, tb.H_VAP)):
            continue
        slope = (tb.state(fluid, sat, h + 50)[0] - tb.state(fluid, sat, h - 50)[0]) / 100
        assert tb.state(fluid, sat, h)[1] == pytest.approx(slope, rel=2e-3, abs=1e-12)
        assert tb.state(fluid, sat, h)[1] >= -1e-12


def test_density_falls_with_enthalpy(fluid):
    for p in np.geomspace(0.11e5, 0.999 * fluid.meta[tb.P_MAX], 40):
        sat = record(fluid, p)
        rho = [tb.state(fluid, sat, h)[2] for h in np.linspace(*fluid.meta[[tb.H_MIN, tb.H_MAX]], 400)]
        assert np.all(np.diff(rho) < 0.0), p


def test_inverses(fluid):
    sat = record(fluid, 5e5)
    assert tb.state(fluid, sat, tb.vapour_enthalpy(fluid, sat, 300.0))[0] == pytest.approx(300.0, abs=1e-6)
    assert tb.state(fluid, sat, tb.liquid_enthalpy(fluid, sat, 240.0))[0] == pytest.approx(240.0, abs=1e-6)
    for h in (sat[tb.H_VAP] + 8e4, sat[tb.H_VAP] - 8e4):
        assert tb.enthalpy_of_entropy(fluid, sat, tb.entropy(fluid, sat, h)) == pytest.approx(h, abs=1.0)
    assert record(fluid, tb.pressure_of_dew(fluid, 280.0))[tb.T_DEW] == pytest.approx(280.0, abs=1e-6)
    assert record(fluid, tb.pressure_of_bubble(fluid, 280.0))[tb.T_BUBBLE] == pytest.approx(280.0, abs=1e-6)


def test_slip_gives_zivis_void():
    """The quality that flows from void a is Zivi's: a = 1 / (1 + (1 - x)/x (rho_v/rho_l)^(2/3))."""
    fluid = fluids.load("R290")
    sat = record(fluid, 5e5)
    h = sat[tb.H_LIQ] + 0.15 * (sat[tb.H_VAP] - sat[tb.H_LIQ])
    rho = tb.state(fluid, sat, h)[2]
    void = (sat[tb.RHO_LIQ] - rho) / (sat[tb.RHO_LIQ] - sat[tb.RHO_VAP])
    x = tb.flowing(sat, h, sat[tb.SLIP])[2]
    zivi = 1 / (1 + (1 - x) / x * (sat[tb.RHO_VAP] / sat[tb.RHO_LIQ]) ** (2 / 3))
    assert void == pytest.approx(zivi, abs=1e-9)


def test_glide():
    """R454B glides by 1.5 K at 8 bar, R410A hardly, pure fluids not at all: dew and bubble are apart."""
    glide = {name: np.diff(record(fluids.load(name), 8e5)[[tb.T_BUBBLE, tb.T_DEW]])[0] for name in NAMES}
    assert glide["R454B"] == pytest.approx(1.47, abs=0.05)
    assert glide["R410A"] == pytest.approx(0.10, abs=0.03)
    assert abs(glide["R290"]) < 1e-6 and abs(glide["R32"]) < 1e-6


def test_unknown_fluid_and_wrong_version(tmp_path):
    with pytest.raises(InputError, match=r"'R22'.*R290"):
        fluids.load("R22")
    r290 = fluids.load("R290")
    np.savez(tmp_path / "old.npz", version=1, **r290._asdict())
    with pytest.raises(InputError, match="version 1, needed 2: isentrope fluids build OLD"):
        fluids.read(tmp_path / "old.npz")
    np.savez(tmp_path / "none.npz", **r290._asdict())
    with pytest.raises(InputError, match="version None"):
        fluids.read(tmp_path / "none.npz")
