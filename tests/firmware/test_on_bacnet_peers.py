"""BACnet on MicroPython's unix port against clients that nobody here wrote: bacpypes3, BAC0, rusty-bacnet."""

import asyncio
import json
import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isentrope_hil import catalogue
from isentrope_hil.errors import TargetMissing
from isentrope_hil.profile import build, dumps
from isentrope_hil.targets.unix import executable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")
bacpypes3 = pytest.importorskip("bacpypes3", reason="not run: needs bacpypes3 (make dev)")
rusty = pytest.importorskip("rusty_bacnet", reason="not run: needs rusty-bacnet (make dev)")

HERE = Path(__file__).resolve().parent
BASE = 30_000 + os.getpid() % 1500 * 20  # ports of this process
INSTANCE = 4711
OPEN = ("commissioned=1", "bus_write=4", f"bacnet_instance_low={INSTANCE}")
REQUIRED = {
    "analog-input": "units",
    "analog-value": "units priority-array relinquish-default current-command-priority",
    "binary-input": "polarity",
    "binary-value": "priority-array relinquish-default current-command-priority",
    "multi-state-input": "number-of-states",
    "multi-state-value": "number-of-states priority-array relinquish-default current-command-priority",
    "device": (
        "system-status vendor-name vendor-identifier model-name firmware-revision "
        "application-software-version protocol-version protocol-revision protocol-services-supported "
        "protocol-object-types-supported "
        "object-list max-apdu-length-accepted segmentation-supported apdu-timeout number-of-apdu-retries "
        "device-address-binding database-revision local-date local-time utc-offset daylight-savings-status "
        "active-cov-subscriptions"
    ),
    "network-port": (
        "status-flags reliability out-of-service network-type protocol-level network-number "
        "network-number-quality changes-pending mac-address apdu-length link-speed bacnet-ip-mode "
        "bacnet-ip-udp-port ip-address ip-subnet-mask ip-default-gateway ip-dns-server fd-bbmd-address "
        "fd-subscription-lifetime"
    ),
}
OF_ALL = "object-identifier object-name object-type"
OF_POINTS = "present-value status-flags event-state out-of-service"


class Device:
    """The firmware in a process; `ask()` gives its points and counters, after a write if there is one."""

    count = 0

    def __init__(self, folder, *words, host="127.0.0.1", before=()):
        Device.count += 1
        self.port = BASE + 4 * (Device.count % 4)
        self.address = f"{host}:{self.port}"
        profile = folder / "profile.json"
        profile.write_text(dumps(build("pico-full", "ashp-r290-8kw")))
        try:
            micropython = executable()
        except TargetMissing as why:
            pytest.skip(f"not run: {why}")
        command = [*before, micropython, "-X", "heapsize=4m", str(HERE / "bacnet_device.py"), str(profile)]
        self.process = subprocess.Popen(
            [*command, host, str(self.port), *(words or OPEN)],
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
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10.0)


@pytest.fixture
def device(tmp_path):
    made = Device(tmp_path)
    yield made
    state = made.ask()
    made.close()
    assert state["counters"][7] == 0, "an exception that should not be"


class Bacpypes:
    """A bacpypes3 client on a port of its own."""

    def __init__(self, device):
        from bacpypes3.ipv4.app import NormalApplication
        from bacpypes3.local.device import DeviceObject
        from bacpypes3.pdu import Address, IPv4Address

        own = DeviceObject(objectIdentifier=("device", 599), objectName="peer", vendorIdentifier=15)
        self.app = NormalApplication(own, IPv4Address(f"127.0.0.1:{device.port + 1}"))
        self.address = Address(device.address)

    async def read(self, where, prop, index=None):
        return await self.app.read_property(self.address, where, prop, index)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.app.close()


def plain(value):
    """A value of bacpypes3 that the device may have none of: what it is, None for null."""
    return value._choice and (None if value._choice == "null" else getattr(value, value._choice))


