"""The expansion valve's sets of settings: which is in force; their change does not move the valve."""

from control_bench import Bench, profile
from isentrope import decisions as d
from isentrope import settings as s
from isentrope.control import states
from isentrope.control.feedforward import FeedForward
from isentrope.control.superheat import Superheat
from isentrope.refrigerant.saturation import load

COOLING = 108  # place of cooling's first
OTHER = {
    "superheat_setpoint_cooling": 6,
    "superheat_setpoint_high_cooling": 7,
    "superheat_gain_cooling": 1,
    "superheat_integral_time_cooling": 100,
    "superheat_derivative_time_cooling": 3,
    "low_superheat_cooling": 2,
    "superheat_setpoint_hot_water": 10,
    "superheat_setpoint_high_hot_water": 12,
    "discharge_superheat_setpoint_hot_water": 30,
}


def machine(*modes):
    made = profile()
    made["modes"] = list(modes)
    made["reversing"] = {"shift_kpa": 200.0}
    made["io"] = [{"name": "tank_t"}, {"name": "hot_water_valve"}]
    return made


def alone(bench):
    """Without the arbiter, which has the last word on the mode."""
    control = bench.controller
    control._options = tuple([each for each in control._options if type(each).__name__ == "Sets"])
    return bench


def made(values=None, modes=("cooling", "hot_water")):
    """A machine that has heated at 60 rps until the valve stood still, superheat 8 K."""
    held = dict(OTHER)
    held.update(values or {})
    bench = alone(Bench(held, machine(*modes))).start(60.0)
    bench.run(120)
    bench.logged(0)
    return bench


def turn(bench, mode, seconds=2):
    bench.controller.mode = mode
    bench.run(seconds)
    return bench


def test_a_machine_that_only_heats_has_no_sets_in_memory():
    assert Bench().optional == []
    assert Bench(machine=machine("cooling")).optional == ["Arbiter", "Sets", "Slide", "Drift"]


def test_cooling_has_a_set_of_its_own_and_hot_water_setpoints():
    bench = made()
    expansion, v = bench.controller.expansion, bench.settings.v
    loop, setpoint = expansion.loop, expansion.setpoint
    assert loop.base == 0 and loop.setpoint == 8.0
    for mode, base, k, discharge in (
        (states.COOLING, COOLING, 6.0, 20.0),
        (states.HOT_WATER, 0, 10.0, 30.0),
        (states.HEATING, 0, 8.0, 20.0),
    ):
        turn(bench, mode)
        assert loop.base == setpoint.base == base and loop.setpoint == k, mode
        assert v[setpoint.discharge] == discharge
        assert loop.low(3.0) == (mode != states.COOLING)
    assert v[COOLING + s.SH_GAIN] == 1.0 and v[COOLING + s.SH_TI] == 100.0 and v[COOLING + s.SH_TD] == 3.0
    assert v[COOLING + s.SH_LOW] == 2.0


def test_the_change_is_said():
    bench = made()
    turn(bench, states.COOLING, 10)
    turn(bench, states.HOT_WATER)
    turn(bench, states.HEATING)
    assert bench.logged(88) == [states.COOLING, states.HOT_WATER, states.HEATING]
    assert d.text(88, states.HOT_WATER) == "valve takes the settings of hot water"


def test_what_the_profile_does_not_name_leaves_heatings_settings():
    bench = turn(made(modes=("cooling",)), states.HOT_WATER)
    assert bench.controller.expansion.loop.setpoint == 8.0 and bench.logged(88) == []
    turn(bench, states.COOLING)
    assert bench.controller.expansion.loop.setpoint == 6.0
    turn(bench, states.HOT_WATER)
    assert bench.controller.expansion.loop.setpoint == 8.0


