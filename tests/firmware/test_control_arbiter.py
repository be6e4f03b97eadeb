"""Heating, cooling and hot water: which it is, what a change takes, and what cannot be."""

from control_bench import Bench, profile, running
from isentrope import alarms, decisions
from isentrope import settings as s
from isentrope.control import arbiter, states

WORKS, PAUSES, FREEZES, SHIFTS = 100, 102, 106, 109
REVERSING = alarms.REVERSING_PRESSURE


class More:
    """What a scan has of signals that not every machine has."""

    phase_ok, rotation, phase_v, shell_c, drive = True, 0, None, None, None

    def __init__(self, tank_c=50.0):
        self.tank_c = tank_c


def machine(*modes):
    made = profile()
    made["modes"] = list(modes)
    made["reversing"] = {"shift_kpa": 200.0}
    made["io"] = [{"name": "tank_t"}, {"name": "hot_water_valve"}]
    return made


def made(values=None, modes=("cooling", "hot_water"), tank_c=50.0, ledger=None):
    bench = Bench(values, machine(*modes), ledger=ledger)
    bench.inp.more = More(tank_c)
    return bench


def heated(values=None, tank_c=50.0):
    """Heating, and then a tank of this temperature."""
    bench = made(values)
    bench.inp.enable = True
    bench.until(lambda: bench.out.compressor_on, 300)
    running(bench.inp)
    bench.inp.flow_c, bench.inp.return_c = 34.0, 30.0
    bench.until(lambda: bench.controller.state == states.HEATING, 300)
    bench.run(150)
    bench.logged(0)
    bench.inp.more.tank_c = tank_c
    return bench


def test_hot_water_begins_and_ends_in_the_same_run():
    bench = heated()
    tank = bench.inp.more
    tank.tank_c = 44.0
    bench.until(lambda: bench.controller.state == states.HOT_WATER, 60)
    assert bench.out.compressor_on and bench.out.diverter_on
    assert abs(bench.controller.capacity.setpoint_c - 52.2) < 1.5, "8 K over the tank, which is filtered"
    tank.tank_c = 50.5
    bench.until(lambda: bench.controller.state == states.HEATING, 120)
    assert bench.out.compressor_on and not bench.out.diverter_on
    assert bench.controller.starts == 1
    assert bench.logged(WORKS) == [states.HOT_WATER, states.HEATING]


def test_the_speed_waits_for_the_other_water():
    bench = heated(tank_c=44.0)
    bench.until(lambda: bench.controller.state == states.HOT_WATER, 60)
    bench.run(200)
    bench.inp.flow_c, bench.inp.return_c = 20.0, 18.0
    bench.inp.more.tank_c = 51.0
    bench.until(lambda: bench.controller.state == states.HEATING, 120)
    bench.run(110)
    assert bench.out.speed_rps == bench.settings.v[s.START_RPS]
    bench.run(60)
    assert bench.out.speed_rps == 90.0, "and then the demand rules"


def test_a_house_has_its_turn_and_hot_water_goes_on():
    bench = heated({"hot_water_longest": 20, "house_turn": 10}, tank_c=30.0)
    bench.until(lambda: bench.controller.mode == states.HOT_WATER, 60)
    turn = bench.until(lambda: bench.controller.mode == states.HEATING, 1300)
    assert abs(turn - 1200.0) < 5.0 and bench.logged(PAUSES) == [20]
    back = bench.until(lambda: bench.controller.mode == states.HOT_WATER, 700)
    assert abs(back - 600.0) < 5.0


def test_a_house_that_wants_nothing_gives_its_turn_back():
    bench = heated({"hot_water_longest": 20, "house_turn": 60}, tank_c=30.0)
    bench.until(lambda: bench.controller.mode == states.HOT_WATER, 60)
    bench.until(lambda: bench.controller.mode == states.HEATING, 1300)
    bench.inp.flow_c, bench.inp.return_c = 45.0, 44.0
    assert bench.until(lambda: bench.controller.mode == states.HOT_WATER, 600) < 300.0


