"""The reversing valve's laws."""

import numpy as np
import pytest
from isentrope_sim.components import reversing


def test_drop_and_flow_are_inverse_and_smooth_through_rest():
    for m in (-0.05, -1e-4, 0.0, 1e-7, 1e-3, 0.03):
        dp = reversing.drop(m, 12.0, 5e-5)
        assert reversing.flow(dp, 12.0, 5e-5) == pytest.approx(m, rel=1e-9, abs=1e-15)
    slopes = [reversing.drop(m, 12.0, 5e-5) / m for m in (-1e-9, 1e-9)]
    assert slopes[0] == pytest.approx(slopes[1]) and slopes[0] > 0
    assert reversing.flow(1e5, 12.0, 0.0) == 0.0


def test_passages_blend_through_the_short_circuit():
    crossed = np.linspace(0.0, 1.0, 101)
    openings = [reversing.opening(c, 0.1) for c in crossed]
    assert openings[0] == 1.0 and openings[50] == pytest.approx(0.1) and openings[-1] == 0.0
    assert np.all(np.diff(openings) < 0)


def test_a_slide_breaks_away_by_the_full_difference_and_goes_on_with_less():
    assert not reversing.driven(0.0, 1.0, 1.9e5, 2e5)
    assert reversing.driven(0.0, 1.0, 2.1e5, 2e5)
    assert reversing.driven(0.5, 1.0, 0.7e5, 2e5)
    assert not reversing.driven(0.5, 1.0, 0.5e5, 2e5)
    assert not reversing.driven(1.0, 1.0, 9e5, 2e5), "already there"
    assert reversing.slide(0.98, 1.0, 1.0, 0.05) == 1.0
    assert reversing.slide(0.5, 0.0, 1.0, 0.05) == pytest.approx(0.45)
