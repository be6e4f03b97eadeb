"""What a live controller finds out about itself."""

import os
from binascii import crc32

from bench_host import Board
from isentrope import alarms
from isentrope.selftest import SelfTest
from sample import Port

FILES = {"app.mpy": bytes(range(256)) * 3, "scan.mpy": b"x" * 256, "empty.mpy": b"", "x.mpy": b"12345"}


class Pins:
    wrong = 0

    def astray(self):
        return self.wrong


class Ledger:
    def __init__(self):
        self.values = {}

    def set(self, place, value):
        self.values[place] = value


class Scan:
    def __init__(self):
        self.pins = Pins()
        self.alarms = alarms.Alarms()
        self.storage = self
        self.ledger = Ledger()


class Heap:
    collections = 0
    free = 90_000


class Checked:
    """A self-test of a folder with FILES, scans half a second apart."""

    folder = "selftest.tmp"

    def __init__(self, files=None):
        self.files = dict(FILES if files is None else files)
        try:
            os.mkdir(self.folder)
        except OSError:
            pass
        lines = [
            "%08x %d %s\n" % (crc32(self.files[path]), len(self.files[path]), path) for path in self.files
        ]
        for path in self.files:
            self.put(path, self.files[path])
        self.put("MANIFEST.crc", "".join(lines).encode())
        self.port, self.scan, self.heap = Port(), Scan(), Heap()
        self.test = SelfTest(self.port, self.scan, self.heap, self.folder)

    def put(self, path, data):
        with open(self.folder + "/" + path, "wb") as file:
            file.write(data)

    def scans(self, n, ms=500, stack=0):
        for _ in range(n):
            self.port.now_ms += ms
            self.test.step(self.port.now_ms & 0x3FFFFFFF, stack)
        return self

    def active(self, code):
        return self.scan.alarms.is_active(code)

    def end(self):
        for path in list(self.files) + ["MANIFEST.crc"]:
            try:
                os.remove(self.folder + "/" + path)
            except OSError:
                pass
        os.rmdir(self.folder)


def test_sound_files_are_sound_at_the_start_and_while_running():
    tested = Checked()
    tested.test.whole()
    assert tested.test.files == len(FILES)
    tested.scans(200)
    assert not tested.scan.alarms.stop
    tested.end()


def test_the_check_at_the_start_leaves_no_heap_full_of_garbage():
    """Nothing collects by itself while the firmware runs, and an open file takes a kilobyte."""
    checked = Checked({"%d.mpy" % n: b"x" * n for n in range(40)})
    checked.test.whole()
    assert checked.test.files == 40 and checked.port.collected == 5
    checked.end()


def test_a_damaged_file_is_found_at_the_start():
    for path in FILES:
        for data in (FILES[path] + b"y", FILES[path][:-1] + b"\1", b"z", None):
            tested = Checked()
            if data is None:
                os.remove(tested.folder + "/" + path)
            else:
                tested.put(path, data)
            tested.test.whole()
            tested.scans(1)
            assert tested.active(alarms.FIRMWARE_DAMAGED) and tested.scan.alarms.stop, (path, data)
            tested.scan.alarms.reset(0)
            tested.scans(1)
            assert tested.active(alarms.FIRMWARE_DAMAGED), path  # acknowledging mends nothing
            tested.end()


def test_a_file_that_is_damaged_while_running_is_found_within_one_round():
    tested = Checked()
    tested.test.whole()
    tested.scans(40)
    whole = FILES["app.mpy"]
    for bit in (0, 3000, 8 * len(whole) - 1):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        tested.put("app.mpy", changed)
        tested.test._damaged = 0
        tested.scan.alarms.reset(0)
        tested.scans(2 * (4 + 3 * len(FILES)))
        assert tested.active(alarms.FIRMWARE_DAMAGED), bit
    tested.end()


def test_a_bad_line_of_the_manifest_is_damage():
    for line in (b"nonsense\n", b"zz 1 app.mpy\n", b"\xff\xfe\n"):
        tested = Checked()
        tested.put("MANIFEST.crc", line)
        tested.test.whole()
        tested.scans(1)
        assert tested.active(alarms.FIRMWARE_DAMAGED), line
        tested.end()


def test_firmware_in_the_image_has_nothing_to_check():
    test = SelfTest(Port(), Scan(), Heap(), "")
    test.whole()
    test.step(0, 0)
    assert test.files == 0


def drifting(share, minutes, jump_s=0):
    """A second clock that runs `share` times as fast as the scan's and is set once."""
    tested = Checked({})
    tested.port.seconds = lambda: int(tested.port.now_ms * share / 1000) + tested.set_s
    tested.set_s = 0
    for minute in range(minutes):
        if minute == 3:
            tested.set_s = jump_s
        tested.scans(120)
    found = tested.active(alarms.CLOCKS_DIFFER)
    tested.end()
    return found


def test_clocks_that_part_are_found():
    for share in (0.5, 0.85, 1.15, 2.0, 10.0):
        assert drifting(share, 12), share
    for share in (0.97, 1.0, 1.03):
        assert not drifting(share, 12), share


def test_a_second_clock_that_is_set_is_no_difference():
    for jump_s in (3600, -3600, 800_000_000, 30):
        assert not drifting(1.0, 12, jump_s), jump_s


def test_a_second_clock_that_stands_is_none():
    """A port without one: nothing can be said."""
    assert not drifting(0.0, 12)


def test_clocks_that_agree_again_clear():
    tested = Checked({})
    share = 1.0
    tested.port.seconds = lambda: int(seconds)
    seconds = 0.0
    for rate in (1.3, 1.0):
        for _ in range(120 * 8):
            seconds += 0.5 * rate
            tested.scans(1)
        assert tested.active(alarms.CLOCKS_DIFFER) == (rate != share)
    tested.end()


def test_the_worst_of_heap_and_stack_is_kept():
    tested = Checked({})
    for collections, free, stack in ((1, 90_000, 800), (2, 60_050, 2300), (3, 80_000, 1000)):
        tested.heap.collections, tested.heap.free = collections, free
        tested.scans(2, stack=stack)
    assert tested.scan.ledger.values == {70: 600, 72: 230}
    assert not tested.active(alarms.MEMORY_LOW)
    tested.heap.collections, tested.heap.free = 4, 12_000
    tested.scans(1)
    assert tested.active(alarms.MEMORY_LOW) and not tested.scan.alarms.stop
    tested.heap.collections, tested.heap.free = 5, 40_000
    tested.scans(1)
    assert not tested.active(alarms.MEMORY_LOW)
    tested.end()


def test_an_output_that_does_not_follow_stops():
    tested = Checked({})
    pins = tested.scan.pins
    for _ in range(5):  # a bus that loses a transfer now and then
        pins.wrong = 4
        tested.scans(2)
        pins.wrong = 0
        tested.scans(1)
    assert not tested.scan.alarms.stop
    pins.wrong = 4
    tested.scans(3)
    assert tested.active(alarms.OUTPUT_ASTRAY) and tested.scan.alarms.stop
    pins.wrong = 0
    tested.scans(1)
    assert not tested.scan.alarms.stop
    tested.end()


def test_a_live_board_tests_itself_in_every_scan():
    board = Board()
    board.scans(5)
    board.live.expire()
    board.scans(2)
    ledger = board.machine.storage.ledger
    assert ledger.image[72:74] == b"\x7b\0"  # 1234 bytes of stack, in tens
    board.pins.astray = lambda: 1
    board.scans(3)
    assert board.machine.alarms.is_active(alarms.OUTPUT_ASTRAY)
