"""The common ground of the buses: scales, gates, bounds, priorities, leases."""

from struct import unpack

from bench_host import Board
from isentrope import decisions, points, settings
from isentrope.bus import gate
from isentrope.bus.registers import Registers

FLOW = 0x2001
ENABLE = 0x3000
RTU = gate.RTU
SLOPE = "curve_slope"


def identity(name):
    for row in settings.rows():
        if row[1] == name:
            return row[0]
    raise KeyError(name)


def bench(**changed):
    """A live controller whose buses may write."""
    board = Board()
    registers = Registers(board.machine)
    board.machine.bus = registers
    for name, raw in dict({"commissioned": 1, "bus_write": 3}, **changed).items():
        assert board.machine.settings.set_raw(identity(name), raw) == 0
    board.scans(2)
    return board, registers


def test_every_point_reads_as_its_raw_value_in_the_buses_scale():
    board, registers = bench()
    letters = {"u8": "B", "u16": "H", "s16": "h", "u32": "I"}
    rows = list(points.rows())
    raws = unpack("<" + "".join([letters[row[3]] for row in rows]), board.machine.points.image)
    for row, raw in zip(rows, raws):
        scale = 10 ** (row[7] - row[4])
        got = registers.get(row[0])
        if raw == {"s16": -32768, "u16": 0xFFFF}.get(row[3]):
            assert got is None, row
        else:
            assert abs(got - raw / scale) <= (0.5 if row[3] != "u32" else 1.0), row
        assert registers.known(row[0]) and registers.writable(row[0]) == (row[8] == "rw" and row[0] != 0x206F)
        words = bytearray(4)
        if row[0] >> 12 in (0, 2):
            size = 2 if row[3] == "u32" else 1
            assert registers.words(row[0], size, words, 0)
            want = {None: 0x8000 if row[3] == "s16" else 0xFFFF}.get(got, got) & (
                0xFFFFFFFF >> 32 - 16 * size
            )
            assert int.from_bytes(words[: 2 * size], "big") == want, row
        else:
            assert registers.bits(row[0], 1, words, 0) and words[0] == raw
    assert not registers.known(0x0999) and not registers.writable(0x0999)


def test_scales_are_whole_and_wide_points_are_not_commanded():
    for row in points.rows():
        assert 0 <= row[7] - row[4] <= 3, row
        if row[3] == "u32":
            assert row[8] == "r", row


def test_halves_of_a_wide_value_and_gaps():
    _, registers = bench()
    out = bytearray(8)
    assert registers.words(0x35, 1, out, 0) and registers.words(0x34, 2, out, 0)
    assert not registers.words(0x31, 2, out, 0), "0x32 is nobody's"
    assert not registers.words(0x12, 1, out, 0) and not registers.words(0x10, 2, out, 0)
    assert registers.words(0x0D, 4, out, 0) and not registers.words(0x0D, 5, out, 0)
    assert not registers.words(0xC4, 2, out, 0) and registers.words(0xC3, 2, out, 0)
    assert registers.bits(0x1000, 11, out, 0) and not registers.bits(0x1000, 12, out, 0)
    assert not registers.bits(0x3065, 2, out, 0), "behind the last"


def test_a_wide_value_that_is_scaled():
    board, registers = bench()
    board.machine.controller.run_s = 3600 * 98_765
    board.scans(1)
    out = bytearray(4)
    assert registers.get(0x34) == 98_765
    assert registers.words(0x34, 2, out, 0) and int.from_bytes(out, "big") == 98_765
    low = bytearray(2)
    assert registers.words(0x35, 1, low, 0) and low == out[2:]


def test_negative_values_round_to_the_nearest():
    board, registers = bench()
    at = 0  # outdoor_c stands first
    for raw, wanted in ((-1504, -150), (-1506, -151), (-4, 0), (4, 0), (5, 1), (2500, 250), (-32768, None)):
        board.machine.points.image[at : at + 2] = bytes((raw & 0xFF, raw >> 8 & 0xFF))
        assert registers.get(0x0000) == wanted, raw


def test_settings_are_holding_registers_from_0x4000_on():
    board, registers = bench()
    out = bytearray(300)
    assert registers.words(settings.FIRST, 125, out, 0)
    for place in range(125):
        raw = int.from_bytes(out[2 * place : 2 * place + 2], "big")
        assert raw - (raw >> 15 << 16) == board.machine.settings.raw[place]
    assert not registers.words(settings.FIRST + settings.COUNT - 1, 2, out, 0)


def test_nothing_is_written_before_commissioning_nor_by_a_bus_without_leave():
    board, registers = bench(commissioned=0)
    assert registers.write(FLOW, 400, RTU) == gate.CLOSED
    board.machine.settings.set_raw(identity("commissioned"), 1)
    assert registers.write(FLOW, 400, gate.BACNET_IP) == gate.CLOSED
    assert registers.write(FLOW, 400, RTU) == 0
    assert registers.write(identity(SLOPE), 100, gate.MSTP) == gate.CLOSED
    assert board.machine.points.counts[7] == 3 and board.machine.inp.flow_setpoint_c == 40.0
    assert board.machine.log.pending()


