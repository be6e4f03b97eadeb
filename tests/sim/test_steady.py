"""The steady point: certificates, an independent solver, EN 14511's rules, and bad input."""

import time

import pytest
from isentrope_sim import steady
from isentrope_sim.certified import certified_points
from isentrope_sim.cycle import rest
from isentrope_sim.errors import InputError
from plants import MACHINE

KEYS = {
    "machine",
    "refrigerant",
    "heating_w",
    "electric_w",
    "cop",
    "evaporating_k",
    "condensing_k",
    "suction_superheat_k",
    "subcooling_k",
    "discharge_k",
    "mass_flow_kg_s",
    "speed_rps",
    "eev_opening",
    "defrost_loss",
}


@pytest.mark.parametrize(
    ("source", "sink", "heat", "cop", "tolerance"),
    [
        (7, 35, 5600, 4.90, 0.01),
        (7, 55, 5360, 3.14, 0.05),
        (7, 27, 2600, 6.20, 0.10),
        (12, 24, 2200, 7.60, 0.10),
    ],
)
def test_certified_cop(source, sink, heat, cop, tolerance):
    assert steady.solve(MACHINE, source, sink, heating_w=heat)["cop"] == pytest.approx(cop, rel=tolerance)


def test_dry_model_is_8_to_20_percent_too_good_where_it_frosts():
    cop = steady.solve(MACHINE, -7, 34, heating_w=5300)["cop"]
    assert 1.08 * 3.00 < cop < 1.20 * 3.00


def test_every_certified_point_of_the_machine_solves():
    for point in certified_points(MACHINE.name):
        result = steady.solve(MACHINE, point.source_c, point.sink_out_c, heating_w=point.heating_w)
        assert result["heating_w"] == pytest.approx(point.heating_w, rel=1e-6)
        assert 0.9 * point.cop < result["cop"] < 1.2 * point.cop


def test_full_speed_capacity_is_of_the_certified_order():
    """TOL: 4.9 kW at A-10/W35 with frost; without it the same compressor gives up to 20 % more."""
    heat = steady.solve(MACHINE, -10, 35, speed_rps=MACHINE.values["max_rps"])["heating_w"]
    assert 4900 < heat < 1.2 * 4900


def test_result_has_the_keys_and_says_frost_is_left_out():
    dry = steady.solve(MACHINE, 2, 35)
    assert set(dry) >= KEYS
    assert dry["frost"] == "left out" and dry["defrost_loss"] == 0.0


@pytest.mark.parametrize(("source", "sink", "rps"), [(7, 35, 55), (-15, 55, 90), (20, 25, 15), (2, 45, 30)])
def test_power_balances_outside_the_model(source, sink, rps):
    """Recounted from the result alone: heat into the water is heat from the air and the compressor's shaft
    and motor losses, less what the shell and the lines lose; the inverter's loss warms nobody.
    """
    v = MACHINE.values
    point = steady.solve(MACHINE, source, sink, speed_rps=rps)
    motor_w = (point["compressor_w"] - v["inverter_w"]) * v["inverter_efficiency"]
    hydraulic_w = point["heating_w"] - point["water_kg_s"] * 4186.0 * (sink + 273.15 - point["water_in_k"])
    water_w = point["heating_w"] - hydraulic_w
    lost_w = point["evaporator_w"] + motor_w - water_w
    outdoor_k = source + 273.15
    # Shell and liquid line lie between discharge or liquid temperature and twice the excess over outdoor air;
    # the suction line, colder than the air, gains at most its conductance times the pull-down.
    warm_w = v["shell_ambient"] * (point["discharge_k"] - outdoor_k)
    line_w = v["liquid_line_ambient"] * (point["condensing_k"] - outdoor_k)
    cold_w = v["suction_line_ambient"] * (outdoor_k - point["evaporating_k"])
    assert 0.9 * warm_w - cold_w < lost_w < 1.6 * warm_w + line_w


