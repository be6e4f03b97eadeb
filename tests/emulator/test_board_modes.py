"""Live, bench, maintenance and safe mode of the deployed firmware, seen at the board's pins."""

from types import SimpleNamespace

import pytest
from isentrope_hil.attach import Attached
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.emulator.stream import BoardStream
from isentrope_hil.errors import Refused
from isentrope_hil.link import Link
from repl import Repl

STARTED_MS = 8000.0  # the first scan within 5 s, then a new board's first record, then its first event
RESET_MS = 8000.0  # from the last scan, at most (docs/link.md)
# 25 degC everywhere and 5.8 bar on both sides, switches closed: a healthy machine at rest.
INPUTS = {"ntc": 2048, "evap_p": 1315, "cond_p": 751, "contact": 0}
ENABLE = 0x3000
RUN = """
import sys
sys.path.insert(0, "a")
import pack
pack.mount("a")
from isentrope import app
from isentrope.control.controller import Controller
step = Controller.step
def run(self, now_ms, inp, out):
    step(self, now_ms, inp, out)
    out.compressor_on = True
    out.speed_rps = 45.0
    if now_ms >= 2000:
        {}
Controller.step = run
app.main()
"""
HANGS = {
    "in Python": "import time\n        while True: time.sleep_ms(1)",  # the emulator idles fast
    "in C": "import machine; machine.disable_irq()\n        while True: pass",
}


class Machine:
    """A board with the firmware and what hangs on its pins, its inputs standing still."""

    def __init__(self, uf2, profile, files=None):
        built = {**tree.build(profile), **(files or {})}
        board = self.board = Board(uf2)
        board.flash_fs = littlefs.image(built, blocks=board.image.sectors)
        ins = [row for row in profile["io"] if row["dir"] == "in"]
        raw = [INPUTS.get(row["name"], INPUTS.get(row["kind"])) for row in ins]
        for place, row in enumerate(ins):
            if row["kind"] == "contact":
                raw[place] = row["active"]
        self.inputs = raw
        rig = SimpleNamespace(raw_in=raw, step=lambda outs, dt_s: None)
        self.pins = PinRig(board, profile, rig)
        outs = [row for row in profile["io"] if row["dir"] == "out"]
        self.safe = [row["safe"] for row in outs][2:]  # the valve's own aside
        self.stream = BoardStream(board)
        board.boot()

    def outputs(self):
        return self.pins.raw_out()[2:]

    def started(self):
        self.board.run(STARTED_MS)
        return self

    def events(self):
        with Attached(self.stream) as host:
            return [event.text for event in host.events()]

    def until_reset(self, ms):
        """Emulated ms until the next reset."""
        before, resets = self.board.ms, len(self.board.resets)
        self.board.run_until(lambda: len(self.board.resets) > resets, ms=ms)
        return self.board.ms - before


@pytest.mark.parametrize("where", HANGS)
def test_a_scan_stopped_on_purpose_makes_outputs_safe_and_resets(uf2, pico_full, where):
    machine = Machine(uf2, pico_full, {"maintenance": b""})
    board = machine.board
    board.run(300)
    Repl(board)
    board.send(RUN.format(HANGS[where]).encode() + b"\x04")
    run = [row["name"] for row in pico_full["io"] if row["dir"] == "out"][2:].index("compressor_run")
    last_on = 0.0
    began = board.ms
    while not board.resets:
        board.run(100)
        if machine.outputs() != machine.safe and not board.resets:
            last_on = board.ms
        assert board.ms < began + 20_000
    # The last complete scan came 1.5 s after the first, which came when the outputs were first driven.
    relay = [(ms, level) for ms, pin, level in machine.pins.expanders[0].history if pin == run and level]
    hung = relay[0][0] + 2000
    if where == "in Python":
        assert last_on - hung < 2500 and machine.outputs() == machine.safe
    assert board.resets[0] - hung < RESET_MS
    machine.stream = BoardStream(board)
    board.run(STARTED_MS)
    assert machine.outputs() == machine.safe
    assert "start: watchdog" in machine.events()