def test_bacpypes3_reads_every_required_property_of_every_object(device):
    async def work():
        async with Bacpypes(device) as peer:
            (found,) = await peer.app.who_is(address=peer.address, timeout=1)
            assert found.iAmDeviceIdentifier[1] == INSTANCE
            listed = await peer.read("device,4194303", "object-list")
            values = {}
            for each in listed:
                names = OF_ALL.split() + REQUIRED[str(each).split(",")[0]].split()
                if str(each).split(",")[0] not in ("device", "network-port"):
                    names += OF_POINTS.split()
                properties = [str(name) for name in await peer.read(each, "property-list")]
                assert set(names) - set(OF_ALL.split()) <= set(properties), each
                results = await peer.app.read_property_multiple(peer.address, [each, names])
                assert [str(prop) for _, prop, _, _ in results] == names
                for _, prop, _, value in results:
                    assert "Error" not in type(value).__name__, (each, prop, value)
                    values[str(each), str(prop)] = value
                for prop in (*names, "description"):
                    await peer.read(each, prop)
            return listed, values

    listed, values = asyncio.run(work())
    points = device.ask()["points"]
    rows = {row["name"]: row for row in catalogue.points()}
    assert 30 <= len(listed) <= 93
    seen = 0
    for each in listed:
        name = values[str(each), "object-name"]
        if name not in points or name in ("uptime_s", "eev_pct"):
            continue
        value, raw = values[str(each), "present-value"], points[name]
        row = rows[name]
        if str(each).startswith("analog"):
            unit = 10.0 ** row["bus_exponent"]
            scale = 0.01 if row["unit"] == "kPa" else 10.0 ** row["exponent"]
            failed = math.isnan(value) and raw in (-32768, 65535)
            assert failed or abs(value - raw * scale) <= max(0.5 * unit, 1e-4), each
        elif str(each).startswith("multi"):
            assert int(value) == raw - row["low"] + 1, each
        else:
            assert int(value) == raw, each
        seen += 1
    assert seen == len(listed) - 4, "all but device, port and the two that move meanwhile"


def test_bacpypes3_commands_relinquishes_and_is_refused(device):
    from bacpypes3.apdu import AbortPDU, ErrorPDU, ErrorRejectAbortNack, RejectPDU
    from bacpypes3.basetypes import BinaryPV
    from bacpypes3.primitivedata import Null, Real

    async def refused(call):
        with pytest.raises(ErrorRejectAbortNack) as why:
            await call
        assert not isinstance(why.value, (AbortPDU, RejectPDU)) and isinstance(why.value, ErrorPDU)
        return str(why.value)

    async def work():
        async with Bacpypes(device) as peer:

            def write(where, prop, value, index=None, priority=None):
                return peer.app.write_property(peer.address, where, prop, value, index, priority)

            flow, enable = "analog-value,2", "binary-value,1"
            await write(flow, "present-value", Real(41.5), None, 8)
            await write(enable, "present-value", BinaryPV("active"))
            state = device.ask()["points"]
            assert state["flow_setpoint_c"] == 4150 and state["enable"] == 1
            assert await peer.read(flow, "present-value") == 41.5
            assert plain(await peer.read(flow, "priority-array", 8)) == 41.5
            assert plain(await peer.read(flow, "current-command-priority")) == 8
            assert len(await peer.read(flow, "priority-array")) == 16
            await write(flow, "present-value", Null(()), None, 8)
            await write(enable, "present-value", Null(()), None, 16)
            state = device.ask()["points"]
            assert state["flow_setpoint_c"] == 3500 and state["enable"] == 0
            assert "property: write-access-denied" in await refused(write(flow, "object-name", "x"))
            assert "write-access-denied" in await refused(write(flow, "present-value", Real(41.0), None, 6))
            assert "value-out-of-range" in await refused(write(flow, "present-value", Real(99.0)))
            assert "value-out-of-range" in await refused(write(flow, "present-value", Real(math.nan)))
            assert "object: unknown-object" in await refused(peer.read("analog-value,99", "present-value"))
            assert "unknown-property" in await refused(peer.read("analog-input,3", "priority-array"))
            assert "invalid-array-index" in await refused(peer.read(flow, "priority-array", 17))
            assert "property-is-not-an-array" in await refused(peer.read(flow, "present-value", 1))

    asyncio.run(work())


