"""Crankcase heat: with a shell sensor, without one, and after a power-up."""

from control_bench import Bench, profile
from isentrope import decisions


class More:
    """Of drivers/more.py what crankcase heat reads."""

    shell_c = None


def machine():
    made = profile()
    made["crankcase"] = {"warm_k": 10.0, "below_c": 20.0}
    return made


def bench(values=None, outdoor=7.0, starts=1, shell=None):
    made = Bench(values, machine=machine())
    made.controller.restore(starts, 0)
    made.inp.outdoor_c = outdoor
    made.inp.more = More()
    made.inp.more.shell_c = shell
    made.inp.enable = True
    return made


COMMISSIONED = {"commissioned": 1}


def test_without_a_shell_sensor_it_heats_a_standing_compressor_in_cold_air():
    at = bench()
    at.inp.enable = False
    at.scan()
    assert at.out.crankcase_on
    at.inp.outdoor_c = 21.0
    at.scan()
    assert not at.out.crankcase_on
    at.inp.outdoor_c = 7.0
    at.start()
    assert at.out.compressor_on and not at.out.crankcase_on


def test_twelve_hours_before_the_first_start():
    at = bench(COMMISSIONED, outdoor=25.0, starts=0)
    at.run(12 * 3600 - 10)
    assert at.out.crankcase_on and not at.out.compressor_on
    values = at.logged(53)
    assert decisions.text(53, values[0]) == "start waits 720 min: crankcase heats"
    at.until(lambda: at.out.compressor_on, 400)


def test_a_board_that_was_never_commissioned_has_no_oil_to_warm():
    at = bench(starts=0)
    at.until(lambda: at.out.compressor_on, 400)


def test_after_another_power_up_two_hours_unless_the_shell_is_warm():
    at = bench(COMMISSIONED)
    at.inp.discharge_c = 12.0
    at.run(7200 - 10)
    assert not at.out.compressor_on
    at.until(lambda: at.out.compressor_on, 400)
    at = bench(COMMISSIONED)
    at.inp.discharge_c = 30.0
    at.until(lambda: at.out.compressor_on, 400)


def test_the_wait_is_a_setting():
    values = {"commissioned": 1, "crankcase_power_up": 0}
    at = bench(values)
    at.inp.discharge_c = 12.0
    at.until(lambda: at.out.compressor_on, 400)


def test_a_cold_shell_does_not_start_and_is_heated():
    at = bench(shell=12.0, outdoor=25.0)  # saturated suction 7 degC at 580 kPa
    at.run(400)
    assert at.out.crankcase_on and not at.out.compressor_on
    values = at.logged(54)
    assert decisions.text(54, values[0]).startswith("start waits: shell ")
    at.inp.more.shell_c = 30.0
    at.until(lambda: at.out.compressor_on, 400)


def test_the_shell_rule_has_hysteresis():
    at = bench(shell=10.0)
    at.inp.enable = False
    at.scan()
    cold = at.controller.evap_sat_c
    for over, on in ((9.0, True), (11.0, True), (12.5, False), (11.0, False), (9.5, True)):
        at.inp.more.shell_c = cold + over
        at.scan()
        assert at.out.crankcase_on is on, over


def test_a_measured_shell_needs_no_waiting_after_a_power_cut():
    at = bench(COMMISSIONED, shell=40.0)
    at.inp.discharge_c = 12.0
    at.until(lambda: at.out.compressor_on, 400)


def test_no_supply_no_heat():
    at = bench()
    at.inp.supply_ok = False
    at.scan()
    assert not at.out.crankcase_on


def test_why_is_forgotten_when_nobody_asks_for_heat():
    at = bench(COMMISSIONED, starts=0)
    at.run(60)
    assert at.controller.decision == 53
    at.inp.enable = False
    at.run(5)
    assert at.controller.decision == 0
