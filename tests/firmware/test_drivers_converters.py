"""MCP3208, ADS1115 and DS18B20 on chips that behave as their data sheets say."""

from fake_buses import Ads1115Chip, I2c, Mcp3208Chip, Wire, rom_code, without_heap
from isentrope.drivers.ads1115 import Ads1115
from isentrope.drivers.ds18b20 import Ds18b20
from isentrope.drivers.mcp3208 import Mcp3208

ROMS = (rom_code(b"AAAAAA"), rom_code(b"BBBBBB"), rom_code(b"CCCCCC"))
FAILED = 0x8000


def test_mcp3208_reads_every_channel_at_both_ends():
    codes = [0, 4095, 1, 2048, 256, 255, 4094, 1365]
    chip = Mcp3208Chip(codes)
    driver = Mcp3208(chip, chip.cs)
    assert [driver.read(channel) for channel in range(8)] == codes
    assert chip.conversions == 8 * 6
    assert chip.cs.level == 1


def test_mcp3208_averages_and_rounds():
    for ripple, mean in ((0, 100), (2, 101), (40, 120), (1, 101), (3, 102)):
        chip = Mcp3208Chip([100])
        chip.ripple = ripple
        assert Mcp3208(chip, chip.cs, 4).read(0) == mean, ripple


def test_mcp3208_allocates_nothing():
    chip = Mcp3208Chip([4095] * 8)
    driver = Mcp3208(chip, chip.cs)
    assert without_heap(driver.read, 7) == 4095


def polled(chips, drivers, times, ms=500):
    for _ in range(times):
        for driver in drivers:
            driver.poll()
        for chip in chips:
            chip.pass_ms(ms)


def test_ads1115_gives_the_ratio_to_the_rail_whatever_the_rail():
    for rail in (2.9, 3.3, 3.6):
        volts = [0.1 * rail, 0.5 * rail, 0.9 * rail, rail]
        chip = Ads1115Chip(volts)
        driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 1, 2, 3), 3)
        polled([chip], [driver], 5)
        for channel in range(3):
            assert abs(driver.read(channel) - volts[channel] / rail * 32768) <= 2
        assert driver.read(3) == 32767


def test_ads1115_may_take_the_rail_from_another_chip():
    chips = {0x48: Ads1115Chip([1.0, 1.5, 2.0, 0.5]), 0x4A: Ads1115Chip([0.0, 0.0, 0.0, 3.2])}
    bus = I2c(chips)
    rail = Ads1115(bus, 0x4A, (0, 3), 3)
    driver = Ads1115(bus, 0x48, (0, 1, 2, 3), 3, rail)
    polled(chips.values(), [driver, rail], 5)
    assert abs(driver.read(1) - 1.5 / 3.2 * 32768) <= 2
    assert abs(driver.read(3) - 0.5 / 3.2 * 32768) <= 2


def test_ads1115_never_waits_and_a_faster_poll_only_finds_it_busy():
    chip = Ads1115Chip([1.0, 1.5, 2.0, 3.3])
    driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 1, 2, 3), 3)
    polled([chip], [driver], 60, 3)
    assert chip.wasted == 0
    assert driver.read(0) == round(1.0 / 3.3 * 32768)


def test_ads1115_below_ground_is_zero():
    chip = Ads1115Chip([-0.01, 1.5, 2.0, 3.3])
    driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 3), 3)
    polled([chip], [driver], 4)
    assert driver.codes[3] and driver.read(0) == 0


def test_ads1115_that_is_gone_reads_failed_and_comes_back():
    chip = Ads1115Chip([1.0, 1.5, 2.0, 3.3])
    bus = I2c({0x48: chip})
    driver = Ads1115(bus, 0x48, (0, 1, 2, 3), 3)
    polled([chip], [driver], 5)
    assert driver.read(0) > 0
    bus.chips = {}
    driver.poll()
    assert [driver.read(channel) for channel in range(4)] == [0, 0, 0, 0]
    bus.chips = {0x48: chip}
    polled([chip], [driver], 6)
    assert driver.read(0) > 0


def test_ads1115_that_lost_its_supply_between_scans_gives_no_false_reading():
    chip = Ads1115Chip([1.0, 1.5, 2.0, 3.3])
    driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 1, 2, 3), 3)
    polled([chip], [driver], 7)
    chip.power_on()
    driver.poll()
    assert driver.codes == [0, 0, 0, 0]
    chip.pass_ms(500)
    polled([chip], [driver], 5)
    assert driver.read(0) == round(1.0 / 3.3 * 32768)


def test_ads1115_that_never_finishes_reads_failed():
    chip = Ads1115Chip([1.0, 1.5, 2.0, 3.3])
    driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 1, 2, 3), 3)
    polled([chip], [driver], 5)
    chip.pass_ms = lambda ms: None
    polled([chip], [driver], 9)
    assert driver.codes == [0, 0, 0, 0]


