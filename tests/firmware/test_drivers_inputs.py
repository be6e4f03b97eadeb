"""Thermistor, transducer and contact: raw counts to units, and what counts as failed."""

from isentrope.drivers.contact import Contact
from isentrope.drivers.ntc import Ntc
from isentrope.drivers.pressure import Pressure
from sample import level_row, ntc_row, pressure_row

FULL = 4096


def ntc_at(ohm, pullup=10_000.0):
    counts = [round(FULL * ohm / (ohm + pullup))]
    driver = Ntc(ntc_row(), counts, 0)
    driver.read()
    return driver


def test_thermistor_meets_its_table():
    for ohm, celsius in ((32_650.0, 0.0), (10_000.0, 25.0), (2488.0, 60.0), (679.6, 100.0)):
        driver = ntc_at(ohm)
        assert not driver.bad
        assert abs(driver.value - celsius) < 0.15, (ohm, driver.value)


def test_a_count_is_a_tenth_of_a_kelvin_at_most_where_it_matters():
    counts = [0]
    driver = Ntc(ntc_row(), counts, 0)
    for n in range(600, 3300):  # 80 to -3 degC
        counts[0] = n
        warm = driver.read()
        counts[0] = n + 1
        assert 0.0 < warm - driver.read() < 0.1, n


def test_open_and_shorted_thermistors_are_bad_and_hold_the_last_good_value():
    counts = [2048]
    driver = Ntc(ntc_row(), counts, 0)
    assert driver.bad  # nothing read yet
    driver.read()
    for raw in (0, 20, 4076, 4095):
        counts[0] = raw
        assert abs(driver.read() - 25.0) < 0.1
        assert driver.bad, raw
    for raw in (22, 4074):
        counts[0] = raw
        driver.read()
        assert not driver.bad, raw


def test_gauge_transducer_gives_absolute_pressure():
    counts = [round(0.1 * FULL)]
    driver = Pressure(pressure_row(most=1730.0, gauge=True), counts, 0)
    assert abs(driver.read() - 101.3) < 1.0
    counts[0] = round(0.9 * FULL)
    assert abs(driver.read() - (1730.0 + 101.3)) < 1.0
    counts[0] = FULL // 2
    assert abs(driver.read() - (865.0 + 101.3)) < 1.0


def test_absolute_transducer_adds_nothing():
    counts = [FULL // 2]
    assert abs(Pressure(pressure_row(most=1000.0, gauge=False), counts, 0).read() - 500.0) < 1.0


def test_transducer_outside_its_ratios_is_bad_and_holds():
    counts = [FULL // 2]
    driver = Pressure(pressure_row(), counts, 0)
    held = driver.read()
    for ratio, bad in (
        (0.0, True),
        (0.059, True),
        (0.061, False),
        (0.939, False),
        (0.941, True),
        (0.9998, True),
    ):
        counts[0] = int(ratio * FULL)
        driver.read()
        assert driver.bad == bad, ratio
        if bad:
            assert driver.value == held
        held = driver.value


def test_contact_knows_its_active_level():
    levels = [0, 0]
    low, high = (Contact(level_row("x", "contact", "in", active), levels, active) for active in (0, 1))
    assert low.closed() and not high.closed()
    levels[:] = [1, 1]
    assert high.closed() and not low.closed()
