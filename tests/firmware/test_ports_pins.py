"""A board's pins: every signal where the profile says, safe at start and whatever fails."""

from fake_board import Hardware
from fake_buses import without_heap
from isentrope.ports.pins import LivePins

BUSES = {"spi0": {"kind": "spi", "hz": 1000000}, "i2c0": {"kind": "i2c", "hz": 400000}}
MCP23017 = {"kind": "mcp23017", "bus": "i2c0", "address": 0x20}


def converter(cs):
    return {"kind": "mcp3208", "bus": "spi0", "cs": cs, "bits": 12}


def ads(address, **more):
    data = {"kind": "ads1115", "bus": "i2c0", "address": address, "bits": 15}
    data.update(more)
    return data


def taken(kind, *hw, **more):
    row = {"dir": "in", "kind": kind, "name": "%s %s" % (kind, hw), "hw": list(hw), "bits": 12}
    row.update(more)
    return row


def given(kind, *hw, active=1, name=""):
    safe = 0 if kind == "analog_out" else 1 - active
    return {"dir": "out", "kind": kind, "name": name, "hw": list(hw), "active": active, "safe": safe}


def profile(devices, ins, outs, coils=("gpio", 10), active=1):
    """With the valve's two rows before `outs`."""
    valve = [
        {
            "dir": "out",
            "kind": "stepper_count",
            "name": "eev_count",
            "hw": ["stepper", 6, 7, 8, 9],
            "safe": 0,
        },
        given("level", *coils, active=active, name="eev_coils"),
    ]
    rows = valve + outs
    pins = [[data["cs"], 1] for data in devices if "cs" in data]
    for data in devices:
        if data["kind"] == "hc595":
            pins += [[data["latch"], 0], [data["oe"], 1]]
    pins += [[row["hw"][1], row["safe"]] for row in rows if row["hw"][0] in ("gpio", "pwm")]
    return {"io": ins + rows, "devices": devices, "buses": BUSES, "pins": pins, "valve": {}}


def made(*args, **kwargs):
    whole = profile(*args, **kwargs)
    board = Hardware(whole)
    return board, LivePins(whole, board)


def test_two_converters_on_one_bus_are_told_apart():
    ins = [
        taken("ntc", "mcp3208", 1, 7),
        taken("ntc", "mcp3208", 0, 0),
        taken("ratiometric", "mcp3208", 1, 2),
    ]
    board, pins = made([converter(17), converter(22)], ins, [])
    board.chips["mcp3208"][0].codes[0] = 100
    board.chips["mcp3208"][1].codes[:] = [0, 1, 2222, 3, 4, 5, 6, 3333]
    pins.sample(500)
    assert pins.inputs == [3333, 100, 2222]


def test_contacts_have_the_pull_that_opens_them():
    board, pins = made(
        [], [taken("contact", "gpio", 26, active=0), taken("contact", "gpio", 27, active=1)], []
    )
    assert board.pins[26].pull == board.Pin.PULL_UP and board.pins[27].pull == board.Pin.PULL_DOWN
    board.pins[26].level, board.pins[27].level = 0, 1
    pins.sample(500)
    assert pins.inputs == [0, 1]


def test_the_chips_own_converter_is_averaged_on_the_boards_scale():
    board, pins = made([{"kind": "adc", "bits": 12}], [taken("ntc", "adc", 26), taken("ntc", "adc", 27)], [])
    board.counts = {26: 0xFFFF, 27: 0x8008}
    pins.sample(500)
    assert pins.inputs == [4095, 2048]


def test_outputs_go_where_the_profile_says():
    outs = [
        given("relay", "gpio", 16),
        given("relay", "gpio", 17, active=0),
        given("analog_out", "pwm", 11),
        given("relay", "mcp23017", 3),
        given("relay", "mcp23017", 12),
        given("relay", "hc595", 7),
    ]
    shift = {"kind": "hc595", "bus": "spi0", "latch": 20, "oe": 21}
    board, pins = made([MCP23017, shift], [], outs)
    expander, register = board.chips["mcp23017"][0], board.chips["hc595"][0]
    assert board.frequencies == {11: 1000}
    assert expander.outputs == 1 << 3 | 1 << 12 and expander.driven() == 0 and register.shown() == 0
    pins.outputs[2:] = [1, 0, 40000, 1, 1, 1]
    pins.drive()
    assert board.pins[16].level == 1 and board.pins[17].level == 0 and board.duties == {11: 40000}
    assert expander.driven() == 1 << 3 | 1 << 12 and register.shown() == 0x80
    pins.outputs[5:] = [0, 1, 0]
    pins.drive()
    assert expander.driven() == 1 << 12 and register.shown() == 0
    pins.safe()
    assert board.pins[16].level == 0 and board.pins[17].level == 1 and board.duties == {11: 0}
    assert expander.driven() == 0 and register.shown() == 0
    assert pins.outputs[2:] == [0, 1, 0, 0, 0, 0]


def test_every_pin_is_idle_before_a_bus_moves():
    shift = {"kind": "hc595", "bus": "spi0", "latch": 20, "oe": 21}
    outs = [given("relay", "gpio", 16, active=0), given("analog_out", "pwm", 11), given("relay", "hc595", 0)]
    board, _ = made([shift, converter(17), converter(22)], [taken("ntc", "mcp3208", 1, 0)], outs)
    first = {}
    for number, what in board.log:
        first.setdefault(number, []).append(what)
    # Each had its level, then drove; the register's outputs were off until it held zeros.
    assert {number: did[:2] for number, did in first.items()} == {
        17: [1, "out"],
        22: [1, "out"],
        20: [0, "out"],
        21: [1, "out"],
        10: [0, "out"],
        16: [1, "out"],
        11: [0, "out"],
    }
    register = board.chips["hc595"][0]
    shown = register.history[register.history.index(None) :]
    assert all(levels in (None, 0) for levels in shown)


