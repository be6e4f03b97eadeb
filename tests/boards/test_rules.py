"""What no board may do: each refusal by name, with a line that says where."""

import pytest
from isentrope_hil import board, boardrules

# board, what is changed to what, the codes found (in order), and words of the first line
FAULTS = [
    ("pico-full", "cs = 22", "cs = 21", ["pin-taken"], "cs = 21: GP21 is taken by i2c0"),
    ("pico-full", "cs = 22", "cs = 23", ["no-pin"], "GP23 is not brought out on this board"),
    ("pico-full", "cs = 22", "cs = 40", ["no-pin"], "the RP2040 has no GP40"),
    (
        "pico-full",
        "cs = 22",
        "cs = 15",
        ["not-an-output"],
        "GP15 cannot be an output: MicroPython's USB start-up",
    ),
    ("pico-full", "sck = 18", "sck = 15", ["not-an-output", "wrong-function"], "GP15 cannot be an output"),
    (
        "pico-full",
        "miso = 16",
        "miso = 15",
        ["wrong-function"],
        "GP15 is no SPI0 MISO: allowed GP0, GP4, GP16, GP20",
    ),
    ("pico-full", "sda = 20\nscl = 21", "sda = 21\nscl = 20", ["wrong-function"] * 2, "GP21 is no I2C0 SDA"),
    ("pico-full", "tx = 0\nrx = 1", "tx = 1\nrx = 0", ["wrong-function"] * 2, "GP1 is no UART0 TX"),
    (
        "pico-full",
        "[bus.uart1]",
        "[bus.uart2]",
        ["no-peripheral"],
        "has no uart2 for rs485: it has uart0, uart1",
    ),
    ("pico-full", '["pwm", 11]', '["pwm", 14]', ["pin-taken"], "GP14 is taken by D4"),
    ("pico-full", '["mcp3208", 1, 4]', '["mcp3208", 0, 0]', ["channel-taken"] * 4, "P1: taken by T1"),
    ("pico-full", 'label = "D4"', 'label = "D1"', ["label-taken"], "D1 is the label of another channel"),
    ("pico-full", "7, 8, 9]", "8, 7, 9]", ["wrong-function"], "PIO sets adjoining pins only"),
    ("pico-full", "sm = 2", "sm = 1", ["pio"], "PIO state machine 1 is taken by"),
    ("pico-full", "sm = 2", "sm = 8", ["pio"], "has state machines 0 to 7"),
    ("pico-full", "sm = 0\n", "", ["pio"], "a PIO state machine is wanted, 0 to 7"),
    ("pico-w", "sm = 2", "sm = 4", ["pio"], "PIO state machine 4 is taken by the wifi radio (CYW43439)"),
    ("pico-w", "cs = 22", "cs = 23", ["network-pin"], "GP23 is taken by the wifi (CYW43439)"),
    ("pico-w", "cs = 22", "cs = 29", ["network-pin"], "GP29 is taken by the wifi"),
    (
        "pico-minimal",
        '["gpio", 16]\nactive = 1',
        '["gpio", 16]\nactive = 0',
        ["unsafe-relay"] * 6,
        "active-low relay",
    ),
    ("pico-minimal", '["adc", 27]', '["adc", 26]', ["pin-taken"], "GP26 is taken by P1"),
    (
        "pico-minimal",
        '["adc", 26]',
        '["adc", 5]',
        ["wrong-function"],
        "GP5 has no converter: allowed GP26, GP27, GP28",
    ),
    ("w5500-evb-pico", "pin = 14", "pin = 18", ["network-pin"], "GP18 is taken by the ethernet (W5500)"),
    (
        "w5500-evb-pico",
        "address = 0x49",
        "address = 0x48",
        ["address-taken"],
        "ads1115_0 has the same address on i2c1",
    ),
    (
        "w5500-evb-pico",
        'count = 3\nkind = "ratio',
        'count = 4\nkind = "ratio',
        ["channel-taken"],
        "reference reading",
    ),
    ("esp32-devkit", "de = 4", "de = 39", ["not-an-output"], "IO39 cannot be an output: it is an input only"),
    ("esp32-devkit", "de = 4", "de = 6", ["reserved-pin"], "IO6 cannot be used: the module's flash is on it"),
    ("esp32-devkit", "de = 4", "de = 3", ["reserved-pin"], "the console's UART0"),
    ("esp32-devkit", "[bus.uart1]", "[bus.uart0]", ["no-peripheral"], "uart0 is taken by the console"),
    (
        "esp32-devkit",
        '["step_dir"]',
        '["step_dir", "bipolar"]',
        ["coil-driving"],
        "refused on the ESP32, step_dir only",
    ),
    ("esp32-s3", "de = 15", "de = 19", ["reserved-pin"], "IO19 cannot be used: it is the USB port"),
    ("esp32-s3", "de = 15", "de = 35", ["reserved-pin"], "octal flash or PSRAM"),
    ("esp32-s3", "de = 15", "de = 22", ["no-pin"], "the ESP32-S3 has no IO22"),
]


