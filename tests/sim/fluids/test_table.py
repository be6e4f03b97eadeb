"""The R290 table against its oracle, CoolProp, and its own seams and inverses."""

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import table as tb

R290 = fluids.load("R290")


def record(p):
    sat = np.empty(tb.SAT_SIZE)
    tb.saturation(R290, p, sat)
    return sat


def test_accuracy_against_coolprop():
    """Density within 0.01 %, temperature within 0.03 K: 0.1 to 32 bar, -108 to 197 degC, dome included."""
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    from isentrope_sim.fluids import build

    worst = build.prove("R290", R290, points=3000, seed=7)
    assert worst["density"] < 1e-4
    assert worst["temperature_k"] < 0.03
    assert worst["saturation_k"] < 1e-4
    assert worst["entropy"] < 0.05


@pytest.mark.parametrize("p", [0.2e5, 4.7e5, 12.4e5, 30e5])
def test_continuous_across_the_dome(p):
    sat = record(p)
    for edge in (tb.H_LIQ, tb.H_VAP):
        below, above = (tb.state(R290, sat, sat[edge] + d) for d in (-1e-4, 1e-4))
        assert abs(below[0] - above[0]) < 1e-5
        assert abs(below[2] / above[2] - 1) < 1e-6


def test_smooth_within_a_phase():
    """The derivative the solver uses is the slope of the temperature, everywhere in both single phases."""
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(300):
        sat = record(float(np.exp(rng.uniform(np.log(0.2e5), np.log(30e5)))))
        h = float(rng.uniform(R290.meta[tb.H_MIN], R290.meta[tb.H_MAX]))
        if sat[tb.H_LIQ] - 2e2 < h < sat[tb.H_VAP] + 2e2:
            continue
        slope = (tb.state(R290, sat, h + 50)[0] - tb.state(R290, sat, h - 50)[0]) / 100
        assert tb.state(R290, sat, h)[1] == pytest.approx(slope, rel=1e-3)


def test_inverses():
    sat = record(5e5)
    assert tb.state(R290, sat, tb.vapour_enthalpy(R290, sat, 300.0))[0] == pytest.approx(300.0, abs=1e-6)
    assert tb.state(R290, sat, tb.liquid_enthalpy(R290, sat, 260.0))[0] == pytest.approx(260.0, abs=1e-6)
    for h in (sat[tb.H_VAP] + 8e4, sat[tb.H_VAP] - 8e4):
        assert tb.enthalpy_of_entropy(R290, sat, tb.entropy(R290, sat, h)) == pytest.approx(h, abs=1.0)
    sat = record(tb.pressure_of_dew(R290, 280.0))
    assert sat[tb.T_DEW] == pytest.approx(280.0, abs=1e-6)


def test_slip_gives_zivis_void():
    """The quality that flows from void a is Zivi's: a = 1 / (1 + (1 - x)/x (rho_v/rho_l)^(2/3))."""
    sat = record(5e5)
    h = sat[tb.H_LIQ] + 0.15 * (sat[tb.H_VAP] - sat[tb.H_LIQ])
    rho = tb.state(R290, sat, h)[2]
    void = (sat[tb.RHO_LIQ] - rho) / (sat[tb.RHO_LIQ] - sat[tb.RHO_VAP])
    x = tb.flowing(sat, h, sat[tb.SLIP])[2]
    zivi = 1 / (1 + (1 - x) / x * (sat[tb.RHO_VAP] / sat[tb.RHO_LIQ]) ** (2 / 3))
    assert void == pytest.approx(zivi, abs=1e-9)


def test_unknown_fluid_and_wrong_version(tmp_path):
    with pytest.raises(InputError, match=r"'R22'.*R290"):
        fluids.load("R22")
    np.savez(tmp_path / "old.npz", version=0, **R290._asdict())
    with pytest.raises(InputError, match="version 0, needed 1"):
        fluids.read(tmp_path / "old.npz")
    np.savez(tmp_path / "none.npz", **R290._asdict())
    with pytest.raises(InputError, match="version None"):
        fluids.read(tmp_path / "none.npz")
