"""What an ATTACH session asks of a live board (docs/link.md)."""

from struct import calcsize, pack, unpack_from

from bench_host import BYE, EVENTS, JOG, LETTERS, LOG, POLL, SETTINGS, WRITE, Board, frame
from isentrope import alarms, points, settings, wording
from sample import profile, raw_in
from test_bench_fuzz import Random, mutated

ENABLE = 0x3000
ACCESS_LEVEL = 0x206F
OUTS = [row["name"] for row in profile()["io"] if row["dir"] == "out"]


def attached(changes=None):
    board = Board(changes)
    board.attach()
    return board


def polled(board):
    """Raw inputs, outputs, points and the time stamp."""
    found = board.send(POLL)
    board.seq += 1
    payload = found[0][4]
    rows = profile()["io"]
    types = ("u8", "u16", "s16", "u32", "s32")
    form = "<IIHH"
    for direction in ("in", "out"):
        form += "".join(LETTERS[types.index(row["type"])] for row in rows if row["dir"] == direction)
    form += "".join(LETTERS[types.index(row[3])] for row in points.rows())
    assert len(payload) == calcsize(form)
    values = unpack_from(form, payload)[4:]
    ins = len(raw_in())
    names = [row[1] for row in points.rows()]
    outs = ins + len(OUTS)
    return values[:ins], dict(zip(OUTS, values[ins:outs])), dict(zip(names, values[outs:])), found[0][3]


def jog(board, name, raw):
    return board.ask(JOG, pack("<Hi", OUTS.index(name), raw))[0]


def test_poll_shows_the_last_scan():
    board = attached()
    board.scans(3)
    ins, outs, values, stamp = polled(board)
    assert list(ins) == raw_in() and stamp == 1500
    assert values["uptime_s"] == 1 and values["outdoor_c"] in range(2400, 2600)
    assert outs["eev_count"] == board.pins.pulses.count & 0xFFFF != 0
    assert outs["eev_coils"] == 1
    again = board.pins.outputs
    assert again[OUTS.index("eev_count")] == 0  # a look changes nothing


def test_points_and_settings_are_written():
    board = attached()
    assert board.ask(WRITE, pack("<Hi", ENABLE, 1)) == b"\0"
    identity, _, _, _, low, high, _, _ = next(iter(settings.rows()))
    assert board.ask(WRITE, pack("<Hi", identity, high)) == b"\5"  # an installer's
    assert board.ask(WRITE, pack("<Hi", ACCESS_LEVEL, 1)) == b"\0"
    for raw, result in ((high, 0), (high + 1, 3), (low - 1, 3), (low, 6)):
        assert board.ask(WRITE, pack("<Hi", identity, raw)) == bytes([result])
    board.scans()
    assert polled(board)[2]["enable"] == 1
    assert board.machine.settings.raw[0] == high


def test_the_end_of_a_session_locks():
    for end in (lambda board: board.ask(BYE), lambda board: board.attach(0x2222), late):
        board = attached()
        assert board.ask(WRITE, pack("<Hi", ACCESS_LEVEL, 2)) == b"\0"
        assert board.machine.settings.level == 2
        end(board)
        assert board.machine.settings.level == 0


def test_settings_are_read_in_pages():
    board = attached()
    seen = []
    while True:
        page = board.ask(SETTINGS, pack("<H", len(seen)))
        first, count = unpack_from("<HB", page)
        assert first == len(seen) and len(page) == 3 + 6 * count
        if not count:
            break
        seen += [unpack_from("<Hi", page, 3 + 6 * n) for n in range(count)]
    assert [tuple(row) for row in seen] == [(row[0], row[6]) for row in settings.rows()]
    assert board.ask(SETTINGS, pack("<H", 60_000)) == pack("<HB", 60_000, 0)


def test_the_event_log_is_read_backwards():
    board = attached()
    for n in range(40):
        board.machine.alarms.raise_(alarms.LOW_SUPERHEAT, n)
        board.machine.alarms.clear(alarms.LOW_SUPERHEAT, n)
        board.scans(8)
    capacity = board.machine.storage.events.capacity
    seen = []
    back = 0
    while back < capacity:
        page = board.ask(EVENTS, pack("<H", back))
        following, size, count = unpack_from("<HHB", page)
        assert size == capacity and back < following <= capacity
        at = 5
        for _ in range(count):
            stamp, code, value, length = unpack_from("<IHiB", page, at)
            seen.append((stamp, code, value, str(page[at + 11 : at + 11 + length], "utf-8")))
            at += 11 + length
        assert at == len(page)
        back = following
    expected = []
    entry = [0, 0, 0]
    for place in range(capacity):
        if board.machine.storage.events.read(place, entry):
            expected.append(tuple(entry) + (wording.text(entry[1], entry[2]),))
    assert seen == expected and len(seen) > 30
    assert seen[-1][3] == "start: power on"
    assert "alarm cleared: low superheat" in [row[3] for row in seen]
    following, _, count = unpack_from("<HHB", board.ask(EVENTS, pack("<H", capacity + 7)))
    assert (following, count) == (capacity + 7, 0)


