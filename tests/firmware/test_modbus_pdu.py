"""The Modbus server's PDU core: every function, every exception, blocks whole or not at all."""

from isentrope import settings
from isentrope.bus import gate
from isentrope.bus.modbus import Server
from test_bus_registers import bench, identity

OBJECTS = ((0, b"Isentrope"), (1, b"board"), (2, b"1.2.3"), (4, b"controller"), (5, b"machine"))
FLOW = 0x0001  # holding register
ENABLE = 0x0000  # coil


class Asked:
    def __init__(self, **changed):
        self.board, self.registers = bench(**changed)
        self.server = Server(OBJECTS)
        self.server.registers = self.registers
        self.out = bytearray(300)

    def __call__(self, *parts, bus=gate.TCP):
        """The answer to bytes (ints under 256) and words (tuples)."""
        data = b""
        for part in parts:
            if isinstance(part, int):
                data += bytes((part,))
            elif isinstance(part, tuple):
                data += b"".join([word.to_bytes(2, "big") for word in part])
            else:
                data += part
        request = b"\xee\xee" + data + b"\xee"
        size = self.server.pdu(request, 2, len(data), self.out, 3, bus)
        assert 2 <= size <= 253
        return bytes(self.out[3 : 3 + size])


def test_reads():
    ask = Asked()
    ask.board.machine.inp.water_flow = True
    ask.board.scans(1)
    point = ask.registers.get
    flow, ret = point(0x0002), point(0x0003)
    assert ask(4, (2, 2)) == b"\x04\x04" + flow.to_bytes(2, "big") + ret.to_bytes(2, "big")
    assert ask(3, (FLOW, 1)) == b"\x03\x02" + (350).to_bytes(2, "big")
    assert ask(1, (ENABLE, 1)) == b"\x01\x01\x00"
    states = [point(0x1000 + n) for n in range(4)]
    assert ask(2, (0, 4)) == bytes((2, 1, sum([state << n for n, state in enumerate(states)])))
    assert ask(4, (64, 1)) == b"\x04\x02\x00\x01", "map_version"


def test_bits_fill_bytes_from_the_lowest():
    ask = Asked()
    image = ask.board.machine.points.image
    place = ask.registers._find(0x1000)
    for n, state in enumerate((1, 0, 1, 1)):
        image[ask.registers._at[place + n]] = state
    assert ask(2, (0, 4)) == b"\x02\x01\x0d"
    assert ask(2, (1, 3)) == b"\x02\x01\x06"


def test_settings_read_in_blocks_of_125():
    ask = Asked()
    answer = ask(3, (0x4000, 125))
    assert len(answer) == 252 and answer[:2] == b"\x03\xfa"
    for place in range(125):
        assert int.from_bytes(answer[2 + 2 * place : 4 + 2 * place], "big") == (
            ask.board.machine.settings.raw[place] & 0xFFFF
        )


def test_exception_1_unknown_functions():
    ask = Asked()
    for function in (0, 7, 9, 11, 12, 14, 17, 20, 21, 24, 42, 44, 65, 100, 127):
        assert ask(function, (0, 1)) == bytes((function | 0x80, 1))
    assert ask() == b"\x80\x01"
    assert ask(0x83, (0, 1)) == b"\x83\x01"
    assert ask(8, (1, 0)) == b"\x88\x01" and ask(8, (10, 0)) == b"\x88\x01"
    assert ask(43, 13, 1, 0) == b"\xab\x01" and ask(43) == b"\xab\x01"


def test_exception_1_while_writing_is_not_allowed():
    for changed, bus in (({"commissioned": 0}, gate.TCP), ({"bus_write": 1}, gate.TCP), ({}, gate.MSTP)):
        ask = Asked(**changed)
        assert ask(6, (FLOW, 400), bus=bus) == b"\x86\x01"
        assert ask(5, (ENABLE, 0xFF00), bus=bus) == b"\x85\x01"
        assert ask(15, (ENABLE, 1), 1, 1, bus=bus) == b"\x8f\x01"
        assert ask(16, (FLOW, 1), 2, (400,), bus=bus) == b"\x90\x01"
        assert ask(22, (FLOW, 0xFFFF, 0), bus=bus) == b"\x96\x01"
        assert ask(23, (FLOW, 1, FLOW, 1), 2, (400,), bus=bus) == b"\x97\x01"
        assert ask(3, (FLOW, 1), bus=bus) == b"\x03\x02\x01\x5e"
        assert ask.board.machine.points.counts[7] == 6


