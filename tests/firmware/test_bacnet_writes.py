"""BACnet: commands with their priorities, what may not be written, and who may not write."""

from struct import pack

from bacnet_bench import (
    AI,
    AV,
    BI,
    BV,
    DEVICE,
    INSTANCE,
    MSI,
    NULL,
    PORT,
    PV,
    TRUE,
    TYPES,
    Bench,
    context,
    enumerated,
    error,
    identifier,
    number,
    real,
    reference,
    reject,
    setting,
    text,
    unsigned,
)  # fmt: skip
from isentrope import points

ENABLE = (BV, 1)
FLOW = (AV, 2)


# Settings, and what is told once: a value that is kept has no priorities.
KEPT = ["AV 3", "AV 4", "AV 5", "AV 6", "AV 7", "AV 9", "AV 10", "AV 11", "BV 5"]


def test_what_is_commandable_has_its_three_properties_and_what_is_not_has_none():
    bench = Bench()
    kept = []
    for row in points.rows():
        if row[9]:
            kind, instance = TYPES[row[9]], (row[0] & 0xFFF) + 1
            assert (row[9] in ("AV", "BV", "MSV")) == (row[8] == "rw"), row
            slots = bench.read(kind, instance, 87)
            commandable = slots == 16 * NULL
            assert commandable or slots == error(2, 32), row
            listed = bench.read(kind, instance, 371)
            for prop in (87, 104, 431):
                assert (enumerated(prop) in listed) == commandable, row
                assert commandable or bench.read(kind, instance, prop) == error(2, 32), row
            if row[8] == "rw" and not commandable:
                kept.append("%s %d" % (row[9], instance))
    assert sorted(kept) == sorted(KEPT), kept


def test_the_highest_priority_has_the_machine():
    bench = Bench()
    assert bench.write(*FLOW, PV, real(40.0), 12) == 2
    assert bench.scan.inp.flow_setpoint_c == 40.0
    assert bench.write(*FLOW, PV, real(42.5), 8) == 2
    assert bench.write(*FLOW, PV, real(30.0), 16) == 2
    assert bench.scan.inp.flow_setpoint_c == 42.5 and bench.read(*FLOW, PV) == real(42.5)
    assert bench.read(*FLOW, 431) == unsigned(8)
    assert bench.write(*FLOW, PV, NULL, 8) == 2
    assert bench.scan.inp.flow_setpoint_c == 40.0 and bench.read(*FLOW, 431) == unsigned(12)
    assert bench.write(*FLOW, PV, NULL, 12) == 2 and bench.write(*FLOW, PV, NULL, 16) == 2
    assert bench.scan.inp.flow_setpoint_c == 35.0, "its own value again"
    assert bench.read(*FLOW, 431) == NULL and bench.read(*FLOW, 87) == 16 * NULL


def test_without_a_priority_it_is_sixteen():
    bench = Bench()
    assert bench.write(*ENABLE, PV, enumerated(1)) == 2
    assert bench.read(*ENABLE, 87, 16) == enumerated(1) and bench.scan.inp.enable
    assert bench.read(*ENABLE, 431) == unsigned(16)
    assert bench.write(*ENABLE, PV, NULL) == 2 and not bench.scan.inp.enable


def test_relinquishing_what_nobody_commands():
    bench = Bench()
    for priority in (None, 1, 16):
        assert bench.write(*FLOW, PV, NULL, priority) == 2
    assert bench.scan.inp.flow_setpoint_c == 35.0
    assert bench.write(BV, 5, PV, NULL, 8) == 2, "a fault reset is told once and never held"


def test_a_fault_reset_is_told_and_not_held():
    bench = Bench()
    assert bench.write(BV, 5, PV, enumerated(1)) == 2
    assert bench.scan.points.reset_wanted
    bench.board.scans(1)
    assert bench.read(BV, 5, PV) == enumerated(0)


def test_slot_six_is_nobodys():
    bench = Bench()
    assert bench.write(*FLOW, PV, real(40.0), 6) == error(2, 40)
    assert bench.write(*FLOW, PV, NULL, 6) == error(2, 40)


def test_a_priority_means_nothing_where_there_are_no_slots():
    bench = Bench()
    for priority in (1, 6, 16):
        assert bench.write(AV, 3, PV, real(45.0 + priority / 10.0), priority) == 2
        assert bench.read(AV, 3, PV) == real(round(45.0 + priority / 10.0, 1))
        assert bench.write(AV, 3, PV, NULL, priority) == 2, "and there is nothing to relinquish"
    bench.set(commissioned=0)
    assert bench.write(AV, 3, PV, NULL) == error(2, 40)


