"""BACnet: who is there, device management, time."""

from bacnet_bench import (
    AI,
    BI,
    BV,
    DEVICE,
    INSTANCE,
    PORT,
    PV,
    Bench,
    context,
    enumerated,
    error,
    identifier,
    number,
    text,
)  # fmt: skip

I_AM = b"\x10\x00\xc4" + identifier(DEVICE, INSTANCE) + b"\x22\x05\xc4\x91\x03\x22\x03\xe7"


def who(*limits):
    return b"".join([context(n, number(limit)) for n, limit in enumerate(limits)])


def test_who_is():
    bench = Bench()
    for limits in ((), (INSTANCE, INSTANCE), (0, 4194303), (4000, 5000)):
        assert bench.tell(8, who(*limits)) == b"\x01\x00" + I_AM, limits
    for limits in ((0, INSTANCE - 1), (INSTANCE + 1, 4194303), (5000, 4000)):
        assert bench.tell(8, who(*limits)) is None, limits
    for bad in (
        who(0),
        context(1, b"\x05"),
        who(0, 4194303) + b"\x29\x00",
        who(0, 4194304),
        b"\x21\x00\x21\x05",
    ):
        assert bench.tell(8, bad) is None, bad


def test_answers_to_a_broadcast_wait_a_while():
    waits = []
    for instance in (1, 77, 200, 4000):
        bench = Bench(bacnet_instance_low=instance)
        assert bench.tell(8, broadcast=True) is None
        for ms in range(0, 260, 5):
            bench.link.sent = []
            bench.stack.step(ms)
            if bench.link.sent:
                break
        assert len(bench.link.sent) == 1 and bench.link.sent[0][0].startswith(b"\x01\x00\x10\x00")
        assert bench.link.sent[0][1][2:8] == b"\x0a\x00\x00\x63\xba\xc1"
        waits.append(ms)
        bench.link.sent = []
        for ms in range(260, 1000, 5):
            bench.stack.step(ms)
        assert not bench.link.sent, "once"
    assert len(set(waits)) > 2 and max(waits) <= 255


def test_many_broadcasts_of_who_is_hold_no_memory():
    bench = Bench()
    for n in range(50):
        bench.who(bytes([10, 0, 0, n, 0xBA, 0xC0]))
        bench.tell(8, broadcast=True)
        bench.tell(8, broadcast=True)
    assert len(bench.pass_ms(600)) == 4


def test_i_am_at_the_start_and_never_again():
    bench = Bench()
    bench.stack.announce()
    assert bench.link.sent == [(b"\x01\x20\xff\xff\x00\xff" + I_AM, bytes(18))]
    assert bench.pass_ms(60_000) == []


def test_i_am_names_the_vendor_of_the_settings():
    bench = Bench(bacnet_vendor=260)
    assert bench.tell(8).endswith(b"\x22\x01\x04")


def test_who_has():
    bench = Bench()
    own = b"\xc4" + identifier(DEVICE, INSTANCE)
    have = b"\x01\x00\x10\x01" + own + b"\xc4" + identifier(AI, 3) + text("flow_c")
    by_name = context(3, b"\x00flow_c")
    assert bench.tell(7, context(2, identifier(AI, 3))) == have
    assert bench.tell(7, by_name) == have
    assert bench.tell(7, who(0, 5000) + by_name) == have
    assert bench.tell(7, who(0, 4000) + by_name) is None
    assert bench.tell(7, context(3, b"\x00isentrope-4711"))[4:14] == own + own
    assert bench.tell(7, context(3, b"\x00port-ip"))[9:14] == b"\xc4" + identifier(PORT, 1)
    for bad in (
        b"",
        context(3, b"\x00flow"),
        context(3, b"\x04f\x00"),
        context(3, b""),
        context(2, identifier(AI, 99)),
        context(2, b"\x00"),
        who(0) + by_name,
        by_name + b"\x00",
    ):
        assert bench.tell(7, bad) is None, bad


def communication(bench, state, minutes=None, password=None):
    asked = context(0, number(minutes)) if minutes is not None else b""
    asked += context(1, number(state))
    if password is not None:
        asked += context(2, b"\x00" + password)
    return bench.ask(17, asked)


