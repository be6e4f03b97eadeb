"""The tank: when it is charged, how far, disinfection, a sensor that fails, and the heater's share."""

from control_bench import running
from isentrope import wording
from isentrope.control import states
from isentrope.control.hotwater import HotWater
from isentrope.control.legionella import Legionella
from isentrope.ledger import Ledger
from isentrope.settings import Settings
from test_control_arbiter import heated, machine, made

NOT_DISINFECTED, TANK = 52, 53
HOT = states.HOT_WATER


def charging(values=None, tank_c=40.0, backup=False):
    bench = made(values, tank_c=tank_c)
    if backup:
        bench.controller.hot_water._backup = True
    bench.inp.enable = True
    bench.inp.mode = 4
    bench.until(lambda: bench.out.compressor_on, 300)
    running(bench.inp)
    bench.inp.flow_c, bench.inp.return_c = tank_c + 7.0, tank_c + 2.0
    bench.until(lambda: bench.controller.state == HOT, 400)
    return bench


def follows(bench, tank_c, seconds=90):
    """The tank at this temperature, its water with it, as far as the machine goes."""
    bench.inp.more.tank_c = tank_c
    bench.inp.flow_c, bench.inp.return_c = min(tank_c + 7.0, 62.0), min(tank_c + 2.0, 61.0)
    bench.run(seconds)


def test_hysteresis():
    bench = heated({"hot_water_setpoint": 48, "hot_water_hysteresis": 4})
    follows(bench, 44.5)
    assert not bench.controller.hot_water.wants
    follows(bench, 43.5)
    assert bench.controller.hot_water.wants
    follows(bench, 47.5)
    assert bench.controller.hot_water.wants
    follows(bench, 48.5)
    assert not bench.controller.hot_water.wants


def test_boost_is_once_and_warmer():
    bench = heated()
    bench.inp.boost = True
    bench.run(60)
    assert bench.controller.hot_water.wants, "a tank at its setpoint, but not at that of the boost"
    follows(bench, 54.5)
    assert bench.inp.boost and bench.controller.hot_water.wants
    follows(bench, 55.5)
    assert not bench.inp.boost and not bench.controller.hot_water.wants


def test_the_envelope_bounds_the_flow_and_ends_the_charge():
    """At -20 degC evaporating the machine of these tests may condense at 82 degC, at -25 at 68.5."""
    bench = charging({"hot_water_setpoint": 70}, tank_c=55.0)
    hot = bench.controller.hot_water
    bench.inp.evap_kpa, bench.inp.cond_kpa = 203.0, 2200.0  # -25 degC; 64 degC
    bench.inp.suction_c = -17.0
    bench.run(400)
    assert abs(hot.flow_c - 62.3) < 1.0, hot.flow_c
    follows(bench, 60.5, 120)
    assert not hot.wants and bench.logged(103) == [59]
    follows(bench, 56.0, 300)
    assert not hot.wants, "at rest the envelope seems to allow more"
    follows(bench, 53.5, 120)
    assert hot.wants


def test_the_backup_heater_does_the_rest_and_the_compressor_does_not_come_back():
    bench = charging({"hot_water_setpoint": 70}, tank_c=55.0, backup=True)
    hot = bench.controller.hot_water
    bench.inp.evap_kpa, bench.inp.cond_kpa = 203.0, 2200.0
    bench.inp.suction_c = -17.0
    bench.run(300)
    assert not hot.rest
    follows(bench, 60.5, 120)
    assert hot.wants and hot.rest
    bench.until(lambda: not bench.out.compressor_on, 200)
    bench.inp.evap_kpa = bench.inp.cond_kpa = 900.0
    bench.run(600)
    assert hot.rest and not bench.out.compressor_on and bench.out.diverter_on
    follows(bench, 70.5, 120)
    assert not hot.wants and not hot.rest


def test_without_its_sensor_there_is_no_hot_water_and_heating_goes_on():
    bench = heated(tank_c=30.0)
    bench.until(lambda: bench.controller.state == HOT, 60)
    bench.inp.more.tank_c = None
    bench.run(2)
    assert bench.controller.state == HOT, "not yet believed"
    bench.until(lambda: bench.controller.state == states.HEATING, 5)
    assert bench.alarms.is_active(TANK) and not bench.alarms.stop and bench.out.compressor_on
    assert wording.name(TANK) == "hot water"
    bench.inp.more.tank_c = 31.0
    bench.run(8)
    assert bench.alarms.is_active(TANK), "a loose contact"
    bench.run(4)
    assert not bench.alarms.is_active(TANK) and bench.controller.hot_water.wants


def test_a_tank_that_does_not_become_warm_is_told():
    bench = charging({"hot_water_longest": 10}, tank_c=30.0)
    assert not bench.alarms.is_active(TANK)
    bench.until(lambda: bench.alarms.is_active(TANK), 2000)
    assert not bench.alarms.stop and bench.controller.hot_water.wants
    follows(bench, 51.0)
    assert not bench.alarms.is_active(TANK)


def test_hot_water_is_a_setting():
    bench = made({"hot_water": 0}, tank_c=20.0)
    bench.inp.enable = True
    bench.run(5)
    assert bench.controller.hot_water is None and bench.controller.mode == states.HEATING


