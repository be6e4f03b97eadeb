"""A controller with its simulated machine, open to field buses: what `isentrope serve` runs (docs/bms.md).

The bench owns time as always: it steps the firmware at a pace, and between two steps the firmware's own bus
servers answer whoever asks. Nothing stands between a client and them.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil.bench import Bench
from isentrope_hil.errors import TargetError

LOOPBACK = "127.0.0.1"
PSEUDO = "pty"
PSEUDO_TERMINALS = ("/dev/pts/", "/dev/ttys")  # of Linux, macOS
PARITIES = {"even": 0, "odd": 1, "none": 2}
RTU_PORT = "uart0"  # of the board's RS-485 ports, the one called field bus
READY_S = 5.0  # a bus comes up within a second
MODBUS_FAILED = 57  # alarms
BACNET_FAILED = 58
MQTT_LOST = 71
FIRST_WARNING = 32
FIRST_MORE = 64
MAP_VERSION = 64  # input register
MSTP_BAUD = 38_400
WRITERS = 31  # every bus, in `bus_write`


@dataclass(frozen=True, slots=True)
class Buses:
    """What to open: `tcp` and `bacnet` host and port, `rtu` and `mstp` a serial device or "pty"; `mqtt` the
    broker's host and port; `settings` come on top."""

    tcp: tuple[str, int] | None = None
    rtu: str | None = None
    baud: int = 19_200
    parity: str = "even"
    unit: int = 1
    bacnet: tuple[str, int] | None = None
    broadcast: str = ""
    instance: int = 1
    mstp: str | None = None
    mqtt: tuple[str, int] | None = None
    mqtt_name: str = "isentrope-serve"
    mqtt_user: str = ""
    mqtt_secret: str = field(default="", repr=False)
    writable: bool = True
    settings: Mapping[str, float] = field(default_factory=dict)

    @property
    def serial(self) -> tuple[str | None, str]:
        """The serial device and what asks for it."""
        return (self.rtu, "--modbus-rtu") if self.rtu else (self.mstp, "--mstp")

    def of_firmware(self) -> dict[str, float]:
        """The controller's settings that open them."""
        found = {
            "modbus": (1 if self.rtu else 0) + (2 if self.tcp else 0),
            "modbus_unit": self.unit,
            "modbus_baud": self.baud,
            "modbus_parity": PARITIES[self.parity],
            "bacnet": (1 if self.bacnet else 0) + (2 if self.mstp else 0),
            "bacnet_instance_high": self.instance // 10_000,
            "bacnet_instance_low": self.instance % 10_000,
            "mqtt": 1 if self.mqtt else 0,
        }
        if self.writable:
            found |= {"commissioned": 1, "bus_write": WRITERS}
        return {**found, **self.settings}


def address(text: str, what: str) -> tuple[str, int]:
    """HOST:PORT; a port alone is on loopback. InputError: it is no address, or no port."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or LOOPBACK
    if not port.isdigit() or not 1 <= int(port) <= 65_535:
        raise InputError(f"{what} {text}: give HOST:PORT, the port from 1 to 65535, as in {LOOPBACK}:1502")
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET)
    except OSError as error:
        raise InputError(f"{what} {text}: no address of that name: {error.strerror}") from None
    return str(found[0][4][0]), int(port)


def free(at: tuple[str, int], what: str, kind: int = socket.SOCK_STREAM) -> None:
    """InputError if this address cannot be had."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(at)
        except OSError as error:
            raise InputError(f"{what} {at[0]}:{at[1]}: {error.strerror}") from None


def _there(at: tuple[str, int], what: str) -> None:
    """InputError if nobody listens at this address."""
    try:
        socket.create_connection(at, timeout=5.0).close()
    except OSError as error:
        said = error.strerror or str(error)
        raise InputError(f"{what} {at[0]}:{at[1]}: no broker there: {said}") from None