def test_exception_2_addresses():
    ask = Asked()
    for function, first, quantity in (
        (1, 6, 1), (1, 5, 2), (1, 3, 4), (1, 0x1000, 1), (1, 0xFFFF, 1), (1, 0xFFFF, 2000),
        (2, 11, 1), (2, 8, 4), (2, 0x3000, 1),
        (3, 7, 1), (3, 6, 2), (3, 15, 1), (3, 0x1001, 1), (3, 0x2001, 1), (3, 0x4000 + settings.COUNT, 1),
        (3, 0x3FFF, 2), (3, 0xFFFF, 125), (3, 0x4000 + settings.COUNT - 1, 2),
        (4, 18, 1), (4, 16, 3), (4, 50, 1), (4, 65, 1), (4, 0x4000, 1), (4, 0xFFFF, 1),
    ):  # fmt: skip
        assert ask(function, (first, quantity)) == bytes((function | 0x80, 2)), (function, first, quantity)
    assert ask(6, (7, 1)) == b"\x86\x02"
    assert ask(6, (111, 2)) == b"\x86\x02", "access_level: no bus opens settings"
    assert ask(6, (identity("high_pressure_hold"), 200)) == b"\x86\x02", "an installer's"
    assert ask(5, (6, 0xFF00)) == b"\x85\x02" and ask(5, (0xFFFF, 0)) == b"\x85\x02"
    assert ask(15, (5, 2), 1, 3) == b"\x8f\x02"
    assert ask(16, (7, 2), 4, (1, 400)) == b"\x90\x02"
    assert ask(22, (7, 1, 1)) == b"\x96\x02"
    assert ask(23, (7, 1, FLOW, 1), 2, (400,)) == b"\x97\x02"
    assert ask(23, (FLOW, 1, 7, 1), 2, (400,)) == b"\x97\x02"
    assert ask.board.machine.inp.flow_setpoint_c == 35.0


def test_exception_3_quantities_lengths_and_values():
    ask = Asked()
    for function, most in ((1, 2000), (2, 2000), (3, 125), (4, 125)):
        for quantity in (0, most + 1, 0xFFFF):
            assert ask(function, (0, quantity)) == bytes((function | 0x80, 3)), (function, quantity)
        for short in range(4):
            assert ask(function, bytes(short)) == bytes((function | 0x80, 3))
        assert ask(function, (0, 1), 0) == bytes((function | 0x80, 3))
    for value in (1, 0xFF, 0xFF01, 0x00FF, 0xFFFF):
        assert ask(5, (ENABLE, value)) == b"\x85\x03"
    for value in (149, 751, 0xFFFF, 0x7FFF):
        assert ask(6, (FLOW, value)) == b"\x86\x03"
    assert ask(6, (FLOW,)) == b"\x86\x03" and ask(5, (0, 0), 0) == b"\x85\x03"
    assert ask(15, (0, 0), 0) == b"\x8f\x03" and ask(15, (0, 1969), 247, bytes(247)) == b"\x8f\x03"
    assert ask(15, (0, 9), 1, 1) == b"\x8f\x03" and ask(15, (0, 1), 1) == b"\x8f\x03"
    assert ask(15, (0, 1), 1, 1, 1) == b"\x8f\x03"
    assert ask(16, (1, 0), 0) == b"\x90\x03" and ask(16, (1, 124), 248, bytes(246)) == b"\x90\x03"
    assert ask(16, (1, 1), 4, (400, 400)) == b"\x90\x03" and ask(16, (1, 1), 2, 1) == b"\x90\x03"
    assert ask(16, (1, 1), 2, (751,)) == b"\x90\x03"
    assert ask(22, (FLOW, 0)) == b"\x96\x03" and ask(22, (FLOW, 0, 751)) == b"\x96\x03"
    assert (
        ask(23, (1, 0, 1, 1), 2, (400,)) == b"\x97\x03" and ask(23, (1, 126, 1, 1), 2, (400,)) == b"\x97\x03"
    )
    assert ask(23, (1, 1, 1, 0), 0) == b"\x97\x03" and ask(23, (1, 1, 1, 122), 244, bytes(242)) == b"\x97\x03"
    assert ask(23, (1, 1, 1, 1), 3, (400,)) == b"\x97\x03" and ask(23, (1, 1, 1, 1), 2, 1) == b"\x97\x03"
    assert ask(8, 0) == b"\x88\x03" and ask(43, 14, 0, 0) == b"\xab\x03" and ask(43, 14, 5, 0) == b"\xab\x03"
    assert ask(43, 14, 1) == b"\xab\x03" and ask(43, 14, 1, 0, 0) == b"\xab\x03"