def test_ads1115_without_a_rail_reads_failed():
    chip = Ads1115Chip([1.0, 1.5, 2.0, 1.9])
    driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 1, 2, 3), 3)
    polled([chip], [driver], 5)
    assert driver.codes[0] and driver.read(0) == 0


def test_ads1115_allocates_nothing():
    chip = Ads1115Chip([3.3, 3.3, 3.3, 3.3])
    driver = Ads1115(I2c({0x48: chip}), 0x48, (0, 1, 2, 3), 3)
    for _ in range(10):
        without_heap(driver.poll)
        chip.pass_ms(500)
    assert without_heap(driver.read, 0) == 32767


def scanned(wire, driver, scans):
    """The bits of the busiest scan."""
    most = 0
    for _ in range(scans):
        wire.pass_ms(500)
        driver.poll(500)
        most = max(most, wire.slots)
    return most


def readings(driver):
    return [driver.read(n) for n in range(3)]


def test_ds18b20_none_is_read_until_all_are_found():
    celsius = {ROMS[0]: 20.0, ROMS[2]: 30.0, rom_code(b"BBBBBB", 0x10): 50.0}  # one of another family
    wire = Wire(celsius)
    driver = Ds18b20(wire, 3)
    scanned(wire, driver, 19)
    assert readings(driver) == [FAILED] * 3
    celsius[ROMS[1]] = 25.0
    wire.power_on(ROMS[1])
    scanned(wire, driver, 1 + 6)
    assert readings(driver) == [320, 400, 480]


def test_ds18b20_reads_all_in_turn_without_waiting():
    celsius = {ROMS[0]: 25.0625, ROMS[1]: -10.125, ROMS[2]: 125.0}
    wire = Wire(celsius)
    driver = Ds18b20(wire, 3)
    assert readings(driver) == [FAILED] * 3
    most = scanned(wire, driver, 6)
    assert readings(driver) == [401, -162 & 0xFFFF, 2000]  # 19-7487, table 1
    assert most * 0.07 < 13  # ms
    celsius[ROMS[1]] = -55.0
    scanned(wire, driver, 6)
    assert driver.read(1) == -880 & 0xFFFF


def test_ds18b20_power_on_value_is_refused():
    wire = Wire({ROMS[0]: 40.0})
    driver = Ds18b20(wire, 1)
    scanned(wire, driver, 2)
    wire.pass_ms(500)
    wire.power_on(ROMS[0])  # just before it is read
    scanned(wire, driver, 2)
    assert driver.read(0) == FAILED
    scanned(wire, driver, 4)
    assert driver.read(0) == 640


def test_ds18b20_true_85_degrees_are_believed_when_approached():
    celsius = {ROMS[0]: 83.5}
    wire = Wire(celsius)
    driver = Ds18b20(wire, 1)
    scanned(wire, driver, 4)
    celsius[ROMS[0]] = 85.0
    scanned(wire, driver, 6)
    assert driver.read(0) == 0x0550


def test_ds18b20_every_flipped_bit_is_noticed():
    wire = Wire({ROMS[0]: 21.5})
    driver = Ds18b20(wire, 1)
    scanned(wire, driver, 4)
    for bit in range(1, 72):
        wire.flip = bit
        scanned(wire, driver, 3)
        assert driver.read(0) == FAILED, bit
        wire.flip = 0
        scanned(wire, driver, 3)
        assert driver.read(0) == 344


def test_ds18b20_missing_one_is_bad_the_others_are_not():
    celsius = dict.fromkeys(ROMS, 20.0)
    celsius[ROMS[2]] = 30.0
    wire = Wire(celsius)
    driver = Ds18b20(wire, 3)
    del celsius[ROMS[1]]
    scanned(wire, driver, 6)
    assert readings(driver) == [320, FAILED, 480]
    wire.shorted = True
    scanned(wire, driver, 6)
    assert readings(driver) == [FAILED] * 3
    wire.shorted = False
    scanned(wire, driver, 8)
    assert readings(driver) == [320, FAILED, 480]


def test_ds18b20_a_wire_held_low_while_it_is_read_is_noticed():
    wire = Wire({ROMS[0]: 20.0})
    driver = Ds18b20(wire, 1)
    scanned(wire, driver, 5)
    assert driver.read(0) == 320
    wire.shorted = True  # all nine bytes are zeros, and so is their checksum
    scanned(wire, driver, 1)
    assert driver.read(0) == FAILED


def test_ds18b20_allocates_nothing():
    wire = Wire({ROMS[0]: 20.0})
    driver = Ds18b20(wire, 1)
    for _ in range(8):
        wire.pass_ms(500)
        without_heap(driver.poll, 500)
    assert driver.read(0) == 320