def changed(tmp_path, name, old, new):
    text = board.read(name).path.read_text()
    assert old in text
    path = tmp_path / "board.toml"
    path.write_text(text.replace(old, new, 1))
    return board.read(path)


@pytest.mark.parametrize(("name", "old", "new", "codes", "words"), FAULTS)
def test_each_fault_is_refused_by_name(tmp_path, name, old, new, codes, words):
    found = boardrules.problems(changed(tmp_path, name, old, new))
    assert [problem.code for problem in found] == codes
    assert words in found[0].text
    assert "board.toml, line " in found[0].text
    assert "\n" not in found[0].text


EXTRA_RELAY = '\n[[output]]\nlabel = "K9"\nkind = "relay"\nhw = ["gpio", {pin}]\nactive = 1\n'
EXTRA_NTC = '\n[[input]]\nlabel = "T99"\nkind = "ntc"\nhw = ["adc", {pin}]\npullup_ohm = 10_000.0\n'
ON_CHIP = '[device.adc]\nkind = "adc"\nbits = 12\nreference_v = 3.3\nprior = "a test"\n\n'


@pytest.mark.parametrize(
    ("name", "pin", "codes"),
    [
        ("esp32-devkit", 2, ["unsafe-relay"]),
        ("esp32-devkit", 12, ["unsafe-relay"]),
        ("esp32-devkit", 14, ["unsafe-relay"]),
        ("esp32-devkit", 39, ["not-an-output"]),
        ("esp32-s3", 3, ["unsafe-relay"]),
        ("esp32-s3", 47, []),
        ("w5500-evb-pico", 15, ["not-an-output"]),
        ("w5500-evb-pico", 28, []),
    ],
)
def test_a_relay_needs_a_pin_that_stays_off(tmp_path, name, pin, codes):
    path = tmp_path / "board.toml"
    path.write_text(board.read(name).path.read_text() + EXTRA_RELAY.format(pin=pin))
    assert [problem.code for problem in boardrules.problems(board.read(path))] == codes


@pytest.mark.parametrize(
    ("wifi", "pin", "codes"),
    [(True, 14, ["adc2-wifi"]), (False, 14, []), (True, 39, []), (True, 21, ["pin-taken"])],
)
def test_adc2_of_an_esp32_is_for_boards_without_wifi(tmp_path, wifi, pin, codes):
    text = board.read("esp32-devkit").path.read_text()
    if not wifi:
        start = text.index("[network]")
        text = text[:start] + text[text.index("\n\n", start) :]
    text = text.replace("[device.mcp23017]", ON_CHIP + "[device.mcp23017]") + EXTRA_NTC.format(pin=pin)
    path = tmp_path / "board.toml"
    path.write_text(text)
    assert [problem.code for problem in boardrules.problems(board.read(path))] == codes


def test_pins_sixteen_apart_are_one_pwm_channel(tmp_path):
    relay = '["gpio", 16]\nactive = 1'
    analog = '\n\n[[output]]\nlabel = "{}"\nkind = "analog_out"\nhw = ["pwm", {}]'
    new = relay + analog.format("A1", 3) + analog.format("A2", 19)
    found = boardrules.problems(changed(tmp_path, "pico-minimal", relay, new))
    assert "GP19 and GP3 are one PWM channel" in " ".join(problem.text for problem in found)


def test_programs_must_fit_a_pio_block(tmp_path):
    crowded = changed(tmp_path, "pico-w", "words = 6", "words = 30")
    assert boardrules.problems(crowded) == []  # the firmware's programs are on the other block
    for words, codes in ((20, []), (21, ["pio"])):  # beside 12 of the firmware's
        crowded = changed(tmp_path, "pico-w", "sm = [4]\nwords = 6", f"sm = [3]\nwords = {words}")
        assert [problem.code for problem in boardrules.problems(crowded)] == codes


def test_too_many_dma_channels(tmp_path):
    crowded = changed(tmp_path, "pico-w", "dma = 2", "dma = 12")
    assert [problem.code for problem in boardrules.problems(crowded)] == ["dma"]


def test_every_fault_is_listed_at_once(tmp_path):
    text = board.read("pico-full").path.read_text()
    for old, new in (("cs = 22", "cs = 15"), ("sm = 2", "sm = 1"), ("miso = 16", "miso = 3")):
        text = text.replace(old, new, 1)
    path = tmp_path / "board.toml"
    path.write_text(text)
    codes = [problem.code for problem in boardrules.problems(board.read(path))]
    assert codes == ["wrong-function", "pin-taken", "not-an-output", "pio"]