def test_priorities_out_of_range():
    bench = Bench()
    for priority in (0, 17, 255, 300):
        assert bench.write(*FLOW, PV, real(40.0), priority) == reject(6), priority


def test_a_lease_ends():
    bench = Bench(bus_timeout=10)
    assert bench.write(*FLOW, PV, real(40.0), 8) == 2
    bench.pass_ms(9_000)
    assert bench.scan.inp.flow_setpoint_c == 40.0
    assert bench.write(*FLOW, PV, real(40.0), 8) == 2, "refreshed"
    bench.pass_ms(9_000)
    assert bench.scan.inp.flow_setpoint_c == 40.0
    bench.pass_ms(3_000)
    assert bench.scan.inp.flow_setpoint_c == 35.0 and bench.read(*FLOW, 87) == 16 * NULL


def test_what_another_bus_commands_is_seen():
    bench = Bench(bus_write=15)
    assert bench.scan.bus.write(0x2001, 450, 1) == 0, "Modbus, 45.0 degC"
    assert bench.read(*FLOW, PV) == real(45.0) and bench.read(*FLOW, 87, 16) == real(45.0)
    assert bench.write(*FLOW, PV, real(41.0), 10) == 2
    assert bench.scan.bus.get(0x2001) == 410


def test_unknown_objects_and_properties():
    bench = Bench()
    assert bench.write(AV, 99, PV, real(1.0)) == error(1, 31)
    assert bench.write(77, 1, PV, real(1.0)) == error(1, 31)
    assert bench.write(AV, 0, PV, real(1.0)) == error(1, 31)
    assert bench.write(*FLOW, 4000, real(1.0)) == error(2, 32)
    assert bench.write(AI, 3, 87, NULL) == error(2, 32)
    assert bench.write(AV, 2, 74, unsigned(3)) == error(2, 32)


def test_what_is_read_only():
    bench = Bench()
    for where, prop, value in (
        ((AI, 3), PV, real(1.0)),
        ((BI, 1), PV, enumerated(1)),
        ((MSI, 61), PV, unsigned(1)),
        ((AI, 3), 81, TRUE),
        (FLOW, 77, text("x")),
        (FLOW, 104, real(30.0)),
        (FLOW, 22, real(1.0)),
        (FLOW, 371, unsigned(1)),
        ((DEVICE, INSTANCE), 77, text("x")),
        ((DEVICE, INSTANCE), 76, unsigned(1)),
        ((PORT, 1), 412, unsigned(47809)),
    ):
        assert bench.write(*where, prop, value) == error(2, 40), (where, prop)
    assert bench.write(*FLOW, 87, real(30.0), index=8) == error(2, 40)


def test_wrong_types():
    bench = Bench()
    for value in (unsigned(40), enumerated(1), text("40"), TRUE, b"\x55\x08" + pack(">d", 40.0), b""):
        assert bench.write(*FLOW, PV, value) == error(2, 9), value
    for value in (unsigned(1), real(1.0), TRUE, b"\x90"):
        assert bench.write(*ENABLE, PV, value) == error(2, 9), value
    assert bench.write(*FLOW, PV, real(40.0) + real(41.0)) == error(2, 9)
    assert bench.write(*FLOW, PV, b"\x0e\x0f") == error(2, 9)
    assert bench.write(*FLOW, PV, b"\x43\x42\x20\x00") == error(2, 9), "a real of three bytes"
    assert bench.scan.inp.flow_setpoint_c == 35.0 and not bench.scan.inp.enable


def test_values_out_of_range():
    bench = Bench()
    nan, inf = float("nan"), float("inf")
    for value in (nan, inf, -inf, 1e30, -1e30, 75.2, 14.8, -40.0):
        assert bench.write(*FLOW, PV, real(value)) == error(2, 37), value
    assert bench.write(*FLOW, PV, real(75.0)) == 2 and bench.write(*FLOW, PV, real(15.0)) == 2
    assert bench.write(*ENABLE, PV, enumerated(2)) == error(2, 37)
    assert bench.write(*ENABLE, PV, b"\x95\x05\x01\x00\x00\x00\x00") == error(2, 37)
    assert bench.read(*FLOW, PV) == real(15.0)


def test_indexes_where_there_are_none():
    bench = Bench()
    assert bench.write(*FLOW, PV, real(40.0), index=1) == error(2, 50)
    assert bench.write(*FLOW, PV, real(40.0), index=0) == error(2, 50)
    assert bench.write(DEVICE, INSTANCE, 77, text("x"), index=1) == error(2, 50)


