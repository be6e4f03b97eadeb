"""The ledger counts what happens to a machine, and tells the event log of trips and defrosts."""

import gc
from struct import unpack_from

from control_bench import Bench, running
from isentrope import decisions, eventlog
from isentrope.control import states
from isentrope.decisions import Log, pair, text
from isentrope.ledger import Ledger

NAMES = (
    "under_30", "to_45", "to_60", "to_75", "over_75", "pump", "fan", "travel", "defrosts", "shifts",
    "unfinished", "homings", "watchdog", "high", "low", "discharge", "hp_switch", "motor", "supply",
    "envelope", "water", "sensor", "valve", "scan", "other",
)  # fmt: skip


def counted(ledger):
    """What is not zero."""
    values = unpack_from("<10I15H", ledger.image)
    return {name: value for name, value in zip(NAMES, values) if value}


class Machine(Bench):
    """A controller whose scans the ledger sees."""

    def __init__(self, values=None, machine=None):
        super().__init__(values, machine)
        self.ledger = Ledger()
        self.events = Log(40)

    def scan(self):
        super().scan()
        now_ms = (self.ms - 500) & 0x3FFFFFFF
        self.ledger.step(now_ms, 500, self.inp, self.out, self.controller, self.alarms, self.events)

    def told(self):
        entry, found = [0, 0, 0], []
        while self.events.pop_into(entry):
            found.append((entry[1], entry[2]))
        return found


def test_hours_by_speed_sum_up_to_the_hours():
    machine = Machine().start(rps=50.0)
    for rps in (50.0, 40.0, 65.0, 85.0, 25.0):
        machine.inp.test_rps = rps
        machine.run(700)
    found = counted(machine.ledger)
    bands = [found[name] for name in NAMES[:5]]
    assert all(band > 8 for band in bands)
    assert abs(sum(bands) * 36 - machine.controller.run_s) <= 36
    assert found["pump"] >= sum(bands) and found["fan"] >= sum(bands)


def test_the_valves_way_and_its_homings():
    machine = Machine()
    inp = machine.inp
    ledger, events = machine.ledger, machine.events

    def at(position, homed=True):
        inp.eev_position, inp.eev_homed = position, homed
        ledger.step(0, 500, inp, machine.out, machine.controller, machine.alarms, events)

    at(500, False)
    at(0)
    for _ in range(30):
        at(90)
        at(10)
    at(500, False)  # the supply was gone: where it is nobody knows
    at(0)
    assert counted(ledger) == {"homings": 2, "travel": (90 + 59 * 80) // 100}


def test_a_trip_is_counted_with_its_values():
    machine = Machine().start(rps=50.0)
    machine.run(60)
    machine.told()
    inp = machine.inp
    inp.cond_kpa, inp.discharge_c = 3300.0, 101.0
    rps = machine.controller.speed_set_rps
    machine.scan()
    assert not machine.out.compressor_on and counted(machine.ledger)["high"] == 1
    superheat = machine.controller.superheat_k
    assert machine.told() == [
        (eventlog.TRIP_PRESSURES, pair(3300, inp.evap_kpa)),
        (eventlog.TRIP_DISCHARGE, pair(rps, 101)),
        (eventlog.TRIP_SUPERHEAT, pair(inp.eev_position, superheat)),
        (eventlog.TRIP_WATER, pair(inp.flow_c, inp.outdoor_c)),
    ]
    machine.run(30)
    assert counted(machine.ledger)["high"] == 1 and machine.told() == []


def test_what_happens_at_rest_is_no_trip():
    machine = Machine()
    machine.scan()
    machine.inp.hp_ok = False
    machine.run(5)
    assert machine.alarms.stop and "hp_switch" not in counted(machine.ledger) and machine.told() == []


def test_every_kind_of_trip_has_its_place():
    for code, name in (
        (1, "high"), (2, "low"), (3, "discharge"), (4, "hp_switch"), (5, "motor"), (6, "supply"),
        (7, "envelope"), (8, "other"), (9, "water"), (10, "sensor"), (11, "valve"), (12, "scan"),
        (13, "other"), (28, "other"),
    ):  # fmt: skip
        machine = Machine()
        machine.out.compressor_on = True
        for mask in (0, 1 << code):
            machine.alarms.masks[0] = mask
            machine.ledger.step(
                0, 500, machine.inp, machine.out, machine.controller, machine.alarms, machine.events
            )
        assert counted(machine.ledger) == {name: 1}, code


class Defrosted:
    """What the ledger reads of a controller and its defrost."""

    speed_set_rps = superheat_k = 0.0
    energy = None

    class defrost:
        ended = ended_value = 0

    def __init__(self):
        self.state = states.HEATING


def defrosts(ended, after=states.STARTING):
    machine, control = Machine(), Defrosted()
    control.defrost.ended = 0

    def scan(state):
        control.state = state
        machine.ledger.step(0, 500, machine.inp, machine.out, control, machine.alarms, machine.events)

    for _ in range(2):
        scan(states.HEATING)
        scan(states.DEFROSTING)
        control.defrost.ended, control.defrost.ended_value = ended, pair(183, 12)
        scan(states.DEFROSTING)
        assert control.defrost.ended == 0
        scan(after)
    return counted(machine.ledger), machine.told()


def test_defrosts_are_counted_and_told():
    found, told = defrosts(decisions.DEFROST_ENDED)
    assert found == {"defrosts": 2}
    assert told[:2] == [(decisions.STATE, states.DEFROSTING), (decisions.DEFROST_ENDED, pair(183, 12))]
    assert [text(code, value) for code, value in told[2:]] == [
        "state defrosting",
        "defrost ended after 183 s: coil 12 degC",
    ]
    assert defrosts(decisions.DEFROST_LATE)[0] == {"defrosts": 2, "unfinished": 2}
    assert defrosts(0, states.FAULT)[0] == {"defrosts": 2, "unfinished": 2}  # a trip


def test_full_counters_stay_full():
    ledger = Ledger()
    ledger.add(0, 0x3FFFFFFF)
    ledger.add(40, 70_000)
    ledger.add(0)
    ledger.add(40)
    assert counted(ledger) == {"under_30": 0x3FFFFFFF, "unfinished": 65_534}


def test_numbers_that_are_none_do_no_harm():
    machine = Machine()
    machine.out.compressor_on = True
    machine.inp.cond_kpa = machine.inp.discharge_c = float("nan")
    machine.inp.evap_kpa = float("inf")
    machine.inp.flow_c = -40.0
    for mask in (0, 2):
        machine.alarms.masks[0] = mask
        machine.ledger.step(
            0, 500, machine.inp, machine.out, machine.controller, machine.alarms, machine.events
        )
    assert len(machine.told()) == 4


def test_a_scan_allocates_nothing():
    allocated = getattr(gc, "mem_alloc", int)  # CPython has none: then this says nothing there
    machine = Machine().start(rps=50.0)
    running(machine.inp)
    ledger, step = machine.ledger, machine.ledger.step
    inp, out, control, alarms, log = (
        machine.inp, machine.out, machine.controller, machine.alarms, machine.events,
    )  # fmt: skip
    step(0, 500, inp, out, control, alarms, log)
    gc.collect()
    gc.disable()
    before = allocated()
    for now_ms in range(500, 20_000, 500):
        step(now_ms, 500, inp, out, control, alarms, log)
    taken = allocated() - before
    gc.enable()
    assert counted(ledger) and taken < 400, taken  # a hundredth of an hour may have passed