def test_no_pin_moves_during_a_bench_run(uf2, pico_full):
    machine = Machine(uf2, pico_full).started()
    board = machine.board
    board.run(10_000)  # the valve homes
    bench = Link(machine.stream)
    bench.describe(bench.hello())
    moved = []
    outs = [row for row in pico_full["io"] if row["dir"] == "out"]
    pins = [pin for row in outs for pin in row["hw"][1:] if row["hw"][0] in ("stepper", "gpio")]
    board.pins.watch(pins, lambda ms, pin, level: moved.append((pin, level)))
    quiet = len(machine.pins.expanders[0].history)
    bench.reset(seed=1, t0_ms=0)
    bench.write(ENABLE, 1)
    seen = set()
    for scan in range(150):
        bench.step(500 * scan, machine.inputs)
        seen |= {row["name"] for row, raw in zip(outs, bench.raw_out, strict=True) if raw != row["safe"]}
        assert machine.outputs() == machine.safe
    assert {"pump_ref", "eev_count", "compressor_run"} <= seen  # the controller did drive the stand-in
    assert not moved and len(machine.pins.expanders[0].history) == quiet
    bench.bye()
    # The dead-man ends bench mode a minute later, and the watchdog's reset makes the board live again.
    assert 60_000 < machine.until_reset(80_000) < 60_000 + RESET_MS
    machine.stream = BoardStream(board)
    board.run(STARTED_MS)
    with Attached(machine.stream) as host:
        assert host.poll().t_ms > 0


def test_maintenance_has_a_console_and_no_watchdog(uf2, pico_full):
    machine = Machine(uf2, pico_full).started()
    with Attached(machine.stream) as host:
        host.maintenance()
    assert machine.until_reset(1000) < 1000
    machine.board.boot()
    machine.board.run(300)
    assert Repl(machine.board).run("import os\nprint('maintenance' in os.listdir('/'))") == "False"
    assert machine.outputs() == machine.safe
    resets = len(machine.board.resets)
    machine.board.run(12_000)
    assert len(machine.board.resets) == resets
    machine.board.reset()
    machine.stream = BoardStream(machine.board)
    machine.board.run(STARTED_MS)
    assert machine.events().count("start: power on") == 2  # the firmware did not run in between


def test_ctrl_c_makes_outputs_safe_and_the_watchdog_resets(uf2, pico_full):
    machine = Machine(uf2, pico_full).started()
    with Attached(machine.stream) as host:
        host.jog("pump_ref", 40_000)
        machine.board.run(600)
        assert machine.outputs() != machine.safe
    got = bytearray()
    machine.board.on_serial = got.extend
    machine.board.run(4000)  # the console listens again
    machine.board.send(b"\x03")
    machine.board.run(200)
    assert b"KeyboardInterrupt" in got and got.endswith(b">>> ")
    assert machine.outputs() == machine.safe
    assert machine.until_reset(RESET_MS) < RESET_MS


def test_a_damaged_profile_boots_to_a_safe_state_with_link_and_console_alive(uf2, pico_full):
    text = tree.build(pico_full)["a/profile.json"]
    machine = Machine(uf2, pico_full, {"a/profile.json": text[: len(text) // 2]})
    machine.board.run(9000)
    assert not machine.board.resets
    for pin, level in pico_full["pins"]:
        assert machine.board.pins.level(pin) == level, pin
    with pytest.raises(Refused, match=r"profile\.json is missing or damaged"):
        Link(machine.stream).hello()
    with Attached(machine.stream) as host:
        assert host.hello.board == "?"
        assert [event.text for event in host.log()] == [
            "alarm raised: profile bad: profile.json: syntax error in JSON"
        ]
        host.maintenance()
    assert machine.until_reset(1000) < 1000


def test_the_first_scan_comes_within_five_seconds(uf2, pico_full):
    machine = Machine(uf2, pico_full)
    machine.board.run_until(lambda: machine.pins.coils.periods or machine.board.ms > 5000, ms=5000)
    with Attached(machine.stream) as host:
        stamp = host.poll().t_ms
    assert machine.board.ms - stamp < 5000
