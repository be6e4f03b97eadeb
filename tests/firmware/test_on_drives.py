"""The firmware takes every drive that is described, and a live board's scan moves it."""

import pytest
from isentrope.drivers.inverter import Inverter
from isentrope_hil import drivefile
from isentrope_sim.site_options import Inverter as Chosen
from test_drivers_inverter import Drive

CHOSEN = {"pole_pairs": 2.0, "unit": 1, "baud": 19200, "parity": "even", "stop_bits": 1, "timeout_ms": 200}
BUSES = {"uart0": {"kind": "rs485", "use": "field bus"}, "uart1": {"kind": "rs485", "use": "drive and meter"}}


def described(name):
    return drivefile.profile(Chosen(name, **CHOSEN, retries=1, lost_ms=3000), BUSES, "test")


@pytest.mark.parametrize("name", drivefile.names())
def test_the_firmware_takes_it(name):
    inverter = Inverter(described(name), Drive())
    assert not inverter.lost and inverter.fault == 0


def test_a_live_scan_moves_the_drive_and_the_bench_does_not():
    from isentrope.app import build
    from isentrope.bench.pins import Pins
    from isentrope.ports.ram import Ram
    from sample import Port, profile, raw_in

    whole = profile()
    whole["drive"] = described("optidrive-eco")
    whole["buses"] = BUSES
    for live in (True, False):
        drive = Drive()
        pins = Pins(whole)
        pins.live = live
        pins.inputs[:] = raw_in()
        port = Port()
        port.rs485 = lambda *words, line=drive: line
        scan = build(whole, pins, port, Ram())
        scan.write(0x3000, 1)
        scan.write(0x2065, 4000)
        ran = 0
        for n in range(700):
            ran += scan.out.compressor_on
            if ran > 120:  # a minute, while the start's masks hold
                break
            port.now_ms += 500
            pins.sample(500)
            scan.run(500 * n)
            scan.keep()
        assert scan.out.compressor_on
        if live:
            assert drive.registers[5] & 1
            late = scan.out.speed_rps - drive.registers[1] / 20.0  # of a round of four scans
            assert abs(late) <= 2.0, late
            assert scan.inp.more.drive.running and scan.out.speed_rps > 39.0
        else:
            assert scan.inp.more.drive is None and not drive.sent
