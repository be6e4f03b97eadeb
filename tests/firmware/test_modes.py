"""Who may have a board: sessions, refusals, and what feeds the watchdog meanwhile."""

from struct import pack

from bench_host import (
    ATTACH,
    BYE,
    DESCRIBE,
    EVENTS,
    HELLO,
    JOG,
    LOG,
    MAINT,
    POLL,
    RESET,
    SETTINGS,
    STEP,
    WRITE,
    Board,
    Host,
    opened,
)
from isentrope import app, settings
from isentrope.heap import Heap
from isentrope.link.answers import Identity
from isentrope.link.protocol import Link
from isentrope.modes import Modes
from sample import Port, profile

COMMISSIONED = 0x4037
BENCH_ENABLE = 0x4038
MINIMUM_OFF = 0x4018
ACCESS_LEVEL = 0x206F


def greeted(host, kind=HELLO, session=0x0777):
    """0 when a session opens, else the reason of the NAK."""
    found = host.send(kind, b"\x31", seq=0x5555, t_ms=0x55555555, session=session)
    return 0 if found[0][0] == kind | 0x80 else found[0][4][0]


def set_(board, place, value):
    board.machine.settings.set_raw(board.machine.settings.identity(place), value)


def test_who_refuses_the_bench():
    for commissioned, enabled, running, reason in (
        (0, 0, False, 0),
        (0, 1, False, 0),
        (1, 0, False, 7),
        (1, 1, False, 0),
        (0, 0, True, 9),
        (1, 0, True, 7),
        (1, 1, True, 9),
    ):
        board = Board()
        set_(board, settings.COMMISSIONED, commissioned)
        set_(board, settings.BENCH_ENABLE, enabled)
        board.machine.out.compressor_on = running
        assert greeted(board) == reason, (commissioned, enabled, running)
        assert (board.modes.live is None) == (reason == 0)
        if reason:
            board.scans()  # goes on as before
            assert board.machine.now_ms == 500


def test_the_bench_gets_the_board_with_outputs_safe_until_reset():
    board = Board()
    outputs = board.pins.outputs
    place = [row["name"] for row in profile()["io"] if row["dir"] == "out"].index("pump_ref")
    outputs[place] = 30_000
    board.describe()
    assert board.modes.live is None and outputs[place] == 0
    board.reset()
    board.step()
    board.ask(BYE)
    assert board.link.alive  # BYE ends the session, not the mode
    assert board.modes.live is None
    assert greeted(board, session=0x0888) == 0
    before = list(outputs)
    for _ in range(5):
        board.port.now_ms += 500
        board.modes.tick()
    assert outputs == before


def test_outputs_named_in_the_profile_follow_the_bench():
    board = Board({"bench_passthrough": ["pump_ref", "eev_count"]})
    real = board.pins
    board.describe()
    board.reset()
    from_ = real.pulses.count
    for _ in range(40):
        board.step()
        real.pulses.advance(500_000)
    ours = board.link.device.pins
    assert ours.pulses.count == real.pulses.count - from_ == -700  # homed
    ours.outputs[:] = [n + 1 for n in range(len(ours.outputs))]
    ours.drive()
    safe = [row["safe"] for row in profile()["io"] if row["dir"] == "out"]
    names = [row["name"] for row in profile()["io"] if row["dir"] == "out"]
    for place, name in enumerate(names):
        if name == "pump_ref":
            assert real.outputs[place] == place + 1
        elif name != "eev_count":
            assert real.outputs[place] == safe[place], name
    board.port.now_ms += 2001  # the host has stopped
    board.modes.tick()
    assert real.outputs[names.index("pump_ref")] == 0


def test_the_link_feeds_the_watchdog_on_the_bench_while_it_hears():
    board = Board()
    board.hello()
    board.port.fed = 0
    for silence_ms, feeds in ((1000, 1), (59_000, 2), (1001, 2), (10_000, 2)):
        board.port.now_ms += silence_ms
        board.modes.feed(board.link.expire())
        assert board.port.fed == feeds


def test_attach_seizes_nothing():
    board = Board()
    payload = board.attach()
    assert payload[-13:] == b"\x04test\x05bench\x06sample"[-13:]
    board.ask(POLL)
    board.scans(3)
    assert board.machine.now_ms == 1500
    board.ask(BYE)
    assert board.link.alive and board.modes.live


def test_sessions_take_turns():
    board = Board()
    board.attach()
    board.describe()  # HELLO: the bench has it now
    assert greeted(board, ATTACH) == 11
    board.reset()
    board.step()
    assert greeted(board, ATTACH) == 11
    board.step()
    board.ask(BYE)
    board.attach()
    for kind, payload in ((POLL, b""), (WRITE, bytes(6)), (JOG, bytes(6)), (LOG, b"\x01"), (EVENTS, b"\0\0")):
        assert board.refused(kind, payload) == 6
    assert board.refused(STEP) == 3
    board.ask(BYE)


