"""Crankcase heat: with a shell sensor, without one, and after a power-up."""

from control_bench import Bench, profile
from isentrope import decisions
from isentrope.control.io import BAD_OUTDOOR_T


class More:
    """Of drivers/more.py what crankcase heat reads."""

    shell_c = None


def machine():
    made = profile()
    made["compressor"]["crankcase_below_c"] = 20.0
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
    at.inp.outdoor_c = 22.5
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


def heated(below_c=10.0):
    made = profile()
    made["compressor"]["crankcase_below_c"] = below_c
    return Bench(machine=made)


def at_air(made, outdoor_c):
    made.inp.outdoor_c = outdoor_c
    made.scan()
    return made.out.crankcase_on


def test_on_in_cold_air_and_off_two_kelvin_over_it():
    made = heated()
    assert [at_air(made, c) for c in (10.1, 9.9, 11.9, 12.1, 10.1)] == [False, True, True, False, False]


def test_off_while_the_compressor_runs():
    made = heated()
    assert at_air(made, -5.0)
    made.start(rps=60.0)
    assert made.out.compressor_on and not made.out.crankcase_on
    made.inp.enable = False
    made.until(lambda: not made.out.compressor_on, 300)
    made.scan()
    assert made.out.crankcase_on


def test_without_its_air_sensor_it_is_on():
    made = heated()
    made.inp.outdoor_c, made.inp.bad = 30.0, BAD_OUTDOOR_T
    made.run(30)
    assert made.out.crankcase_on


def test_a_machine_without_the_key_never_heats():
    made = Bench()
    assert not any(at_air(made, c) for c in (-20.0, 0.0, 20.0))


def test_a_machine_says_how_warm_its_shell_is_to_be():
    made = machine()
    made["compressor"]["crankcase_warm_k"] = 15.0
    at = Bench(machine=made)
    at.inp.more = More()
    at.inp.outdoor_c = 25.0
    at.scan()
    at.inp.more.shell_c = at.controller.evap_sat_c + 12.0
    at.scan()
    assert at.out.crankcase_on
