"""Boards as data: the shipped ones are sound, and a bad file says where."""

import pytest
from isentrope_hil import board
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


def test_pins_carry_their_function():
    """RP2040 datasheet, section 1.4.3: which pin may be which signal of which peripheral."""
    buses = board.load("pico-full").buses
    spi = {"sck": (2, 6, 18, 22), "mosi": (3, 7, 19), "miso": (0, 4, 16, 20)}
    assert all(buses["spi0"][key] in pins for key, pins in spi.items())
    assert buses["i2c0"]["sda"] in (0, 4, 8, 12, 16, 20) and buses["i2c0"]["scl"] == buses["i2c0"]["sda"] + 1
    assert buses["uart0"]["tx"] in (0, 12, 16) and buses["uart0"]["rx"] in (1, 13, 17)
    assert buses["uart1"]["tx"] in (4, 8) and buses["uart1"]["rx"] in (5, 9)


def test_unknown_board_names_the_nearest():
    with pytest.raises(InputError, match=r"unknown board 'pico-ful'.*pico-full"):
        board.load("pico-ful")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cs = 22", "cs = 21", r"board.toml, line \d+: device.mcp3208_1.cs = 21: GP21 is taken by i2c0"),
        ("cs = 22", "cs = 15", "GP15 must stay an input"),
        ("cs = 22", "cs = 23", "no such pin on a Pico's edge"),
        ('["mcp3208", 1, 7]', '["mcp3208", 1, 8]', "a mcp3208 has channels 0 to 7"),
        ('["mcp3208", 1, 7]', '["mcp3208", 2, 7]', "the board has 2 mcp3208"),
        ('["mcp3208", 1, 7]', '["mcp3208", 0, 0]', "taken by T1"),
        ('["pwm", 13]', '["pwm", 15]', "GP15 must stay an input"),
        ('kind = "spi"', 'kind = "spy"', "bus.spi0.kind = 'spy': unknown; did you mean 'spi'"),
        ("pullup_ohm = 10_000.0", "pullup_ohm = 1.0", "allowed 100 to 1e\\+06"),
        ('port = "rp2"', 'port = "rp2"\ncolour = 1', "board.colour = 1: unknown key"),
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