def test_a_tank_that_asks_for_less_than_its_water_has_gives_the_turn_back():
    """Its sensor reads cold, the water that comes back from it is warm: the house does not wait an hour."""
    bench = heated(tank_c=30.0)
    bench.until(lambda: bench.controller.state == states.HOT_WATER, 300)
    bench.inp.flow_c = bench.inp.return_c = 55.0
    bench.until(lambda: not bench.out.compressor_on, 600)
    bench.until(lambda: bench.logged(PAUSES), 400)
    assert bench.controller.state == states.OFF


def test_operating_modes():
    for mode, tank_c, wanted in (
        (arbiter.OFF, 30.0, 0),
        (arbiter.HEATING, 50.0, states.HEATING),
        (arbiter.HEATING, 30.0, states.HOT_WATER),
        (arbiter.COOLING, 50.0, states.COOLING),
        (arbiter.HOT_WATER, 50.0, 0),
        (arbiter.HOT_WATER, 30.0, states.HOT_WATER),
    ):
        bench = made(tank_c=tank_c)
        bench.inp.enable = True
        bench.inp.mode = mode
        bench.inp.flow_c = bench.inp.return_c = 28.0
        bench.run(3)
        assert bench.controller.capacity.call == (wanted != 0), (mode, tank_c)
        if wanted:
            assert bench.controller.mode == wanted, (mode, tank_c)
    bench.inp.enable = False
    bench.run(2)
    assert not bench.controller.capacity.call


def test_auto_mode_follows_the_season_and_cools_only_where_it_may():
    bench = made()
    inp = bench.inp
    inp.enable, inp.mode, inp.outdoor_c = True, arbiter.AUTO, 23.0
    bench.run(2)
    assert bench.controller.mode == states.HEATING
    inp.cooling = True
    bench.run(2)
    assert bench.controller.mode == states.COOLING
    inp.outdoor_c = 21.5
    bench.run(2)
    assert bench.controller.mode == states.COOLING, "a kelvin of hysteresis"
    inp.outdoor_c = 20.5
    bench.run(2)
    assert bench.controller.mode == states.HEATING


def test_a_machine_with_other_modes_ignores_what_it_cannot():
    bench = made(modes=("hot_water",))
    bench.inp.enable, bench.inp.mode = True, arbiter.COOLING
    bench.run(3)
    assert bench.controller.mode == states.HEATING and not bench.controller.capacity.call


def test_the_pump_rests_where_the_house_wants_nothing():
    bench = made()
    bench.inp.enable, bench.inp.mode = True, arbiter.HOT_WATER
    bench.run(200)
    assert bench.out.pump_pct == 0.0
    bench.inp.mode = arbiter.HEATING
    bench.inp.flow_c = bench.inp.return_c = 36.0
    bench.run(2)
    assert bench.out.pump_pct > 0.0 and not bench.out.compressor_on


def to_cooling(bench):
    """Into cooling with its pressures."""
    inp = bench.inp
    inp.enable, inp.mode = True, arbiter.COOLING
    inp.outdoor_c, inp.flow_c, inp.return_c = 32.0, 22.0, 22.0
    bench.until(lambda: bench.out.compressor_on, 400)
    return bench


def test_cooling_turns_the_valve_once_there_is_a_pressure_difference():
    bench = to_cooling(made())
    bench.run(10)
    assert not bench.out.reversing_on, "nothing moves a slide without it"
    bench.inp.evap_kpa, bench.inp.cond_kpa = 620.0, 1300.0
    bench.until(lambda: bench.out.reversing_on, 5)
    assert bench.logged(SHIFTS)
    bench.inp.suction_c, bench.inp.discharge_c, bench.inp.liquid_c = 18.0, 60.0, 34.0
    bench.inp.flow_c, bench.inp.return_c = 18.5, 22.0
    bench.until(lambda: bench.controller.state == states.COOLING, 400)
    assert not bench.alarms.is_active(REVERSING)


def test_a_difference_that_never_comes_is_told_and_not_waited_for():
    bench = to_cooling(made())
    bench.until(lambda: bench.out.reversing_on, 65)
    assert bench.alarms.is_active(REVERSING)


def cooled(setpoint_c=12):
    bench = to_cooling(made({"cooling_setpoint": setpoint_c}))
    inp = bench.inp
    inp.evap_kpa, inp.cond_kpa = 545.0, 1500.0
    inp.suction_c, inp.discharge_c, inp.liquid_c, inp.coil_c = 12.5, 62.0, 34.0, 34.0
    inp.flow_c, inp.return_c = 15.0, 20.0
    bench.until(lambda: bench.controller.state == states.COOLING, 400)
    bench.run(150)
    bench.logged(0)
    return bench