def test_the_pumps_share_is_the_standards():
    """EN 14511-3 at 2.41 W hydraulic: efficiency 0.0721 P^0.3183 = 9.5 %; no pressure drop, no share."""
    par = MACHINE.record()
    flow = MACHINE.values["water_flow_nominal"]
    hydraulic = flow / 1000.0 * MACHINE.values["water_drop"]
    electric, heat = rest.pump_share(par, flow)
    assert electric == pytest.approx(hydraulic / (0.0721 * hydraulic**0.3183))
    assert heat == pytest.approx(electric - hydraulic)
    assert rest.pump_share(MACHINE.record(water_drop=0.0), flow) == (0.0, 0.0)


def test_rating_rules():
    assert steady.wet_bulb_default(7) == 6 and steady.wet_bulb_default(-7) == -8
    assert steady.relative_humidity(7, 6) == pytest.approx(0.867, abs=0.01)
    assert steady.humidity_default(7) == steady.relative_humidity(7, 6)
    assert steady.humidity_default(-25) == steady.relative_humidity(-15, -16) > 0.4
    assert steady.solve(MACHINE, -25, 35)["cop"] > 1.5, "the range's cold end needs no wet bulb"
    assert steady.water_flow_default(MACHINE, 34) == pytest.approx(5600 / 4186 / 5, rel=1e-3)
    point = steady.solve(MACHINE, 7, 35, heating_w=5600)
    assert 308.15 - point["water_in_k"] == pytest.approx(5.0, abs=0.05)
    asked = steady.solve(MACHINE, 7, 45, heating_w=5000, sink_dt_k=7.0)
    assert 318.15 - asked["water_in_k"] == pytest.approx(7.0, abs=1e-4)
    parts = point["compressor_w"] + point["fan_w"] + point["pump_w"] + MACHINE.values["controls_w"]
    assert point["electric_w"] == pytest.approx(parts)
    assert point["charge_kg"] == pytest.approx(MACHINE.values["charge"], rel=1e-6)


def test_trends():
    """Less lift is more COP; more superheat costs; more charge is more subcooling; more cells change
    little.
    """
    import dataclasses

    cop = [steady.solve(MACHINE, 7, c, heating_w=4000)["cop"] for c in (30, 35, 45, 55)]
    assert cop == sorted(cop, reverse=True)
    cop = [steady.solve(MACHINE, 7, 35, superheat_k=k)["cop"] for k in (4, 8, 14)]
    assert cop == sorted(cop, reverse=True)
    more = dataclasses.replace(MACHINE, values=MACHINE.values | {"charge": 1.1 * MACHINE.values["charge"]})
    assert steady.solve(more, 7, 35)["subcooling_k"] > steady.solve(MACHINE, 7, 35)["subcooling_k"]
    fine = steady.solve(MACHINE, 7, 35, heating_w=5600, cells=20)["cop"]
    assert fine == pytest.approx(4.90, rel=0.02)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"source_c": -60}, r"source_c is -60, allowed -25 to 35"),
        ({"sink_out_c": 99}, r"sink_out_c is 99, allowed 15 to 75"),
        ({"superheat_k": 0.0}, r"superheat_k is 0, allowed 1 to 25"),
        ({"speed_rps": 200.0}, r"speed_rps is 200, allowed 15 to 90"),
        ({"heating_w": 30000.0}, r"heating_w is 30000, this point allows \d+ to \d+ W"),
        ({"heating_w": 100.0}, r"heating_w is 100, this point allows \d+ to \d+ W"),
        ({"heating_w": 5000.0, "speed_rps": 50.0}, r"both given"),
        ({"wet_bulb_c": 9.0}, r"wet bulb is 9 degC, allowed up to the dry bulb 7"),
        ({"sink_dt_k": 0.1}, r"sink_dt_k is 0.1, allowed 1 to 30"),
        ({"source_c": float("nan")}, r"source_c is nan"),
    ],
)
def test_bad_input(kwargs, message):
    call = {"source_c": 7.0, "sink_out_c": 35.0} | kwargs
    with pytest.raises(InputError, match=message):
        steady.solve(MACHINE, call.pop("source_c"), call.pop("sink_out_c"), **call)


def test_takes_milliseconds():
    steady.solve(MACHINE, 7, 35)
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        steady.solve(MACHINE, 7, 45, heating_w=5000)
        best = min(best, time.perf_counter() - start)
    assert best < 0.010, "bar 5 ms on an idle core; doubled for a busy one"
