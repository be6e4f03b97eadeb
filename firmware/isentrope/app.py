"""The composition root: the only module that knows every other one."""

import asyncio
import gc
import io
import json
import os
import sys

from micropython import const

from .alarms import Alarms
from .control.controller import Controller
from .decisions import Log
from .heap import Heap
from .ledger import Ledger
from .link.answers import Identity
from .link.protocol import Link
from .live import Live
from .modes import Modes
from .scan import Scan
from .settings import Settings
from .storage import Storage
from .tables import borrowed, settle

VERSION = "0.1.0"
_PROFILE = "profile.json"
_TRIAL = "trial"  # main.py goes back to the old firmware if this stays
_TRIAL_MS = 60_000
_POLL_MS = 10  # own: an ADS1115 converts in 8 ms
_MODBUS_ASKED = const(121)  # places in Settings.v
_BACNET_ASKED = const(133)
_MQTT_ASKED = const(198)
_NTP_ASKED = const(202)
_BUSES_MS = const(500)
_LOG_ENTRIES = 64  # own: what a bus or console may take its time to fetch


def build(profile: dict, pins, port, medium) -> Scan:
    """The whole object graph on these pins, with what the storage medium (storage.py) holds.

    Raises ValueError naming the key of the profile that cannot be used.
    """
    try:
        borrowed("possible").check(profile)
    except KeyError as error:
        raise ValueError("profile.json: %s is missing" % error.args[0])
    port.collect()  # tables and texts that were loaded are garbage, and nothing collects by itself
    settings = Settings()
    port.collect()
    alarms = Alarms()
    log = Log(_LOG_ENTRIES)
    try:
        settings.load(profile["settings"])
        port.collect()
        controller = Controller(profile, settings, alarms, log)
        port.collect()
        controller.ledger = ledger = Ledger()
        storage = Storage(medium, settings, alarms, controller, ledger)
        port.collect()
        controller.equip(profile)  # by the settings that were stored, too
        port.collect()
        scan = Scan(profile, pins, port, settings, alarms, log, controller, storage)
        settle()
        return scan
    except KeyError as error:
        raise ValueError("profile.json: %s is missing" % error.args[0])


def bench(profile: dict, port) -> Link:
    """The device side of the link without a machine; the bench builds a controller at every RESET."""
    heap = Heap(port)

    def read() -> dict:
        return profile

    return Link(Modes(port, heap, Identity(VERSION, port.name, profile, read), read, build), heap, port)


def main():
    """Run until the link's line ends, on unix until BYE; a fault tells the host and restarts."""
    port = _port()
    modes = _modes(port)
    gc.collect()
    gc.threshold(-1)  # Heap collects, in time; by itself only what would else fail for want of memory
    try:
        asyncio.run(_run(modes, Link(modes, modes.heap, port), port))
    finally:  # Ctrl-C on the console too
        modes.safe()


def _port():
    if sys.platform == "rp2":
        from .ports.rp2 import Port
    elif sys.platform == "esp32":
        from .ports.esp32 import Port
    else:
        from .ports.unix import Port
    return Port()


def _modes(port) -> Modes:
    """Live where the port has pins and the profile is good; safe, with the reason, where it is not."""
    heap = Heap(port)
    read = live = None
    why = ""
    identity = Identity(VERSION, port.name)
    try:
        profile = _profile()
        identity = Identity(VERSION, port.name, profile, _profile)
        read = _profile
        gc.collect()
        pins = port.pins(profile)
        if pins:
            scan = build(profile, pins, port, port.medium(profile))
            live = Live(scan, heap, port, profile["scan_ms"])
    except Exception as error:
        why = _said(error)
    return Modes(port, heap, identity, read, build, live, why)


def _profile() -> dict:
    """The profile beside the firmware in the active folder, or in the working directory."""
    for folder in (sys.path[0] + "/", ""):
        try:
            os.stat(folder + _PROFILE)
        except OSError:
            continue
        with open(folder + _PROFILE) as file:
            try:
                return json.load(file)
            except ValueError as error:
                raise ValueError("profile.json: %s" % error)
    raise ValueError("profile.json is not there")


def _said(error) -> str:
    """What went wrong; where, if it is more than a bad profile."""
    if isinstance(error, ValueError) and str(error).startswith("profile.json"):
        return str(error)
    if isinstance(error, KeyError):
        return "profile.json: %s is missing" % error.args[0]
    trace = io.StringIO()
    sys.print_exception(error, trace)
    lines = trace.getvalue().strip().split("\n")
    return "%s;%s" % (lines[-1], lines[-2]) if len(lines) > 1 else lines[-1]


async def _run(modes: Modes, link: Link, port):
    await _guarded(link, port, _begin(modes))
    works = [_scan(modes), _look(modes, link), _last(modes), _buses(modes, port)]
    if modes.live and (modes.live.scan.pins.polls or modes.live.scan.inp.more):
        works.append(_poll(modes, port))
    others = [asyncio.create_task(_guarded(link, port, work)) for work in works]
    await _guarded(link, port, _serve(link, port))
    for task in others:
        task.cancel()


async def _guarded(link: Link, port, work):
    """An exception that nobody caught makes the outputs safe, reaches the host and restarts the device."""
    try:
        await work
    except Exception as error:
        port.collect()  # it may have been a lack of heap
        said = io.StringIO()
        sys.print_exception(error, said)
        try:
            link.fault(said.getvalue())
        finally:
            port.restart()


async def _begin(modes: Modes):
    modes.begin()


async def _serve(link: Link, port):
    """Await the first byte, take what has come, act on every complete frame."""
    reader = asyncio.StreamReader(port.stream)
    first = bytearray(1)
    while link.alive:
        try:
            n = await reader.readinto(first)
        except OSError:  # the terminal's other side is closed
            return
        if n == 0:
            return
        if n:
            link.hear(first[0])


async def _scan(modes: Modes):
    """The scan on the port's clock: the machine's, or a free run's."""
    while True:
        await asyncio.sleep_ms(modes.wait_ms())
        modes.tick()


async def _poll(modes: Modes, port):
    """What the pins have to do between the scans."""
    while modes.live:
        modes.live.scan.poll(port.ticks_ms())
        await asyncio.sleep_ms(_POLL_MS)


async def _look(modes: Modes, link: Link):
    while True:
        await asyncio.sleep_ms(1000)
        modes.feed(link.expire())


def _asked(scan) -> bool:
    """Settings ask for a field bus, or for the time."""
    if not scan:
        return False
    v = scan.settings.v
    return bool(v[_MODBUS_ASKED] or v[_BACNET_ASKED] or v[_MQTT_ASKED] or v[_NTP_ASKED])


async def _buses(modes: Modes, port):
    """The field buses, loaded once a setting asks for one."""
    while not _asked(modes.scan):
        await asyncio.sleep_ms(_BUSES_MS)
    modes.heap.collect()
    from .bus.buses import Buses

    settle()
    await Buses(modes, modes.heap, port).run()


async def _last(modes: Modes):
    """A new firmware that has run for a minute stays, on the bench too."""
    await asyncio.sleep_ms(_TRIAL_MS)
    if modes.lasting and not modes.why:
        try:
            os.remove(_TRIAL)
        except OSError:
            pass


settle()
