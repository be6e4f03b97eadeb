"""Oil return: when it comes, what it asks, and that a defrost is left alone."""

from control_bench import Bench, profile
from isentrope import decisions
from isentrope.control import states

OIL = {"below_rps": 42.0, "after_h": 6.0, "rps": 60.0, "for_s": 300.0}


def machine(**values):
    made = profile()
    oil = dict(OIL)
    oil.update(values)
    made["compressor"]["oil"] = oil
    return made


def slow(bench):
    """Water so warm that demand asks for the lowest speed."""
    bench.inp.flow_c, bench.inp.return_c = 36.0, 34.9


def run_slowly(bench, hours):
    bench.start()
    slow(bench)
    bench.run(120)
    assert bench.out.speed_rps == 20.0
    bench.run(int(hours * 3600) - 130)
    return bench


def test_after_six_hours_five_minutes_at_return_speed():
    bench = run_slowly(Bench(machine=machine()), 5.9)
    assert bench.controller.state == states.HEATING
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 600)
    bench.until(lambda: bench.out.speed_rps >= 59.5, 60)
    held = bench.until(lambda: bench.controller.state != states.OIL_RETURN, 330)
    assert 298.0 <= held <= 303.0
    bench.run(60)
    assert bench.controller.state == states.HEATING and bench.out.speed_rps < 30.0
    values = bench.logged(52)
    assert len(values) == 1 and 330 <= values[0] <= 350
    assert decisions.text(51, 60) == "oil return at 60 rps"


def test_hours_are_cumulated_over_stops():
    bench = Bench(machine=machine(after_h=2.0))
    for _ in range(3):
        bench.start()
        slow(bench)
        bench.run(1800)
        bench.inp.enable = False
        bench.run(200)
        bench.inp.evap_kpa = bench.inp.cond_kpa = 580.0
        bench.inp.flow_c = bench.inp.return_c = 30.0
    assert not bench.logged(52), "three runs of half an hour"
    bench.start()
    slow(bench)
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 2400)


def test_speed_of_its_own_accord_counts():
    bench = run_slowly(Bench(machine=machine(after_h=1.0)), 0.9)
    bench.inp.flow_c, bench.inp.return_c = 25.0, 22.0
    bench.run(420)
    slow(bench)
    bench.run(1800)
    assert bench.controller.state == states.HEATING and not bench.logged(52)


def test_never_during_a_defrost():
    made = machine(after_h=1.0)
    made["reversing"] = {"shift_kpa": 200.0}
    bench = run_slowly(Bench(machine=made), 0.98)
    bench.controller.defrost.forced = True
    bench.until(lambda: bench.controller.state == states.DEFROSTING, 30)
    seen = set()

    def over():
        seen.add(bench.controller.state)
        return bench.controller.state == states.HEATING

    bench.inp.coil_c = 0.0
    bench.run(200)
    bench.inp.coil_c = 13.0
    bench.until(over, 900)
    assert states.OIL_RETURN not in seen
    slow(bench)
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 1200)


def test_a_defrost_waits_for_the_oil():
    made = machine(after_h=1.0)
    made["reversing"] = {"shift_kpa": 200.0}
    bench = run_slowly(Bench(machine=made), 0.9)
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 900)
    bench.controller.defrost.forced = True
    bench.run(200)
    assert bench.controller.state == states.OIL_RETURN
    bench.until(lambda: bench.controller.state == states.DEFROSTING, 300)


def test_no_demand_ends_it_and_it_stays_due():
    bench = run_slowly(Bench(machine=machine(after_h=1.0)), 0.9)
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 900)
    bench.inp.enable = False
    bench.run(120)
    assert not bench.out.compressor_on
    bench.inp.enable = True
    bench.inp.flow_c = 30.0
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 900)


def test_a_limit_that_forbids_the_speed_ends_it():
    bench = run_slowly(Bench(machine=machine(after_h=2.0)), 1.9)
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 900)
    bench.inp.discharge_c = 106.0  # held where it is
    bench.until(lambda: bench.controller.state == states.HEATING, 520)
    assert not bench.logged(52)
    bench.inp.discharge_c = 62.0
    bench.run(1800)
    assert bench.controller.state == states.HEATING, "an hour until the next"
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 2400)


def test_a_test_at_locked_speed_is_left_alone():
    bench = Bench(machine=machine(after_h=1.0)).start(rps=30.0)
    bench.run(5400)
    assert bench.controller.state == states.TEST and bench.out.speed_rps == 30.0


def test_the_valve_opens_at_least_to_its_place():
    bench = run_slowly(Bench(machine=machine(after_h=1.0, opening_pct=80.0)), 0.9)
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 900)
    bench.run(60)
    assert bench.out.eev_steps >= 395


def test_a_protector_that_closes_the_valve_beats_it():
    made = machine(after_h=1.0, opening_pct=80.0)
    bench = run_slowly(Bench({"valve_mop": -10}, machine=made), 0.9)  # it evaporates at -2 degC
    bench.until(lambda: bench.controller.state == states.OIL_RETURN, 900)
    bench.run(60)
    assert bench.controller.expansion.loop.factor < 1.0
    assert bench.out.eev_steps < 300
