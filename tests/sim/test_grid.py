"""Results hardly depend on the number of cells: fixed valve, speed, fan and water."""

import pytest
from plants import running, steady


def cop(stand):
    return stand["heat_w"] / stand["electric_w"]


@pytest.mark.parametrize("speed_rps", [30.0, 55.0, 90.0])
def test_settled_plant_with_a_fixed_valve(speed_rps):
    """10, 20 and 40 cells: COP within 0.5 %, superheat within 1 K of each other."""
    point = steady(speed_rps=speed_rps, superheat_k=7.0)
    stands = [running(point, cells) for cells in (10, 20, 40)]
    for stand in stands:
        assert cop(stand) == pytest.approx(cop(stands[0]), rel=5e-3)
        assert stand["superheat_k"] == pytest.approx(stands[0]["superheat_k"], abs=1.0)
        stand.assert_balanced()


@pytest.mark.parametrize("superheat_k", [4.0, 7.0, 14.0])
@pytest.mark.parametrize("speed_rps", [30.0, 55.0, 90.0])
def test_steady_point(speed_rps, superheat_k):
    """Of one superheat: COP within 0.5 %; the superheat of one opening, by the local gain, within 1 K."""
    coarse, near, *finer = [
        steady(speed_rps=speed_rps, superheat_k=k, cells=n)
        for k, n in ((superheat_k, 10), (superheat_k - 0.5, 10), (superheat_k, 20), (superheat_k, 40))
    ]
    gain = 0.5 / (near["eev_opening"] - coarse["eev_opening"])
    for fine in finer:
        assert fine["cop"] == pytest.approx(coarse["cop"], rel=5e-3)
        assert abs(gain * (fine["eev_opening"] - coarse["eev_opening"])) < 1.0
