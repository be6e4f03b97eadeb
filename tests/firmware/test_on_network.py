"""On MicroPython's unix port: servers that follow a network's coming and going, the time from a server."""

import os
import socket
import struct
import threading
import time

import pytest

peers = pytest.importorskip("mqtt_peers", reason="not run: needs paho-mqtt (make dev)")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")
NOON = 4_004_942_400  # 29 November 2026, 12:00:00 UTC
MAP_VERSION = b"\0\1\0\0\0\6\xff\4\0\x40\0\1"


def answers(port):
    """Modbus TCP is there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0) as line:
            line.sendall(MAP_VERSION)
            return line.recv(64) == b"\0\1\0\0\0\5\xff\4\2\0\1"
    except OSError:
        return False


def until(call, wanted, patience_s=15.0):
    deadline = time.monotonic() + patience_s
    while call() != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_servers_come_and_go_with_the_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    port = peers.a_port()
    device = peers.Device(
        tmp_path,
        1,
        "network",
        "modbus=2",
        said={"ssid": "home", "secret": "very secret"},
        fieldbus={"host": "127.0.0.1", "port": port},
        more={"network": {"kind": "wifi"}},
    )
    try:
        time.sleep(3.0)
        assert not answers(port), "no network, no server"
        assert not device.ask()["alarms"]
        for _ in range(2):
            (tmp_path / "up").touch()
            until(lambda: answers(port), True)
            (tmp_path / "up").unlink()
            until(lambda: answers(port), False)
        state = device.ask()
        assert state["late_ms"] < peers.SLOWEST_MS and not state["alarms"], state["alarms"]
    finally:
        device.close()


class Server:
    """A time server that lies first."""

    def __init__(self, lies):
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.bind(("127.0.0.1", 0))
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port = self.line.getsockname()[1]
        self.lies = lies
        self.asked = []
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            try:
                data, peer = self.line.recvfrom(512)
            except OSError:
                return
            self.asked.append(data)
            good = answer(data[40:48])
            self.other.sendto(answer(data[40:48], seconds=NOON - 7 * 3600), peer)  # of somebody else
            for lie in self.lies:
                self.line.sendto(lie(good), peer)
            self.line.sendto(good, peer)

    def close(self):
        self.line.close()
        self.other.close()


def answer(nonce, seconds=NOON + 57, first=0x24, stratum=2):
    return (
        struct.pack(">BBbb", first, stratum, 6, -20)
        + bytes(20)
        + nonce
        + bytes(8)
        + struct.pack(">II", seconds, 0)
    )


HOUR = struct.pack(">I", NOON - 3600)
LIES = (
    lambda good: b"",
    lambda good: good[:47],
    lambda good: good[:24] + bytes(8) + good[32:40] + HOUR + bytes(4),
    lambda good: b"\x23" + good[1:40] + HOUR + bytes(4),
    lambda good: b"\xe4" + good[1:40] + HOUR + bytes(4),
    lambda good: good[:1] + b"\x10" + good[2:40] + HOUR + bytes(4),
    lambda good: good[:40] + bytes(8),
    lambda good: b"\x24\0\6\0" + bytes(8) + b"DENY" + bytes(32),  # a kiss of death for nobody
    lambda good: os.urandom(48),
    lambda good: os.urandom(400),
)


def test_the_time_of_a_server_among_liars(tmp_path):
    server = Server(LIES)
    device = peers.Device(
        tmp_path,
        1,
        "ntp=1",
        "bacnet_utc_offset=-60",
        "summer_time=1",
        said={"ntp": "127.0.0.1"},
        fieldbus={"ntp_port": server.port},
    )
    try:
        until(lambda: device.ask()["points"]["clock_min"], 13 * 60 + 1)
        assert len(server.asked) == 1 and len(server.asked[0]) == 48 and server.asked[0][0] == 0x23
        assert server.asked[0][1:40] == bytes(39)
        assert device.ask()["late_ms"] < peers.SLOWEST_MS
    finally:
        device.close()
        server.close()


def test_a_kiss_of_death_ends_it(tmp_path):
    server = Server((lambda good: b"\x24\0\6\0" + bytes(8) + b"DENY" + bytes(8) + good[24:],))
    device = peers.Device(tmp_path, 1, "ntp=1", said={"ntp": "127.0.0.1"}, fieldbus={"ntp_port": server.port})
    try:
        until(lambda: len(server.asked), 1)
        time.sleep(2.0)
        assert device.ask()["points"]["clock_min"] == -1
    finally:
        device.close()
        server.close()


def test_a_wifi_without_a_name_is_an_alarm(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    device = peers.Device(tmp_path, 1, "network", "modbus=2", more={"network": {"kind": "wifi"}})
    try:
        until(lambda: device.ask()["alarms"], [57, 70])
    finally:
        device.close()
