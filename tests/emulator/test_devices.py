"""The chips around the board, spoken to as their data sheets say."""

import pytest
from isentrope_hil.emulator.chip import Chip
from isentrope_hil.emulator.i2c import Ads1115, Mcp23017
from isentrope_hil.emulator.spi import Hc595, Mcp3208


class Lines:
    """Pins that a test moves."""

    def __init__(self):
        self._levels = {}
        self._listeners = []
        self.ms = 0.0

    def watch(self, pins, listener):
        self._listeners.append((set(pins), listener))

    def level(self, pin):
        return self._levels.get(pin)

    def set(self, pin, level):
        self._levels[pin] = level
        self.ms += 1.0
        for pins, listener in self._listeners:
            if pin in pins:
                listener(self.ms, pin, level)


@pytest.mark.parametrize("channel", range(8))
def test_mcp3208_answers_as_figure_6_1(channel):
    lines = Lines()
    adc = Mcp3208(lines, 17, lambda asked: 0xA00 + asked)
    lines.set(17, 0)
    answer = [adc.exchange(byte) for byte in (0x06 | channel >> 2, (channel & 3) << 6, 0)]
    lines.set(17, 1)
    assert (answer[1] & 0x1F) << 8 | answer[2] == 0xA00 + channel  # the bit above the twelve is 0
    assert adc.conversions == 1
    assert adc.exchange(0x06) is None


def test_mcp3208_clips_what_no_converter_gives():
    lines = Lines()
    adc = Mcp3208(lines, 17, lambda asked: 5000)
    lines.set(17, 0)
    answer = [adc.exchange(byte) for byte in (0x06, 0, 0)]
    assert (answer[1] & 0x0F) << 8 | answer[2] == 4095


def test_hc595_shows_at_the_latch_what_passed_last():
    lines = Lines()
    shift = Hc595(lines, 20, 15)
    lines.set(15, 1)
    shift.exchange(0x55)
    shift.exchange(0x81)
    lines.set(20, 1)
    assert shift.history == []
    lines.set(15, 0)
    assert [level for _, _, level in shift.history] == [1, 0, 0, 0, 0, 0, 0, 1]
    shift.exchange(0)
    assert shift.level(7) == 1
    lines.set(20, 0)
    lines.set(20, 1)
    assert shift.history[-2:] == [(5.0, 0, 0), (5.0, 7, 0)]


def wrote(chip, *data: int):
    chip.start()
    assert all(chip.write(byte) for byte in data)


def test_mcp23017_latches_before_it_drives(empty):
    chip = Chip(empty)
    expander = Mcp23017(chip)
    wrote(expander, 0x14, 0x05, 0x00)  # OLATA, OLATB
    assert expander.history == []
    wrote(expander, 0x00, 0xF0, 0xFF)  # IODIRA, IODIRB: the lower four are outputs
    assert expander.history == [(0.0, 0, 1), (0.0, 1, 0), (0.0, 2, 1), (0.0, 3, 0)]
    assert [expander.level(pin) for pin in (0, 1, 4, 8)] == [1, 0, None, None]


def test_mcp23017_reads_inputs_from_outside_and_outputs_from_the_latch(empty):
    expander = Mcp23017(Chip(empty))
    wrote(expander, 0x00, 0x00, 0xFF)
    wrote(expander, 0x0C, 0x00, 0x03)
    wrote(expander, 0x12, 0x0F)  # GPIOA: writes the latch
    expander.outside[8] = expander.outside[15] = 1
    wrote(expander, 0x12)
    assert [expander.read(), expander.read()] == [0x0F, 0x81]
    assert [expander.pulled_up(pin) for pin in (7, 8, 9, 10)] == [False, True, True, False]


def test_mcp23017_does_not_acknowledge_a_register_it_has_not(empty):
    expander = Mcp23017(Chip(empty))
    expander.start()
    assert not expander.write(0x16)


def test_ads1115_takes_its_time(empty):
    chip = Chip(empty)
    adc = Ads1115(chip, lambda channel: 0.5 + channel)
    wrote(adc, 1, 0xC3 | 2 << 4, 0x83)  # AIN2 to ground, +/-4.096 V, single shot, 128 samples/s

    def word(register: int) -> int:
        wrote(adc, register)
        return adc.read() << 8 | adc.read()

    assert word(1) >> 15 == 0
    chip.pass_time(7.7e6)
    assert word(1) >> 15 == 0
    chip.pass_time(0.2e6)
    assert word(1) >> 15 == 1
    assert word(0) == round(2.5 / 4.096 * 32768)
    assert adc.conversions == 1