def test_bacpypes3_is_told_of_changes(device):
    from bacpypes3.primitivedata import ObjectIdentifier

    flow = ObjectIdentifier("analog-value,2")

    async def work():
        async with Bacpypes(device) as peer:
            for confirmed in (False, True):
                subscribed = peer.app.change_of_value(
                    peer.address, flow, 7, issue_confirmed_notifications=confirmed, lifetime=60
                )
                async with subscribed as changes:
                    got = []
                    for wanted in (3500, 3600):
                        device.ask(f"flow_setpoint_c={wanted}")
                        while not got or got[-1] != wanted / 100:
                            prop, value = await asyncio.wait_for(changes.get_value(), 3.0)
                            if str(prop) == "present-value":
                                got.append(value)
                    assert got == [35.0, 36.0]
                device.ask("flow_setpoint_c=3500")
            active = await peer.read(f"device,{INSTANCE}", "active-cov-subscriptions")
            assert len(active) == 0, "the client has cancelled"

    asyncio.run(work())


def oid(kind, instance):
    return rusty.ObjectIdentifier(getattr(rusty.ObjectType, kind), instance)


PID = rusty.PropertyIdentifier
PV = PID.PRESENT_VALUE


def test_rusty_bacnet_reads_writes_and_is_refused(device):
    async def work():
        client = rusty.BACnetClient(interface="127.0.0.1", port=device.port + 1, apdu_timeout_ms=2000)
        async with client as c:
            at = device.address
            listed = (await c.read_property(at, oid("DEVICE", 4194303), PID.OBJECT_LIST)).value
            for each in listed:
                ((_, whole),) = [
                    r.values() for r in await c.read_property_multiple(at, [(each, [(PID.ALL, None)])])
                ]
                assert len(whole) > 10 and not [r for r in whole if r["error"]], each
            flow, enable = oid("ANALOG_VALUE", 2), oid("BINARY_VALUE", 1)
            real, enumerated = rusty.PropertyValue.real, rusty.PropertyValue.enumerated
            await c.write_property(at, flow, PV, real(40.0), 10)
            writes = [(flow, [(PV, real(42.0), 9, None)]), (enable, [(PV, enumerated(1), None, None)])]
            await c.write_property_multiple(at, writes)
            assert (await c.read_property(at, flow, PID.PRIORITY_ARRAY)).value[8] == 42.0
            assert device.ask()["points"]["enable"] == 1
            with pytest.raises(rusty.BacnetProtocolError) as why:
                bad = [
                    (flow, [(PV, real(43.0), 9, None)]),
                    (oid("ANALOG_INPUT", 3), [(PV, real(1.0), None, None)]),
                ]
                await c.write_property_multiple(at, bad)
            assert (why.value.error_class, why.value.error_code) == (2, 40)
            assert why.value.first_failed_write_attempt["object_identifier"] == oid("ANALOG_INPUT", 3)
            for call, wanted in (
                (c.read_property(at, oid("ANALOG_INPUT", 99), PV), (1, 31)),
                (c.read_property(at, flow, PID.STATE_TEXT), (2, 32)),
                (c.read_property(at, flow, PV, 1), (2, 50)),
                (c.read_property(at, flow, PID.PRIORITY_ARRAY, 17), (2, 42)),
                (c.write_property(at, flow, PV, rusty.PropertyValue.unsigned(40)), (2, 9)),
                (c.write_property(at, flow, PV, real(math.nan)), (2, 37)),
            ):
                with pytest.raises(rusty.BacnetProtocolError) as why:
                    await call
                assert (why.value.error_class, why.value.error_code) == wanted
            with pytest.raises(rusty.BacnetRejectError):
                await c.get_event_information(at)
            for call in (c.read_bdt(at), c.read_fdt(at), c.register_foreign_device_bvlc(at, 60)):
                with pytest.raises(rusty.BacnetBvlcNakError):
                    await call

    asyncio.run(work())