def test_exception_4_without_a_controller_and_6_when_the_day_is_used_up():
    ask = Asked(bus_quota=1)
    slope = identity("curve_slope")
    assert ask(6, (slope, 91)) == bytes((6,)) + slope.to_bytes(2, "big") + b"\x00\x5b"
    assert ask(6, (slope, 92)) == b"\x86\x06"
    ask.server.registers = None
    assert ask(3, (FLOW, 1)) == b"\x83\x04" and ask(99) == b"\xe3\x04"


def test_writes_echo_and_act():
    ask = Asked()
    inp = ask.board.machine.inp
    assert ask(6, (FLOW, 415)) == b"\x06\x00\x01\x01\x9f" and inp.flow_setpoint_c == 41.5
    assert ask(5, (ENABLE, 0xFF00)) == b"\x05\x00\x00\xff\x00" and inp.enable
    assert ask(5, (ENABLE, 0)) == b"\x05\x00\x00\x00\x00" and not inp.enable
    assert ask(15, (3, 1), 1, 1) == b"\x0f\x00\x03\x00\x01" and inp.quiet
    assert ask(15, (3, 2), 1, 2) == b"\x0f\x00\x03\x00\x02" and not inp.quiet
    assert ask.board.machine.points.reset_wanted
    assert ask(16, (0x65, 4), 8, (300, 215, 500, 600)) == b"\x10\x00\x65\x00\x04"
    assert (inp.test_rps, inp.room_c, inp.demand_pct, inp.minute) == (30.0, 21.5, 50.0, 600)
    assert ask(6, (0x66, 0xFFF6)) == b"\x06\x00\x66\xff\xf6" and inp.room_c == -1.0
    assert ask(3, (FLOW, 1)) == b"\x03\x02\x01\x9f", "at once, not with the next scan"


def test_not_fitted_relinquishes():
    ask = Asked()
    ask(6, (FLOW, 415))
    assert ask(6, (FLOW, 0x8000)) == b"\x06\x00\x01\x80\x00"
    assert ask.board.machine.inp.flow_setpoint_c == 35.0
    ask(6, (0x65, 300))
    assert ask(6, (0x65, 0xFFFF)) == b"\x06\x00\x65\xff\xff" and ask.board.machine.inp.test_rps == 0.0
    assert ask(6, (0x66, 0x8000)) == b"\x86\x03", "what has no slots has nothing to give back"


def test_a_block_with_one_bad_value_changes_nothing():
    ask = Asked()
    inp = ask.board.machine.inp
    assert ask(16, (0x65, 4), 8, (300, 215, 1001, 600)) == b"\x90\x03"
    assert ask(16, (0x65, 4), 8, (300, 215, 500, 11_520)) == b"\x90\x03"
    assert ask(23, (FLOW, 1, 0x65, 4), 8, (300, 215, 500, 11_520)) == b"\x97\x03"
    assert (inp.test_rps, inp.room_c, inp.demand_pct, inp.minute) == (0.0, 20.0, 0.0, -1)


def test_a_block_of_settings_that_goes_wrong_on_the_way_is_taken_back():
    ask = Asked(bus_quota=1)
    first = identity("quiet_from")
    before = list(ask.board.machine.settings.raw)
    assert ask(16, (first, 2), 4, (60, 120)) == b"\x90\x06"
    assert list(ask.board.machine.settings.raw) == before


