"""An air/air machine in reversal with frost on: the same bits again, restored and in another process."""

import os
import subprocess
import sys

import numpy as np
from rooms import MACHINES, RoomStand

SPLIT = MACHINES["minisplit-r32-3.5kw"]


def frosted():
    """Heating in wet air of 1 degC for 25 min, then reversed for 6 s: the slide is over, ice is left."""
    stand = RoomStand(SPLIT, 1.0, 0.95, 20.0, 0.5, cells=8)
    stand.run(1500, rps=60, eev_opening=0.3)
    stand.run(6, rps=40, reversing=1.0, fan=0.0)
    return stand


def thawing(stand):
    """On through cooling, the way back to heating included; every state and output of the end."""
    stand.put(speed_rps=40.0)
    stand.run(40, rps=40, reversing=1.0, fan=0.0).run(20, rps=40, reversing=0.0, fan=1.0)
    return np.concatenate([stand.plant.x, stand.plant.y])


def test_snapshot_in_a_reversal_with_frost_continues_bit_for_bit():
    stand = frosted()
    assert stand["frost_kg"] > 0.05, "kg; without ice nothing of it is shown"
    assert stand["reversing_position"] > 0.5
    saved = stand.plant.snapshot()
    first = thawing(stand)
    assert stand["reversing_position"] < 0.5
    stand.plant.restore(saved)
    assert np.array_equal(first, thawing(stand))


def test_another_process_gets_the_same_bits():
    here = thawing(frosted()).tobytes().hex()
    code = "from test_air_determinism import frosted, thawing; print(thawing(frosted()).tobytes().hex())"
    path = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    environment = os.environ | {"PYTHONHASHSEED": "5", "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == here, done.stderr
