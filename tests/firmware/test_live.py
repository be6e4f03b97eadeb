"""The live scan: its pace, its watchdog, the lease of its outputs."""

from bench_host import Board
from isentrope import eventlog
from isentrope.control.io import Outputs


def replaced(board, step):
    """The controller's step; the rest of it stays."""
    board.machine.controller.step = step
    return board


def running(now_ms, inp, out):
    out.compressor_on = True
    out.speed_rps = 50.0


def safe_levels(board):
    return [row["safe"] for row in board.modes.profile()["io"] if row["dir"] == "out"]


def test_the_first_scan_comes_at_once_and_the_others_without_drift():
    board = Board()
    stamps = []
    replaced(board, lambda now_ms, inp, out: stamps.append(now_ms))
    assert board.machine.now_ms == 0 and board.port.fed == 1
    for wall_ms, wait_ms in ((499, 1), (503, 497), (990, 10), (1000, 500), (1510, 490), (2000, 500)):
        board.port.now_ms = wall_ms
        board.modes.tick()
        assert board.modes.wait_ms() == wait_ms, wall_ms
    assert stamps == [500, 1000, 1500, 2000]


def test_a_late_scan_stands_for_those_that_were_missed():
    board = Board()
    stamps = []
    replaced(board, lambda now_ms, inp, out: stamps.append(now_ms))
    for wall_ms in (1700, 1999, 2000):
        board.port.now_ms = wall_ms
        board.modes.tick()
    assert stamps == [1500, 2000]


def test_the_clock_may_wrap():
    board = Board()
    board.port.now_ms = 2**30 - 400
    board.live.begin()
    stamps = []
    replaced(board, lambda now_ms, inp, out: stamps.append(now_ms))
    board.scans(3)
    assert stamps == [500, 1000, 1500]


def test_only_complete_scans_feed_the_watchdog():
    board = Board()
    assert board.port.started == 1
    board.scans(3)
    assert board.port.fed == 4
    board.modes.tick()  # too early for a scan
    board.modes.feed(silent=False)
    board.modes.feed(silent=True)
    assert board.port.fed == 4

    def fail(now_ms, inp, out):
        raise RuntimeError("on purpose")

    replaced(board, fail)
    try:
        board.scans()
    except RuntimeError:
        pass
    assert board.port.fed == 4


def test_outputs_are_safe_two_seconds_after_the_last_scan():
    board = replaced(Board(), running)
    board.scans()
    look = board.live._timer.callback
    assert board.live._timer.ms <= 500
    board.port.now_ms += 2000
    look(board.live._timer)
    assert board.output("compressor_run") == 1
    board.port.now_ms += 1
    look(board.live._timer)
    assert board.pins.outputs == safe_levels(board)


def test_a_scan_that_hangs_beyond_the_lease_drives_nothing():
    board = replaced(Board(), running)
    board.scans()
    driven = []
    drive = board.pins.drive
    board.pins.drive = lambda: driven.append(1) or drive()

    def hang(now_ms, inp, out):
        running(now_ms, inp, out)
        board.port.now_ms += 2600
        board.live.expire()

    replaced(board, hang)
    board.scans()
    assert not driven and board.pins.outputs == safe_levels(board)
    seen = []
    replaced(board, lambda now_ms, inp, out: seen.append(inp.lapsed))
    board.scans(2)
    assert seen == [True, False] and len(driven) == 2


def test_an_uncaught_exception_is_in_the_event_log_with_outputs_safe():
    board = replaced(Board(), running)
    board.scans(10)
    board.port.sent = b""
    board.link.fault("Traceback")
    assert board.pins.outputs == safe_levels(board)
    assert b"Traceback" in board.port.sent
    entry = [0, 0, 0]
    assert board.machine.storage.events.read(0, entry) and entry[1] == eventlog.FAULT
    assert board.live._timer.callback is None


def test_storage_is_written_after_the_scan():
    board = Board()
    board.scans(10)
    assert board.machine.storage.events.sequence >= 0


def test_the_machine_is_off_in_standby_and_after_a_fault_only():
    board = Board()
    machine = board.machine
    off = {}
    for state in range(12):
        machine.controller.state = state
        off[state] = machine.off
    assert [state for state in off if off[state]] == [0, 9]
    machine.controller.state = 0
    machine.out.compressor_on = True
    assert not machine.off
    assert Outputs().compressor_on is False


def test_what_the_timer_still_knows_holds_no_controller():
    """A bench's controller is built in the room of the live one."""
    board = Board()
    live, machine = board.live, board.machine
    live.drop()
    for part in (live, getattr(live, "_test", None)):
        held = [getattr(part, name) for name in dir(part) if name[:2] != "__"]
        assert machine not in held and machine.controller not in held
    live.expire()