def leg(values=None, tank_c=50.0, ledger=None):
    held = {"legionella_hold": 10, "legionella_longest": 60}
    held.update(values or {})
    bench = made(held, tank_c=tank_c, ledger=ledger)
    bench.inp.enable = True
    bench.inp.mode = 4
    bench.run(2)
    return bench, bench.controller.hot_water.legionella


def test_disinfection_holds_its_time():
    bench, legionella = leg()
    bench.inp.legionella = True
    bench.run(60)
    assert legionella.active and bench.controller.disinfects and bench.controller.mode == HOT
    follows(bench, 60.2, 400)
    assert legionella.active
    follows(bench, 57.0, 30)  # somebody draws: the time begins anew
    follows(bench, 60.5, 400)
    assert legionella.active
    bench.run(250)
    assert not legionella.active and not bench.inp.legionella
    assert bench.logged(108) == [10 << 16 | 60] and not bench.alarms.is_active(NOT_DISINFECTED)


def test_a_tank_that_does_not_come_to_it_is_told_and_tried_a_day_later():
    bench, legionella = leg()
    bench.inp.legionella = True
    follows(bench, 55.0, 3700)
    assert not legionella.active and bench.alarms.is_active(NOT_DISINFECTED) and not bench.alarms.stop
    legionella._since_s += 86_390.0
    bench.run(20)
    assert legionella.active
    follows(bench, 61.0, 700)
    assert not bench.alarms.is_active(NOT_DISINFECTED)


def test_a_machine_that_is_off_does_not_count_against_it():
    bench, legionella = leg()
    bench.inp.legionella = True
    bench.run(10)
    bench.inp.mode = 0
    bench.run(4000)
    assert legionella.active and not bench.alarms.is_active(NOT_DISINFECTED)


def test_the_first_comes_a_day_after_power_up_and_then_weekly():
    bench, legionella = leg()
    assert not legionella.active
    legionella._since_s += 86_395.0
    bench.run(10)
    assert legionella.active, "without a clock at once"
    follows(bench, 61.0, 700)
    assert not legionella.active
    legionella._since_s += 6.9 * 86_400.0
    follows(bench, 50.0, 60)
    assert not legionella.active
    legionella._since_s += 0.1 * 86_400.0
    bench.run(10)
    assert legionella.active


def test_with_a_clock_it_waits_for_its_hour():
    bench, legionella = leg({"legionella_at": 1430})
    legionella._since_s = 8 * 86_400.0
    bench.inp.minute = 600
    bench.run(10)
    assert not legionella.active
    bench.inp.minute = 5  # within the hour after 23:50
    bench.run(2)
    assert legionella.active


def test_weekly_by_the_clock_is_weekly():
    """The hold ends in the hour after it began: a week later it is due in that hour, not a day after."""
    bench, legionella = leg({"legionella_at": 120, "legionella_weekday": 1})
    legionella._since_s = 6.97 * 86_400.0  # since Monday at 02:40
    for minute, weekday, active in ((120, 5, False), (120, 6, False), (119, 0, False), (121, 0, True)):
        bench.inp.minute, bench.inp.weekday = minute, weekday
        bench.run(2)
        assert legionella.active == active, (minute, weekday)


def test_a_week_that_was_missed_waits_for_no_day_of_the_week():
    bench, legionella = leg({"legionella_at": 120, "legionella_weekday": 1})
    legionella._since_s = 13.9 * 86_400.0
    bench.inp.minute, bench.inp.weekday = 120, 3
    bench.run(2)
    assert not legionella.active
    legionella._since_s = 14.0 * 86_400.0
    bench.run(2)
    assert legionella.active


def test_the_days_outlive_a_power_cut():
    ledger = Ledger()
    at = Legionella(Settings(), None, None, ledger)
    assert at._since_s == 6 * 86_400.0, "nobody knows: after a day"
    assert ledger.disinfected() == (-1, -1)
    bench, legionella = leg(ledger=ledger)
    legionella._since_s = 3.0 * 86_400.0 - 5.0
    follows(bench, 50.0, 10)
    assert ledger.disinfected() == (72, -1)
    at = Legionella(Settings(), None, None, ledger)
    assert at._since_s == 3 * 86_400.0
    # Disinfected on a day that is known; the power was away for five.
    bench, legionella = leg(ledger=ledger)
    bench.inp.minute, bench.inp.weekday, bench.inp.day = 700, 2, 9000
    legionella._since_s = 8 * 86_400.0
    follows(bench, 61.0, 700)
    assert ledger.disinfected() == (0, 9000)
    bench, legionella = leg(ledger=ledger)
    bench.inp.minute, bench.inp.day = 700, 9005
    bench.run(2)
    assert 4 * 86_400.0 <= legionella._since_s < 4 * 86_400.0 + 10.0


def test_none_where_the_setting_says_never():
    bench = made({"legionella_days": 0})
    assert bench.controller.hot_water.legionella is None


def test_the_envelope_s_top():
    """Corners in order; between them a line, beyond them the nearest."""
    bench = made()
    hot = HotWater(machine("hot_water"), bench.settings, bench.alarms, bench.log)
    for outdoor_c, top in (
        (-20.0, 55.0),
        (-15.0, 68.5),
        (-10.0, 82.0),
        (7.0, 82.0),
        (-40.0, 55.0),
        (40.0, 82.0),
    ):
        bench.inp.outdoor_c = outdoor_c
        assert abs(hot._most_c(0.5, bench.inp, bench.controller) - (top - 6.0)) < 0.01, outdoor_c