def test_the_log_is_pulled():
    board = attached()
    pending = board.machine.log.pending()
    assert pending
    assert board.ask(LOG, b"\xff")[0] == pending
    assert board.ask(LOG, b"\xff")[0] == 0


def test_jog_drives_an_output_until_it_lapses():
    board = attached()
    board.scans(2)
    for name, raw in (("pump_ref", 30_000), ("reversing_valve", 1), ("alarm", 0)):
        safe = board.output(name)
        assert jog(board, name, raw) == 0
        board.scans(4)
        assert board.output(name) == raw
        assert jog(board, name, raw) == 0  # two seconds more
        board.scans(4)
        assert board.output(name) == raw
        board.scans()
        assert board.output(name) == safe, name
    assert board.machine.jog is None


def test_jog_ends_with_the_session():
    for end in (lambda board: board.ask(BYE), lambda board: board.attach(0x2222), late):
        board = attached()
        board.scans()
        jog(board, "fan_ref", 9999)
        board.scans()
        assert board.output("fan_ref") == 9999
        end(board)
        board.scans()
        assert board.output("fan_ref") == 0


def late(board):
    board.port.now_ms += 60_001
    board.link.expire()


def test_jog_is_refused_while_the_machine_runs_and_ends_when_it_starts():
    board = attached()
    board.scans()
    board.machine.out.compressor_on = True
    assert jog(board, "fan_ref", 9999) == 4
    board.machine.out.compressor_on = False
    assert jog(board, "fan_ref", 9999) == 0
    board.machine.controller.step = lambda now_ms, inp, out: setattr(board.machine.controller, "state", 1)
    board.scans()
    assert board.output("fan_ref") == 0 and board.machine.jog is None


def test_jog_never_gets_past_a_hard_trip():
    for contact in (9, 10):  # high-pressure switch, motor protector
        board = attached()
        board.scans()
        assert jog(board, "compressor_run", 1) == 0
        board.scans()
        assert board.output("compressor_run") == 1
        board.pins.inputs[contact] = 1  # open
        board.scans()
        assert board.output("compressor_run") == 0
        assert jog(board, "compressor_run", 1) == jog(board, "compressor_ref", 1) == 4
        assert jog(board, "pump_ref", 1) == 0


def test_jog_takes_only_what_fits():
    board = attached()
    board.scans()
    for name, raw, result in (
        ("pump_ref", 65536, 3),
        ("pump_ref", -1, 3),
        ("alarm", 2, 3),
        ("eev_coils", 1, 2),
        ("eev_count", 701, 3),
        ("eev_count", -701, 3),
    ):
        assert jog(board, name, raw) == result, (name, raw)
    assert board.ask(JOG, pack("<Hi", len(OUTS), 0)) == b"\x01"
    assert board.machine.jog is None


def test_jog_turns_the_valve_and_the_valve_homes_afterwards():
    board = attached()
    while not board.machine.inp.eev_homed:
        board.scans()
    board.scans(4)
    stood = board.pins.pulses.count
    for _ in range(6):
        assert jog(board, "eev_count", 60) == 0
        board.scans(2)
    assert board.pins.pulses.count == stood + 60
    jog(board, "eev_count", -20)
    board.scans(4)
    assert board.pins.pulses.count == stood - 20
    board.scans(2)
    assert not board.machine.inp.eev_homed
    board.scans(40)
    assert board.machine.inp.eev_homed


def test_whatever_comes_is_survived():
    board = attached()
    random = Random(7)
    kinds = (POLL, WRITE, LOG, SETTINGS, EVENTS, JOG, 0x44, 0x53, 0x52, 0x50, 0x49)
    sizes = {POLL: 0, WRITE: 6, LOG: 1, SETTINGS: 2, EVENTS: 2, JOG: 6}
    for n in range(3000):
        kind = kinds[random.below(len(kinds))] if random.below(5) else random.below(256)
        if kind in (0x4D, 0x42, 0x41, 0x48):  # those end the session
            continue
        size = sizes.get(kind, 2) if random.below(8) else random.below(40)
        data = frame(kind, board.session, board.seq, random.below(1 << 30), random.bytes(size))
        found = board.raw(mutated(random, data) if random.below(3) == 0 else data)
        if found and found[-1][0] == kind | 0x80 and found[-1][2] == board.seq:
            board.seq = (board.seq + 1) & 0xFFFF
        if n % 40 == 0:
            board.raw(b"\0")
            board.attach(random.below(0xFFFF))
            board.scans(2)
    board.raw(b"\0")
    board.attach()
    assert polled(board)[3] == board.machine.now_ms
