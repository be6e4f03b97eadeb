"""A MicroPython image on the emulated board: its USB, clock, UART, flash and resets."""

import pytest
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.flashchip import WORST, PowerCut
from isentrope_hil.emulator.uart import SerialPeer
from isentrope_sim.errors import InputError
from repl import Repl

FORCED, TIMED = 2, 1  # RP2040 datasheet, 4.7.6: REASON


@pytest.fixture
def board(uf2):
    made = Board(uf2)
    made.boot()
    return made


def test_start_and_clock(board):
    assert board.ms < 500
    repl = Repl(board)
    assert repl.run("import machine; print(machine.freq(), machine.reset_cause())") == "125000000 1"
    before = board.ms
    took = repl.run("import time; t = time.ticks_us(); time.sleep_ms(1500); print(time.ticks_us() - t)")
    assert 1_500_000 <= int(took) < 1_501_000
    assert 1500 < board.ms - before < 1600


def test_a_wrong_file_system_is_refused(uf2):
    with pytest.raises(InputError, match="a file system of 4096 bytes; on Raspberry Pi Pico it has 1441792"):
        Board(uf2, flash=bytes(4096))


@pytest.mark.parametrize(
    ("code", "reason"),
    [("machine.reset()", FORCED), ("machine.WDT(timeout=1000)\nwhile True: pass", TIMED)],
)
def test_resets_and_the_usb_afterwards(board, code, reason):
    repl = Repl(board)
    repl.run("import machine; led = machine.Pin(25, machine.Pin.OUT, value=1)")
    assert board.pins.level(25) == 1
    began = board.ms
    board.send(b"import machine\n" + code.encode() + b"\x04")
    board.run_until(lambda: bool(board.resets), wall_s=300)
    assert board.resets[0] - began < (100 if reason == FORCED else 1100)
    assert board.pins.level(25) is None
    assert not board.console.connected
    board.boot()
    assert Repl(board).run("import machine; print(machine.mem32[0x40058008])") == str(reason)
    board.run(10_000)
    assert len(board.resets) == 1  # the watchdog does not bite again by itself


def test_files_outlive_a_reset_but_ram_and_pins_do_not(board):
    Repl(board).run("f = open('x', 'w'); f.write('kept'); f.close()")
    board.reset()
    board.boot()
    assert Repl(board).run("print(open('x').read())") == "kept"


def test_a_write_costs_what_the_data_sheet_says(uf2):
    took = []
    for times in (None, WORST):
        board = Board(uf2, **({"times": times} if times else {}))
        board.boot()
        repl = Repl(board)
        erase = "import rp2, time; f = rp2.Flash(); t = time.ticks_us(); f.ioctl(6, 300); "
        took.append(int(repl.run(erase + "print(time.ticks_us() - t)")) / 1000)
    assert took == pytest.approx([45.0, 400.0], abs=1.0)


def test_a_power_cut_in_every_operation_of_a_file_write(uf2):
    board = Board(uf2)
    board.boot()
    Repl(board).run("f = open('x', 'w'); f.write('old'); f.close()")
    before = board.flash_fs
    write = "f = open('new', 'w'); f.write('new'); f.close()\nimport os\nos.rename('new', 'x')"
    operations = 0
    found = set()
    while True:
        board = Board(uf2, flash=before)
        board.boot()
        repl = Repl(board)
        start = board.flash_chip.operations

        def cut(kind, address, data, board=board, last=start + operations):
            if board.flash_chip.operations > last:
                raise PowerCut(len(data) // 2)

        board.flash_chip.on_flash = cut
        try:
            repl.run(write)
        except PowerCut:
            with pytest.raises(RuntimeError, match="no power"):
                board.run(1)
        else:
            break
        again = Board(uf2, flash=board.flash_fs)
        again.boot()
        found.add(Repl(again).run("print(open('x').read())"))
        operations += 1
    assert operations >= 3
    assert found == {"old"} or found == {"old", "new"}


def test_a_uart_and_its_peer(board):
    peer = SerialPeer(board.chip, board.uarts[1])
    peer.on_byte = lambda value: peer.send(bytes((value ^ 0x20,)))
    repl = Repl(board)
    repl.run("import machine, time\nu = machine.UART(1, 9600, tx=machine.Pin(4), rx=machine.Pin(5))")
    repl.run("u.write(b'isentrope' * 10); u.flush()")
    assert bytes(value for _, value in peer.received) == b"isentrope" * 10
    first, last = peer.received[0][0], peer.received[-1][0]
    assert last - first == pytest.approx(89 * 10 / 9.6, rel=0.001)
    assert repl.run("time.sleep_ms(20); print(u.read())") == repr(b"ISENTROPE" * 10)


def test_pwm_is_read_back(board):
    Repl(board).run("import machine; p = machine.PWM(machine.Pin(11), freq=1000, duty_u16=12345)")
    assert board.pins.duty(11) == pytest.approx(12345, abs=2)
    assert board.pins.duty(10) == 0