def test_rusty_bacnet_manages_the_device(tmp_path):
    device = Device(tmp_path, *OPEN, "bacnet_password=1234")

    async def work():
        client = rusty.BACnetClient(interface="127.0.0.1", port=device.port + 1, apdu_timeout_ms=2000)
        async with client as c:
            at = device.address
            await c.who_is_directed(at)
            await asyncio.sleep(0.2)
            (found,) = await c.discovered_devices()
            assert found.object_identifier.instance == INSTANCE and found.vendor_id == 999
            await c.time_synchronization(at, (2026, 11, 29, 7), (12, 30, 0, 0))
            await asyncio.sleep(0.2)
            told = (await c.read_property(at, oid("DEVICE", INSTANCE), PID.LOCAL_TIME)).value
            assert tuple(told)[:2] == (12, 30)
            assert device.ask()["points"]["clock_min"] == 750
            changes = await c.cov_notifications()
            await c.subscribe_cov(at, 5, oid("BINARY_VALUE", 1), True, 60)
            first = await asyncio.wait_for(anext(changes), 3.0)
            assert first.subscriber_process_identifier == 5 and first.time_remaining == 60
            device.ask("enable=1")
            second = await asyncio.wait_for(anext(changes), 3.0)
            assert second.monitored_object_identifier == oid("BINARY_VALUE", 1)
            quiet = rusty.EnableDisable.DISABLE_INITIATION
            with pytest.raises(rusty.BacnetProtocolError) as why:
                await c.device_communication_control(at, quiet, 1, "4321")
            assert (why.value.error_class, why.value.error_code) == (4, 26)
            await c.device_communication_control(at, quiet, 1, "1234")
            device.ask("enable=0")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(anext(changes), 0.5)
            await c.device_communication_control(at, rusty.EnableDisable.ENABLE, None, "1234")
            await asyncio.wait_for(anext(changes), 3.0)
            with pytest.raises(rusty.BacnetProtocolError) as why:
                await c.reinitialize_device(at, rusty.ReinitializedState.START_BACKUP, "1234")
            assert (why.value.error_class, why.value.error_code) == (5, 45)
            await c.reinitialize_device(at, rusty.ReinitializedState.WARMSTART, "1234")

    try:
        asyncio.run(work())
        assert device.process.wait(5.0) == 0 and "reset" in device.process.stdout.read()
    finally:
        device.process.kill()


def test_a_foreign_device_of_rusty_bacnets_bbmd(tmp_path):
    async def work():
        port = BASE + 19
        bbmd = rusty.BACnetClient(
            interface="127.0.0.1",
            port=port,
            bbmd=rusty.Bbmd(accept_foreign_devices=True),
            apdu_timeout_ms=2000,
        )
        async with bbmd as c:
            far = [f"bacnet_bbmd_{n + 1}={part}" for n, part in enumerate((127, 0, 0, 1))]
            far += [f"bacnet_bbmd_port_offset={port - 47808}", "bacnet_bbmd_lifetime=120"]
            device = await asyncio.to_thread(Device, tmp_path, *OPEN, *far)
            try:
                for _ in range(30):
                    await asyncio.sleep(0.1)
                    found = await c.discovered_devices()
                    if found:
                        break
                assert [each.object_identifier.instance for each in found] == [INSTANCE]
                (entry,) = await c.read_fdt(f"127.0.0.1:{port}")
                assert entry["address"] == device.address and entry["ttl"] == 120
                mode = await c.read_property(device.address, oid("NETWORK_PORT", 1), PID.BACNET_IP_MODE)
                assert mode.value == 1
            finally:
                device.process.kill()
                device.process.wait()

    asyncio.run(work())


