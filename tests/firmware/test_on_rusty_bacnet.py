"""BACnet on MicroPython's unix port, over IP and MS/TP, against rusty-bacnet, which nobody here wrote."""

import asyncio
import math
import os

import pytest
from bacnet_peers import BASE, INSTANCE, OPEN, Device, device
from wire import Wire

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs MicroPython's unix port")
rusty = pytest.importorskip("rusty_bacnet", reason="not run: needs rusty-bacnet (make dev)")

__all__ = ["device"]  # pytest's fixture


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


def test_rusty_bacnet_shares_a_line_of_ms_tp(tmp_path):
    """Two masters on a pair of pseudo-terminals: tokens, requests, long answers, discovery, notifications."""
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
