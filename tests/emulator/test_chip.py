"""Time in the emulated chip: PIO while the processor sleeps, UART bytes, flash operations."""

from itertools import pairwise

import pytest
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.chip import Chip
from isentrope_hil.emulator.flashchip import TYPICAL, WORST, FlashChip, PowerCut
from isentrope_hil.emulator.pins import Pins
from isentrope_hil.emulator.uart import PacedUart, SerialPeer

PIO0 = 0x50200000  # RP2040 datasheet, 3.7
UART0 = 0x40034000  # 4.2.8


def toggling(chip: Chip, divider: int) -> list[float]:
    """State machine 0 toggles GPIO 6 at every second of its cycles; ms of its changes, filled later."""
    mcu = chip.mcu
    mcu.write_uint32(PIO0 + 0x048, 0xE081)  # INSTR_MEM0: set pindirs, 1
    mcu.write_uint32(PIO0 + 0x04C, 0xE101)  # set pins, 1 [1]
    mcu.write_uint32(PIO0 + 0x050, 0xE100)  # set pins, 0 [1]
    mcu.write_uint32(PIO0 + 0x0C8, divider << 16)  # SM0_CLKDIV
    mcu.write_uint32(PIO0 + 0x0CC, 2 << 12 | 1 << 7)  # SM0_EXECCTRL: wraps from 2 to 1
    mcu.write_uint32(PIO0 + 0x0DC, 1 << 26 | 6 << 5)  # SM0_PINCTRL: set 1 pin from GPIO 6
    mcu.write_uint32(0x40014000 + 8 * 6 + 4, 6)  # GPIO6_CTRL: PIO0
    seen: list[float] = []
    Pins(chip).watch((6,), lambda ms, pin, level: seen.append(ms))
    mcu.write_uint32(PIO0, 1)  # CTRL: start
    return seen


def test_state_machines_keep_time_while_the_processor_sleeps(empty):
    chip = Chip(empty)
    seen = toggling(chip, 250)
    chip.mcu.core.waiting = True
    while chip.ms < 20.0:
        chip.run()
    steps = [(later - earlier) * 1e6 for earlier, later in pairwise(seen[2:])]
    assert len(steps) > 4900
    assert steps == pytest.approx([2 * 250 * 8.0] * len(steps), abs=0.01)


def test_an_end_that_milliseconds_cannot_say_exactly_comes(empty):
    board = Board(empty)
    board.chip.mcu.core.waiting = True
    board.chip.clock.tick(100_360.0)  # ns; 2 ms later, in ms and back, is a moment that has been, yet to come
    with pytest.raises(TimeoutError, match="not within 2 ms emulated"):
        board.run_until(lambda: False, ms=2.0, wall_s=5.0)
    assert board.ms == pytest.approx(2.10036, abs=1e-9)


def test_a_stopped_block_is_left_out(empty):
    chip = Chip(empty)
    seen = toggling(chip, 250)
    chip.pass_time(1e6)
    chip.mcu.write_uint32(PIO0, 0)
    count = len(seen)
    chip.pass_time(1e6)
    assert len(seen) == count > 200
    assert list(chip.mcu.pio) == []


def uart(chip: Chip) -> PacedUart:
    made = PacedUart(chip, 0)
    chip.mcu.write_uint32(UART0 + 0x24, 312)  # 48 MHz / 16 / 312.5 = 9600 baud
    chip.mcu.write_uint32(UART0 + 0x28, 32)
    chip.mcu.write_uint32(UART0 + 0x2C, 0x70)  # 8 bits, FIFO
    chip.mcu.write_uint32(UART0 + 0x30, 0x301)
    return made


def test_a_uart_takes_the_time_of_its_bits(empty):
    chip = Chip(empty)
    port = uart(chip)
    peer = SerialPeer(chip, port)
    assert port.byte_ns == pytest.approx(10e9 / 9600)
    for value in b"abc":
        chip.mcu.write_uint32(UART0, value)
    assert chip.mcu.read_uint32(UART0 + 0x18) & 0x88 == 0x08  # busy, FIFO not empty
    chip.pass_time(4e6)
    assert bytes(value for _, value in peer.received) == b"abc"
    assert [ms for ms, _ in peer.received] == pytest.approx([10 / 9.6, 20 / 9.6, 30 / 9.6])
    assert chip.mcu.read_uint32(UART0 + 0x18) & 0x88 == 0x80


def test_the_interrupt_asks_for_more_at_half_full(empty):
    chip = Chip(empty)
    port = uart(chip)
    status = UART0 + 0x3C
    assert chip.mcu.read_uint32(status) & 0x20 == 0
    for _ in range(32):
        chip.mcu.write_uint32(UART0, 0x55)
    chip.pass_time(14 * port.byte_ns)
    assert chip.mcu.read_uint32(status) & 0x20 == 0
    chip.pass_time(2 * port.byte_ns)
    assert chip.mcu.read_uint32(status) & 0x20


def test_a_peer_sends_byte_by_byte(empty):
    chip = Chip(empty)
    peer = SerialPeer(chip, uart(chip))
    peer.send(b"hi")
    chip.pass_time(1e6)
    assert not peer.sent
    chip.pass_time(2e6)
    assert bytes(chip.mcu.read_uint32(UART0) & 0xFF for _ in range(2)) == b"hi"


def command(chip: Chip, *sent: int, data: bytes = b""):
    """What the flash chip does when it is deselected after these bytes."""
    chip.mcu.ssi._write_enabled = True
    chip.mcu.ssi._tx_buffer = bytearray((*sent, *data))
    chip.mcu.ssi._apply_command()


@pytest.mark.parametrize("times", [TYPICAL, WORST])
def test_flash_operations_take_their_time(empty, times):
    chip = Chip(empty)
    flash = FlashChip(chip, times)
    seen = []
    flash.on_flash = lambda kind, address, data: seen.append((kind, address, len(data)))
    command(chip, 0x02, 0x10, 0x00, 0x00, data=b"\x0f" * 256)
    assert chip.ms == pytest.approx(times.page)
    command(chip, 0x20, 0x10, 0x00, 0x00)
    assert chip.ms == pytest.approx(times.page + times.sector)
    command(chip, 0xD8, 0x10, 0x00, 0x00)
    assert chip.ms == pytest.approx(times.page + times.sector + times.block)
    assert seen == [("program", 0x100000, 256), ("erase", 0x100000, 4096), ("erase", 0x100000, 65536)]
    assert flash.operations == 3


@pytest.mark.parametrize(("done", "left"), [(0, b"\xff" * 4), (2, b"\x0f\x0f\xff\xff"), (4, b"\x0f" * 4)])
def test_a_power_cut_in_mid_write(empty, done, left):
    chip = Chip(empty)
    flash = FlashChip(chip)

    def cut(kind, address, data):
        raise PowerCut(done)

    flash.on_flash = cut
    with pytest.raises(PowerCut):
        command(chip, 0x02, 0x10, 0x00, 0x00, data=b"\x0f" * 4)
    assert bytes(chip.mcu.flash[0x100000:0x100004]) == left


def test_a_power_cut_in_mid_erase(empty):
    chip = Chip(empty)
    flash = FlashChip(chip)
    chip.mcu.flash[0x100000:0x101000] = bytes(4096)

    def cut(kind, address, data):
        raise PowerCut(1000)

    flash.on_flash = cut
    with pytest.raises(PowerCut):
        command(chip, 0x20, 0x10, 0x00, 0x00)
    assert bytes(chip.mcu.flash[0x100000:0x101000]) == b"\xff" * 1000 + bytes(3096)
