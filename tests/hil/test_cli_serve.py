"""serve as an integrator meets it."""

import os
import select
import signal
import socket
import subprocess
import sys

import pytest
from isentrope_hil import serving

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_it_says_where_it_is_and_how_to_try_it_and_ctrl_c_ends_it_cleanly(tmp_path):
    port, udp = a_port(), a_port()
    code = "from isentrope_hil.cli import main; main()"
    words = ("serve", "--modbus-tcp", f"127.0.0.1:{port}", "--modbus-rtu", "pty", "--unit", "9", "--off")
    words += ("--bacnet", f"127.0.0.1:{udp}", "--instance", "815")
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = b""
    while b"Ctrl-C" not in said:
        assert select.select([process.stdout], [], [], 120)[0], said
        piece = os.read(process.stdout.fileno(), 65536)
        assert piece, said
        said += piece
    text = said.decode()
    assert f"Modbus TCP on 127.0.0.1:{port}, unit 9 or 255" in text
    assert f"mbpoll -m tcp -p {port} -a 9 -t 3 -r 3 -c 2 -1 127.0.0.1" in text
    assert "Modbus RTU on /dev/" in text and "-P none -a 9" in text
    assert f"BACnet/IP on 127.0.0.1:{udp}, device 815" in text
    tried = next(line for line in text.splitlines() if "echo 'read" in line)
    client = tried.replace("python -m", f"{sys.executable} -m")
    done = subprocess.run(  # it keeps a history where it is
        client, shell=True, capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert 10.0 < float(done.stdout) < 60.0, (tried, done)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(b"\0\1\0\0\0\6\x09\4\0\x40\0\1")
        assert line.recv(64) == b"\0\1\0\0\0\5\x09\4\2\0\1"
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0, rest
    assert rest.strip() == b"stopped"


def test_an_address_in_use_is_one_line(isentrope):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = isentrope("serve", "--modbus-tcp", where)
    assert code == 2
    assert err == f"isentrope: --modbus-tcp {where}: Address already in use\n"


@pytest.fixture
def terminal():
    master, slave = os.openpty()
    yield slave
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("option", ["--modbus-rtu", "--mstp"])
def test_a_serial_port_that_somebody_has_is_one_line(isentrope, terminal, option):
    import fcntl

    fcntl.flock(terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
    code, _, err = isentrope("serve", option, os.ttyname(terminal))
    assert code == 2
    assert err == f"isentrope: {option} {os.ttyname(terminal)}: another program has it\n"


def test_a_pseudo_terminal_is_taken_whatever_the_parity(terminal):
    """What knows none refuses it, but only where nothing else is to be set."""
    for parity in ("even", "even", "odd", "none"):
        serving.available(serving.Buses(rtu=os.ttyname(terminal), parity=parity))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--modbus-rtu", "/dev/no-such-line"), "--modbus-rtu /dev/no-such-line: "),
        (("--mqtt", "127.0.0.1:1"), "--mqtt 127.0.0.1:1: no broker there: Connection refused"),
        (("--mqtt", "nonsense"), "--mqtt nonsense: give HOST:PORT"),
        (("--modbus-rtu", ""), "--modbus-rtu: give a serial device, or pty"),
        (("--mstp", ""), "--mstp: give a serial device, or pty"),
        (("--modbus-rtu", "/dev/no-such-line"), "--modbus-rtu /dev/no-such-line: No such file or directory"),
        (("--modbus-rtu", "/dev/null"), "--modbus-rtu /dev/null: is no serial device"),
        (("--bacnet", "127.0.0.1:47898", "--broadcast", "abc"), "--broadcast abc: give the subnet's address"),
        (("--bacnet", "127.0.0.1:99999"), "the port from 1 to 65535"),
        (("--bacnet", "192.0.2.1:47808"), "--bacnet 192.0.2.1:47808: "),
        (("--instance", "4194303"), "--instance 4194303: a device's instance on BACnet is 1 to 4194302"),
        (("--mstp", "/dev/no-such-line"), "--mstp /dev/no-such-line: "),
        (("--mstp", "pty", "--modbus-rtu", "pty"), "--modbus-rtu and --mstp: the board has one RS-485 port"),
        (("--unit", "0"), "--unit 0: a device's address on Modbus is 1 to 247"),
        (("--unit", "248"), "--unit 248: a device's address on Modbus is 1 to 247"),
        (("--baud", "300"), "--baud 300: give a multiple of 100 from 1200 to 115200"),
        (("--baud", "9650"), "--baud 9650: give a multiple of 100"),
        (("--parity", "mark"), "'mark' is not one of"),
        (("--modbus-tcp", "nonsense"), "--modbus-tcp nonsense: give HOST:PORT"),
        (("--modbus-tcp", "127.0.0.1:0"), "the port from 1 to 65535"),
        (("--modbus-tcp", "127.0.0.1:99999"), "the port from 1 to 65535"),
        (("--modbus-tcp", "no.such.host.invalid:1502"), "no address of that name"),
        (("--modbus-tcp", "192.0.2.1:1502"), "--modbus-tcp 192.0.2.1:1502: "),
        (("--board", "nonsense"), "unknown board 'nonsense'"),
        (("--set", "nonsense=1"), "unknown setting 'nonsense'"),
    ],
)
def test_mistakes_are_one_line(isentrope, words, says):
    code, _, err = isentrope("serve", *words)
    assert code == 2
    assert says in err and err.count("\n") == 1