def test_a_bench_session_that_nobody_ends_is_over_after_a_minute():
    board = Board()
    board.hello()
    board.port.now_ms += 60_001
    board.link.expire()
    assert greeted(board, ATTACH) == 0


def test_attach_where_there_is_no_machine():
    host = Host()
    assert greeted(host, ATTACH, 0x1234) == 0
    for kind, payload in ((POLL, b""), (SETTINGS, b"\0\0"), (WRITE, bytes(6)), (LOG, b"\x01")):
        assert host.refused(kind, payload) == 6
    host.ask(MAINT)
    assert host.port.said == ["maintain"]
    host = opened()
    assert greeted(host, ATTACH) == 11
    host.step()


def test_maintenance_needs_the_machine_off():
    board = Board()
    board.attach()
    board.machine.out.compressor_on = True
    assert board.refused(MAINT) == 9
    assert board.port.said == []
    board.machine.out.compressor_on = False
    board.machine.controller.state = 7  # pump-down
    assert board.refused(MAINT) == 9
    board.machine.controller.state = 9  # a fault
    board.pins.outputs[2] = 1
    board.ask(MAINT)
    assert board.port.said == ["maintain"] and board.pins.outputs[2] == 0


def test_whether_the_bench_may_have_it_is_decided_with_the_machine_off():
    board = Board()
    board.attach()
    board.ask(WRITE, pack("<Hi", ACCESS_LEVEL, 1))
    for running, result in ((True, 4), (False, 0)):
        board.machine.out.compressor_on = running
        for identity in (COMMISSIONED, BENCH_ENABLE):
            assert board.ask(WRITE, pack("<Hi", identity, 1)) == bytes([result])
        assert board.ask(WRITE, pack("<Hi", MINIMUM_OFF, 200)) == b"\0"
    assert board.machine.settings.v[settings.COMMISSIONED] == 1


def test_a_console_interrupts_outside_sessions_only():
    for start in (Board.attach, Board.hello):
        board = Board()
        assert board.port.interrupts
        start(board)
        assert not board.port.interrupts
        board.port.now_ms += 30_000
        board.link.expire()
        assert not board.port.interrupts
        board.ask(BYE)
        board.port.now_ms += 1000
        board.link.expire()  # what was sent again may still come
        assert not board.port.interrupts
        board.port.now_ms += 2000
        board.link.expire()
        assert board.port.interrupts


class Safe(Host):
    """A board whose profile is no good."""

    def __init__(self, why="profile.json: syntax error in JSON"):
        self.port = Port()
        self.session, self.seq, self.t_ms, self.table = 0x1234, 0, 0, []
        heap = Heap(self.port)
        modes = Modes(self.port, heap, Identity("1", "test"), None, app.build, None, why)
        self.modes = modes
        self.link = Link(modes, heap, self.port)
        modes.begin()


def test_a_board_without_a_good_profile_says_so_and_can_be_repaired():
    board = Safe()
    assert greeted(board) == 10
    assert greeted(board, ATTACH, 0x1234) == 0
    assert board.refused(DESCRIBE, b"\0\0") == 10
    for kind, payload in ((POLL, b""), (SETTINGS, b"\0\0"), (WRITE, bytes(6)), (JOG, bytes(6))):
        assert board.refused(kind, payload) == 6
    page = board.ask(LOG, b"\x09")
    assert page[0] == 1
    assert page[12:] == b"alarm raised: profile bad: profile.json: syntax error in JSON"
    assert board.ask(LOG, b"\x09") == b"\0"
    for _ in range(100):
        board.port.now_ms += 1000
        board.modes.tick()
        board.modes.feed(board.link.expire())
    assert board.port.started == 1 and board.port.fed == 100
    board.seq = 0
    assert greeted(board, ATTACH, 0x1234) == 0
    assert board.ask(LOG, b"\x09")[0] == 1  # every session is told
    board.ask(MAINT)
    assert board.port.said == ["maintain"]


def test_a_session_of_the_other_kind_with_the_same_number_is_another_session():
    board = Board()
    board.attach(0x0777)
    board.ask(POLL)
    assert greeted(board, HELLO, 0x0777) == 0
    board.session, board.seq = 0x0777, 0
    assert board.refused(MAINT) == 3
    assert board.refused(RESET, b"") == 4


def test_too_little_memory_for_an_answer_leaves_the_machine_running():
    """Of who looks at a machine; of a bench it may have been a scan."""
    board = Board()
    board.attach()
    first = board.ask(DESCRIBE, b"\0\0")
    table = board.modes.identity.table
    read, whole = table._read, [True]

    def once():
        if whole.pop():
            raise MemoryError("no piece of 6 KB")
        return read()

    table._read = once
    assert board.refused(DESCRIBE, b"\0\0") == 12
    whole.append(False)
    assert board.ask(DESCRIBE, b"\0\0") == first
    board.scans(3)
    assert board.port.started == 1
    board = opened()
    board.link.device._identity.table._read = once
    whole.append(True)
    try:
        board.send(DESCRIBE, b"\0\0")
    except MemoryError:
        return
    raise AssertionError("taken for a refusal")
