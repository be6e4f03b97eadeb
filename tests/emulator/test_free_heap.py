"""Heap of the live firmware after its collections, while a host comes and goes, and the time of its scans
(docs/bench.md, "Budgets"); with no bus, and with all that the board can have at once; deployed, and in the
image.

2,000 scans take a quarter of an hour of processor time: ISENTROPE_SCANS=2000.
"""

import os

import numpy as np
import pytest
from busy import Busy
from isentrope_hil import profile
from isentrope_hil.attach import Attached
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.emulator.stream import BoardStream
from isentrope_sim.machine import load_machine
from isentrope_sim.rig import Rig

MACHINE = "ashp-r290-8kw"
KB = 1024
SETTLED = 200  # scans: the valve is homed, the machine starts
EVERY = 50  # scans in a visit; they collect every 30 or so
SCANS = int(os.environ.get("ISENTROPE_SCANS", "600"))
# The board; what it is asked for; KB that have to be free, deployed and frozen. RTU and MS/TP share the one
# RS-485 port for a field bus: either, not both.
CASES = {
    "pico-full, no bus": ("pico-full", {}, 50, 120),
    "pico-full, Modbus RTU": ("pico-full", {"modbus": 1}, 50, 120),
    "pico-full, MS/TP": ("pico-full", {"bacnet": 2}, 50, 120),
    "pico-w, no bus": ("pico-w", {}, 35, 80),
    "pico-w, Modbus TCP and BACnet/IP": ("pico-w", {"modbus": 2, "bacnet": 1}, 35, 80),
}
IMAGES = {"pico-full": "ISENTROPE_UF2", "pico-w": "ISENTROPE_UF2_W"}  # with _FROZEN, those with the firmware


def visits(image: str, name: str, buses: dict[str, int], frozen: bool) -> tuple[list[int], list[float]]:
    """Free heap after the last collection, at every visit from SETTLED on, of a machine that runs; ms of each
    scan.

    A visit lasts until the scans have collected: while the table is described, the profile is in memory.
    """
    machine = load_machine(MACHINE)
    made = profile.build(name, machine)
    made["settings"] |= buses
    board = Board(image)
    files = tree.profile_alone(made) if frozen else tree.build(made)
    board.flash_fs = littlefs.image(files, blocks=board.image.sectors)
    rig = Rig(machine, made["io"], seed=1)
    PinRig(board, made, rig)
    rig.set("load_w", 5000.0)
    busy = Busy(board, next(device["cs"] for device in made["devices"] if "cs" in device))
    board.boot()
    found = []
    for scans in range(EVERY, SCANS + EVERY, EVERY):
        with Attached(BoardStream(board)) as host:
            host.write("flow_setpoint_c", 35.0)
            host.write("enable", 1)
            host.log()
            host.events()
            host.settings()
            board.run(EVERY * made["scan_ms"])
            poll = host.poll()
        if scans >= SETTLED:
            found.append(poll.heap_free)
    assert board.resets == []
    assert poll.points["compressor"] == 1
    return found, busy.ms


@pytest.mark.parametrize("frozen", [False, True], ids=["deployed", "frozen"])
@pytest.mark.parametrize("case", CASES)
def test_enough_is_free_and_stays_free(case, frozen):
    name, buses, deployed_kb, frozen_kb = CASES[case]
    variable = IMAGES[name] + ("_FROZEN" if frozen else "")
    image = os.environ.get(variable)
    if not image:
        what = "an image with the firmware in it (docs/deploy.md)" if frozen else "a MicroPython image"
        pytest.skip(f"not run: needs {what} for {name}; {variable}=FILE.uf2 make test-emulator")
    found, ms = visits(image, name, buses, frozen)
    median, most = np.percentile(ms, [50, 99])
    print(case, [round(free / KB, 1) for free in found], f"{len(ms)} scans: {median:.1f}, p99 {most:.1f} ms")
    assert min(found) >= (frozen_kb if frozen else deployed_kb) * KB
    assert median <= 20.0 and most <= 45.0
    half = len(found) // 2
    assert max(found[half:]) >= max(found[:half]) - 256  # what is kept in a run would be missing for good
