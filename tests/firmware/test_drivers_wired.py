"""Contacts and transmitters of the installation: bits, spans, and what counts as failed."""

from isentrope.drivers.contact import Contact
from isentrope.drivers.pressure import Pressure
from isentrope.drivers.wired import Wired

LOOP = {"bits": 12, "min": 0.0, "max": 100.0, "lo_ratio": 0.18, "hi_ratio": 0.9,
        "lowest": 0.162, "highest": 0.945}  # fmt: skip


def loop(ma):
    """The count of a current through 225 ohm, of 5 V."""
    return int(ma * 0.225 / 5.0 * 4096 + 0.5)


def test_a_current_loop_reads_its_span_and_fails_beyond_namurs_bounds():
    counts = [0]
    transmitter = Pressure(LOOP, counts, 0)
    for ma, value in ((4.0, 0.0), (8.0, 25.0), (12.0, 50.0), (20.0, 100.0)):
        counts[0] = loop(ma)
        assert abs(transmitter.read() - value) < 0.1 and not transmitter.bad
    for ma in (0.0, 3.5, 21.2):
        counts[0] = loop(ma)
        transmitter.read()
        assert transmitter.bad
    for ma in (3.7, 20.9):
        counts[0] = loop(ma)
        transmitter.read()
        assert not transmitter.bad


def test_bits_are_the_contacts_and_what_is_not_wired_is_none():
    levels = [0, 1]
    row = {"active": 0}
    wired = Wired({"leak_ok": Contact(row, levels, 0), "ob": Contact(row, levels, 1)})
    wired.read()
    assert wired.fitted == 1 | 1 << 10 and wired.closed == 1
    levels[1] = 0
    wired.read()
    assert wired.closed == 1 | 1 << 10
    assert not wired.has_leak and wired.leak_pct is wired.water_kpa is wired.meter_kw is None


def test_a_failed_transmitter_has_no_value():
    counts = [loop(8.0)]
    wired = Wired({"leak_lfl": Pressure(LOOP, counts, 0)})
    wired.read()
    assert wired.has_leak and 24.0 < wired.leak_pct < 26.0
    counts[0] = 0
    wired.read()
    assert wired.leak_pct is None