def subnet(text: str) -> str:
    """A subnet's broadcast address, or none. InputError: it is no address."""
    try:
        return str(ipaddress.IPv4Address(text)) if text else ""
    except ValueError:
        raise InputError(f"--broadcast {text}: give the subnet's address, as 192.168.0.255") from None


def available(buses: Buses) -> None:
    """Before anything is compiled. InputError: an address or a serial device cannot be had."""
    if buses.tcp:
        free(buses.tcp, "--modbus-tcp")
    if buses.bacnet:
        free(buses.bacnet, "--bacnet", socket.SOCK_DGRAM)
    if buses.mqtt:
        _there(buses.mqtt, "--mqtt")
    device, what = buses.serial
    if device and device != PSEUDO:
        _serial(device, buses, what).close()


class PseudoTerminals:
    """A wire between two terminals; `inside` is the controller's, `outside` the client's."""

    def __init__(self) -> None:
        import tty  # absent on Windows, like the pseudo-terminals

        self._ends = [os.openpty(), os.openpty()]
        for pair in self._ends:
            for each in pair:
                tty.setraw(each)
        self.inside, self.outside = (os.ttyname(slave) for _, slave in self._ends)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._pump, daemon=True)
        self._thread.start()

    def _pump(self) -> None:
        masters = [master for master, _ in self._ends]
        others = dict(zip(masters, reversed(masters), strict=True))
        while not self._over.is_set():
            for ready in select.select(masters, [], [], 0.1)[0]:
                data = os.read(ready, 4096)
                if select.select([], [others[ready]], [], 0.0)[1]:  # a line without a reader loses it
                    os.write(others[ready], data)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for pair in self._ends:
            for each in pair:
                os.close(each)


