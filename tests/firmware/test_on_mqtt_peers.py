"""MQTT on MicroPython's unix port: brokers and clients that nobody here wrote (mqtt_peers.py)."""

import json
import os
import shutil
import socket
import subprocess
import time

import pytest
from mqtt_peers import BASE, CONFIG, SECRET, SLOWEST_MS, USER, Broker, Client, Device, a_port

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")


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
