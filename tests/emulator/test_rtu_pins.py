"""Modbus RTU at the pins of an emulated Pico, asked by pymodbus through a pseudo-terminal.

Bytes go between the terminal and the line in emulated time, those of the board bit by bit; the driver enable
is the pin's. pymodbus waits as long as the emulation takes. The machine runs beside it: collections and flash
writes are in it.
"""

import os
import threading
import tty
from contextlib import suppress
from itertools import pairwise

import pytest
from isentrope_hil import profile
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator import image
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.emulator.uart import SerialPeer
from isentrope_sim.machine import load_machine
from isentrope_sim.rig import Rig

MACHINE = "ashp-r290-8kw"
BAUD = 19_200
UNIT = 1
SETTINGS = 0x4000  # docs/points.md
TX, DE = 0, 2  # boards/pico-full
PATIENCE_S = 3600.0  # of the peer, in the emulation's wall time
BIT_MS = 1000.0 / BAUD


class Line:
    """The board's field bus and a pseudo-terminal, `port`; `enabled` are the times of DE: (up, down)."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._host, device = os.openpty()
        tty.setraw(self._host)
        tty.setraw(device)
        os.set_blocking(self._host, False)
        self.port = os.ttyname(device)
        self.enabled: list[list[float]] = []
        self.peer = SerialPeer(board.chip, board.uarts[0])
        self.peer.on_byte = lambda value: os.write(self._host, bytes([value]))
        self.edges: list[float] = []  # first bit of each byte that the board sends
        self._last = 1
        board.pins.drive(TX, 1)
        board.uarts[0].on_level = self._level
        board.pins.watch([DE], self._de)
        self.clashes = 0

    def step(self) -> None:
        """2 ms of the board, and what the peer has written by then."""
        with suppress(BlockingIOError):
            self.peer.send(os.read(self._host, 1024))
        self.board.run(2.0)

    def _level(self, level: int) -> None:
        self.board.pins.drive(TX, level)
        if self._last and not level:
            self.edges.append(self.board.ms)
        self._last = level

    def _de(self, ms: float, pin: int, level: int | None) -> None:
        if level:
            self.enabled.append([ms, 0.0])
            self.clashes += bool(self.peer._queue)
        elif self.enabled:
            self.enabled[-1][1] = ms


@pytest.fixture(scope="module")
def talked(uf2):
    """What pymodbus was told by a running machine, the line, and flash operations during the traffic."""
    pymodbus = pytest.importorskip("pymodbus.client", reason="not run: pymodbus is missing (make dev)")
    machine = load_machine(MACHINE)
    made = profile.build("pico-full", machine)
    made["settings"] |= {"modbus": 1, "commissioned": 1, "bus_write": 1}
    board = Board(uf2, flash=littlefs.image(tree.build(made), blocks=image.read(uf2).sectors))
    rig = Rig(machine, made["io"], seed=1)
    PinRig(board, made, rig)
    line = Line(board)
    board.boot()
    board.run(7000.0)  # the files are checked, the bus is up
    flash: list[float] = []
    board.flash_chip.on_flash = lambda kind, address, data: flash.append(board.ms)
    told: dict = {}
    times: dict[str, float] = {}

    def ask() -> None:
        client = pymodbus.ModbusSerialClient(
            line.port, baudrate=BAUD, parity="N", timeout=PATIENCE_S, retries=0
        )
        try:
            client.connect()
            for what, call in (
                ("one", lambda: client.read_input_registers(0, count=1, device_id=UNIT)),
                ("many", lambda: client.read_holding_registers(0, count=1, device_id=UNIT)),
                ("full", lambda: client.read_holding_registers(SETTINGS, count=125, device_id=UNIT)),
                ("write", lambda: client.write_register(1, 410, device_id=UNIT)),
                ("written", lambda: client.read_holding_registers(1, count=1, device_id=UNIT)),
                ("enable", lambda: client.write_coil(0, True, device_id=UNIT)),
                ("saved", lambda: client.write_register(2, 520, device_id=UNIT)),
                *(
                    (f"again {k}", lambda: client.read_holding_registers(SETTINGS, count=125, device_id=UNIT))
                    for k in range(6)
                ),
                ("none", lambda: client.read_input_registers(9000, count=1, device_id=UNIT)),
            ):
                began = board.ms
                told[what] = call()
                times[what] = board.ms - began
        except Exception as error:
            told["error"] = error
        finally:
            client.close()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    end = board.ms + 60_000.0
    while thread.is_alive() and board.ms < end:
        line.step()
    print({what: round(ms, 1) for what, ms in times.items()}, "flash operations", len(flash))
    return told, line, flash, board


def test_a_peer_reads_and_commands(talked):
    told, _, _, board = talked
    assert "error" not in told, told
    assert board.resets == []
    for what, answer in told.items():
        assert answer.isError() == (what == "none"), (what, answer)
    assert told["written"].registers == [410]
    assert len(told["full"].registers) == 125
    assert told["full"].registers[55] == 1  # commissioned


def test_flash_is_written_during_the_traffic(talked):
    _, line, flash, _ = talked
    assert [ms for ms in flash if line.edges[0] < ms < line.edges[-1]]


def test_the_driver_is_enabled_for_every_answer_and_no_longer(talked):
    _, line, _, board = talked
    byte_ms = board.uarts[0].byte_ns / 1e6
    assert line.clashes == 0
    answers = [[line.edges[0], line.edges[0]]]
    for before, edge in pairwise(line.edges):
        if edge - before > 2 * byte_ms:
            answers.append([edge, edge])
        answers[-1][1] = edge
    assert len(answers) == len(line.enabled)
    ends = [ms for ms, _ in line.peer.received]
    for (first, last), (up, down) in zip(answers, line.enabled, strict=True):
        end = max(ms for ms in ends if ms <= last + 1.5 * byte_ms)
        assert 0.0 <= up - first <= BIT_MS / 4
        assert end - BIT_MS / 2 <= down <= end + 1.25 * BIT_MS
