"""Electricity meters: from a machine's file to profile.json and to the bench's line, and what is refused."""

import struct

import pytest
from isentrope_hil import meterfile, profile
from isentrope_hil.metering import SimulatedMeter, crc
from isentrope_sim.errors import InputError
from test_drivefile import INVERTER, machine

METER = """
[controller.meter]
meter = "sdm630"
unit = { value = 2, unit = "1", prior = "test" }
baud = { value = 19200, unit = "Bd", prior = "test" }
parity = "even"
stop_bits = { value = 1, unit = "1", prior = "test" }
timeout = { value = 200, unit = "ms", prior = "test" }
lost = { value = 10000, unit = "ms", prior = "test" }
"""


def test_every_described_meter_is_sound():
    assert {"sdm120", "sdm630", "sunspec"} <= set(meterfile.names())
    for name in meterfile.names():
        found = meterfile.read(name)
        assert all("power" in each for each in found["maps"])


def test_a_machines_meter_is_in_its_profile(tmp_path):
    made = profile.build("pico-full", machine(tmp_path, METER))
    meter = made["meter"]
    assert (meter["bus"], meter["unit"], meter["parity"], meter["function"]) == ("uart1", 2, 0, 4)
    assert meter["maps"][0]["power"] == [52, 4, 1.0, -1]
    assert "drive" not in made


def test_drive_and_meter_share_the_boards_line(tmp_path):
    made = profile.build("pico-full", machine(tmp_path, METER + INVERTER))
    assert made["meter"]["bus"] == made["drive"]["bus"] == "uart1"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (METER.replace("sdm630", "sdm360"), "unknown meter 'sdm360'.*sdm630"),
        (METER.replace('"even"', '"mark"'), "meter.parity"),
        (METER + 'colour = "red"\n', "meter.colour"),
        (METER.replace("value = 2,", "value = 0,"), "meter.unit"),
        (METER.replace("value = 10000", "value = 100"), "meter.lost"),
        (METER.replace("19200", "9600") + INVERTER, "meter.baud = 9600: it shares the line of the drive"),
        (METER.replace("value = 2,", "value = 1,") + INVERTER, "meter.unit = 1: the drive"),
    ],
)
def test_what_cannot_be_is_named(tmp_path, more, message):
    with pytest.raises(InputError, match=message) as told:
        profile.build("pico-full", machine(tmp_path, more))
    assert "\n" not in str(told.value)


def test_a_board_without_a_port_for_it(tmp_path):
    with pytest.raises(InputError, match=r"no RS-485 port for a meter|does not fit board"):
        profile.build("pico-minimal", machine(tmp_path, METER))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("function = 4", "function = 6", "function"),
        ('power = [52, "f32", 1.0] ', 'power = [53, "f32", 1.0]', "register 53, which no block"),
        ('power = [52, "f32", 1.0] ', 'power = [52, "f64", 1.0]', "u16, s16"),
        ("energy = ", "enrgy = ", "enrgy"),
        ("read = [[52, 2]", "read = [[52, 200]", "1 to 60 registers"),
        ("[[map]]", "[[maps]]", "map"),
        ("volts = [[0, ", "volts = [[0.5, ", "volts"),
        ("function = 4", "function = 4\n[[map]]\nread = [[1, 1]]\npower = [1, 'u16', 1.0]", "sunspec"),
    ],
)
def test_a_bad_description_is_named(tmp_path, monkeypatch, old, new, message):
    text = (meterfile.FOLDER / "sdm630.toml").read_text()
    assert old in text
    (tmp_path / "sdm630.toml").write_text(text.replace(old, new))
    monkeypatch.setattr(meterfile, "FOLDER", tmp_path)
    with pytest.raises(InputError, match=message) as told:
        meterfile.read("sdm630")
    assert "sdm630.toml" in str(told.value) and "\n" not in str(told.value)


def asked(meter, first, count, unit=2):
    frame = struct.pack(">BBHH", unit, meter._meter["function"], first, count)
    meter.hear(frame + struct.pack("<H", crc(frame)))
    return meter.answer()


def test_the_simulated_meter_answers_as_described(tmp_path):
    meter = SimulatedMeter(profile.build("pico-full", machine(tmp_path, METER))["meter"])
    meter.see(1500.0, 3600.0)
    answer = asked(meter, 52, 2)
    assert struct.unpack(">f", answer[3:7]) == (1500.0,) and crc(answer) == 0
    assert struct.unpack(">f", asked(meter, 342, 2)[3:7]) == (1.5,)
    assert asked(meter, 60, 2)[1:3] == b"\x84\x02"
    assert asked(meter, 52, 2, unit=3) == b""
    meter.silent = True
    assert asked(meter, 52, 2) == b""


def test_a_simulated_sunspec_meter(tmp_path):
    path = machine(tmp_path, METER.replace("sdm630", "sunspec"))
    meter = SimulatedMeter(profile.build("pico-full", path)["meter"])
    meter.see(1500.0, 3600.0)
    assert asked(meter, 40000, 2)[3:7] == b"SunS"
    assert asked(meter, 40070, 2)[3:7] == struct.pack(">HH", 203, 105)
    assert struct.unpack(">h", asked(meter, 40088, 1)[3:5]) == (1500,)