def test_a_block_of_commands_and_settings_is_whole_too():
    ask = Asked(bus_quota=1)
    inp = ask.board.machine.inp
    before = ask(3, (FLOW, 3))
    assert ask(16, (FLOW, 3), 6, (450, 480, 60)) == b"\x90\x06", "two settings behind a command"
    assert ask(3, (FLOW, 3)) == before and inp.flow_setpoint_c == 35.0
    ask.registers.passed(86_400_000)
    assert ask(16, (FLOW, 2), 4, (450, 480)) == b"\x10\x00\x01\x00\x02"
    assert ask(3, (FLOW, 2))[2:] == b"\x01\xc2\x01\xe0" and inp.flow_setpoint_c == 45.0


def test_a_block_with_what_is_locked_or_not_taken_now_changes_nothing():
    ask = Asked()
    machine = ask.board.machine
    before = ask(3, (0x65, 5))
    assert ask(16, (0x65, 5), 10, (300, 215, 500, 600, 1)) == b"\x90\x01", "no bus opens service"
    assert ask(3, (0x65, 5)) == before and machine.inp.minute == -1
    machine.points.clock.tell(700, 4)  # BACnet
    before = ask(3, (0x65, 5))
    assert ask(16, (0x65, 4), 8, (300, 215, 500, 600)) == b"\x90\x06", "a better source has told it"
    assert ask(3, (0x65, 5)) == before and machine.inp.minute == 700


def test_the_password_of_bacnet_is_not_to_be_read():
    ask = Asked(bacnet_password=1234)
    place = identity("bacnet_password")
    assert ask(3, (place, 1)) == b"\x03\x02\x00\x00"
    assert ask(3, (place - 1, 3))[4:6] == b"\x00\x00"


def test_mask_write():
    ask = Asked()
    ask(6, (FLOW, 0x0112))
    assert ask(22, (FLOW, 0x00F2, 0x0125)) == b"\x16\x00\x01\x00\xf2\x01\x25"
    assert ask.registers.get(0x2001) == 0x0112 & 0x00F2 | 0x0125 & ~0x00F2
    assert ask(22, (FLOW, 0xFFFF, 0x1234))[:3] == b"\x16\x00\x01"
    assert ask.registers.get(0x2001) == 0x0112 & 0x00F2 | 0x0125 & ~0x00F2


def test_read_write_writes_first():
    ask = Asked()
    assert ask(23, (FLOW, 1, FLOW, 1), 2, (420,)) == b"\x17\x02\x01\xa4"
    assert ask(23, (0x4000, 125, FLOW, 1), 2, (430,))[:2] == b"\x17\xfa"
    assert ask.registers.get(0x2001) == 430


def test_loop_back():
    ask = Asked()
    for data in (b"", b"\x12\x34", bytes(range(250))):
        assert ask(8, (0,), data) == b"\x08\x00\x00" + data


def test_identification():
    ask = Asked()

    def objects(numbers):
        found = [o for o in OBJECTS if o[0] in numbers]
        return bytes((len(found),)) + b"".join([bytes((n, len(t))) + t for n, t in found])

    assert ask(43, 14, 1, 0) == b"\x2b\x0e\x01\x82\x00\x00" + objects((0, 1, 2))
    assert ask(43, 14, 2, 0) == b"\x2b\x0e\x02\x82\x00\x00" + objects((0, 1, 2, 4, 5))
    assert ask(43, 14, 3, 0) == b"\x2b\x0e\x03\x82\x00\x00" + objects((0, 1, 2, 4, 5))
    assert ask(43, 14, 2, 4) == b"\x2b\x0e\x02\x82\x00\x00" + objects((4, 5))
    assert ask(43, 14, 1, 4) == b"\x2b\x0e\x01\x82\x00\x00" + objects((0, 1, 2)), "from the beginning"
    assert ask(43, 14, 2, 3) == b"\x2b\x0e\x02\x82\x00\x00" + objects((0, 1, 2, 4, 5))
    assert ask(43, 14, 4, 5) == b"\x2b\x0e\x04\x82\x00\x00" + objects((5,))
    assert ask(43, 14, 4, 3) == b"\xab\x02" and ask(43, 14, 4, 0x80) == b"\xab\x02"