def _serial(device: str, buses: Buses, what: str) -> Any:
    """The device at this speed and format, which it keeps while it is held open."""
    import termios  # absent on Windows, like the pseudo-terminals

    import serial

    parity = {"even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD, "none": serial.PARITY_NONE}[buses.parity]
    stop = 2 if buses.parity == "none" else 1
    baud = buses.baud
    if buses.mstp:
        parity, stop, baud = serial.PARITY_NONE, 1, MSTP_BAUD
    if os.path.realpath(device).startswith(PSEUDO_TERMINALS):  # these have none, and some say so
        parity = serial.PARITY_NONE
    try:
        return serial.Serial(device, baud, parity=parity, stopbits=stop, timeout=0, exclusive=True)
    except termios.error as error:
        said = f"takes no {baud} Bd 8{parity}{stop}: {error.args[-1]}"
    except (serial.SerialException, ValueError, OSError) as error:
        said = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        if isinstance(error, OSError) and error.errno in (errno.EAGAIN, errno.EBUSY):
            said = "another program has it"
        if "configure" in str(error):  # it is there, and knows no speed
            said = "is no serial device"
    raise InputError(f"{what} {device}: {said}")


class Held:
    """A serial device that keeps its speed and format, also when it was away: an adapter that is plugged in
    again has those of the system, and one that is still held returns by another name."""

    def __init__(self, device: str, buses: Buses, what: str) -> None:
        self._how = device, buses, what
        self._line = _serial(*self._how)

    def look(self) -> None:
        """Let go of it when it has gone, hold it when it is there."""
        if self._line is None:
            with contextlib.suppress(InputError):
                self._line = _serial(*self._how)
        elif _hung_up(self._line.fileno()):
            self.close()

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _hung_up(line: int) -> bool:
    poll = select.poll()
    poll.register(line, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(0))


class Serving:
    """A context manager around a bench that is not started; `rtu` is the client's end of the serial line."""

    def __init__(self, bench: Bench, buses: Buses) -> None:
        self.bench = bench
        self.buses = buses
        self.rtu: str | None = None
        self._held: Held | None = None
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Serving:
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def _open(self) -> None:
        bench, buses = self.bench, self.buses
        chosen: dict[str, Any] = {}
        if buses.tcp:
            free(buses.tcp, "--modbus-tcp")
            chosen |= {"host": buses.tcp[0], "port": buses.tcp[1]}
        if buses.bacnet:
            free(buses.bacnet, "--bacnet", socket.SOCK_DGRAM)
            chosen |= {"bacnet_host": buses.bacnet[0], "bacnet_port": buses.bacnet[1]}
            chosen["broadcast"] = buses.broadcast
        if buses.mqtt:
            _there(buses.mqtt, "--mqtt")
            said = {"hostname": buses.mqtt_name, "mqtt_host": buses.mqtt[0]}
            said |= {"mqtt_user": buses.mqtt_user, "mqtt_secret": buses.mqtt_secret}
            chosen |= {"mqtt_port": buses.mqtt[1], "network": said}
        device, what = buses.serial
        if device:
            ports = bench.profile["buses"]
            if ports.get(RTU_PORT, {}).get("kind") != "rs485":
                raise InputError(f"board {bench.board}: no RS-485 port {RTU_PORT} for a field bus")
            if device == PSEUDO:
                wire = PseudoTerminals()
                self._closing.callback(wire.close)
                path, self.rtu = wire.inside, wire.outside
            else:
                self._held = Held(device, buses, what)
                self._closing.callback(self._held.close)
                self.rtu = device
                path = os.path.abspath(device)  # the controller has a folder of its own
            ports[RTU_PORT]["path"] = path
            chosen["rtu"] = RTU_PORT
        bench.profile["fieldbus"] = chosen
        self._closing.enter_context(bench)

    def begin(self, outdoor_c: float = 7.0, water_c: float = 25.0) -> None:
        """A controller just switched on at these conditions (degC), its buses up.

        Raises:
            TargetError: one does not come up.
        """
        self.bench.reset(outdoor_c=outdoor_c, water_c=water_c, settings=self.buses.of_firmware())
        deadline = time.monotonic() + READY_S
        self.bench.step(2)
        while not self._up():
            if time.monotonic() > deadline or self.failed():
                raise TargetError("a bus of the controller does not come up; its log says what it knows")
            time.sleep(0.05)
            self.bench.step()

    def failed(self) -> bool:
        """The controller says that a port of a bus is down, or that its broker has gone."""
        mask = 1 << (MODBUS_FAILED - FIRST_WARNING) | 1 << (BACNET_FAILED - FIRST_WARNING)
        lost = int(self.bench.read("more_alarms")) >> (MQTT_LOST - FIRST_MORE) & 1
        return bool(int(self.bench.read("warn_alarms")) & mask or lost)

    def _up(self) -> bool:
        tcp, bacnet = self.buses.tcp, self.buses.bacnet
        return (tcp is None or _answers(tcp)) and (bacnet is None or _is_there(bacnet))

    def steps(self) -> Iterator[float]:
        """Scan after scan at the bench's pace; simulated seconds since the start."""
        while True:
            self.bench.step()
            if self._held:
                self._held.look()
            yield self.bench.t_s


def _answers(at: tuple[str, int]) -> bool:
    """Something that speaks Modbus TCP is there."""
    host = LOOPBACK if at[0] == "0.0.0.0" else at[0]
    request = struct.pack(">HHHBBHH", 1, 0, 6, 255, 4, MAP_VERSION, 1)
    try:
        with socket.create_connection((host, at[1]), timeout=0.5) as line:
            line.sendall(request)
            return line.recv(64)[:8] == request[:4] + b"\0\5\xff\4"
    except OSError:
        return False


def _is_there(at: tuple[str, int]) -> bool:
    """Something that answers BACnet's Who-Is is there."""
    host = LOOPBACK if at[0] == "0.0.0.0" else at[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(0.5)
        try:
            line.sendto(b"\x81\x0a\0\x08\1\0\x10\x08", (host, at[1]))
            return line.recv(64)[:8] == b"\x81\x0a\0\x15\1\0\x10\0"
        except OSError:
            return False
