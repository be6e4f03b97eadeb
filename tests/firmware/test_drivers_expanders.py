"""MCP23017 and 74HC595: what reaches the relays, at power-up and when only the controller restarts."""

from fake_buses import Hc595Chip, I2c, Mcp23017Chip, without_heap
from isentrope.drivers.hc595 import Hc595
from isentrope.drivers.mcp23017 import Mcp23017

RELAYS = 0x00FF
OPEN = 0xFF00  # contacts close to ground


def test_mcp23017_no_relay_moves_at_start():
    chip = Mcp23017Chip(OPEN)
    Mcp23017(I2c({0x20: chip}), 0x20, RELAYS, OPEN, OPEN)
    assert chip.outputs == RELAYS
    assert all(state & 0xFFFF == 0 for state in chip.history)


def test_mcp23017_a_restart_that_it_slept_through_only_releases():
    chip = Mcp23017Chip(OPEN)
    bus = I2c({0x20: chip})
    Mcp23017(bus, 0x20, RELAYS, OPEN, OPEN).write(0x35)
    chip.history.clear()
    Mcp23017(bus, 0x20, RELAYS, OPEN, OPEN)
    assert all(state & 0xFFFF & ~0x35 == 0 for state in chip.history)
    assert chip.driven() == 0


def test_mcp23017_active_low_relays_are_never_low_at_start():
    chip = Mcp23017Chip(0xFFFF)
    Mcp23017(I2c({0x20: chip}), 0x20, RELAYS, 0, 0xFFFF)
    assert all(state & 0xFFFF == state >> 16 for state in chip.history)


def test_mcp23017_writes_and_reads():
    chip = Mcp23017Chip(0x5A00)
    driver = Mcp23017(I2c({0x20: chip}), 0x20, RELAYS, OPEN, OPEN)
    driver.write(0xA5)
    assert chip.driven() == 0xA5
    driver.sense()
    assert driver.inputs == 0x5AA5
    assert [driver.read(pin) for pin in range(8, 16)] == [0, 1, 0, 1, 1, 0, 1, 0]
    assert chip.registers[0x0D] == 0xFF and chip.registers[0x0C] == 0  # pull-ups on the contacts


def test_mcp23017_pin_without_a_signal_is_left_as_in_reset():
    chip = Mcp23017Chip(0)
    Mcp23017(I2c({0x20: chip}), 0x20, 0x0003, 0x0100, 0x0100)
    assert chip.outputs == 3
    assert chip.registers[0x0C] == 0  # a pull-up would feed a relay's transistor
    assert chip.registers[0x0D] == 1


def test_mcp23017_absent_is_bad_with_open_contacts():
    chip = Mcp23017Chip(0)
    bus = I2c({})
    driver = Mcp23017(bus, 0x20, RELAYS, OPEN, OPEN)
    driver.sense()
    assert driver.bad and driver.inputs == OPEN and driver.read(8) == 1
    bus.chips = {0x20: chip}
    driver.write(1)
    driver.sense()
    assert not driver.bad and chip.driven() == 1 and driver.inputs == 1 and driver.read(8) == 0
    bus.chips = {}
    driver.sense()
    assert driver.bad and driver.inputs == OPEN


def test_mcp23017_that_lost_its_supply_is_set_up_again_by_the_next_write():
    chip = Mcp23017Chip(OPEN)
    driver = Mcp23017(I2c({0x20: chip}), 0x20, RELAYS, OPEN, OPEN)
    driver.write(0x0F)
    chip.power_on()
    assert chip.driven() == 0
    driver.write(0x0F)
    assert chip.driven() == 0x0F


def test_mcp23017_allocates_nothing():
    driver = Mcp23017(I2c({0x20: Mcp23017Chip(OPEN)}), 0x20, RELAYS, OPEN, OPEN)
    without_heap(driver.write, 0)
    without_heap(driver.sense)
    assert without_heap(driver.read, 15) == 1


def test_hc595_shows_nothing_until_it_holds_zeros():
    for enabled in (False, True):  # True: without the pull-up that the board should have
        chip = Hc595Chip(0xA5, 0x5A, enabled)
        Hc595(chip, chip.latch, chip.oe)
        assert all(shown in (None, 0) for shown in chip.history), chip.history
        assert chip.shown() == 0


def test_hc595_active_low_relays_start_high():
    chip = Hc595Chip(0, 0, False)
    Hc595(chip, chip.latch, chip.oe, 0xFF)
    assert all(shown in (None, 0xFF) for shown in chip.history)


def test_hc595_other_traffic_on_the_bus_is_never_shown():
    chip = Hc595Chip(0, 0, False)
    driver = Hc595(chip, chip.latch, chip.oe)
    driver.write(0x81)
    chip.write(b"\x06\x40\x00")
    assert chip.shown() == 0x81
    driver.write(0x01)
    assert chip.shown() == 0x01


def test_hc595_allocates_nothing():
    chip = Hc595Chip(0, 0, False)
    driver = Hc595(chip, chip.latch, chip.oe)
    chip.history = Silent()
    without_heap(driver.write, 0xFF)
    assert chip.shown() == 0xFF


class Silent:
    def append(self, entry):
        """Takes no room."""
