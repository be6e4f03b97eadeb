"""The builder: its spline, its data, and what it makes of a fluid against what is committed."""

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import build, ranges
from isentrope_sim.fluids import table as tb


def test_spline_goes_through_its_values():
    values = np.cos(np.linspace(0.0, 5.0, 30))
    c = build.bspline(values, 0)
    assert (c[:-2] + 4.0 * c[1:-1] + c[2:]) / 6.0 == pytest.approx(values, abs=1e-12)


@pytest.mark.parametrize("name", ["R32", "R410A"])
def test_committed_table_is_what_the_builder_makes(name, tmp_path):
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    path, made = build.build(name, tmp_path)
    assert path.stat().st_size < 200 * 1024
    for part, kept in zip(made, fluids.load(name), strict=True):
        # To the noise of another machine's arithmetic under the single precision that is kept.
        assert np.allclose(part, kept, rtol=1e-5, atol=1e-5)
    sat = np.empty(tb.SAT_SIZE)
    for p in np.geomspace(1.1e4, 45e5, 30):
        tb.saturation(made, p, sat)
        bubble = sat[tb.T_BUBBLE]
        tb.saturation(fluids.load(name), p, sat)
        assert bubble == pytest.approx(sat[tb.T_BUBBLE], abs=1e-5)


def test_blend_against_the_pseudo_pure_equation():
    """R410A from the mixture model and from Lemmon's pseudo-pure fluid (2003), fitted to R410A alone: two
    independent equations; the latter states 0.5 % of the saturation pressures and 0.1 % of density.
    """
    library = pytest.importorskip("CoolProp.CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    table, sat = fluids.load("R410A"), np.empty(tb.SAT_SIZE)
    for p in (0.5e5, 2e5, 8e5, 20e5, 30e5, 40e5):
        tb.saturation(table, p, sat)
        for line, density, q in ((tb.T_BUBBLE, tb.RHO_LIQ, 0), (tb.T_DEW, tb.RHO_VAP, 1)):
            assert sat[line] == pytest.approx(library.PropsSI("T", "P", p, "Q", q, "R410A"), abs=0.02)
            assert sat[density] == pytest.approx(library.PropsSI("D", "P", p, "Q", q, "R410A"), rel=1e-3)
        latent = library.PropsSI("H", "P", p, "Q", 1, "R410A") - library.PropsSI("H", "P", p, "Q", 0, "R410A")
        assert sat[tb.H_VAP] - sat[tb.H_LIQ] == pytest.approx(latent, rel=3e-3)


GOOD = """[X]
equation = "R290"
kind = "pure"
p_min = 1e4
p_max = 3e6
t_min = 165.0
t_max = 470.0
t_board = 350.0
why = "test"
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("p_min = 1e4", "", r"x.toml: \[X\]: p_min is missing"),
        ("p_min = 1e4", "p_min = 1e4\np_mid = 2", r"p_mid is not a key of a pure fluid"),
        ("p_min = 1e4", 'p_min = "low"', r"p_min is 'low', allowed is a number above 0"),
        ("p_min = 1e4", "p_min = -1e4", r"p_min is -10000.0, allowed is a number above 0"),
        ("p_min = 1e4", "p_min = 4e6", r"p_min is 4e\+06, allowed is under p_max 3e\+06"),
        ('"pure"', '"pseudo"', r"kind is 'pseudo', allowed are pure, blend"),
        ('"pure"', '"blend"', r"p_crit is missing"),
        ("[X]", "X = 3\n[Y]", r"\[X\]: a section is needed"),
        ("[X]", "[X", r"x.toml: "),
    ],
)
def test_bad_data_are_named(tmp_path, old, new, says):
    path = tmp_path / "x.toml"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(InputError, match=says):
        ranges.load(path)


def test_good_data_are_taken(tmp_path):
    (tmp_path / "x.toml").write_text(GOOD)
    assert ranges.load(tmp_path / "x.toml")["X"].p_max == 3e6


def test_unknown_fluid():
    with pytest.raises(InputError, match=r"'R22': not in ranges.toml, known are R290, R32, R410A, R454B"):
        ranges.of("R22")


def test_fluid_that_coolprop_does_not_have():
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    from isentrope_sim.fluids import equation

    for kind in ranges.KINDS:
        span = ranges.of("R454B")._replace(kind=kind, equation="R9999")
        with pytest.raises(InputError, match=r"'R454B': CoolProp has no 'R9999'"):
            equation.of(span)
