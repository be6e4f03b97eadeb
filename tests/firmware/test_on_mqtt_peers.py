"""MQTT on MicroPython's unix port: brokers and clients that nobody here wrote.

Brokers: amqtt (pip) and mosquitto (Debian; `make peers` installs it). Clients: paho-mqtt, mosquitto's own.
"""

import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isentrope_hil.errors import TargetMissing
from isentrope_hil.profile import build, dumps
from isentrope_hil.targets.unix import executable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")
paho = pytest.importorskip("paho.mqtt.client", reason="not run: needs paho-mqtt (make dev)")

HERE = Path(__file__).resolve().parent
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
BASE = "isentrope/hp-1"
CONFIG = "homeassistant/device/hp-1/config"
USER, SECRET = "pump", "not-to-be-found"
SLOWEST_MS = 250  # of a scan: two cores are shared with a broker, a client and other tests
AMQTT = """
import asyncio, sys
from amqtt.broker import Broker
config = {
    "listeners": {"default": {"type": "tcp", "bind": "127.0.0.1:" + sys.argv[1]}},
    "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
}
async def main():
    broker = Broker(config)
    await broker.start()
    await asyncio.sleep(3600)
asyncio.run(main())
"""


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """A process; `begin` and `end` as often as wanted."""

    def __init__(self, kind, folder, secret=False):
        self.kind = kind
        self.port = a_port()
        self.process = None
        if kind == "amqtt":
            pytest.importorskip("amqtt", reason="not run: needs amqtt (make dev)")
            self.command = [sys.executable, "-c", AMQTT, str(self.port)]
        else:
            if not MOSQUITTO:
                pytest.skip("not run: needs mosquitto; run `make peers`")
            lines = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {'false' if secret else 'true'}"]
            if secret:
                users = folder / "users"
                tool = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
                subprocess.run([tool, "-c", "-b", str(users), USER, SECRET], check=True)
                users.chmod(0o644)
                lines.append(f"password_file {users}")
                folder.chmod(0o755)
            if os.getuid() == 0:
                lines.append("user root")
            conf = folder / "mosquitto.conf"
            conf.write_text("\n".join(lines) + "\n")
            self.command = [MOSQUITTO, "-c", str(conf)]
        self.begin()

    def begin(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30.0
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1.0).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.command
                time.sleep(0.1)

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Device:
    """The firmware in a process (mqtt_device.py); `ask()` gives its points after a write if there is one."""

    def __init__(self, folder, port, *words, said=(), fieldbus=(), more=()):
        profile = build("pico-full", "ashp-r290-8kw")
        network = {"hostname": "hp-1", "mqtt_host": "127.0.0.1", **dict(said)}
        profile["fieldbus"] = {"mqtt_port": port, "network": network, **dict(fieldbus)}
        profile.update(more)
        path = folder / "profile.json"
        path.write_text(dumps(profile))
        try:
            micropython = executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        command = [micropython, "-X", "heapsize=2m", str(HERE / "mqtt_device.py"), str(path)]
        self.process = subprocess.Popen(
            [*command, *(words or ("commissioned=1", "bus_write=16", "mqtt=1", "mqtt_interval=1"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        first = self.process.stdout.readline()
        assert first.startswith("ready"), first + self.process.stdout.read()

    def ask(self, word=""):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line.startswith("{"), line + self.process.stdout.read()
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10.0)


class Client:
    """paho's; what it has heard, in order."""

    def __init__(self, broker, **how):
        self.heard = queue.Queue()
        self.line = paho.Client(paho.CallbackAPIVersion.VERSION2)
        if how:
            self.line.username_pw_set(how["user"], how["secret"])
        self.line.on_message = lambda *args: self.heard.put(args[2])
        self.line.on_connect = self._greet
        self.line.connect("127.0.0.1", broker.port)
        self.line.loop_start()

    def _greet(self, *_):
        self.line.subscribe([(BASE + "/#", 1), (CONFIG, 1)])
        self.line.publish("homeassistant/status", "online")

    def until(self, topic, good=lambda _: True, patience_s=30.0):
        """The next message on a topic that is good."""
        deadline = time.monotonic() + patience_s
        seen = []
        while True:
            left = deadline - time.monotonic()
            assert left > 0, (topic, seen[-20:])
            try:
                message = self.heard.get(timeout=left)
            except queue.Empty:
                continue
            seen.append((message.topic, message.payload[:60]))
            if message.topic == topic and good(message):
                return message

    def state(self, good=lambda _: True):
        """The next one that is good; what the broker has kept may be of another device."""

        def fits(message):
            return not message.retain and good(json.loads(message.payload))

        return json.loads(self.until(BASE + "/state", fits).payload)

    def online(self):
        """The device has just come, or is there."""
        self.until(BASE + "/available", lambda m: m.payload == b"online")
        return self.state()

    def tell(self, name, text, **how):
        self.line.publish(f"{BASE}/{name}/set", text, **{"qos": 1, **how}).wait_for_publish(10.0)

    def refused(self):
        return json.loads(self.until(BASE + "/refused").payload)

    def close(self):
        self.line.loop_stop()
        self.line.disconnect()


@pytest.fixture(scope="module", params=["amqtt", "mosquitto"])
def broker(request, tmp_path_factory):
    made = Broker(request.param, tmp_path_factory.mktemp(request.param))
    yield made
    made.end()


@pytest.fixture
def device(broker, tmp_path):
    made = Device(tmp_path, broker.port)
    yield made
    made.close()


@pytest.fixture
def client(broker):
    made = Client(broker)
    yield made
    made.close()


def test_it_is_there_with_what_it_has_and_its_points_are_true(device, client):
    assert client.online()
    found = client.state(lambda each: each["uptime_s"] > 3)
    points = device.ask()["points"]
    assert found["flow_c"] == points["flow_c"] / 100 and found["state"] == points["state"]
    assert found["flow_setpoint_c"] == 35.0 and found["hot_water_c"] is None


def test_discovery_is_kept_by_the_broker(device, broker, client):
    client.online()
    late = Client(broker)
    try:
        message = late.until(CONFIG)
        assert message.retain
        config = json.loads(message.payload)
        heating = config["cmps"]["heating"]
        assert (
            config["dev"]["mdl"] == "ashp-r290-8kw" and config["cmps"]["flow_c"]["dev_cla"] == "temperature"
        )
        # What Home Assistant sends where a person sets the heating to 41.5 degC.
        late.line.publish(heating["temp_cmd_t"], "41.5", qos=1)
        assert late.state(lambda each: each["flow_setpoint_c"] == 41.5)
        late.line.publish(heating["mode_cmd_t"], "1", qos=0)
        assert late.state(lambda each: each["enable"] == 1)
    finally:
        late.close()
    assert device.ask()["points"]["flow_setpoint_c"] == 4150


def test_commands_have_a_lease_and_can_be_given_up(device, client):
    device.ask("bus_timeout=10")
    client.state()
    client.tell("flow_setpoint_c", "45")
    assert client.state(lambda each: each["flow_setpoint_c"] == 45.0)
    began = time.monotonic()
    assert client.state(lambda each: each["flow_setpoint_c"] == 35.0)
    assert 8.0 < time.monotonic() - began < 14.0
    client.tell("flow_setpoint_c", "46")
    assert client.state(lambda each: each["flow_setpoint_c"] == 46.0)
    client.tell("flow_setpoint_c", "")
    assert client.state(lambda each: each["flow_setpoint_c"] == 35.0)


def test_refusals_are_counted_and_told(device, client):
    client.state()
    for count, (name, text, why) in enumerate(
        [
            ("flow_setpoint_c", "99", "out of range"),
            ("flow_setpoint_c", "warm", "not a number"),
            ("flow_setpoint_c", "4" * 500, "not a number"),
            ("flow_c", "30", "read-only"),
            ("nonsense", "1", "no such point"),
        ],
        1,
    ):
        client.tell(name, text)
        assert client.refused() == {"point": name, "why": why, "count": count}
    device.ask("bus_write=15")
    client.tell("flow_setpoint_c", "40")
    assert client.refused()["why"] == "this bus may not write"
    state = device.ask()
    assert state["points"]["flow_setpoint_c"] == 3500 and state["refused"] == 1


def test_a_command_that_the_broker_keeps_is_not_taken(broker, client, tmp_path):
    client.tell("flow_setpoint_c", "50", retain=True)
    device = Device(tmp_path, broker.port)
    try:
        assert client.refused()["why"] == "retained commands are not taken"
        assert device.ask()["points"]["flow_setpoint_c"] == 3500
    finally:
        client.tell("flow_setpoint_c", "", retain=True)
        device.close()


def test_home_assistants_start_is_answered_with_the_state(device, client):
    client.state(lambda each: each["uptime_s"] > 3)
    device.ask("mqtt_interval=60")
    time.sleep(1.5)
    while not client.heard.empty():
        client.heard.get()
    client.line.publish("homeassistant/status", "online")
    assert client.until(BASE + "/state", patience_s=3.0)


def test_a_broker_that_goes_and_returns_is_no_matter_for_the_scan(tmp_path, broker):
    own = Broker(broker.kind, tmp_path)
    device = Device(tmp_path, own.port)
    client = Client(own)
    try:
        client.state()
        client.tell("enable", "1")
        assert client.state(lambda each: each["enable"] == 1)
        device.ask()
        for away_s in (0.5, 4.0):
            own.end()
            time.sleep(away_s)
            state = device.ask()
            assert state["late_ms"] < SLOWEST_MS and state["points"]["enable"] == 1 and not state["alarms"]
            own.begin()
            assert client.until(BASE + "/available", lambda m: m.payload == b"online")
            assert client.state()["enable"] == 1
        first = device.ask()
        assert first["late_ms"] < SLOWEST_MS
    finally:
        device.close()
        client.close()
        own.end()


def test_the_will_tells_that_it_has_gone(device, client):
    client.online()
    device.process.kill()
    assert client.until(BASE + "/available", lambda m: m.payload == b"offline", 10.0)


def test_nobody_there_or_a_broker_that_says_nothing_delays_no_scan(tmp_path):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        for port in (deaf.getsockname()[1], a_port()):
            device = Device(tmp_path, port)
            try:
                time.sleep(4.0)
                assert device.ask()["late_ms"] < SLOWEST_MS
            finally:
                device.close()


def test_user_name_and_password(tmp_path):
    broker = Broker("mosquitto", tmp_path, secret=True)
    try:
        client = Client(broker, user=USER, secret=SECRET)
        device = Device(tmp_path, broker.port, said={"mqtt_user": USER, "mqtt_secret": "wrong"})
        with pytest.raises(AssertionError):
            client.until(BASE + "/available", patience_s=3.0)
        device.close()
        device = Device(tmp_path, broker.port, said={"mqtt_user": USER, "mqtt_secret": SECRET})
        assert client.state()
        device.close()
        client.close()
    finally:
        broker.end()


def test_mosquittos_own_clients(tmp_path):
    sub, pub = shutil.which("mosquitto_sub"), shutil.which("mosquitto_pub")
    if not sub or not pub:
        pytest.skip("not run: needs mosquitto-clients; run `make peers`")
    broker = Broker("mosquitto", tmp_path)
    device = Device(tmp_path, broker.port)
    try:
        to = ["-h", "127.0.0.1", "-p", str(broker.port)]

        def heard(topic):
            run = subprocess.run(
                [sub, *to, "-t", topic, "-C", "1", "-W", "20"], capture_output=True, text=True
            )
            return run.stdout.strip()

        assert heard(BASE + "/available") == "online"
        assert json.loads(heard(CONFIG))["cmps"]["flow_c"]["unit_of_meas"] == "\u00b0C"
        subprocess.run([pub, *to, "-q", "1", "-t", f"{BASE}/flow_setpoint_c/set", "-m", "44"], check=True)
        deadline = time.monotonic() + 10.0
        while json.loads(heard(BASE + "/state"))["flow_setpoint_c"] != 44.0:
            assert time.monotonic() < deadline
    finally:
        device.close()
        broker.end()


def test_a_flood_of_commands_delays_no_scan(device, broker, client):
    client.online()
    heap = device.ask()["heap"]
    others = [Client(broker) for _ in range(3)]
    try:
        sent = 0
        until = time.monotonic() + 5.0
        while time.monotonic() < until:
            for each in others:
                for _ in range(20):
                    each.line.publish(f"{BASE}/flow_setpoint_c/set", str(30 + sent % 20), qos=sent & 1)
                    sent += 1
            time.sleep(0.05)
        state = device.ask()
        assert sent > 1000 and state["late_ms"] < SLOWEST_MS and not state["alarms"]
        assert state["heap"] - heap < 8192
    finally:
        for each in others:
            each.close()


def test_a_long_life_keeps_no_memory(tmp_path, broker, client):
    device = Device(tmp_path, broker.port)
    try:
        client.state()
        for n in range(60):
            client.tell("flow_setpoint_c", str(30 + n % 20), qos=n & 1)
        assert client.state(lambda each: each["flow_setpoint_c"] == 49.0)
        heap = device.ask()["heap"]
        for n in range(60):
            client.tell("flow_setpoint_c", str(30 + n % 20), qos=n & 1)
        client.state(lambda each: each["flow_setpoint_c"] == 49.0)
        assert device.ask()["heap"] - heap < 2048
    finally:
        device.close()
