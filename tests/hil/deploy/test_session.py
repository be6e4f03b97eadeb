import os
import tty

import pytest
import serial
from isentrope_hil import mcu
from isentrope_hil.deploy import session
from isentrope_hil.deploy.console import Facts
from isentrope_hil.errors import InputError, Refused, TargetError, TargetMissing

PICO = Facts("micropython", (1, 28, 0), "6.3", "Raspberry Pi Pico with RP2040", "rp2", (), False, frozenset())
S3 = "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3"


def facts(**other):
    return Facts(**{**vars(PICO), **other})


@pytest.mark.parametrize(
    ("board", "found"),
    [
        ("rp2040", PICO),
        ("rp2040", facts(machine="W5500-EVB-Pico with RP2040", version=(1, 24, 1))),
        ("esp32", facts(machine="Generic ESP32 module with ESP32", platform="esp32")),
        ("esp32s3", facts(machine=S3, platform="esp32")),
    ],
)
def test_boards_that_fit(board, found):
    session.check(found, mcu.load(board), "mine")


@pytest.mark.parametrize(
    ("board", "found", "says"),
    [
        ("rp2040", facts(name="circuitpython"), r"runs circuitpython 1\.28\.0, not MicroPython"),
        ("rp2040", facts(version=(1, 23, 0)), r"MicroPython 1\.23\.0 is too old, 1\.24 or newer"),
        ("rp2040", facts(mpy="7.0"), r"loads compiled files of version 7\.0, these are 6\.3"),
        (
            "esp32",
            PICO,
            "wrong board for the profile: mine has an ESP32, this is a Raspberry Pi Pico with RP2040",
        ),
        ("rp2040", facts(machine="Raspberry Pi Pico2 with RP2350"), "wrong board .* has an RP2040"),
        (
            "esp32",
            facts(machine=S3, platform="esp32"),
            "wrong board .* has an ESP32, this is a Generic ESP32S3",
        ),
        ("rp2040", facts(machine="", platform="linux"), "wrong board .* this is a linux"),
    ],
)
def test_boards_that_do_not_fit(board, found, says):
    with pytest.raises(InputError, match=says):
        session.check(found, mcu.load(board), "mine")


@pytest.fixture
def port():
    """(name, our end) of a line on which nobody answers."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    yield os.ttyname(theirs), ours
    os.close(ours)
    os.close(theirs)


def test_no_board_on_the_port():
    with (
        pytest.raises(TargetMissing, match="/dev/no-such-port: not there"),
        session.maintenance("/dev/no-such-port"),
    ):
        pass


def test_a_port_that_another_program_holds(port):
    with (
        serial.Serial(port[0], exclusive=True),
        pytest.raises(TargetMissing, match="busy: another program holds it"),
        session.maintenance(port[0]),
    ):
        pass


def test_a_port_on_which_nobody_answers(port, monkeypatch):
    monkeypatch.setattr(session, "_asked", lambda port: False)
    monkeypatch.setattr(session, "_BACK_S", 1.0)
    monkeypatch.setattr("isentrope_hil.deploy.console._PROMPT_S", 0.2)
    nothing = pytest.raises(TargetMissing, match="nothing there answers as MicroPython's console does")
    with nothing, session.maintenance(port[0]):
        pass


def test_a_machine_that_is_not_off_is_left_alone(port, monkeypatch):
    class Running:
        def __init__(self, line):
            pass

        def open(self):
            pass

        def maintenance(self):
            raise Refused("the target refused MAINT: its machine is not off", 9)

    monkeypatch.setattr(session, "Attached", Running)
    refused = pytest.raises(TargetError, match="its machine is not off; deploy needs the machine off")
    with refused, session.maintenance(port[0]):
        pass
    heard = os.read(port[1], 100)
    assert heard == b"\r", "no Ctrl-C"