def test_bounds_are_the_points_own():
    _, registers = bench()
    for raw, result in ((149, 3), (150, 0), (750, 0), (751, 3), (-1, 3)):
        assert registers.check(FLOW, raw, RTU) == registers.write(FLOW, raw, RTU) == result
    assert registers.write(0x001E, 1, RTU) == points.READ_ONLY
    assert registers.write(0x206F, 2, RTU) == points.READ_ONLY, "no bus opens settings"
    assert registers.write(0x0012, 1, RTU) == points.UNKNOWN
    assert registers.write(identity("high_pressure_hold"), 200, RTU) == points.READ_ONLY, "no user's"


def test_a_write_shows_at_once_and_a_relinquished_point_is_local_again():
    board, registers = bench()
    assert board.machine.write(FLOW, 3600) == 0
    assert registers.write(FLOW, 415, RTU) == 0
    assert registers.get(FLOW) == 415 and board.machine.inp.flow_setpoint_c == 41.5
    assert registers.write(FLOW, None, RTU) == 0
    assert registers.get(FLOW) == 360 and board.machine.inp.flow_setpoint_c == 36.0


def test_sixteen_slots_the_lowest_has_it():
    board, registers = bench()
    commands = registers.commands
    board.machine.write(FLOW, 3500)
    for slot, flow in ((16, 300), (8, 450), (10, 400)):
        assert registers.write(FLOW, flow, RTU, slot) == 0
    assert registers.get(FLOW) == 450 and commands.slot(FLOW) == 8
    assert [commands.value(FLOW, n) for n in (0, 8, 9, 10, 16)] == [3500, 4500, None, 4000, 3000]
    registers.write(FLOW, None, RTU, 8)
    assert registers.get(FLOW) == 400 and commands.slot(FLOW) == 10
    registers.write(FLOW, None, RTU, 10)
    registers.write(FLOW, None, RTU, 10)
    assert registers.get(FLOW) == 300
    registers.write(FLOW, None, RTU)
    assert registers.get(FLOW) == 350 and commands.slot(FLOW) == 0


def test_a_local_write_waits_for_the_commands_end():
    board, registers = bench()
    registers.write(FLOW, 415, RTU)
    assert board.machine.write(FLOW, 3300) == 0 and registers.get(FLOW) == 415
    assert board.machine.write(FLOW, 9999) == points.OUT_OF_RANGE
    registers.write(FLOW, None, RTU)
    assert registers.get(FLOW) == 330


def test_a_command_lapses_with_its_lease_and_is_kept_by_repeating_it():
    board, registers = bench(bus_timeout=10)
    board.machine.write(ENABLE, 0)
    registers.write(ENABLE, 1, RTU)
    registers.write(FLOW, 450, RTU)
    board.scans(18)
    assert board.machine.inp.enable and registers.write(ENABLE, 1, RTU) == 0
    board.scans(4)
    assert board.machine.inp.enable and registers.get(FLOW) == 350
    board.scans(20)
    assert not board.machine.inp.enable
    entry = [0, 0, 0]
    codes = []
    while board.machine.log.pop_into(entry):
        codes.append((entry[1], entry[2]))
    assert (140, FLOW) in codes and (140, ENABLE) in codes


def test_what_acts_as_told_passes_without_slots():
    board, registers = bench()
    assert registers.write(0x2068, 600, RTU) == 0 and board.machine.inp.minute == 600
    assert registers.write(0x2067, 555, RTU) == 0 and board.machine.inp.demand_pct == 55.5
    assert board.machine.inp.told & 2
    assert registers.write(0x2067, None, RTU) == points.OUT_OF_RANGE
    assert registers.write(0x3004, 1, RTU) == 0 and board.machine.points.reset_wanted
    board.scans(1)
    assert not board.machine.points.reset_wanted and registers.get(0x3004) == 0
    assert registers.write(0x3004, 1, RTU) == 0 and board.machine.points.reset_wanted


def test_lasting_changes_have_a_quota_a_day():
    board, registers = bench(bus_quota=2)
    slope = identity(SLOPE)
    results = [registers.write(slope, 90 + n, RTU) for n in (1, 1, 2, 3, 2)]
    assert results == [0, 0, 0, gate.SPENT, 0], "what changes nothing costs nothing"
    assert board.machine.settings.raw[slope - settings.FIRST] == 92
    registers.passed(86_400_000)
    assert registers.write(slope, 93, RTU) == 0
    assert registers.write(slope, 9999, RTU) == points.OUT_OF_RANGE


