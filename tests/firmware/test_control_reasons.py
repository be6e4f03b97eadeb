"""Whatever happens to it, the controller can say why it does what it does."""

from control_bench import Bench, running
from isentrope import decisions
from test_bench_fuzz import Random


def shaken(seed, scans):
    """A machine whose measurements and demands change at random now and then; `yield`ed after every scan."""
    bench = Bench({"minimum_off": 90, "starts_per_hour": 60, "trip_pause": 10})
    random = Random(seed)
    inp = bench.inp
    for n in range(scans):
        if random.below(40) == 0:
            what = random.below(14)
            if what == 0:
                inp.enable = not inp.enable
            elif what == 1:
                inp.hp_ok = not inp.hp_ok
            elif what == 2:
                inp.water_flow = not inp.water_flow
            elif what == 3:
                inp.cond_kpa = 900.0 + random.below(2400)
            elif what == 4:
                inp.evap_kpa = 100.0 + random.below(500)
            elif what == 5:
                inp.discharge_c = 40.0 + random.below(80)
            elif what == 6:
                inp.suction_c = -10.0 + random.below(20)
            elif what == 7:
                inp.flow_c = inp.return_c = 20.0 + random.below(25)
            elif what == 8:
                inp.bad = 1 << random.below(9) if inp.bad == 0 else 0
            elif what == 9:
                inp.test_rps = 30.0 + random.below(60) if inp.test_rps == 0.0 else 0.0
            else:
                inp.enable = inp.hp_ok = inp.water_flow = True
                inp.bad = 0
                running(inp)
        bench.scan()
        yield n, bench


def test_a_running_compressor_has_a_reason_for_its_speed():
    seen = set()
    for seed in (1, 2, 3):
        for n, bench in shaken(seed, 8000):
            control = bench.controller
            if bench.out.compressor_on:
                assert control.decision, (seed, n, control.state)
                seen.add(control.decision)
    assert len(seen) >= 8, seen


def test_one_that_is_wanted_and_stands_has_a_reason_too():
    """Except in the scan in which it changes its state."""
    seen = set()
    for seed in (4, 5, 6):
        before = -1
        for n, bench in shaken(seed, 8000):
            control = bench.controller
            wanted = bench.inp.enable and control.capacity.call
            if wanted and not bench.out.compressor_on and control.state == before:
                assert control.decision, (seed, n, control.state)
                seen.add(control.decision)
            before = control.state
    assert {decisions.WAIT_OFF_TIME, decisions.WAIT_WATER, decisions.STOP_ALARM} <= seen


def test_every_change_of_state_and_of_reason_is_logged():
    changes = 0
    for seed in (7, 8, 9):
        state = why = -1
        for n, bench in shaken(seed, 6000):
            control = bench.controller
            entry, found = [0, 0, 0], []
            while bench.log.pop_into(entry):
                found.append((entry[1], entry[2]))
            if control.state != state:
                changes += 1
                assert (decisions.STATE, control.state) in found, (seed, n)
            if control.decision not in (why, 0):
                assert control.decision in [code for code, _ in found], (seed, n)
            state, why = control.state, control.decision
    assert changes > 40
