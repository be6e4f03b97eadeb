"""The composition root: the only module that knows every other one."""

import asyncio
import io
import json
import sys

from .alarms import Alarms
from .bench.device import Device
from .control.controller import Controller
from .decisions import Log
from .link.protocol import Link
from .scan import Scan
from .settings import Settings
from .storage import Storage

VERSION = "0.1.0"
_PROFILE = "profile.json"
_LOG_ENTRIES = 64  # own: what a bus or console may take its time to fetch
_WHOLE_BUFFER = 1 << 16


def build(profile: dict, pins, port, medium) -> Scan:
    """The whole object graph on these pins, with what the storage medium (storage.py) holds.

    Raises ValueError naming the key of the profile that cannot be used.
    """
    settings = Settings()
    alarms = Alarms()
    log = Log(_LOG_ENTRIES)
    try:
        settings.load(profile["settings"])
        controller = Controller(profile, settings, alarms, log)
        storage = Storage(medium, settings, alarms, controller)
        return Scan(profile, pins, port, settings, alarms, log, controller, storage)
    except KeyError as error:
        raise ValueError("profile.json: %s is missing" % error.args[0])


def bench(profile: dict, port) -> Link:
    """The device side of the bench link, which builds a controller at every RESET."""
    return Link(Device(profile, port, build, VERSION), port)


def main():
    """Run until the bench says BYE or its line ends; a fault tells the bench and restarts."""
    from .ports.unix import Port

    with open(_PROFILE) as file:
        profile = json.load(file)
    port = Port()
    asyncio.run(_run(bench(profile, port), port))


async def _run(link: Link, port):
    others = (
        asyncio.create_task(_guarded(link, port, _scan(link.device))),
        asyncio.create_task(_guarded(link, port, _dead_man(link))),
    )
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
        link.fault(said.getvalue())
        port.restart()


async def _serve(link: Link, port):
    """Await the first byte, take what has come, act on every complete frame."""
    reader = asyncio.StreamReader(port.stream)
    most = _WHOLE_BUFFER if port.at_once else 1
    while link.alive:
        try:
            n = await reader.readinto(link.space(most))
        except OSError:  # the terminal's other side is closed
            return
        if n == 0:
            return
        if n:
            link.received(n)


async def _scan(device: Device):
    """The scan of a free run."""
    while True:
        await asyncio.sleep_ms(device.wait_ms())
        device.tick()


async def _dead_man(link: Link):
    while True:
        await asyncio.sleep_ms(1000)
        link.expire()
