"""Heap of the live firmware after its collections, while a host comes and goes (docs/bench.md, "Budgets").

2,000 scans take a quarter of an hour of processor time: ISENTROPE_SCANS=2000.
"""

import os

import pytest
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


def visits(image: str, name: str) -> list[int]:
    """Free heap after the last collection, at every visit from SETTLED on, of a machine that runs.

    A visit lasts until the scans have collected: while the table is described, the profile is in memory.
    """
    machine = load_machine(MACHINE)
    made = profile.build(name, machine)
    board = Board(image)
    board.flash_fs = littlefs.image(tree.build(made), blocks=board.image.sectors)
    rig = Rig(machine, made["io"], seed=1)
    PinRig(board, made, rig)
    rig.set("load_w", 5000.0)
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
    return found


@pytest.mark.parametrize(
    "name, variable, least",
    [("pico-full", "ISENTROPE_UF2", 50 * KB), ("pico-w", "ISENTROPE_UF2_W", 35 * KB)],
)
def test_enough_is_free_and_stays_free(name, variable, least):
    image = os.environ.get(variable)
    if not image:
        pytest.skip(f"not run: needs a MicroPython image of {name}; {variable}=FILE.uf2 make test-emulator")
    found = visits(image, name)
    print(name, [round(free / KB, 1) for free in found])
    assert min(found) >= least
    half = len(found) // 2
    assert max(found[half:]) >= max(found[:half]) - 256  # what is kept in a run would be missing for good