def test_bac0_builds_its_list_of_points(device, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # it keeps its histories where it is started
    bac0 = pytest.importorskip("BAC0", reason="not run: needs BAC0 (make dev)")

    async def work():
        bac0.log_level("silence")
        async with bac0.start(ip="127.0.0.1/24", port=device.port + 1) as peer:
            made = await bac0.device(device.address, INSTANCE, peer, poll=0)
            assert len(made.points) > 30
            names = [point.properties.name for point in made.points]
            assert "flow_setpoint_c" in names and "enable" in names
            await peer._write(f"{device.address} analogValue 2 presentValue 43.5 - 8")
            assert await peer.read(f"{device.address} analogValue 2 presentValue") == 43.5
            texts = await peer.read(f"{device.address} multiStateInput 61 stateText")
            assert texts[5] == "defrosting"

    asyncio.run(work())


def test_an_address_in_use_is_told_and_tried_again(tmp_path):
    import socket

    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    Device.count += 1
    port = BASE + 4 * (Device.count % 4)
    taken.bind(("127.0.0.1", port))
    Device.count -= 1
    with pytest.raises(AssertionError, match="failed: OSError\\(98"):
        Device(tmp_path, *OPEN)
    taken.close()


def test_rusty_bacnet_shares_a_line_of_ms_tp(tmp_path):
    """Two masters on a pair of pseudo-terminals: tokens, requests, long answers, discovery, notifications."""
    from wire import Wire

    wire = Wire()
    words = ("commissioned=1", "bus_write=8", f"bacnet_instance_low={INSTANCE}", "mstp_max_master=10")
    device = Device(tmp_path, *words, host=wire.names[0])

    async def work():
        client = rusty.BACnetClient(
            transport="mstp", serial_port=wire.names[1], mstp_mac=3, mstp_max_master=10, apdu_timeout_ms=4000
        )
        async with client as c:
            await asyncio.sleep(1.5)
            listed = (await c.read_property("1", oid("DEVICE", 4194303), PID.OBJECT_LIST)).value
            assert len(listed) > 30 and listed[0] == oid("DEVICE", INSTANCE)
            for each in listed:
                found = await c.read_property_multiple(
                    "1", [(each, [(PID.OBJECT_NAME, None), (PID.OBJECT_TYPE, None)])]
                )
                assert not [r for r in found[0]["results"] if r["error"]], each
            flow = oid("ANALOG_VALUE", 2)
            changes = await c.cov_notifications()
            await c.subscribe_cov("1", 5, flow, True, 60)
            first = await asyncio.wait_for(anext(changes), 5.0)
            assert first.delivery == "confirmed" and first.time_remaining == 60
            await c.write_property("1", flow, PV, rusty.PropertyValue.real(42.5), 8)
            await asyncio.wait_for(anext(changes), 5.0)
            assert device.ask()["points"]["flow_setpoint_c"] == 4250
            found = await c.discover(1000)
            assert [each.object_identifier.instance for each in found] == [INSTANCE]
            assert found[0].max_apdu_length == 480
            with pytest.raises(rusty.BacnetAbortError):
                await c.read_property_multiple("1", [(each, [(PID.ALL, None)]) for each in listed[:6]])
            port = oid("NETWORK_PORT", 1)
            await c.write_property("1", port, PID.MAX_INFO_FRAMES, rusty.PropertyValue.unsigned(3))
            assert (await c.read_property("1", port, PID.MAX_INFO_FRAMES)).value == 3

    try:
        asyncio.run(work())
        assert device.ask()["counters"][7] == 0
    finally:
        device.process.kill()
        device.process.wait()
        wire.close()


CLIENT = """
import asyncio, sys
from bacpypes3.ipv4.app import NormalApplication
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import Address, IPv4Address

async def main():
    own = DeviceObject(objectIdentifier=("device", 599), objectName="peer", vendorIdentifier=15)
    app = NormalApplication(own, IPv4Address("10.77.0.2/24:" + sys.argv[1]))
    found = await app.who_is(timeout=2)
    print([each.iAmDeviceIdentifier[1] for each in found])
    app.close()

asyncio.run(main())
"""


def test_a_broadcast_who_is_between_two_network_namespaces(tmp_path):
    if os.geteuid() or not shutil.which("ip"):
        pytest.skip("not run: needs root and iproute2 for two network namespaces")
    near, far = f"bn{os.getpid()}a", f"bn{os.getpid()}b"

    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, text=True)

    try:
        if ip("netns", "add", near).returncode or ip("netns", "add", far).returncode:
            pytest.skip("not run: this machine allows no network namespaces")
        pair = ip("link", "add", "bn0", "netns", near, "type", "veth", "peer", "name", "bn0", "netns", far)
        if pair.returncode:
            pytest.skip(f"not run: no veth pair here: {pair.stderr.strip()}")
        for space, address in ((near, "10.77.0.1/24"), (far, "10.77.0.2/24")):
            assert not ip("-n", space, "addr", "add", address, "brd", "+", "dev", "bn0").returncode
            assert not ip("-n", space, "link", "set", "bn0", "up").returncode
            ip("-n", space, "link", "set", "lo", "up")
        words = (*OPEN, "broadcast=10.77.0.255")
        device = Device(tmp_path, *words, host="10.77.0.1", before=("ip", "netns", "exec", near))
        try:
            command = ["ip", "netns", "exec", far, sys.executable, "-c", CLIENT, str(device.port)]
            time.sleep(0.2)
            heard = subprocess.run(command, capture_output=True, text=True, timeout=30)
            assert heard.stdout.strip() == f"[{INSTANCE}]", heard.stderr
        finally:
            device.process.kill()
            device.process.wait()
    finally:
        ip("netns", "del", near)
        ip("netns", "del", far)
