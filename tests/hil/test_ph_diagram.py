"""The pressure-enthalpy diagram's background in every fluid: dome, isotherms through it, frame."""

import numpy as np
import pytest
from isentrope_hil import ph_diagram
from isentrope_sim import fluids
from isentrope_sim.fluids import table as tb


@pytest.fixture(params=fluids.names())
def fluid(request):
    return request.param


def test_isotherm_has_its_temperature_everywhere(fluid):
    table, sat = fluids.load(fluid), np.empty(tb.SAT_SIZE)
    dome = ph_diagram.dome(fluid)
    for kelvin in (243.15, 273.15, 313.15, 353.15):
        h, p = ph_diagram.isotherm(fluid, kelvin, dome)
        assert np.all(np.isfinite(h)) and np.all(np.diff(p) < 1.0)
        for enthalpy, pressure in zip(h, p, strict=True):
            tb.saturation(table, pressure, sat)
            assert tb.state(table, sat, enthalpy)[0] == pytest.approx(kelvin, abs=0.01)


def test_isotherm_falls_through_a_blends_dome(fluid):
    """From bubble to dew pressure: 4 % apart for R454B at 0 degC, level for a pure fluid."""
    table = fluids.load(fluid)
    h, p = ph_diagram.isotherm(fluid, 273.15, ph_diagram.dome(fluid))
    bubble, dew = tb.pressure_of_bubble(table, 273.15), tb.pressure_of_dew(table, 273.15)
    inside = (p <= bubble * (1 + 1e-9)) & (p >= dew * (1 - 1e-9))
    assert h[inside][-1] - h[inside][0] > 1.5e5
    assert p[inside][0] / p[inside][-1] == pytest.approx(bubble / dew, rel=1e-9)
    assert {"R454B": 1.04, "R410A": 1.003}.get(fluid, 1.0) == pytest.approx(bubble / dew, abs=0.01)


def test_frame_holds_the_dome(fluid):
    left, right, top = ph_diagram.frame(fluid)
    dome = ph_diagram.dome(fluid)
    warm = dome["t_bubble"] > 253.2
    assert left <= dome["h_liq"][warm].min() / 1e3
    assert right > dome["h_vap"].max() / 1e3 + 50.0
    assert top > dome["p"].max() / 1e5
