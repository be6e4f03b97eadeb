"""The whole plant and its steady point in every fluid: nothing in them is R290's alone.

The geometry is that of the R290 machine, with the swept volume, valve and charge that another fluid needs; it
is no machine anybody builds, and no performance is claimed for it.
"""

from dataclasses import replace

import numpy as np
import plants
import pytest
from isentrope_sim import fluids
from isentrope_sim.fluids import table as tb
from isentrope_sim.machine import load_machine
from isentrope_sim.site import volumetric_efficiency
from isentrope_sim.steady import solve

# Swept volume m3, charge kg, valve area relative to that of the R290 machine.
CHANGES = {"R32": (19e-6, 1.15, 1.0), "R410A": (20e-6, 1.20, 2.0), "R454B": (20e-6, 1.10, 1.3)}


@pytest.fixture(params=CHANGES)
def machine(request, monkeypatch):
    base = load_machine("ashp-r290-8kw")
    displacement, charge, area = CHANGES[request.param]
    values = dict(base.values) | {"displacement": displacement, "charge": charge}
    values["eev_area"] = base.values["eev_area"] * area
    made = replace(base, refrigerant=request.param, values=values)
    monkeypatch.setattr(plants, "MACHINE", made)
    return made


def test_steady_point_is_where_the_plant_settles_and_books_balance(machine):
    point = solve(machine, 7.0, 35.0, speed_rps=55.0)
    assert point["suction_superheat_k"] == pytest.approx(6.0, abs=1e-3)
    assert 0.0 < point["subcooling_k"] < 15.0 and 0.0 < point["eev_opening"] < 1.0
    stand = plants.running(point)
    assert stand["superheat_k"] == pytest.approx(6.0, abs=0.01)
    assert stand["subcooling_k"] == pytest.approx(point["subcooling_k"], abs=0.01)
    assert stand["p_cond"] == pytest.approx(point["condensing_pa"], rel=1e-5)
    stand.assert_balanced()

    # Superheat counts from dew at the compressor, subcooling from bubble before the valve.
    table, sat = fluids.load(machine.refrigerant), np.empty(tb.SAT_SIZE)
    tb.saturation(table, stand["p_suction"], sat)
    assert stand["superheat_k"] == pytest.approx(stand["t_suction"] - sat[tb.T_DEW], abs=1e-9)
    tb.saturation(table, stand["p_cond"], sat)
    assert stand["subcooling_k"] == pytest.approx(sat[tb.T_BUBBLE] - stand["t_liquid"], abs=1e-9)


def test_off_flooded_start_and_pump_down(machine):
    stand = plants.Stand(water_c=25.0)
    stand.run(60, rps=40, eev_opening=0.3).run(300)
    stand.run(600, rps=0, eev_opening=0.0)
    stand.run(60, rps=40, eev_opening=0.0).run(120)
    assert stand["p_evap"] < 1.5e5
    stand.run(600, eev_opening=0.4)
    stand.assert_balanced()
    assert stand["heat_w"] > 1000.0


def test_profile_numbers(machine):
    """The volumetric efficiency the firmware gets, at pressure ratios of 2 to 6, is a compressor's."""
    constant, slope, bend = volumetric_efficiency(machine)
    for ratio in (2.0, 4.0, 6.0):
        assert 0.7 < constant + slope * ratio + bend * ratio * ratio < 1.0