def test_nobody_writes_before_commissioning():
    bench = Bench(commissioned=0)
    assert bench.write(*FLOW, PV, real(40.0)) == error(2, 40)
    assert bench.write(*FLOW, PV, unsigned(40)) == error(2, 9), "what is wrong anyway is told first"
    bench.set(commissioned=1)
    assert bench.write(*FLOW, PV, real(40.0)) == 2


def test_a_bus_that_may_not_write():
    bench = Bench(bus_write=3)
    assert bench.write(*FLOW, PV, real(40.0)) == error(2, 40)
    assert bench.write(PORT, 1, 64, unsigned(20)) == error(2, 32), "an IP port has no Max_Master"


def wanted(kind, instance, *values):
    """An object of WritePropertyMultiple: (property, value[, priority])."""
    said = b""
    for value in values:
        said += context(0, number(value[0])) + b"\x2e" + value[1] + b"\x2f"
        if len(value) > 2:
            said += context(3, number(value[2]))
    return reference(kind, instance) + b"\x1e" + said + b"\x1f"


def test_several_writes():
    bench = Bench()
    asked = wanted(*FLOW, (PV, real(40.0), 8), (PV, real(41.0), 9)) + wanted(*ENABLE, (PV, enumerated(1)))
    assert bench.ask(16, asked) == (2, b"")
    assert bench.scan.inp.flow_setpoint_c == 40.0 and bench.scan.inp.enable
    assert bench.read(*FLOW, 87, 9) == real(41.0)


def test_the_first_write_that_fails_ends_them_and_is_named():
    bench = Bench()
    asked = (
        wanted(*FLOW, (PV, real(40.0), 8))
        + wanted(AI, 3, (PV, real(1.0)))
        + wanted(*ENABLE, (PV, enumerated(1)))
    )
    kind, answer = bench.ask(16, asked)
    failed = context(0, identifier(AI, 3)) + context(1, b"\x55")
    assert (kind, answer) == (5, b"\x0e\x91\x02\x91\x28\x0f\x1e" + failed + b"\x1f")
    assert bench.scan.inp.flow_setpoint_c == 40.0 and not bench.scan.inp.enable
    asked = (
        reference(*FLOW)
        + b"\x1e"
        + context(0, b"\x55")
        + context(1, b"\x03")
        + b"\x2e"
        + real(4.0)
        + b"\x2f\x1f"
    )
    kind, answer = bench.ask(16, asked)
    failed = context(0, identifier(*FLOW)) + context(1, b"\x55") + context(2, b"\x03")
    assert (kind, answer) == (5, b"\x0e\x91\x02\x91\x32\x0f\x1e" + failed + b"\x1f")


def test_several_writes_are_parsed_before_one_is_done():
    bench = Bench()
    asked = wanted(*FLOW, (PV, real(40.0)))
    assert bench.ask(16, asked + reference(*ENABLE)) == reject(5)
    assert bench.ask(16, asked + b"\x44") == reject(4)
    assert bench.ask(16, asked + reference(*ENABLE) + b"\x1e\x1f") == reject(5), "nothing to write"
    assert bench.ask(16, asked + wanted(*FLOW, (PV, real(40.0), 17))) == reject(6)
    assert bench.ask(16) == reject(5)
    assert bench.scan.inp.flow_setpoint_c == 35.0


def test_a_masters_numbers_outlive_a_reset():
    bench = Bench()
    bench.link.network = 2
    assert bench.write(PORT, 1, 64, unsigned(20)) == 2 and bench.write(PORT, 1, 63, unsigned(5)) == 2
    settings = bench.scan.settings
    assert settings.raw[settings.place(setting("mstp_max_master"))] == 20
    assert settings.raw[settings.place(setting("mstp_max_info_frames"))] == 5
    assert bench.read(PORT, 1, 64) == unsigned(20) and bench.read(PORT, 1, 63) == unsigned(5)
    for value in (unsigned(0), unsigned(128), unsigned(256), b"\x24\xff\xff\xff\xff"):
        assert bench.write(PORT, 1, 64, value) == error(2, 37), value
    assert bench.write(PORT, 1, 64, real(20.0)) == error(2, 9)
    assert bench.write(PORT, 1, 64, b"") == error(2, 9)
    assert bench.write(PORT, 1, 408, enumerated(1)) == error(2, 32)
    bench.scan.keep()
    assert bench.scan.settings.changes
