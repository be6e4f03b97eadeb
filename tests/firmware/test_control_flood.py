"""Flood-back by discharge superheat, and minimum lift."""

from control_bench import Bench, profile

FLOOD = 16


def machine(**limits):
    made = profile()
    made["limits"].update(limits)
    return made


def test_a_cold_discharge_stops_after_three_minutes():
    bench = Bench(machine=machine(flood_k=8.0)).start()
    bench.run(600)
    assert not bench.alarms.stop
    bench.inp.discharge_c = 42.0  # condensing at 37
    bench.run(175)
    assert not bench.alarms.is_active(FLOOD)
    bench.run(10)
    assert bench.alarms.is_active(FLOOD) and not bench.out.compressor_on


def test_shorter_moments_do_not():
    bench = Bench(machine=machine(flood_k=8.0)).start()
    for _ in range(5):
        bench.inp.discharge_c = 42.0
        bench.run(150)
        bench.inp.discharge_c = 62.0
        bench.run(10)
    assert not bench.alarms.stop


def test_a_starting_shell_is_cold():
    bench = Bench(machine=machine(flood_k=8.0))
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    bench.inp.evap_kpa, bench.inp.cond_kpa, bench.inp.discharge_c = 445.0, 1280.0, 42.0
    bench.inp.suction_c = bench.inp.coil_c = -4.0
    bench.run(250)
    assert bench.controller.state == 1 and not bench.alarms.stop


def test_it_clears_by_itself_and_latches_after_three():
    bench = Bench({"minimum_off": 0, "starts_per_hour": 60}, machine=machine(flood_k=8.0))
    for n in range(3):
        bench.inp.discharge_c = 20.0
        bench.start()
        bench.until(lambda: bench.controller.state == 2, 600)
        bench.inp.discharge_c = 42.0
        bench.until(lambda: bench.alarms.is_active(FLOOD), 200)
        assert bool(bench.alarms.latched_mask) is (n == 2)
        bench.inp.discharge_c = 20.0
        bench.run(310)
    assert bench.alarms.is_active(FLOOD)
    bench.alarms.reset(bench.ms & 0x3FFFFFFF)
    bench.run(5)
    assert not bench.alarms.is_active(FLOOD)


def test_without_the_machines_number_nothing_is_judged():
    bench = Bench().start()
    bench.inp.discharge_c = 40.0
    bench.run(600)
    assert not bench.alarms.stop


def warm(bench):
    """A20/W25: evaporating 12, condensing 26 degC."""
    bench.inp.evap_kpa, bench.inp.cond_kpa = 675.0, 975.0
    bench.inp.outdoor_c, bench.inp.suction_c = 20.0, 20.0
    bench.inp.flow_c, bench.inp.return_c, bench.inp.flow_setpoint_c = 24.0, 21.0, 25.0


def test_the_fan_slows_down_where_the_lift_is_too_small():
    bench = Bench({"fan_lowest": 40}, machine=machine(min_lift_k=20.0)).start(rps=60.0)
    bench.run(60)
    assert bench.out.fan_pct == 100.0
    warm(bench)
    bench.run(20)
    falling = bench.out.fan_pct
    assert 40.0 < falling < 100.0
    bench.run(120)
    assert bench.out.fan_pct == 40.0
    assert bench.logged(55) == [13]
    bench.inp.evap_kpa, bench.inp.cond_kpa = 445.0, 1280.0
    bench.run(60)
    assert bench.out.fan_pct == 100.0


def test_enough_lift_leaves_the_fan():
    bench = Bench(machine=machine(min_lift_k=10.0)).start(rps=60.0)
    warm(bench)
    bench.run(200)
    assert bench.out.fan_pct == 100.0