def test_cooling_regulates_the_other_way_round():
    bench = cooled()
    bench.inp.flow_c, bench.inp.return_c = 11.5, 15.0
    bench.run(60)
    slow = bench.out.speed_rps
    bench.inp.flow_c, bench.inp.return_c = 20.0, 25.0
    bench.run(60)
    assert bench.out.speed_rps > slow + 20.0, "too warm: faster"
    bench.inp.flow_c, bench.inp.return_c = 8.5, 10.0
    bench.until(lambda: not bench.out.compressor_on, 300)


def test_heating_after_cooling_stops_first_and_brings_the_valve_back():
    bench = cooled()
    bench.inp.mode = arbiter.HEATING
    bench.inp.outdoor_c = 7.0
    bench.until(lambda: not bench.out.compressor_on, 300)
    assert bench.controller.mode in (states.COOLING, states.HEATING) and bench.out.reversing_on
    bench.inp.evap_kpa = bench.inp.cond_kpa = 800.0
    off = bench.until(lambda: bench.out.compressor_on, 400)
    assert off >= bench.settings.v[s.MIN_OFF] - 1.0 and bench.controller.mode == states.HEATING
    assert bench.out.reversing_on, "the slide stays until it can be moved"
    bench.inp.evap_kpa, bench.inp.cond_kpa = 445.0, 1280.0
    bench.until(lambda: not bench.out.reversing_on, 10)


def test_the_plate_s_evaporating_limit_holds_and_reduces_the_speed():
    bench = cooled()
    bench.inp.flow_c, bench.inp.return_c = 20.0, 25.0
    bench.run(60)
    bench.inp.evap_kpa = 445.0  # -2 degC
    bench.inp.suction_c = 6.0
    fast = bench.out.speed_rps
    bench.run(60)
    assert bench.controller.decision == 105 and bench.out.speed_rps < fast - 15.0
    bench.inp.evap_kpa = 474.0  # between limit and hold
    bench.run(120)
    held = bench.out.speed_rps
    bench.run(30)
    assert bench.controller.decision in (104, 105) and bench.out.speed_rps >= held - 4.0


def test_a_plate_that_freezes_stops_the_compressor_at_once():
    bench = cooled(5)
    bench.inp.evap_kpa = 250.0  # -18 degC
    bench.inp.suction_c = -10.0
    bench.inp.flow_c = 6.0  # its wall at -2 degC
    assert bench.until(lambda: not bench.out.compressor_on, 15) > 3.0
    assert bench.controller.state == states.OFF and bench.logged(FREEZES) == [6]
    bench = cooled(5)
    bench.inp.flow_c = 4.0
    bench.until(lambda: not bench.out.compressor_on, 8)
    assert not bench.alarms.stop


def test_cooling_without_water_stops_within_two_seconds():
    bench = cooled()
    bench.inp.water_flow = False
    assert bench.until(lambda: not bench.out.compressor_on, 5) <= 3.5
    assert bench.alarms.is_active(alarms.WATER_FLOW)


def test_frost_is_counted_and_melted_in_hot_water_too():
    bench = heated(tank_c=30.0)
    bench.until(lambda: bench.controller.state == states.HOT_WATER, 60)
    bench.inp.outdoor_c, bench.inp.coil_c = 2.0, -8.0
    bench.inp.flow_c, bench.inp.return_c = 38.0, 33.0
    bench.settings.set_raw(s.FIRST + s.DEFROST_INTERVAL, 10)
    bench.until(lambda: bench.controller.state == states.DEFROSTING, 900)
    assert bench.out.diverter_on, "the tank's water melts the ice it made"


def test_every_decision_has_its_sentence():
    assert decisions.text(WORKS, states.COOLING) == "works for cooling"
    assert decisions.text(101, 44 << 16 | 50) == "hot water: tank 44 degC, charges to 50 degC"
    for code in (102, 103, 104, 105, 106, 107, 108, 109, 110, 112):
        assert "decision" not in decisions.text(code, 65 << 16 | 5)
