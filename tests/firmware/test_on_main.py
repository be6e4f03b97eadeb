"""main.py on the unix port, with pins and reset put in their place: which folder starts."""

import subprocess
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.targets.unix import executable

MAIN = Path(__file__).resolve().parents[2] / "firmware" / "main.py"

# What the unix port lacks, printing what is done with it.
MACHINE = """
class Pin:
    OUT = 1
    def __init__(self, number, mode, value):
        if number > 29:
            raise ValueError("invalid pin")
        print("pin", number, value)
def reset():
    print("reset")
"""
TIME = "def sleep(s):\n    print('sleep', s)\n"


class Board:
    """A root file system, and what comes of a start of it."""

    def __init__(self, root):
        self.root = root
        self.put(**{"main.py": MAIN.read_text(), "machine.py": MACHINE, "time.py": TIME})

    def put(self, **files):
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(text.encode() if isinstance(text, str) else text)

    def slot(self, name, body="print('ran', '{0}')", whole=True):
        """A folder whose firmware does `body` when it runs."""
        app = "def main():\n    " + body.format(name)
        self.put(**{f"{name}/isentrope/__init__.py": "", f"{name}/isentrope/app.py": app})
        if whole:
            self.put(**{f"{name}/MANIFEST.crc": "00000000 0 x\n"})

    def read(self, path):
        return (self.root / path).read_text()

    def start(self):
        """The lines it prints."""
        try:
            command = [executable(), "main.py"]
        except TargetMissing as why:
            pytest.skip(f"not run: {why}; then: $ISENTROPE_MICROPYTHON {MAIN}")
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=10)
        return (done.stdout + done.stderr).splitlines()


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_pins_come_first_and_a_damaged_line_costs_no_other(board):
    board.put(**{"pins.txt": b"6 0\n\n7\nseven 1\n8 x\n99 1\n\xff\xfe 1\n9 1 1\n10 1", "active": "a"})
    board.slot("a")
    assert board.start() == ["pin 6 0", "pin 10 1", "ran a", "pin 6 0", "pin 10 1"]


@pytest.mark.parametrize(
    ("active", "folders", "runs"),
    [
        ("a", "ab", "a"),
        ("b", "ab", "b"),
        ("b\n", "ab", "b"),
        (None, "ab", "a"),
        (None, "b", "b"),
        ("a", "b", "b"),
        ("b", "a", "a"),
        ("", "b", "b"),
        ("\u00ff", "a", "a"),
        ("nonsense", "ab", "a"),
        ("nonsense", "b", "b"),
    ],
)
def test_the_pointer_chooses_the_folder_and_the_other_stands_in(board, active, folders, runs):
    if active is not None:
        board.put(active=active)
    for name in folders:
        board.slot(name)
    assert board.start() == [f"ran {runs}"]


def test_a_folder_without_its_manifest_is_not_whole(board):
    board.put(active="a")
    board.slot("a", whole=False)
    board.slot("b")
    assert board.start() == ["ran b"]


def test_without_any_firmware_it_ends_at_the_console(board):
    board.put(**{"pins.txt": "6 0\n"})
    lines = board.start()
    assert lines[0] == "pin 6 0"
    assert lines[-1].startswith("ImportError")
    assert "reset" not in lines


def test_maintenance_is_for_one_start(board):
    board.put(active="a", maintenance="", **{"pins.txt": "6 0\n"})
    board.slot("a")
    lines = board.start()
    assert lines[0] == "pin 6 0"
    assert "maintenance" in lines[1]
    assert len(lines) == 2
    assert "ran a" in board.start()


def test_firmware_that_cannot_be_loaded_leaves_the_console(board):
    board.put(active="a", **{"pins.txt": "6 0\n"})
    board.slot("a")
    board.put(**{"a/isentrope/app.py": b"def main(:"})
    lines = board.start()
    assert lines[-1].startswith("SyntaxError")
    assert "reset" not in lines


def test_an_exception_is_shown_makes_safe_and_resets_after_a_pause(board):
    board.put(active="a", **{"pins.txt": "6 0\n"})
    board.slot("a", "print('ran'); 1 // 0")
    lines = board.start()
    assert lines[:2] == ["pin 6 0", "ran"]
    assert lines[-4:] == ["pin 6 0", "sleep 2", "reset", "pin 6 0"]
    assert any(line.startswith("ZeroDivisionError") for line in lines)


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "raise SystemExit", "return"])
def test_an_interrupted_firmware_is_made_safe_and_leaves_the_console(board, end):
    board.put(active="a", **{"pins.txt": "6 0\n"})
    board.slot("a", f"print('ran'); {end}")
    lines = board.start()
    assert lines[:3] == ["pin 6 0", "ran", "pin 6 0"]
    assert "reset" not in lines


def test_a_folder_on_trial_gets_three_starts(board):
    board.put(active="b", trial="b")
    board.slot("a")
    board.slot("b")
    assert [board.start() for _ in range(3)] == [["ran b"]] * 3
    said, ran = board.start()
    assert "back to a" in said
    assert ran == "ran a"
    assert not (board.root / "b/MANIFEST.crc").exists()
    assert board.start()[-1] == "ran a"


def test_a_trial_that_is_over_or_of_another_folder_changes_nothing(board):
    board.slot("a")
    board.slot("b")
    for active, trial in (("b", ""), ("b", "a..."), ("a", "b...")):
        board.put(active=active, trial=trial)
        assert [board.start() for _ in range(5)] == [[f"ran {active}"]] * 5
        assert board.read("trial") == trial


def test_a_trial_with_nothing_to_go_back_to_goes_on(board):
    board.put(active="b", trial="b...")
    board.slot("b")
    board.slot("a", whole=False)
    assert board.start() == ["ran b"]


def test_maintenance_is_no_start_of_a_trial(board):
    board.put(active="b", trial="b", maintenance="")
    board.slot("a")
    board.slot("b")
    board.start()
    assert board.read("trial") == "b"
