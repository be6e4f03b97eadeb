"""24 V thermostat terminals: stages, fan, emergency heat, the mode asked for, contradictions."""

from control_bench import running
from isentrope.control import states
from wired_bench import bench

ALL = ("y", "y2", "g", "w", "ob")
QUICK = {"minimum_off": 0, "starts_per_hour": 60}


def thermostat(values=None, **keys):
    at = bench(ALL, values or QUICK, thermostat={}, **keys)
    at.inp.enable = True
    at.inp.flow_c, at.inp.return_c, at.inp.flow_setpoint_c = 25.0, 22.0, 45.0
    return at


def call(at, *names):
    for name in ALL:
        at.wired.set(name, name in names)
    at.run(3)


def test_stages_are_shares_of_the_speed_range():
    at = thermostat()
    at.run(60)
    assert not at.out.compressor_on and at.out.pump_pct == 0.0, "nothing called, nothing moves"
    call(at, "y")
    at.until(lambda: at.out.compressor_on, 100)
    running(at.inp)
    at.inp.flow_c, at.inp.return_c = 25.0, 22.0
    at.until(lambda: at.controller.state == states.HEATING, 400)
    at.run(120)
    assert at.out.speed_rps == 62.0  # 20 + 0.6 x 70
    call(at, "y", "y2")
    at.run(120)
    assert at.out.speed_rps == 90.0
    call(at, "y2")
    at.run(120)
    assert at.out.speed_rps == 62.0 and at.logged(126) == [2]
    call(at)
    at.until(lambda: not at.out.compressor_on, 300)


def test_enable_beats_every_call():
    at = thermostat()
    at.inp.enable = False
    call(at, "y", "y2")
    at.run(300)
    assert not at.out.compressor_on


def test_short_cycles_are_the_sequences_matter():
    at = thermostat({"minimum_off": 180})
    call(at, "y")
    at.until(lambda: at.out.compressor_on, 400)
    running(at.inp)
    at.run(10)
    call(at)
    assert at.until(lambda: not at.out.compressor_on, 400) > 90.0, "minimum run"
    off = at.seconds
    call(at, "y")
    at.until(lambda: at.out.compressor_on, 700)
    assert at.seconds - off >= 180.0, "minimum off"


def test_fan_and_emergency_heat_without_the_compressor():
    at = thermostat()
    call(at, "g")
    assert at.out.pump_pct == 100.0 and not at.out.compressor_on and not at.controller.backup_asked
    call(at, "w")
    assert at.out.pump_pct == 100.0 and at.controller.backup_asked
    call(at)
    assert at.out.pump_pct == 0.0 and not at.controller.backup_asked


def test_the_reversing_terminal_has_a_sense():
    for sense, names, wanted in (
        (0, ("y",), states.HEATING),
        (0, ("y", "ob"), states.COOLING),
        (1, ("y",), states.COOLING),
        (1, ("y", "ob"), states.HEATING),
    ):
        values = {"thermostat_ob": sense}
        values.update(QUICK)
        at = thermostat(values, modes=["cooling"], reversing={"shift_kpa": 200.0})
        call(at, *names)
        assert at.controller.mode_asked == wanted


def test_heat_while_cooling_is_none():
    at = thermostat(modes=["cooling"], reversing={"shift_kpa": 200.0})
    call(at, "y", "ob", "w")
    assert at.controller.mode_asked == states.COOLING and not at.controller.backup_asked
    assert at.logged(127) == [25]


def test_a_machine_without_cooling_says_so_and_stays_off():
    at = thermostat()
    call(at, "y", "ob")
    at.run(300)
    assert at.logged(128) == [17] and not at.out.compressor_on
    assert at.controller.mode_asked == states.HEATING


def test_relays_that_change_one_after_the_other_are_one_call():
    at = thermostat()
    at.wired.set("ob", True)
    at.run(1)
    at.wired.set("y", True)
    at.wired.set("ob", False)
    at.run(3)
    assert at.logged(125) == [1]


def test_what_the_thermostat_asks_is_what_the_machine_works_for():
    at = thermostat(modes=["cooling"], reversing={"shift_kpa": 200.0})
    call(at, "y", "ob")
    at.run(5)
    assert at.controller.mode == states.COOLING and at.logged(100) == [states.COOLING]
    call(at, "y")
    at.run(5)
    assert at.controller.mode == states.HEATING


def test_stages_hold_in_cooling_too():
    at = thermostat(dict(QUICK, cooling_setpoint=5.0), modes=["cooling"], reversing={"shift_kpa": 200.0})
    call(at, "y", "ob")
    at.until(lambda: at.out.compressor_on, 100)
    running(at.inp)
    at.inp.evap_kpa, at.inp.suction_c = 640.0, 18.0  # 10 degC: the coil is far from ice
    at.inp.flow_c, at.inp.return_c = 22.0, 27.0
    at.until(lambda: at.controller.state == states.COOLING, 400)
    at.run(120)
    assert at.out.speed_rps == 62.0
    call(at, "y", "y2", "ob")
    at.run(120)
    assert at.out.speed_rps == 90.0


def test_w_brings_the_backup_heaters_stages_with_water_alone():
    at = thermostat(backup={"stage_w": [2000.0, 2000.0], "rise_k": [1.6, 1.6]})
    running(at.inp)
    call(at, "w")
    at.inp.water_flow = False
    at.run(60)
    assert at.out.backup == 0 and at.out.pump_pct > 0.0
    at.inp.water_flow = True
    at.run(60)
    assert at.out.backup == 2
    call(at)
    at.run(5)
    assert at.out.backup == 0


def said(at):
    """What the log has of bus and thermostat since it was last asked."""
    entry, found = [0, 0, 0], []
    while at.log.pop_into(entry):
        if 221 <= entry[1] <= 223:
            found.append((entry[1], entry[2]))
    return found


def test_a_bus_that_contradicts_a_call_is_logged_once_a_change():
    at = thermostat(modes=["cooling"], reversing={"shift_kpa": 200.0})
    call(at, "y")
    at.run(10)
    assert said(at) == []
    at.inp.enable = False
    at.run(10)
    assert said(at) == [(221, 1)]
    at.inp.enable = True
    at.inp.mode = 2
    at.run(10)
    assert said(at) == [(222, 1)] and at.controller.mode_asked == states.HEATING
    at.inp.mode = 0
    at.run(10)
    assert said(at) == [(221, 1)]


def test_a_demand_of_a_bus_gives_way_to_the_stage_but_for_none():
    at = thermostat(dict(QUICK, capacity_source=4))
    at.inp.demand_pct, at.inp.told = 100.0, 2
    call(at, "y")
    assert at.controller.capacity.demand_rps == 62.0 and said(at) == [(223, 1)]
    at.inp.demand_pct = 0.0
    at.run(5)
    assert not at.controller.capacity.allowed and said(at) == []
