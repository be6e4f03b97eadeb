"""Every board's real profile on a port's pins: each signal is at the channel it was given."""

import pytest
from fake_board import Hardware
from isentrope.ports.pins import LivePins
from isentrope_hil import board, profile

MACHINE = "ashp-r290-8kw"
BOARDS = [name for name in board.names() if name != "pico-minimal"]  # too small for it


def feed(hardware, row, level):
    """Something of its own at the channel of an input: the raw value that it should become."""
    kind, *where = row["hw"]
    if kind == "mcp3208":
        hardware.chips[kind][where[0]].codes[where[1]] = 100 + level
        return 100 + level
    if kind == "ads1115":
        chip = hardware.chips[kind][where[0]]
        chip.volts[where[1]] = 0.1 * level
        return pytest.approx(0.1 * level / 3.3 * 2**15, abs=2)
    if kind == "gpio":
        hardware.pins[where[0]].level = level & 1
    if kind == "mcp23017":
        chip = hardware.chips[kind][0]
        chip.outside = chip.outside & ~(1 << where[0]) | (level & 1) << where[0]
    return level & 1


def shown(hardware, row):
    """What is at the channel of an output."""
    kind, *where = row["hw"]
    if kind == "gpio":
        return hardware.pins[where[0]].level
    if kind == "pwm":
        return hardware.duties[where[0]]
    chip = hardware.chips[kind][0]
    levels = chip.driven() if kind == "mcp23017" else chip.shown()
    return levels >> where[0] & 1


@pytest.mark.parametrize("name", BOARDS)
def test_every_signal_is_at_its_channel(name):
    whole = profile.build(name, MACHINE)
    hardware = Hardware(whole)
    pins = LivePins(whole, hardware)
    ins = [row for row in whole["io"] if row["dir"] == "in"]
    outs = [row for row in whole["io"] if row["dir"] == "out"]
    expected = [feed(hardware, row, place + 1) for place, row in enumerate(ins)]
    for _ in range(12):
        pins.sample(500)
        for chip in hardware.chips.get("ads1115", ()):
            chip.pass_ms(500)
    assert pins.inputs == expected
    driven = [place for place, row in enumerate(outs) if row["name"] not in ("eev_count", "eev_coils")]
    for place in driven:
        row = outs[place]
        assert shown(hardware, row) == row["safe"]
        for value in (row.get("active", 1), row["safe"]):
            pins.outputs[place] = value
            pins.drive()
            assert shown(hardware, row) == value
            for other in driven:
                assert other == place or shown(hardware, outs[other]) == outs[other]["safe"], row["name"]


@pytest.mark.parametrize("name", BOARDS)
def test_pins_that_drive_are_those_of_the_profile(name):
    whole = profile.build(name, MACHINE)
    hardware = Hardware(whole)
    LivePins(whole, hardware)
    driving = {number for number, pin in hardware.pins.items() if pin.mode == hardware.Pin.OUT}
    assert driving == {number for number, _ in whole["pins"]}