def test_a_high_u16_command_keeps_its_value():
    board, registers = bench()
    assert registers.signed(0x2065, 0xFFFF) is None and registers.signed(0x2065, 0x9000) == 0x9000
    assert registers.signed(FLOW, 0x8000) is None and registers.signed(FLOW, 0xFFFF) == -1
    assert registers.write(0x2065, 2000, RTU) == 0 and registers.get(0x2065) == 2000
    assert board.machine.inp.test_rps == 200.0


def test_a_point_that_is_a_setting_is_written_as_one_within_the_quota():
    board, registers = bench(bus_quota=2)
    held = board.machine.settings
    at = points.place(0x2002)
    assert held.identity(at) == identity("hot_water_setpoint") and registers.writable(0x2002)
    assert registers.write(0x2002, 299, RTU) == points.OUT_OF_RANGE
    assert registers.write(0x2002, None, RTU) == points.OUT_OF_RANGE, "a setting has nothing to fall back to"
    assert registers.write(0x2002, 520, RTU) == 0 and held.raw[at] == 520
    assert registers.write(0x2002, 520, RTU) == 0, "the same again is no change"
    board.scans(1)
    assert registers.get(0x2002) == 520 and not registers.commands.has(0x2002)
    # A block of points and settings, all or none; the quota's second and third change.
    assert registers.write_all(0x2002, [530, 60], RTU) == gate.SPENT
    assert held.raw[at] == 520, "what was set of the block is taken back"
    board.scans(2)
    assert registers.get(0x2002) == 520


def contradictions(board):
    """(point, winner's bus and priority, loser's bus and priority) as the log has them, and their texts."""
    entry, found = [0, 0, 0], []
    while board.machine.log.pop_into(entry):
        if entry[1] == 220:
            v = entry[2]
            found.append((v & 0xFFFF, v >> 27, (v >> 20 & 15) + 1, v >> 24 & 7, (v >> 16 & 15) + 1))
            assert decisions.text(220, v).startswith("commands of "), decisions.text(220, v)
    return found


def test_buses_that_contradict_are_logged_once():
    board, registers = bench(bus_write=31, bus_timeout=10)
    for _ in range(5):  # the same priority: the later counts
        registers.write(FLOW, 400, RTU)
        registers.write(FLOW, 420, gate.BACNET_IP, 16)
        board.scans(2)
    assert registers.get(FLOW) == 420 and contradictions(board) == [(FLOW, 2, 16, 0, 16)]
    registers.write(FLOW, 450, gate.BACNET_IP, 8)
    registers.write(FLOW, 400, RTU)
    assert registers.get(FLOW) == 450 and contradictions(board) == [(FLOW, 2, 8, 2, 16)]
    registers.write(FLOW, 460, gate.BACNET_IP, 8)
    assert contradictions(board) == [], "the same two"
    board.scans(30)  # all leases end
    contradictions(board)
    registers.write(FLOW, 400, RTU)
    registers.write(FLOW, 420, gate.MQTT)
    assert contradictions(board) == [(FLOW, 4, 16, 0, 16)], "after a lease it is news again"


def test_agreement_and_a_changed_mind_contradict_nobody():
    board, registers = bench(bus_write=31)
    for flow in (400, 410, 420):
        registers.write(FLOW, flow, RTU)
    registers.write(FLOW, 420, gate.BACNET_IP, 16)
    registers.write(FLOW, 420, gate.BACNET_IP, 8)
    registers.write(FLOW, None, gate.BACNET_IP, 8)
    registers.write(FLOW, 430, gate.BACNET_IP, 16)
    assert contradictions(board) == []


def test_a_person_at_the_machine_and_a_bus():
    board, registers = bench()
    registers.write(FLOW, 415, RTU)
    board.machine.write(FLOW, 4150)
    assert contradictions(board) == []
    board.machine.write(FLOW, 3300)
    assert contradictions(board) == [(FLOW, 0, 16, 7, 16)]


def test_two_buses_with_two_demands():
    board, registers = bench(bus_write=31, bus_timeout=10)
    for _ in range(3):
        registers.write(0x2067, 500, RTU)
        board.scans(1)
        registers.write(0x2067, 800, gate.MQTT)
        board.scans(1)
    assert board.machine.inp.demand_pct == 80.0 and contradictions(board) == [(0x2067, 4, 16, 0, 16)]
    board.scans(24)
    registers.write(0x2067, 500, RTU)
    assert contradictions(board) == [], "the other has been silent"


def test_a_command_that_is_repeated_unchanged_is_a_heartbeat():
    board, registers = bench(bus_write=31)
    inp = board.machine.inp
    for identity, raw, bit in ((0x200B, 200, 8), (0x200E, 3, 4)):
        for _ in range(3):
            inp.told = 0
            assert registers.write(identity, raw, gate.BACNET_IP, 8) == 0 and inp.told == bit
            board.scans(1)
        inp.told = 0
        registers.write(identity, raw, RTU)
        assert not inp.told, "what waits is no heartbeat of what is in force"
