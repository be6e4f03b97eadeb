"""`isentrope emulate`: a board behind a serial port, for other programs."""

import os
import select
import signal
import subprocess
import sys
import time

import pytest
import serial

PROMPT = b">>> "


@pytest.fixture
def emulated(uf2, tmp_path):
    """The process and its port's name; it is gone afterwards."""
    command = [sys.executable, "-c", "from isentrope_hil.cli import main; main()", "emulate", "--image", uf2]
    process = subprocess.Popen(
        [*command, "--flash", str(tmp_path / "flash.bin")], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 60)[0]
    yield process, process.stdout.readline().decode().strip()
    process.kill()
    process.wait()


def opened(name: str) -> serial.Serial:
    """The port, at its prompt."""
    port = serial.Serial(name, timeout=60)
    port.write(b"\r\x03")
    port.read_until(b"\n" + PROMPT)
    time.sleep(1.0)
    port.reset_input_buffer()
    return port


def answer(port: serial.Serial, line: bytes) -> bytes:
    port.write(line)
    return port.read_until(PROMPT)


def test_open_close_reset_and_end(emulated, tmp_path):
    process, name = emulated
    with opened(name) as port:
        assert b"\r\n42\r\n" in answer(port, b"print(6 * 7)\r")
        answer(port, b"f = open('x', 'w'); f.write('kept'); f.close()\r")
        port.write(b"import machine; machine.reset()\r")
        time.sleep(2.0)
    with opened(name) as port:
        assert b"kept" in answer(port, b"print(open('x').read())\r")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert (tmp_path / "flash.bin").stat().st_size == 352 * 4096
    assert b"Traceback" not in process.stderr.read()


def test_an_idle_board_keeps_real_time(emulated):
    _, name = emulated
    with opened(name) as port:
        ticks = []
        for _ in range(2):
            said = answer(port, b"import time; print(time.ticks_ms())\r")
            ticks.append((time.monotonic(), int(said.split(b"\r\n")[1])))
            time.sleep(1.0)
    (t0, ms0), (t1, ms1) = ticks
    assert ms1 - ms0 < 1000 * (t1 - t0) + 100


def test_no_flash_file_from_another_board(uf2, tmp_path):
    (tmp_path / "flash.bin").write_bytes(b"x")
    command = [sys.executable, "-c", "from isentrope_hil.cli import main; main()", "emulate", "--image", uf2]
    done = subprocess.run(
        [*command, "--flash", str(tmp_path / "flash.bin")], capture_output=True, text=True, env=os.environ
    )
    assert done.returncode == 2
    assert done.stderr.startswith("isentrope: a file system of 1 bytes; on Raspberry Pi Pico it has")
