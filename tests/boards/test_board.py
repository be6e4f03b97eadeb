"""Boards as data: the shipped ones are sound, and a bad file says where."""

import pytest
from isentrope_hil import board, fitting, mcu, wants
from isentrope_sim.errors import InputError

SHIPPED = board.names()


def test_pico_full_is_shipped():
    assert "pico-full" in SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_board_is_sound(name):
    loaded = board.load(name)
    places = [channel.hw for channel in (*loaded.inputs, *loaded.outputs)]
    labels = [channel.label for channel in (*loaded.inputs, *loaded.outputs)]
    assert len(set(places)) == len(places)
    assert len(set(labels)) == len(labels)


def test_pico_full_serves_an_inverter_machine():
    loaded = board.load("pico-full")
    count = dict.fromkeys((*board.INPUT_KINDS, *board.OUTPUT_KINDS), 0)
    for channel in (*loaded.inputs, *loaded.outputs):
        count[channel.kind] += 1
    assert count["ntc"] + count["ratiometric"] == 16  # two converters of eight
    assert sum(bus["kind"] == "rs485" for bus in loaded.buses.values()) == 2
    assert 15 not in loaded.pins
    stepper = next(channel for channel in loaded.outputs if channel.kind == "stepper_count")
    assert list(stepper.hw[1:]) == list(range(stepper.hw[1], stepper.hw[1] + 4))  # PIO sets adjoining pins


@pytest.mark.parametrize("name", mcu.names())
def test_chip_is_sound(name):
    chip = mcu.load(name)
    named = [*(rule.pins for rule in chip.forbidden), chip.reset_low, *(unit.pins for unit in chip.adcs)]
    named += [pins for each in chip.peripherals.values() for pins in each.pins.values()]
    assert all(pins <= chip.pins for pins in named)
    assert all(each in mcu.DRIVERS for each in chip.drivers)


def test_rp2040_pins_follow_the_pattern_of_its_function_table():
    """Every fourth pin, shifted by peripheral: RP2040 datasheet, section 1.4.3."""
    reach = {name: each.pins for name, each in mcu.load("rp2040").peripherals.items()}
    for pin in range(30):
        assert sorted(
            name for name in ("i2c0", "i2c1") if pin in reach[name]["sda"] | reach[name]["scl"]
        ) == [f"i2c{pin // 2 % 2}"]
        spi = f"spi{pin // 8 % 2}"
        signal = ("miso", None, "sck", "mosi")[pin % 4]
        assert [
            (name, key) for name in ("spi0", "spi1") for key in reach[name] if pin in reach[name][key]
        ] == ([(spi, signal)] if signal else [])
        uart = f"uart{(pin + 4) // 8 % 2}"
        signal = ("tx", "rx", None, None)[pin % 4]
        assert [
            (name, key) for name in ("uart0", "uart1") for key in reach[name] if pin in reach[name][key]
        ] == ([(uart, signal)] if signal else [])


def test_unknown_board_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown board 'pico-ful'.*pico-full"):
        board.load("pico-ful")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cs = 22", "cs = 21", r"board.toml, line \d+: device.mcp3208_1.cs = 21: GP21 is taken by i2c0"),
        ("cs = 22", "cs = 23", "GP23 is not brought out on this board"),
        ('["mcp3208", 1, 4]', '["mcp3208", 1, 5]', "a mcp3208 has channels 0 to 7"),
        ('["mcp3208", 1, 4]', '["mcp3208", 2, 0]', "the board has 2 mcp3208"),
        ('["mcp3208", 1, 4]', '["mcp23017", 4]', "ratiometric sits on mcp3208, ads1115, adc"),
        ('["stepper", 6, 7, 8, 9]', '["stepper", 6, 7]', "stepper takes 4 pins"),
        ('["bipolar", "unipolar", "step_dir"]', '["tripolar"]', "a list of bipolar, unipolar, step_dir"),
        ("edge = [[0, 22], [26, 28]]", "edge = [[0, 22, 3]]", r"pins are numbers and \[first, last\] ranges"),
        ('mcu = "rp2040"', 'mcu = "rp2400"', "did you mean 'rp2040'"),
        ("source = ", "unsourced = ", "needs exactly one of source and prior, has neither"),
        ('bus = "i2c0"', 'bus = "spi0"', "a mcp23017 needs a bus of kind i2c, this is spi"),
        ('label = "T1"', 'label = "T"', "a label that ends in a number"),
        ('kind = "spi"', 'kind = "spy"', "bus.spi0.kind = 'spy': unknown; did you mean 'spi'"),
        ("pullup_ohm = 10_000.0", "pullup_ohm = 1.0", "allowed 100 to 1e\\+06"),
        ('mcu = "rp2040"', 'mcu = "rp2040"\ncolour = 1', "board.colour = 1: unknown key"),
        ('title = "Rasp', "title = Rasp", "not TOML"),
    ],
)
def test_a_bad_board_says_where(tmp_path, old, new, message):
    text = board.load("pico-full").path.read_text()
    assert old in text
    bad = tmp_path / "board.toml"
    bad.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        board.load(bad)


@pytest.mark.parametrize("junk", ["", "-1", '"x"', "[]", "{}", "true", "[[3, 1, 2]]", "[1.5]"])
@pytest.mark.parametrize("name", ["pico-w", "w5500-evb-pico"])
def test_no_damaged_line_ends_in_a_traceback(tmp_path, name, junk):
    """Each line dropped or its value replaced: the board loads, or one line says what is wrong."""
    lines = board.read(name).path.read_text().splitlines()
    path = tmp_path / "board.toml"
    refused = 0
    for number, line in enumerate(lines):
        key, equals, _ = line.partition("=")
        if equals and not line.startswith("#"):
            damaged = [*lines[:number], *([f"{key}= {junk}"] if junk else []), *lines[number + 1 :]]
            path.write_text("\n".join(damaged))
            try:
                made = board.read(path)
                fitting.fit(made, wants.of("ashp-r290-8kw"))
            except InputError as error:
                refused += 1
                assert "\n" not in str(error)
                assert "board.toml" in str(error)
    assert refused > 10
