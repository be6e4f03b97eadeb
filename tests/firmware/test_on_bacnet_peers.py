"""BACnet on MicroPython's unix port against bacpypes3 and BAC0, which nobody here wrote."""

import asyncio
import math
import os
import socket
import subprocess
import sys
import time

import pytest
from bacnet_peers import BASE, INSTANCE, OPEN, Device, device
from isentrope_hil import catalogue
from namespaces import namespaces

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")
bacpypes3 = pytest.importorskip("bacpypes3", reason="not run: needs bacpypes3 (make dev)")

__all__ = ["device"]  # pytest's fixture

REQUIRED = {
    "analog-input": "units",
    "analog-value": "units",
    "binary-input": "polarity",
    "binary-value": "",
    "multi-state-input": "number-of-states",
    "multi-state-value": "number-of-states",
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
OF_COMMANDED = "priority-array relinquish-default current-command-priority"


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
                if "priority-array" in properties:
                    names += OF_COMMANDED.split()
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
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    Device.count += 1
    port = BASE + 4 * (Device.count % 4)
    taken.bind(("127.0.0.1", port))
    Device.count -= 1
    with pytest.raises(AssertionError, match="failed: OSError\\(98"):
        Device(tmp_path, *OPEN)
    taken.close()


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
    with namespaces(("10.77.0.1", "10.77.0.2")) as net:
        words = (*OPEN, "broadcast=10.77.0.255")
        device = Device(tmp_path, *words, host="10.77.0.1", before=("ip", "netns", "exec", net.near))
        try:
            command = ["ip", "netns", "exec", net.far, sys.executable, "-c", CLIENT, str(device.port)]
            time.sleep(0.2)
            heard = subprocess.run(command, capture_output=True, text=True, timeout=30)
            assert heard.stdout.strip() == f"[{INSTANCE}]", heard.stderr
        finally:
            device.process.kill()
            device.process.wait()
