"""Distance from the envelope's edge and the speed change that leads back."""

import random

from isentrope.control.envelope import Envelope

SQUARE = [[-20, 20], [-20, 60], [10, 60], [10, 20]]


def test_margin_is_the_distance_to_the_nearest_edge():
    envelope = Envelope(SQUARE)
    assert abs(envelope.step(-5.0, 55.0) - 5.0) < 1e-4
    assert abs(envelope.step(-5.0, 63.0) + 3.0) < 1e-4
    assert abs(envelope.step(13.0, 64.0) + 5.0) < 1e-4  # beyond a corner


def test_orientation_does_not_matter():
    for points in (SQUARE, SQUARE[::-1]):
        assert Envelope(points).step(0.0, 40.0) > 0.0


def test_relief_slows_down_where_the_lift_is_too_large():
    envelope = Envelope(SQUARE)
    for evap, cond in ((-5.0, 59.0), (-5.0, 62.0), (-19.0, 40.0), (-22.0, 40.0)):
        envelope.step(evap, cond)
        assert envelope.relief == -1, (evap, cond)
    for evap, cond in ((-5.0, 21.0), (-5.0, 18.0), (9.0, 40.0), (12.0, 40.0)):
        envelope.step(evap, cond)
        assert envelope.relief == 1, (evap, cond)


def test_concave_envelope():
    envelope = Envelope([[-30, 20], [-30, 45], [-15, 60], [-15, 70], [10, 70], [10, 20]])
    assert envelope.step(-25.0, 58.0) < 0.0
    assert envelope.step(-10.0, 65.0) > 0.0


def test_too_few_points_are_refused():
    try:
        Envelope([[0, 0], [1, 1]])
    except ValueError as error:
        assert "limits.envelope" in str(error)
    else:
        raise AssertionError("taken")


def test_what_is_not_looked_at_is_never_nearer_than_said():
    """A random walk: exact wherever it matters, too small elsewhere, and seldom looked at."""
    random.seed(7)
    exact, spared = Envelope(SQUARE), Envelope(SQUARE)
    evap, cond, skipped = -5.0, 40.0, 0
    for _ in range(5000):
        evap = min(max(evap + random.uniform(-0.2, 0.2), -25.0), 15.0)
        cond = min(max(cond + random.uniform(-0.2, 0.2), 15.0), 65.0)
        margin, said = exact.step(evap, cond), spared.step(evap, cond, 2.0)
        assert said <= margin + 1e-6
        if said < 2.0:
            assert said == margin and spared.relief == exact.relief
        skipped += said != margin
    assert skipped > 1000
