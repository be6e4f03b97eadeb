"""Capacity: the speed that keeps the flow temperature, and cycling under the lowest speed."""

from control_bench import healthy
from isentrope import settings as s
from isentrope.control.capacity import Capacity


def law(values=None):
    held = s.Settings()
    held.load(values or {})
    return Capacity(held, 20.0, 90.0), held.v


def water(flow, back, setpoint=35.0):
    inp = healthy()
    inp.flow_c, inp.return_c, inp.flow_setpoint_c = flow, back, setpoint
    return inp


def test_cold_water_wants_full_speed_and_warm_the_lowest():
    capacity, _ = law()
    capacity.step(0.5, water(22.0, 20.0), True, 40.0, True)
    assert capacity.rps == 90.0
    capacity, _ = law()
    capacity.step(0.5, water(36.0, 34.8), True, 40.0, True)
    assert capacity.rps == 20.0


def test_feedforward_sees_a_load_step_in_the_return_before_the_flow():
    capacity, _ = law()
    inp = water(35.0, 31.0)
    for _ in range(600):
        capacity.step(0.5, inp, True, capacity.rps, True)
    before = capacity.rps
    inp.return_c = 30.0
    for _ in range(120):
        capacity.step(0.5, inp, True, capacity.rps, True)
    assert capacity.rps - before > 8.0


def test_integral_removes_a_lasting_error():
    capacity, _ = law()
    inp = water(34.5, 31.0)
    capacity.step(0.5, inp, True, 45.0, True)
    before = capacity.rps
    for _ in range(2400):
        capacity.step(0.5, inp, True, capacity.rps, True)
    assert capacity.rps > before + 0.5


def test_integral_waits_while_the_speed_cannot_follow():
    """Anti-windup: ten minutes held at 30 rps by a protection leave no debt."""
    capacity, _ = law()
    inp = water(34.0, 31.0)
    capacity.step(0.5, inp, True, 30.0, True)
    before = capacity.rps
    for _ in range(1200):
        capacity.step(0.5, inp, True, 30.0, True)
    assert abs(capacity.rps - before) < 0.1


def test_cycles_by_hysteresis_at_lowest_speed():
    capacity, v = law()
    inp = water(30.0, 30.0)
    capacity.step(0.5, inp, False, 0.0, True)
    assert capacity.call
    inp.flow_c = 35.0 + v[s.CAP_OFF_ABOVE] + 0.2
    capacity.step(0.5, inp, True, 40.0, True)
    assert capacity.call, "too warm, but the speed can still fall"
    capacity.step(0.5, inp, True, 20.0, True)
    assert not capacity.call
    inp.flow_c = 35.0 - v[s.CAP_ON_BELOW] + 0.2
    capacity.step(0.5, inp, False, 0.0, True)
    assert not capacity.call
    inp.flow_c = 35.0 - v[s.CAP_ON_BELOW] - 0.2
    capacity.step(0.5, inp, False, 0.0, True)
    assert capacity.call


def test_without_the_returns_sensor_flow_temperature_alone_rules():
    capacity, _ = law()
    inp = water(35.0, 31.0)
    for _ in range(600):
        capacity.step(0.5, inp, True, capacity.rps, True)
    before = capacity.rps
    inp.return_c = -20.0
    for _ in range(600):
        capacity.step(0.5, inp, True, capacity.rps, False)
    assert abs(capacity.rps - before) < 0.5
    inp.flow_c = 33.0
    for _ in range(60):
        capacity.step(0.5, inp, True, capacity.rps, False)
    assert capacity.rps > before + 1.5


def test_return_sensor_that_never_read_is_no_cold_return():
    capacity, _ = law()
    inp = water(33.0, 0.0)
    capacity.step(0.5, inp, True, 40.0, False)
    assert capacity.rps < 40.0
