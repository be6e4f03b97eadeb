"""States, timers and the longest time in each, starting ten minutes before the clock wraps."""

from control_bench import T0, Bench, profile, running
from isentrope import alarms, decisions
from isentrope import settings as s
from isentrope.control import states


def enabled(values=None, rps=60.0):
    bench = Bench(values)
    bench.inp.enable, bench.inp.test_rps = True, rps
    return bench


def test_order_of_a_start():
    bench = enabled()
    bench.inp.eev_homed = False
    bench.controller.step(bench.ms, bench.inp, bench.out)
    assert bench.out.eev_home and not bench.out.compressor_on
    bench.until(lambda: bench.controller.state == states.STARTING, 5)
    bench.scan()
    assert bench.out.pump_pct > 0.0 and bench.out.fan_pct > 0.0 and not bench.out.compressor_on
    waited = bench.until(lambda: bench.out.compressor_on, 120)
    assert waited >= bench.settings.v[s.PUMP_LEAD] - 1.0
    assert bench.out.eev_steps > 40, "the valve stands open before the compressor runs"
    assert bench.controller.starts == 1


def test_start_speed_is_held():
    bench = enabled()
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.run(55)
    assert bench.controller.state == states.STARTING and bench.out.speed_rps == 50.0
    bench.run(10)
    assert bench.controller.state == states.TEST
    bench.run(30)
    assert bench.out.speed_rps == 60.0


def test_wet_start_climbs_and_ends():
    """Liquid that stays in the accumulator: each hold a step more speed, after 300 s the demand rules."""
    bench = enabled(rps=30.0)
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.inp.suction_c = -2.0
    bench.run(115)
    assert bench.controller.state == states.STARTING and bench.out.speed_rps == 60.0
    bench.run(60)
    assert bench.out.speed_rps == 70.0
    bench.run(130)
    assert bench.controller.state == states.TEST


def test_states_of_demand_and_test():
    bench = enabled(rps=0.0)
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.run(70)
    assert bench.controller.state == states.HEATING
    bench.inp.test_rps = 45.0
    bench.run(60)
    assert bench.controller.state == states.TEST and bench.out.speed_rps == 45.0


def test_slew_in_test_mode_is_the_machines():
    bench = enabled().start(30.0)
    last = bench.out.speed_rps
    for target in (90.0, 30.0):
        bench.inp.test_rps = target
        for _ in range(200):
            bench.scan()
            assert abs(bench.out.speed_rps - last) <= 0.5001
            last = bench.out.speed_rps
        assert last == target


def test_minimum_run_time():
    bench = enabled()
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.run(70)
    bench.inp.enable = False
    bench.run(40)
    assert bench.out.compressor_on and bench.controller.decision == decisions.WAIT_RUN_TIME
    bench.until(lambda: not bench.out.compressor_on, 120)


def test_minimum_off_time_and_starts_an_hour():
    bench = enabled({"starts_per_hour": 6}).start(60.0)
    began = bench.seconds
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 120)
    off = bench.seconds
    bench.inp.enable = True
    bench.run(100)
    assert bench.controller.decision == decisions.WAIT_OFF_TIME
    bench.until(lambda: bench.out.compressor_on, 900)
    assert bench.seconds - off >= 180.0
    assert bench.seconds - began + 260.0 >= 600.0, "six starts an hour are ten minutes apart"
    assert bench.logged(decisions.WAIT_STARTS)


def test_stop_slows_down_first_and_overruns():
    bench = enabled().start(90.0)
    bench.inp.enable = False
    bench.scan()
    assert bench.controller.state == states.STOPPING and bench.out.compressor_on
    took = bench.until(lambda: not bench.out.compressor_on, 120)
    assert 55.0 <= took <= 65.0, "60 rps of slew"
    assert bench.out.eev_steps == 0 and bench.out.pump_pct > 0.0 and bench.out.fan_pct > 0.0
    bench.run(40)
    assert bench.out.fan_pct == 0.0 and bench.out.pump_pct > 0.0
    bench.run(100)
    assert bench.out.pump_pct == 0.0


def test_stopping_has_a_longest_time():
    """Superheat that stays low holds the speed for a while, not for ever."""
    bench = enabled({"slowing_hold": 600}).start(90.0)
    bench.inp.suction_c = -2.0
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 240)


def test_off_cycle_position_is_a_setting():
    bench = enabled({"valve_off": 20}).start(60.0)
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 120)
    bench.run(5)
    assert abs(bench.out.eev_steps - (32 + 0.2 * 468)) <= 3


