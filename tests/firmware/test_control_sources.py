"""Where demand comes from: weather curve, room, bus; what happens when a bus falls silent."""

from control_bench import Bench
from isentrope import wording

BUS_DEMAND = 47
ROOM = 48


def settled(values, outdoor=0.0):
    bench = Bench(values)
    bench.inp.outdoor_c = outdoor
    bench.scan()
    return bench


def test_curve():
    for outdoor, flow in ((20.0, 22.0), (25.0, 22.0), (0.0, 38.0), (-15.0, 50.0), (-30.0, 55.0)):
        bench = settled({"capacity_source": 1}, outdoor)
        assert abs(bench.controller.capacity.setpoint_c - flow) < 1e-3, outdoor


def test_curve_forgets_a_gust():
    bench = settled({"capacity_source": 1})
    bench.inp.outdoor_c = -15.0
    bench.run(300)
    assert 38.0 < bench.controller.capacity.setpoint_c < 38.5
    bench.run(6 * 10_800)
    assert bench.controller.capacity.setpoint_c > 49.9


def test_heat_limit_has_hysteresis_and_is_told():
    bench = settled({"capacity_source": 1}, 18.5)
    bench.inp.enable = True
    bench.inp.flow_c = 18.0
    bench.run(400)
    assert not bench.out.compressor_on and bench.logged(63) == [18]
    bench = settled({"capacity_source": 1}, 17.5)
    bench.inp.enable = True
    bench.inp.flow_c = 15.0
    bench.until(lambda: bench.out.compressor_on, 300)


def test_room_shifts_the_flow_setpoint():
    bench = Bench({"capacity_source": 2})
    inp = bench.inp
    inp.flow_setpoint_c = 35.0
    inp.room_c = 19.0
    inp.told |= 1
    bench.scan()
    assert abs(bench.controller.capacity.setpoint_c - 38.0) < 0.01
    inp.room_c = 21.5
    inp.told |= 1
    bench.scan()
    assert not bench.controller.capacity.allowed, "a kelvin too warm needs no heat"


def test_room_learns_what_lasts():
    bench = Bench({"capacity_source": 2, "bus_timeout": 3600})
    inp = bench.inp
    inp.enable = True
    inp.room_c = 19.5
    for _ in range(4):
        inp.told |= 1
        bench.run(1800)
    assert bench.controller.capacity.setpoint_c > 37.0


def test_room_that_is_not_repeated():
    bench = Bench({"capacity_source": 2})
    inp = bench.inp
    assert bench.alarms.is_active(ROOM) is False
    inp.room_c = 19.0
    inp.told |= 1
    bench.run(599)
    assert not bench.alarms.is_active(ROOM)
    bench.run(2)
    assert bench.alarms.is_active(ROOM) and bench.controller.capacity.setpoint_c < 0.0
    inp.told |= 1
    bench.run(1)
    assert not bench.alarms.is_active(ROOM)


def test_room_over_the_curve():
    bench = Bench({"capacity_source": 3})
    bench.inp.outdoor_c = 0.0
    bench.inp.room_c = 21.0 - 0.5
    bench.inp.told |= 1
    bench.scan()
    assert abs(bench.controller.capacity.setpoint_c - (38.0 - 1.5)) < 0.01


def running_on_bus(pct):
    bench = Bench({"capacity_source": 4, "bus_timeout": 3600})
    inp = bench.inp
    inp.enable = True
    inp.demand_pct = pct
    inp.told |= 2
    bench.until(lambda: bench.out.compressor_on, 300)
    from control_bench import running

    running(inp)
    inp.flow_c, inp.return_c = 25.0, 22.0
    bench.until(lambda: bench.controller.state == 2, 400)
    bench.run(120)
    return bench


def test_bus_demand_is_speed():
    bench = running_on_bus(50.0)
    assert bench.out.speed_rps == 55.0
    for pct, rps in ((100.0, 90.0), (1.0, 20.7)):
        bench.inp.demand_pct = pct
        bench.inp.told |= 2
        bench.run(120)
        assert abs(bench.out.speed_rps - rps) < 0.01


def test_bus_demand_under_the_flow_setpoint():
    """The building wants full speed, the water is warm: the flow setpoint is the ceiling."""
    bench = running_on_bus(100.0)
    bench.inp.flow_c, bench.inp.return_c = 36.0, 34.0
    bench.run(200)
    assert bench.out.speed_rps < 40.0


def test_no_bus_demand_no_heat():
    bench = running_on_bus(50.0)
    bench.inp.demand_pct = 0.0
    bench.inp.told |= 2
    bench.run(120)
    assert not bench.out.compressor_on


def test_a_silent_bus_is_told_and_the_flow_setpoint_regulates():
    bench = running_on_bus(30.0)
    low = bench.out.speed_rps
    bench.run(3601)
    assert bench.alarms.is_active(BUS_DEMAND) and not bench.alarms.stop
    assert bench.out.speed_rps > low
    assert wording.name(BUS_DEMAND) == "bus demand lost"
    bench.inp.told |= 2
    bench.run(120)
    assert not bench.alarms.is_active(BUS_DEMAND) and bench.out.speed_rps == low


def test_contradictory_commands_resolve_by_the_table():
    """docs/control.md, who wins: each row beats those under it."""
    bench = running_on_bus(50.0)
    inp = bench.inp
    inp.test_rps = 70.0  # locked speed over demand
    bench.run(60)
    assert bench.out.speed_rps == 70.0
    inp.discharge_c = 111.0  # a protection over a locked speed
    bench.run(200)
    assert bench.out.speed_rps < 70.0
    inp.enable = False  # off over a locked speed
    bench.run(200)
    assert not bench.out.compressor_on
    inp.enable = True
    inp.supply_ok = False  # an alarm over everything
    bench.run(600)
    assert not bench.out.compressor_on
