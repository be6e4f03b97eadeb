"""Settings and storage over the link: images given at reset, kept by the device, asked back."""

from struct import pack

from bench_host import PUT, RESET, STEP, WRITE, Host, opened
from isentrope import settings
from isentrope.ports.ram import SIZE
from sample import T0


def test_reset_takes_settings():
    identity, _, _, _, _, high, default, _ = next(iter(settings.rows()))
    host = opened(changes=((identity, high),))
    assert host.link.device.scan.settings.raw[0] == high
    host.reset()
    assert host.link.device.scan.settings.raw[0] == default
    for change in ((identity, high + 1), (0x7FFF, 1)):
        payload = pack("<IIBIBHi", 1, T0, 0, host.crc, 1, *change)
        assert host.refused(RESET, payload) == 4
        assert host.refused(STEP, host.inputs()) == 6
    host.reset()


def test_storage_comes_back_as_it_was_given():
    """By PUT and RESET together, by RESET alone, and not at all."""
    host = opened()
    image = host.image()
    assert image == b"\xff" * len(image) and len(image) == SIZE
    for _ in range(200):
        host.step()
    image = host.image()
    used = len(image)
    while image[used - 1] == 0xFF:
        used -= 1
    for first in range(0, used, 300):
        host.ask(PUT, pack("<H", first) + image[first : first + 300])
    assert host.refused(STEP, host.inputs()) == 6
    host.reset()
    assert host.image() == image
    host.reset(image=image[:700])
    assert host.image() == image[:700] + b"\xff" * (len(image) - 700)
    host.reset()
    assert host.image() == b"\xff" * len(image)


def test_pieces_of_an_image_come_in_order():
    host = Host().describe()
    assert host.refused(PUT, pack("<H", 10) + b"x") == 4
    host.ask(PUT, pack("<H", 0) + b"abc")
    assert host.refused(PUT, pack("<H", 2) + b"d") == 4
    assert host.refused(PUT, b"\0") == 4
    host.ask(PUT, pack("<H", 3) + b"de")
    host.reset(image=b"fg")
    assert host.image()[:8] == b"abcdefg\xff"
    host.ask(PUT, pack("<H", 0) + b"abc")
    host.hello(0x2345)  # forgets
    host.reset()
    assert host.image()[:3] == b"\xff\xff\xff"


def test_settings_written_in_one_run_are_there_in_the_next():
    identity, _, _, _, _, high, default, _ = next(iter(settings.rows()))
    host = opened()
    host.step()
    host.ask(WRITE, pack("<Hi", identity, high))
    for _ in range(20):
        host.step()
    image = host.image()
    host.reset()
    assert host.link.device.scan.settings.raw[0] == default
    host.put(image)
    host.reset()
    assert host.link.device.scan.settings.raw[0] == high
    assert host.step()["resets"] == 2
    host.put(image)
    host.reset(changes=((identity, default + 1),))
    assert host.link.device.scan.settings.raw[0] == default + 1


def test_a_free_run_stores_too():
    host = opened(flags=1)
    host.step()
    for _ in range(4):
        host.port.now_ms += 500
        host.link.device.tick()
    assert host.image()[0] != 0xFF


def test_a_fault_is_in_the_event_log():
    host = opened()
    for _ in range(8):
        host.step()
    host.link.fault("text")
    entry = [0, 0, 0]
    assert host.link.device.scan.storage.events.read(0, entry) and entry[1] == 0x201


def test_an_image_full_of_rubbish_stops_the_machine():
    host = opened()
    host.put(b"\x5a" * SIZE)
    host.reset()
    values = host.step()
    assert values["stop_alarms"] == 1 << 13 and values["fault_code"] == 13


def test_a_storage_image_too_large_is_refused():
    host = Host().describe()
    last = SIZE - 96
    for first in range(0, last, 500):
        host.ask(PUT, pack("<H", first) + b"\xff" * min(500, last - first))
    assert host.refused(PUT, pack("<H", last) + b"\xff" * 97) == 4
    assert host.refused(RESET, pack("<IIBIB", 1, T0, 0, host.crc, 0) + b"\xff" * 97) == 4
    assert host.refused(STEP, host.inputs()) == 6
