"""How superheat answers the valve: the physics the controller has to live with."""

import numpy as np
import pytest
from plants import Stand, answer_time, running, steady

RATED_RPS = 55.0


def opening(superheat_k, speed_rps=RATED_RPS):
    return steady(speed_rps=speed_rps, superheat_k=superheat_k)["eev_opening"]


@pytest.mark.parametrize("speed_rps", [30.0, 55.0, 90.0])
def test_superheat_falls_with_opening(speed_rps):
    openings = [opening(k, speed_rps) for k in (2, 4, 6, 8, 10, 12, 14, 16)]
    assert np.all(np.diff(openings) < 0)


@pytest.mark.parametrize("speed_rps", [30.0, 55.0, 90.0])
def test_gain_at_4_k_is_twice_that_at_14_k(speed_rps):
    """Dry-out moves fast while it is in the coil; starved, superheat only follows the evaporating
    temperature.
    """

    def gain(k):
        return 1.5 / (opening(k - 0.75, speed_rps) - opening(k + 0.75, speed_rps))

    assert gain(4.0) >= 2.0 * gain(14.0)


@pytest.mark.parametrize("change", [-0.01, 0.01])
@pytest.mark.parametrize("speed_rps", [30.0, 55.0, 90.0])
def test_dominant_time_constant(speed_rps, change):
    """63 % of the answer to a valve step, behind a 10 s sensor, comes after 10 to 60 s; and the sign is
    right. In air too dry for frost, which at full speed would close the coil meanwhile.
    """
    point = steady(speed_rps=speed_rps, superheat_k=7.0, wet_bulb_c=1.0)
    stand = running(point)
    after, answer = answer_time(stand, point["eev_opening"] + change, 600.0)
    assert answer * change < 0
    assert 10.0 <= after <= 60.0


def test_flooding_reaches_the_compressor_through_the_accumulator():
    """Valve far too wide: the coil leaves liquid, the accumulator fills, its bleed hole passes a metered
    flow.
    """
    point = steady(speed_rps=RATED_RPS, superheat_k=7.0)
    stand = running(point)
    assert stand["liquid_kg_s"] == 0.0 and stand["suction_quality"] > 1.0
    stand.run(120, eev_opening=0.9)
    assert stand["accumulator_level"] > 0.05
    assert stand["superheat_k"] == 0.0
    assert 1e-4 < stand["liquid_kg_s"] < 0.2 * stand["m_comp"]
    assert stand["slug_index"] > 0
    stand.run(600, eev_opening=point["eev_opening"])
    assert stand["liquid_kg_s"] == 0.0 and stand["superheat_k"] > 4.0
    stand.assert_balanced()


def test_start_from_a_flooded_coil_dries_within_five_minutes():
    """Cold standstill leaves the charge in the coil; with a moderate valve the bleed and the coil have it
    dry by 300 s.
    """
    stand = Stand()
    stand.run(300, rps=50, eev_opening=0.33)
    assert stand.column("liquid_kg_s").max() > 0
    stand.run(60)
    assert stand["liquid_kg_s"] == 0.0
