"""Heap of the live firmware after its collections, while a host comes and goes, and the time of its scans
(docs/bench.md, "Budgets"); with no bus, and with all that the board can have at once.

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
BOARDS = [("pico-full", "ISENTROPE_UF2", 50 * KB), ("pico-w", "ISENTROPE_UF2_W", 35 * KB)]
# RTU and MS/TP share the one RS-485 port for a field bus: either, not both.
BUSES = {"pico-full": {"modbus": 1}, "pico-w": {"modbus": 2, "bacnet": 1}}


def visits(image: str, name: str, buses: dict[str, int]) -> tuple[list[int], list[float]]:
    """Free heap after the last collection, at every visit from SETTLED on, of a machine that runs; ms of each
    scan.

    A visit lasts until the scans have collected: while the table is described, the profile is in memory.
    """
    machine = load_machine(MACHINE)
    made = profile.build(name, machine)
    made["settings"] |= buses
    board = Board(image)
    board.flash_fs = littlefs.image(tree.build(made), blocks=board.image.sectors)
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


@pytest.mark.parametrize("name, variable, least", BOARDS)
@pytest.mark.parametrize("loaded", [False, True], ids=["no bus", "all buses"])
def test_enough_is_free_and_stays_free(name, variable, least, loaded):
    image = os.environ.get(variable)
    if not image:
        pytest.skip(f"not run: needs a MicroPython image of {name}; {variable}=FILE.uf2 make test-emulator")
    found, ms = visits(image, name, BUSES[name] if loaded else {})
    median, most = np.percentile(ms, [50, 99])
    print(name, [round(free / KB, 1) for free in found], f"{len(ms)} scans: {median:.1f}, p99 {most:.1f} ms")
    assert min(found) >= least
    assert median <= 20.0 and most <= 45.0
    half = len(found) // 2
    assert max(found[half:]) >= max(found[:half]) - 256  # what is kept in a run would be missing for good
