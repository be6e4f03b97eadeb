"""What overrules superheat: direction, rate, priority over one another, and what low superheat forbids."""

from control_bench import Bench
from isentrope import alarms as a
from isentrope import decisions as d
from isentrope import settings as s
from isentrope.control.protectors import Protectors

EVERY = {
    "valve_lop": -20,
    "valve_lop_time": 40,
    "valve_mop": 15,
    "valve_mop_time": 20,
    "valve_condensing": 60,
    "valve_condensing_time": 20,
    "valve_discharge": 12,
    "valve_discharge_time": 40,
}
QUIET = (-5.0, 40.0, 70.0, False)


def made(values=None):
    held = s.Settings()
    held.load(EVERY if values is None else values)
    raised = a.Alarms()
    return Protectors(held, raised, 115.0), raised


def seconds(protectors, count, evap=-5.0, cond=40.0, discharge=70.0, low=False, start=0):
    for i in range(count):
        protectors.step((start + i) * 1000, evap, cond, discharge, low)
    return protectors.factor


def test_inside_nothing_acts():
    protectors, raised = made()
    assert seconds(protectors, 100) == 1.0
    assert protectors.acting == 0 and not raised.warned


def test_each_acts_in_its_direction_at_its_rate():
    """Five kelvins beyond the threshold move the flow by half within one integral time."""
    for where, sign, code, time_s in (
        ({"evap": -25.0}, 1, d.VALVE_LOP, 40),
        ({"evap": 20.0}, -1, d.VALVE_MOP, 20),
        ({"cond": 65.0}, -1, d.VALVE_CONDENSING, 20),
        ({"discharge": 108.0}, 1, d.VALVE_DISCHARGE, 40),
    ):
        protectors, _ = made()
        assert abs(seconds(protectors, time_s, **where) - (1.0 + 0.5 * sign)) < 1e-4
        assert protectors.acting == code
        assert abs(seconds(protectors, 600, **where) - (1.0 + 0.7 * sign)) < 1e-4
        # It gives back at half the rate, to nothing.
        deep = {"evap": -5.0, "cond": 40.0, "discharge": 70.0}
        assert abs(seconds(protectors, time_s, **deep) - (1.0 + 0.45 * sign)) < 1e-4
        assert seconds(protectors, 10 * time_s, **deep) == 1.0
        assert protectors.acting == 0


def test_an_integral_time_of_zero_is_off():
    protectors, raised = made({"valve_mop": 10, "valve_mop_time": 0})
    assert seconds(protectors, 2000, evap=30.0) == 1.0
    assert not raised.warned


def test_low_superheat_forbids_opening_and_takes_it_back():
    protectors, _ = made()
    opened = seconds(protectors, 20, evap=-25.0)
    assert opened > 1.2
    assert seconds(protectors, 10, evap=-25.0, low=True) == opened
    assert seconds(protectors, 60, evap=-25.0, low=True) == 1.0
    # Closing goes on at low superheat.
    assert seconds(protectors, 20, evap=20.0, low=True) < 1.0


def test_closing_beats_opening():
    protectors, _ = made()
    seconds(protectors, 20, evap=-25.0, cond=65.0)
    assert protectors.factor < 1.0 and protectors.acting == d.VALVE_CONDENSING


def test_alarms_after_their_delay():
    protectors, raised = made(dict(EVERY, valve_protector_delay=60))
    seconds(protectors, 59, evap=-25.0)
    assert not raised.is_active(a.LOP)
    seconds(protectors, 2, evap=-25.0, start=59)
    assert raised.is_active(a.LOP)
    seconds(protectors, 1, start=61)
    assert not raised.is_active(a.LOP)
    seconds(protectors, 60, cond=65.0)
    assert raised.is_active(a.VALVE_HELD)
    protectors.off(0)
    assert not raised.warned and protectors.factor == 1.0
    protectors, raised = made(dict(EVERY, valve_protector_delay=0))
    seconds(protectors, 1000, evap=-25.0)
    assert not raised.warned


def test_in_the_controller_mop_closes_and_the_trim_waits():
    def after(values):
        bench = Bench(values).start(60.0)
        bench.inp.evap_kpa, bench.inp.suction_c = 700.0, 25.0  # dew 13 degC, superheat over the setpoint
        bench.run(60)
        return bench

    plain, held = after({}), after({"valve_mop": 5})
    assert held.out.eev_steps < 0.7 * plain.out.eev_steps
    assert plain.controller.trim_pct > held.controller.trim_pct + 2.0
    assert held.logged(d.VALVE_MOP) and not plain.logged(d.VALVE_MOP)
    # Back inside, superheat regulates again.
    held.inp.evap_kpa, held.inp.suction_c = 445.0, 6.0
    held.run(300)
    assert held.logged(d.VALVE_REGULATES)


def test_protectors_rest_while_a_sensor_of_superheat_is_bad():
    bench = Bench({"valve_mop": 5}).start(60.0)
    bench.inp.evap_kpa, bench.inp.suction_c = 700.0, 25.0
    bench.run(30)
    expansion = bench.controller.expansion
    assert expansion.loop.factor < 1.0
    bench.inp.bad = 1  # suction temperature
    bench.run(2)
    assert expansion.loop.factor == 1.0