def test_no_change_of_set_moves_the_valve():
    """The setpoint jumps by 2 to 4 K: with the whole gain on it the flow would jump by 6 to 12 %."""
    for law in (0, 1, 3):
        bench = made({"superheat_law": law, "superheat_gain_cooling": 3})
        loop = bench.controller.expansion.loop
        for mode in (states.COOLING, states.HOT_WATER, states.COOLING, states.HEATING):
            trim, opening = loop.trim, bench.out.eev_steps
            turn(bench, mode, 1)
            # One second of the new set's integral, 4 K at most over 30 s.
            assert abs(loop.trim - trim) <= 4.0 * 0.03 / 30.0, (law, mode, loop.trim - trim)
            # That is 0.4 % of some 400 steps.
            assert abs(bench.out.eev_steps - opening) <= 2, (law, mode)
            turn(bench, mode, 5)


def loop_at(values, base):
    """A loop in the middle of a run, dry, on the set that begins there."""
    held = s.Settings()
    held.load(values)
    loop = Superheat(FeedForward(profile(), load("R290")), held)
    loop.prepare(60.0, 445.0)
    loop.wet, loop.guard, loop.base = False, 1.0, base
    loop.setpoint = 8.0
    return loop


def answers(loop, superheats):
    return [loop.step(60.0, 445.0, 1280.0, k, k, -5.0) for k in superheats]


def test_every_setting_of_the_loop_is_cooling_s_in_cooling():
    """The same values in either set give the same valve; each alone changes it."""
    way = [8.0] * 5 + [7.0] * 20 + [9.0] * 20 + [3.0] * 10
    plain = answers(loop_at({}, 0), way)
    assert answers(loop_at({}, COOLING), way) == plain
    for name, value in (
        ("superheat_gain", 1),
        ("superheat_integral_time", 100),
        ("superheat_derivative_time", 3),
        ("low_superheat", 2),
    ):
        changed = answers(loop_at({name: value}, 0), way)
        assert changed != plain, name
        assert answers(loop_at({name + "_cooling": value}, COOLING), way) == changed, name
        assert answers(loop_at({name + "_cooling": value}, 0), way) == plain, name


def test_falling_superheat_the_derivative_goes_on_and_only_its_gain_changes():
    """The error's step is forgotten, what superheat does is not: 0.1 K/s leads by 0.1 x Td x gain."""
    loop = loop_at(OTHER, 0)
    answers(loop, [8.0 - 0.1 * n for n in range(20)])
    lead, trim = loop._lead, loop.trim
    loop.base, loop.setpoint, loop.moved = COOLING, 6.0, True
    answers(loop, [6.0])
    ratio = loop._lead / lead
    assert abs(ratio - 1.0 / 3.0 * 3.0 / 10.0) < 0.02, ratio
    assert abs(loop.trim - trim) < 0.001


def test_hot_water_s_setpoint_stays_above_the_low_superheat_limit():
    bench = made({"superheat_setpoint_hot_water": 3, "superheat_setpoint_high_hot_water": 3})
    turn(bench, states.HOT_WATER)
    assert bench.controller.expansion.loop.setpoint == bench.settings.v[s.SH_LOW] + 1.0


def test_the_protectors_thresholds_are_cooling_s():
    bench = made({"valve_lop_time": 20, "valve_lop": -10, "valve_lop_cooling": 1, "valve_mop_cooling": 2})
    protectors = bench.controller.expansion.protectors
    bench.run(30)
    assert protectors.acting == 0
    turn(bench, states.COOLING, 30)
    assert protectors.acting == d.VALVE_LOP  # evaporating at -2 degC


def test_what_the_search_found_is_kept_for_each_evaporator():
    bench = made({"superheat_law": 2})
    setpoint = bench.controller.expansion.setpoint
    heating = setpoint.stable
    turn(bench, states.COOLING)
    cooling = setpoint.stable  # begins on cooling's line from 6 to 7 K
    assert cooling is not None and cooling is not heating and 6.0 < setpoint.k < 7.0
    turn(bench, states.HOT_WATER)  # the same evaporator as in heating
    assert setpoint.stable is heating
    turn(bench, states.COOLING)
    assert setpoint.stable is cooling


def test_a_start_in_cooling_begins_with_its_set():
    bench = alone(Bench(OTHER, machine("cooling")))
    bench.controller.mode = states.COOLING
    bench.start(60.0)
    assert bench.controller.expansion.loop.setpoint == 6.0
    assert bench.logged(88) == [states.COOLING]