def test_the_windings_are_switched_at_once_and_stay_as_the_pulses_have_them():
    board, pins = made([], [], [], active=0)
    assert board.pins[10].level == 1 and pins.outputs[1] == 1
    pins.pulses.coils(True)
    assert board.pins[10].level == 0 and pins.outputs[1] == 0
    pins.pulses.count = -3
    pins.outputs[1] = 1
    pins.drive()
    assert board.pins[10].level == 0 and pins.outputs[0] == 0xFFFD
    pins.safe()
    assert board.pins[10].level == 1 and pins.pulses.stopped == 1 and not pins.pulses.energised


def test_windings_behind_an_expander():
    board, pins = made([MCP23017], [], [], coils=("mcp23017", 4))
    pins.pulses.coils(True)
    pins.drive()
    assert board.chips["mcp23017"][0].driven() == 1 << 4
    pins.safe()
    assert board.chips["mcp23017"][0].driven() == 0


def test_contacts_behind_an_expander_that_does_not_answer_are_open():
    ins = [taken("contact", "mcp23017", 8, active=0), taken("contact", "mcp23017", 9, active=1)]
    board, pins = made([MCP23017], ins, [given("relay", "mcp23017", 0), given("relay", "gpio", 16)])
    chip = board.chips["mcp23017"][0]
    assert chip.registers[0x0C:0x0E] == [0, 1]  # a pull-up for the one that closes to ground
    chip.outside = 0x0200
    pins.sample(500)
    assert pins.inputs == [0, 1]
    board.buses["i2c0"].chips.clear()
    pins.outputs[2:] = [1, 1]
    pins.sample(500)
    pins.drive()
    assert pins.inputs == [1, 0] and board.pins[16].level == 1
    pins.safe()
    assert board.pins[16].level == 0
    board.buses["i2c0"].chips[0x20] = chip
    pins.outputs[2] = 1
    pins.sample(500)
    pins.drive()
    pins.sample(500)
    assert pins.inputs == [0, 1] and chip.driven() == 1


def adc_board():
    ins = [taken("ntc", "ads1115", 0, 1, bits=15), taken("ratiometric", "ads1115", 1, 0, bits=15)]
    board, pins = made([ads(0x48), ads(0x49, reference_channel=3)], ins, [])
    board.chips["ads1115"][0].volts[1] = 1.65
    board.chips["ads1115"][1].volts[0] = 0.33
    return board, pins


def test_slow_converters_are_polled_between_scans():
    board, pins = adc_board()
    for ms in range(100):
        pins.poll(ms)
        for chip in board.chips["ads1115"]:
            chip.pass_ms(1)
    pins.sample(500)
    assert [round(n / 327.68) for n in pins.inputs] == [50, 10]
    assert not any(chip.wasted for chip in board.chips["ads1115"])


def test_slow_converters_are_polled_once_a_scan_by_nobody_else():
    board, pins = adc_board()
    for _ in range(5):
        pins.sample(500)
        for chip in board.chips["ads1115"]:
            chip.pass_ms(500)
    assert [round(n / 327.68) for n in pins.inputs] == [50, 10]
    board.buses["i2c0"].chips.clear()
    pins.sample(500)
    assert pins.inputs == [0, 0]


def test_without_a_converter_on_the_rail_there_is_no_ratio():
    try:
        made([ads(0x48)], [taken("ntc", "ads1115", 0, 0)], [])
    except ValueError as error:
        assert "reference_channel" in str(error)
        return
    raise AssertionError("no error")


def wire_board():
    ins = [taken("ds18b20", "ds18b20", 0, 2), taken("ds18b20", "ds18b20", 0, 0)]
    whole = profile([{"kind": "ds18b20", "pin": 22}], ins, [])
    board = Hardware(whole, sensors=3)
    return board.chips["ds18b20"][0], LivePins(whole, board)


def test_thermometers_take_their_turn_outside_the_scan():
    wire, pins = wire_board()
    for _ in range(8):
        wire.pass_ms(500)
        pins.sample(500)
        assert wire.slots == 0
        for ms in range(10, 500, 10):
            pins.poll(ms)
        assert wire.slots <= 12 / 0.07
    pins.sample(500)
    assert pins.inputs == [22 * 16, 20 * 16]


def test_thermometers_take_their_turn_in_the_scan_where_nobody_polls():
    wire, pins = wire_board()
    pins.sample(500)
    assert pins.inputs == [0x8000, 0x8000]
    for _ in range(8):
        wire.pass_ms(500)
        pins.sample(500)
    assert pins.inputs == [22 * 16, 20 * 16]


def test_a_signal_on_a_device_that_the_board_has_not_is_an_error():
    for hw in (("mcp3208", 1, 0), ("mcp23017", 8), ("abacus", 0)):
        try:
            made([converter(17)], [taken("contact", *hw, active=0)], [])
        except KeyError:
            continue
        raise AssertionError(hw)


def test_a_scan_of_the_pins_allocates_nothing():
    ins = [taken("ntc", "mcp3208", 0, n) for n in range(8)] + [taken("contact", "mcp23017", 8, active=0)]
    outs = [given("relay", "mcp23017", 0), given("analog_out", "pwm", 11), given("relay", "gpio", 16)]
    board, pins = made([converter(17), MCP23017], ins, outs)
    board.log = None
    pins.sample(500)
    pins.drive()
    without_heap(pins.sample, 500)
    without_heap(pins.poll, 10)
    board.duties[11] = 0
    pins.pulses.coils(True)
    without_heap(pins.drive)
