"""SG-Ready, the utility's block, and the power limit."""

from isentrope import decisions
from isentrope.control import states
from wired_bench import bench

SG = ("sg_1", "sg_2", "utility_block")
ENDED, LOST = 64, 54
POWER = {"exponent": 0.115, "per_rev": [1.6, 0.338, -0.0033, 0.00066], "fan_w": 55.0, "fan_exponent": 2.6,
         "rest_w": 14.0}  # fmt: skip


def grid(**values):
    values.update({"grid_signals": 3, "minimum_off": 0, "starts_per_hour": 60})
    at = bench(SG, values)
    at.start()
    at.until(lambda: at.controller.state == 2, 300)
    return at


def test_contacts_say_four_states():
    at = grid()
    seen = []
    for one, two in ((0, 0), (0, 1), (1, 1), (1, 0)):
        at.wired.set("sg_1", one)
        at.wired.set("sg_2", two)
        at.run(6)
        seen.append((at.out.sg, at.controller.capacity.setpoint_c, at.controller.capacity.allowed))
    assert seen == [(2, -1.0, True), (3, 38.0, True), (4, 40.0, True), (1, -1.0, False)]
    assert at.controller.backup_allowed is False
    assert at.logged(117) == [30]


def test_only_heating_is_encouraged():
    """Colder water would bring dew on a floor, hotter water than the tank's is beyond the envelope."""
    at = grid()
    at.wired.set("sg_2", True)
    at.run(6)
    for mode in (states.COOLING, states.HOT_WATER):
        at.controller.mode = mode
        at.run(1)
        assert at.out.sg == 3 and at.controller.capacity.setpoint_c == -1.0


def test_order_allows_the_backup_and_the_highest_flow_bounds_it():
    at = grid(flow_highest=37)
    at.inp.flow_setpoint_c = 36.0
    at.inp.sg, at.inp.told = 4, 4
    at.run(6)
    assert at.controller.backup_ordered and at.controller.capacity.setpoint_c == 37.0
    at.inp.flow_setpoint_c = 45.0
    at.run(1)
    assert at.controller.capacity.setpoint_c == 45.0, "it never lowers what was commanded"


def test_two_contacts_that_close_one_after_the_other_are_no_block():
    at = grid()
    at.wired.set("sg_1", True)
    at.run(3)
    at.wired.set("sg_2", True)
    at.run(6)
    assert at.out.sg == 4 and at.logged(115) == []


def test_a_block_stops_and_is_ignored_after_its_longest_time():
    at = grid(grid_block_longest=30)
    at.wired.set("sg_1", True)
    at.until(lambda: not at.out.compressor_on, 300)
    assert at.controller.decision in (0, 115)
    at.inp.flow_c, at.inp.return_c = 25.0, 24.0
    at.run(60 * 20)
    assert not at.out.compressor_on
    at.until(lambda: at.out.compressor_on, 900)
    assert at.alarms.is_active(ENDED) and at.out.sg == 2
    at.wired.set("sg_1", False)
    at.run(6)
    assert not at.alarms.is_active(ENDED)
    at.wired.set("sg_1", True)
    at.run(6)
    assert at.out.sg == 1, "a new block counts again"


def test_the_bus_is_a_lease_and_contacts_beat_it():
    at = grid(bus_timeout=100)
    at.inp.sg, at.inp.told = 1, 4
    at.run(7)
    assert at.out.sg == 1
    at.run(110)
    assert at.out.sg == 2, "void"
    at.inp.sg, at.inp.told = 1, 4
    at.wired.set("sg_2", True)
    at.run(7)
    assert at.out.sg == 3
    assert [decisions.text(132, value) for value in at.logged(132)] == [
        "contacts say state 3, the bus 1: the contacts count"
    ]


def test_the_utilitys_contact_blocks_in_either_sense():
    at = grid()
    at.wired.set("utility_block", True)
    at.until(lambda: not at.out.compressor_on, 300)
    assert at.out.utility
    at = bench(SG, {"grid_signals": 3, "utility_block_open": 1})
    at.inp.enable = True
    at.run(120)
    assert at.out.utility and not at.out.compressor_on
    at.wired.set("utility_block", True)
    at.until(lambda: at.out.compressor_on, 300)