def test_no_water_no_start():
    bench = enabled()
    bench.inp.water_flow = False
    bench.run(30)
    assert bench.controller.decision == decisions.WAIT_WATER
    bench.run(60)
    assert bench.alarms.is_active(alarms.WATER_FLOW) and bench.controller.starts == 0
    assert bench.controller.state == states.FAULT
    bench.inp.water_flow = True
    bench.until(lambda: bench.out.compressor_on, 600)


def test_water_lost_in_service():
    bench = enabled().start(60.0)
    bench.inp.water_flow = False
    bench.run(4)
    assert bench.out.compressor_on
    bench.run(3)
    assert not bench.out.compressor_on and bench.alarms.is_active(alarms.WATER_FLOW)


def test_valve_that_never_homes():
    bench = enabled()
    for _ in range(2 * 400):
        bench.inp.eev_homed = False
        bench.controller.step(bench.ms & 0x3FFFFFFF, bench.inp, bench.out)
        bench.ms += 500
    assert bench.alarms.is_active(alarms.VALVE_NOT_READY) and bench.controller.starts == 0


def test_pressure_difference_is_waited_for_but_not_for_ever():
    bench = enabled({"start_pressure_difference": 300})
    bench.scan()
    bench.inp.cond_kpa = 1400.0
    bench.run(100)
    assert not bench.out.compressor_on and bench.controller.decision == decisions.WAIT_PRESSURE
    bench.until(lambda: bench.out.compressor_on, 120)


def test_demand_that_goes_before_the_start():
    bench = enabled()
    bench.run(5)
    bench.inp.enable = False
    bench.run(2)
    assert bench.controller.state == states.OFF and bench.controller.starts == 0


def test_cycling_on_flow_temperature():
    bench = enabled(rps=0.0).start()
    bench.inp.flow_c, bench.inp.return_c = 38.5, 37.0
    bench.until(lambda: not bench.out.compressor_on, 300)
    bench.run(400)
    assert not bench.out.compressor_on
    bench.inp.flow_c = bench.inp.return_c = 32.0
    bench.until(lambda: bench.out.compressor_on, 60)


def test_every_state_change_is_logged_across_the_wrap():
    bench = enabled().start(60.0)
    bench.run(600)
    bench.inp.enable = False
    bench.until(lambda: not bench.out.compressor_on, 120)
    bench.scan()
    assert bench.logged(decisions.STATE) == [1, 11, 8, 0]
    assert bench.ms > 2**30, "the run was meant to cross the wrap"


def test_run_time_and_starts_are_counted():
    bench = enabled().start(60.0)
    assert abs(bench.controller.run_s - 200) <= 1


def test_first_outputs_are_safe():
    bench = Bench()
    bench.scan()
    assert not bench.out.compressor_on and bench.out.speed_rps == 0.0 and bench.out.eev_steps == 0
    assert bench.out.fan_pct == 0.0 and bench.out.pump_pct == 0.0


def test_valve_that_must_not_be_driven_at_rest_homes_after_the_start():
    machine = profile()
    machine["valve"]["home_running_only"] = True
    bench = Bench(machine=machine)
    bench.inp.enable, bench.inp.test_rps = True, 60.0
    while not bench.out.compressor_on:
        bench.controller.step(bench.ms & 0x3FFFFFFF, bench.inp, bench.out)
        bench.ms += 500
        assert bench.out.compressor_on or not bench.out.eev_home
        assert bench.ms < T0 + 200_000
    assert bench.out.eev_home


def test_valve_that_must_not_be_driven_at_rest_stays_where_it_stands():
    machine = profile()
    machine["valve"]["home_running_only"] = True
    for trip in (False, True):
        bench = Bench(machine=machine)
        bench.inp.eev_homed = True
        bench.start(60.0)
        bench.inp.hp_ok = not trip
        bench.inp.enable = False
        bench.run(60)
        assert not bench.out.compressor_on
        stands = bench.out.eev_steps
        assert stands > 40
        bench.inp.hp_ok = bench.inp.enable = True
        while not bench.out.compressor_on:
            assert bench.out.eev_steps == stands
            bench.scan()


def test_a_machine_that_may_have_run_a_moment_ago_waits_for_its_off_time():
    """A short loss of supply must not restart the compressor against its pressures."""
    bench = enabled()
    bench.inp.evap_kpa, bench.inp.cond_kpa = 500.0, 1200.0
    assert bench.until(lambda: bench.out.compressor_on, 400) >= bench.settings.v[s.MIN_OFF]


def test_a_start_without_demand_ends_at_its_longest_time():
    bench = enabled({"minimum_run": 3600}, rps=30.0)
    bench.until(lambda: bench.out.compressor_on, 200)
    running(bench.inp)
    bench.inp.suction_c = -2.0
    bench.inp.enable = False
    bench.run(310)
    assert bench.controller.decision == decisions.WAIT_RUN_TIME and bench.controller.state != states.STARTING
