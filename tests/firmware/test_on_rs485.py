"""The PIO program of the RS-485 driver enable, cycle by cycle in an emulator, on the wave of a UART."""

from itertools import pairwise

import pytest
from isentrope.ports.rp2_rs485 import CYCLES, WORDS, Rs485, driver_enable, half_bits, program

pytest.importorskip("pioemu")
import numpy as np
from pioemu import State, emulate

TX, DE = 0, 1  # pins; `Wave.level` gives levels of pins from 0 on
FORMATS = {"8N1": (0, 1), "8E1": (1, 1), "8N2": (0, 2), "8E2": (1, 2)}  # parity and stop bits


class Wave:
    """The transmit pin, bits of `bit` cycles from cycle `begin` on."""

    def __init__(self, frame, parity, stop, bit, begin, pause_bits=0.0):
        self.falls = []  # the beginning of each character
        edges = []
        at = begin
        for byte in frame:
            self.falls.append(at)
            levels = [0, *(byte >> n & 1 for n in range(8)), *([byte.bit_count() & 1] * parity), *[1] * stop]
            for level in levels:
                edges.append((at, level))
                at += bit
            edges.append((at, 1))
            self.end = at
            at += pause_bits * bit
        self._edges = edges
        self._place = 0

    def level(self, clock: int) -> int:
        """Called with a clock that only rises."""
        while self._place < len(self._edges) and self._edges[self._place][0] <= clock:
            self._place += 1
        return self._edges[self._place - 1][1] if self._place else 1


def enabled(wave, bits, after=200):
    """(cycle, level) of every change of DE."""
    _, _, _, _, execctrl, _, _, _, side = program()
    assert side == (2,)  # one pin, low at first
    emulation = emulate(
        list(WORDS),
        stop_when=lambda opcode, state: state.clock > wave.end + after,
        initial_state=State(y_register=half_bits(bits)),
        input_source=wave.level,
        jmp_pin=TX,
        side_set_base=DE,
        side_set_count=1,
        wrap_top=execctrl >> 12,
    )
    changes = []
    was = 0
    for before, state in emulation:
        level = state.pin_values >> DE & 1
        if level != was:
            changes.append((before.clock, level))
            was = level
    return changes


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("mismatch", [-0.01, -0.001, 0.0, 0.001, 0.01])
def test_one_enable_a_frame_from_its_start_bit_to_its_last_stop_bit(form, mismatch):
    random = np.random.Generator(np.random.PCG64(1))
    parity, stop = form
    bit = CYCLES * (1 + mismatch)
    for size in (1, 2, 20):
        for frame in (bytes(size), b"\xff" * size, b"\x55" * size, random.bytes(size)):
            wave = Wave(frame, parity, stop, bit, 100 + random.random() * CYCLES)
            (rise, on), (fall, off) = enabled(wave, 9 + parity + stop)
            assert (on, off) == (1, 0)
            assert 0 <= rise - wave.falls[0] <= bit / 8
            assert 0.25 * bit <= fall - wave.end <= bit


@pytest.mark.parametrize("pause_bits", [0.2, 0.4, 0.6, 0.9, 1.5, 5.0, 40.0])
def test_pauses_between_characters_cut_none(pause_bits):
    random = np.random.Generator(np.random.PCG64(2))
    for _ in range(10):
        wave = Wave(random.bytes(20), 1, 1, CYCLES, 100 + random.random() * CYCLES, pause_bits)
        changes = enabled(wave, 11)
        on = [(up, down) for (up, _), (down, _) in pairwise(changes)][::2]
        for begin in wave.falls:
            driven = begin + CYCLES / 8
            assert any(up <= driven and begin + 11 * CYCLES <= down for up, down in on)
        assert changes[-1][1] == 0


def test_an_idle_line_is_never_driven():
    wave = Wave(b"", 0, 1, CYCLES, 0)
    wave.end = 5000
    assert enabled(wave, 10) == []


def test_the_state_machine_gets_pins_clock_and_format():
    made = {}

    class Machine:
        def __init__(self, number, words, **more):
            made.update(more, number=number, words=words)

        def exec(self, instruction):
            made["y"] = instruction - 0xE040

        def active(self, on):
            made["active"] = on

    driver_enable(Machine, 2, "tx", "de", 19200, 11)
    assert made["number"] == 2 and made["freq"] == 32 * 19200 and made["y"] == 20 and made["active"] == 1
    assert made["in_base"] == made["jmp_pin"] == "tx" and made["sideset_base"] == "de"
    assert len(made["words"][0]) <= 8  # boards/mcu/rp2040.toml


def test_rs485_takes_what_there_is_and_writes_what_it_is_given():
    class Uart:
        came = bytearray(b"abcde")
        sent = b""

        def any(self):
            return len(self.came)

        def readinto(self, buf, n):
            assert n <= len(self.came)
            buf[:n] = self.came[:n]
            del self.came[:n]

        def write(self, buf, n):
            self.sent += bytes(buf[:n])

    uart = Uart()
    line = Rs485(uart, None)
    buf = bytearray(3)
    assert line.take(buf) == 3 and buf == b"abc"
    assert line.take(memoryview(buf)) == 2 and buf == b"dec"
    assert line.take(buf) == 0
    line.write(b"hello", 2)
    assert uart.sent == b"he" and line.stream is uart