def test_initiation_can_be_disabled_for_a_time():
    bench = Bench()
    bench.ask(
        5, context(0, b"\x01") + context(1, identifier(BI, 1)) + context(2, b"\x00") + context(3, b"\xff")
    )
    assert len(bench.pass_ms(200)) == 1
    assert communication(bench, 2, 1) == (2, b"")
    bench.ask(
        5, context(0, b"\x01") + context(1, identifier(BI, 1)) + context(2, b"\x00") + context(3, b"\xff")
    )
    assert bench.pass_ms(59_000) == []
    assert bench.tell(8) is not None and isinstance(bench.read(AI, 3, PV), bytes), "who asks is answered"
    assert len(bench.pass_ms(2_000)) == 1, "the minute is over"


def test_initiation_can_be_enabled_again():
    bench = Bench()
    assert communication(bench, 2) == (2, b"")
    bench.pass_ms(1000)
    assert bench.stack.silent == 2
    assert communication(bench, 0) == (2, b"") and bench.stack.silent == 0


def test_nobody_is_silenced_altogether():
    bench = Bench()
    assert communication(bench, 1) == error(5, 29)
    assert communication(bench, 1, 5) == error(5, 29)
    assert isinstance(bench.read(AI, 3, PV), bytes)


def test_passwords():
    bench = Bench(bacnet_password=1234)
    for password in (None, b"", b"123", b"12345", b"1235"):
        assert communication(bench, 2, None, password) == error(4, 26), password
        assert reinitialize(bench, 0, password) == error(4, 26), password
    assert bench.ask(17, context(1, b"\x02") + context(2, b"\x04\x00\x31")) == error(4, 26), "in UCS-2"
    assert bench.stack.silent == 0 and bench.stack.restart == 0
    assert communication(bench, 2, None, b"1234") == (2, b"")
    assert reinitialize(bench, 1, b"1234") == (2, b"")


def reinitialize(bench, state, password=None):
    asked = context(0, number(state))
    if password is not None:
        asked += context(1, b"\x00" + password)
    return bench.ask(20, asked)


def test_reinitialize():
    bench = Bench()
    for state in range(2, 7):
        assert reinitialize(bench, state) == error(5, 45), state
    for state, want in ((0, 1), (1, 2), (7, 2)):
        assert reinitialize(bench, state) == (2, b"") and bench.stack.restart == want
        bench.stack.obey()
        assert bench.stack.restart == 0
    assert bench.resets == 3
    assert reinitialize(bench, 1, b"any") == (2, b""), "none is asked for"


def test_who_may_not_write_may_not_restart():
    bench = Bench(bus_write=3)
    assert reinitialize(bench, 0) == error(2, 40) and bench.stack.restart == 0
    bench = Bench(commissioned=0)
    assert reinitialize(bench, 0) == error(2, 40)


DATE = b"\xa4\x7e\x0b\x1d\x07"  # Sunday, 29 November 2026
TIME = b"\xb4\x17\x3b\x3a\x32"


def test_time_is_taken_and_goes_on():
    bench = Bench()
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4" + b"\xff" * 4
    assert bench.read(DEVICE, INSTANCE, 57) == b"\xb4" + b"\xff" * 4
    assert bench.tell(6, DATE + TIME) is None
    assert bench.read(DEVICE, INSTANCE, 56) == DATE and bench.read(DEVICE, INSTANCE, 57) == TIME
    assert bench.scan.inp.minute == 23 * 60 + 59 and bench.scan.points.clock.second == 58
    bench.pass_ms(2000)
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4\x7e\x0b\x1e\x01"
    assert bench.read(DEVICE, INSTANCE, 57) == b"\xb4\x00\x00\x00\x32"


def test_utc_becomes_local():
    bench = Bench(bacnet_utc_offset=-60)
    assert bench.tell(9, DATE + TIME) is None
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4\x7e\x0b\x1e\x01"
    assert bench.read(DEVICE, INSTANCE, 57) == b"\xb4\x00\x3b\x3a\x32"
    assert bench.read(DEVICE, INSTANCE, 119) == b"\x31\xc4"
    bench = Bench(bacnet_utc_offset=300)
    bench.tell(9, b"\xa4\x7c\x03\x01\x05" + b"\xb4\x00\x00\x00\x00")  # Friday, 1 March 2024
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4\x7c\x02\x1d\x04"
    assert bench.read(DEVICE, INSTANCE, 119) == b"\x32\x01\x2c"


