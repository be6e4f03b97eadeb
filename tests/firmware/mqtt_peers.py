"""What the tests with MQTT's peers share: brokers, the firmware in a process, and paho's client.

Brokers: amqtt (pip) and mosquitto (Debian; `make peers` installs it).
"""

import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import time

import pytest
from isentrope_hil.profile import build
from unix_device import UnixDevice

paho = pytest.importorskip("paho.mqtt.client", reason="not run: needs paho-mqtt (make dev)")

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


class Device(UnixDevice):
    """The firmware in a process (mqtt_device.py); `ask()` gives its points after a write if there is one."""

    def __init__(self, folder, port, *words, said=(), fieldbus=(), more=()):
        profile = build("pico-full", "ashp-r290-8kw")
        network = {"hostname": "hp-1", "mqtt_host": "127.0.0.1", **dict(said)}
        profile["fieldbus"] = {"mqtt_port": port, "network": network, **dict(fieldbus)}
        profile.update(more)
        words = words or ("commissioned=1", "bus_write=16", "mqtt=1", "mqtt_interval=1")
        super().__init__(folder, "mqtt_device.py", profile, *words, heap="2m")


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