def limited(limit_kw=9.0, **values):
    values.update({"power_limit": 1, "minimum_off": 0, "starts_per_hour": 60})
    at = bench((), values, power=POWER)
    say(at, limit_kw)
    at.start()
    at.inp.flow_c, at.inp.return_c = 25.0, 22.0
    at.until(lambda: at.out.speed_rps > 85.0, 500)
    return at


def say(at, kw):
    at.inp.limit_cw, at.inp.told = int(kw * 100.0), at.inp.told | 8


def test_the_guess_is_the_equation():
    at = limited()
    at.run(60)
    rps = at.out.speed_rps
    c = at.controller
    head = c.evap_kpa * ((c.cond_kpa / c.evap_kpa) ** 0.115 - 1.0)
    joule = 1.6 + 0.338 * head - 0.0033 * rps + 0.00066 * (c.cond_kpa - c.evap_kpa)
    assert abs(at.out.power_w - (rps * joule + 55.0 * (at.out.fan_pct / 100.0) ** 2.6 + 14.0)) < 5.0


def test_the_speed_keeps_the_limit():
    at = limited()
    free_w = at.out.power_w
    assert at.out.limit_w == 9000 and free_w > 1000
    say(at, 0.8)
    at.run(60)
    assert 760 <= at.out.power_w <= 800 and at.out.compressor_on
    assert at.controller.decision == 120
    say(at, 9.0)
    at.run(900)
    assert at.out.power_w > 0.97 * free_w


def test_a_limit_under_the_lowest_speed_stops_and_waits():
    at = limited(bus_timeout=3600)
    say(at, 0.2)
    at.until(lambda: not at.out.compressor_on, 400)
    at.run(600)
    assert not at.out.compressor_on and at.controller.decision == 122
    say(at, 0.8)
    at.until(lambda: at.out.compressor_on, 300)


def test_without_a_heartbeat_the_failsafe_holds_for_its_time():
    at = limited(bus_timeout=3600, power_failsafe=0.7)
    at.inp.lease_s = 60
    say(at, 9.0)
    at.run(65)
    assert at.alarms.is_active(LOST) and at.out.limit_w == 700
    at.run(100)
    assert at.out.power_w <= 707
    at.inp.failsafe_cw = 60
    at.run(100)
    assert at.out.limit_w == 600, "what the bus has said of it counts"
    at.run(120 * 60 - 260)
    assert at.out.limit_w == 600
    at.run(120)
    assert at.out.limit_w == -1 and at.alarms.is_active(LOST)
    assert at.logged(124) == [120]
    say(at, 1.0)
    at.run(1)
    assert at.out.limit_w == 1000 and not at.alarms.is_active(LOST)


def test_the_bus_may_say_how_long_its_heartbeat_counts():
    at = limited(bus_timeout=60)
    at.inp.lease_s = 600
    say(at, 2.0)
    at.run(590)
    assert at.out.limit_w == 2000
    at.run(20)
    assert at.out.limit_w == 4200


def test_from_power_up_on_the_failsafe_holds():
    at = bench((), {"power_limit": 1}, power=POWER)
    at.run(5)
    assert at.out.limit_w == 4200 and at.alarms.is_active(LOST)


def test_a_meter_corrects_the_guess_within_a_third():
    at = limited(bus_timeout=3600)
    at.run(60)
    guess = at.out.power_w
    at.wired.meter_kw = guess * 1.1 / 1000.0
    at.run(300)
    assert abs(at.out.power_w / guess - 1.1) < 0.01
    at.wired.meter_kw = guess * 3.0 / 1000.0
    at.run(300)
    assert abs(at.out.power_w / guess - 1.33) < 0.01
    at.wired.meter_kw = None
    at.run(60)
    assert at.controller.guess.factor == 1.33, "the last correction stays"


def test_contradictions_of_the_grid_are_logged_once_a_change():
    at = grid()
    at.wired.set("sg_2", True)
    at.inp.sg, at.inp.told = 1, 4
    at.run(20)
    assert at.logged(132) == [3 << 16 | 1] and at.out.sg == 3
    at.inp.sg, at.inp.told = 4, 4
    at.run(20)
    assert at.logged(132) == [3 << 16 | 4], "the bus's other state"
    at.wired.set("utility_block", True)
    at.run(20)
    assert at.logged(224) == [3] and not at.controller.capacity.allowed