def test_utc_becomes_summer_time_where_it_is_kept():
    """UTC_Offset is that of the standard time, Daylight_Savings_Status says that an hour comes on top."""
    for summer, hour, kept in ((0, 1, b"\x10"), (1, 2, b"\x11")):
        bench = Bench(bacnet_utc_offset=-60, summer_time=summer)
        assert bench.read(DEVICE, INSTANCE, 24) == b"\x10", "nobody has said the date"
        bench.tell(9, b"\xa4\x7e\x07\x0f\x03" + b"\xb4\x0c\x1e\x00\x00")  # Wednesday, 15 July 2026
        assert bench.read(DEVICE, INSTANCE, 57)[1] == 12 + hour
        assert bench.read(DEVICE, INSTANCE, 24) == kept and bench.read(DEVICE, INSTANCE, 119) == b"\x31\xc4"
        assert bench.scan.inp.minute == (12 + hour) * 60 + 30
        bench.tell(9, b"\xa4\x7e\x0a\x19\x07" + b"\xb4\x02\x00\x00\x00")  # 25 October, an hour after its end
        assert bench.read(DEVICE, INSTANCE, 57)[1] == 3 and bench.read(DEVICE, INSTANCE, 24) == b"\x10"
        bench.tell(6, b"\xa4\x7e\x07\x0f\x03" + b"\xb4\x0c\x1e\x00\x00")  # local is local
        assert bench.read(DEVICE, INSTANCE, 57)[1] == 12 and bench.read(DEVICE, INSTANCE, 24) == kept


def test_the_time_that_another_source_has_told_is_shown():
    bench = Bench()
    clock = bench.scan.points.clock
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4" + 4 * b"\xff"
    assert bench.read(DEVICE, INSTANCE, 57) == b"\xb4" + 4 * b"\xff"
    clock.tell(615, 1)  # an RTC chip; no date
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4" + 4 * b"\xff"
    assert bench.read(DEVICE, INSTANCE, 57) == b"\xb4\x0a\x0f\x00\x00"
    clock.tell(616, 2, -1, 9829, 30)  # NTP, Sunday 29 November 2026
    assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4\x7e\x0b\x1d\x07"
    assert bench.read(DEVICE, INSTANCE, 57) == b"\xb4\x0a\x10\x1e\x00"


def test_a_time_that_is_none_is_not_taken():
    bench = Bench()
    for bad in (
        b"",
        DATE,
        TIME + DATE,
        DATE + TIME + b"\x00",
        b"\xa4\xff\xff\xff\xff" + TIME,
        b"\xa4\x7e\x0d\x1d\x07" + TIME,
        DATE + b"\xb4\x18\x00\x00\x00",
        DATE + b"\xb4\xff\xff\xff\xff",
        b"\xa3\x7e\x0b\x1d" + TIME,
    ):
        assert bench.tell(6, bad) is None
        assert bench.read(DEVICE, INSTANCE, 56) == b"\xa4" + b"\xff" * 4, bad


def test_the_machine_takes_the_time_only_from_who_may_write():
    bench = Bench(bus_write=3)
    bench.tell(6, DATE + TIME)
    assert bench.scan.inp.minute == -1 and bench.read(DEVICE, INSTANCE, 56) == DATE


def test_the_instance():
    from isentrope.bus.bacnet.config import Config

    bench = Bench(bacnet_instance_high=123, bacnet_instance_low=4567)
    assert bench.stack.instance == 1234567
    bench.set(bacnet_instance_high=419, bacnet_instance_low=9999)
    settings = bench.scan.settings
    assert Config(settings, b"").instance() == 4194302
    bench.set(bacnet_instance_high=0, bacnet_instance_low=0)
    found = [
        Config(settings, bytes([0xE6, 0x61, 0x41, 0x04, n, 0x10, 0x20, 0x2A])).instance() for n in range(99)
    ]
    assert len(set(found)) == 99 and min(found) > 0 and max(found) < 4194303


def test_configuration_is_in_the_settings_and_commands_are_not():
    """Storage keeps settings: a new stack on the same ones says the same, and nothing is commanded."""
    bench = Bench(bacnet_vendor=260, bacnet_utc_offset=60)
    again = Bench(bacnet_vendor=260, bacnet_utc_offset=60)
    for prop in (75, 77, 120, 119, 76):
        assert bench.read(DEVICE, INSTANCE, prop) == again.read(DEVICE, INSTANCE, prop)
    assert bench.write(BV, 1, PV, enumerated(1)) == 2
    assert again.read(BV, 1, PV) == enumerated(0)
