"""A hundred random moves at the pins, while the processor collects garbage and talks to its serial port."""

import json
import random

import numpy as np
from isentrope_hil.deploy import littlefs, tree
from isentrope_hil.emulator.board import Board
from isentrope_hil.emulator.coils import SEQUENCES, StepCounter
from repl import Repl

MOVES = 100
EMULATED_MS = 60_000.0
JITTER = 0.01
COLLECTION_US = 25_000
# Rate in steps/s, ramp in steps up from a fifth of the rate, driver, half steps.
VALVES = (
    (30, 0, "bipolar", False),
    (60, 8, "unipolar", True),
    (120, 8, "bipolar", True),
    (200, 16, "bipolar", False),
    (400, 24, "unipolar", False),
    (600, 32, "bipolar", False),
)
PREPARE = """
import sys, gc, json
gc.disable()
sys.path.insert(0, "a")
import pack
pack.mount("a")
from time import sleep_ms, ticks_us, ticks_diff
from isentrope.ports import rp2
with open("a/profile.json") as file:
    profile = json.load(file)
profile = {"io": [row for row in profile["io"] if row["kind"] == "stepper_count"], "valve": profile["valve"]}
gc.collect()
ballast = []
took = 0
def collect():
    global took
    t = ticks_us()
    gc.collect()
    took = ticks_diff(ticks_us(), t)
while took < 26_000:
    ballast.append([[0] for _ in range(100)])
    collect()
port = rp2.Port()
line = bytearray(40)
"""
MOVE = """
profile["valve"].update({valve})
steps = rp2.pulses(profile, lambda on: None)
counts = []
least = []
heard = 0
for target in {targets}:
    steps.go(target)
    sleep_ms(5)
    collect()  # in the ramp, where there is one
    least.append(took)
    while steps.busy:
        heard += port.take(line)
        port.write(b"superheat 8.02 K\\n", 17)
        sleep_ms(20)
    counts.append(steps.count)
sleep_ms(50)
heard += port.take(line)
print("=" + json.dumps([counts, min(least), heard]))
"""


def moves(rng, rate, number):
    """Targets of so many moves, the last one back to 0; a third of a second each on average."""
    targets = []
    at = 0
    for _ in range(number - 1):
        at = rng.choice([to for to in range(-rate // 2, rate // 2) if to != at])
        targets.append(at)
    return [*targets, 0] if at else [*targets[:-1], 1, 0]


def nominal_ms(steps, rate, ramp):
    """Between each two steps of a move: ports/rp2_steps.py."""
    first = rate / 5 if ramp else rate
    levels = [min(k, ramp, steps - 1 - k) for k in range(1, steps)]
    return [1000 / (first + (rate - first) * level / ramp if ramp else rate) for level in levels]


def test_steps_at_the_pins_are_those_commanded(uf2, pico_full):
    board = Board(uf2)
    board.flash_fs = littlefs.image({**tree.build(pico_full), "maintenance": b""}, blocks=board.image.sectors)
    board.boot()
    board.run(300)
    repl = Repl(board)
    repl.run(PREPARE)
    take = board.on_serial

    def answer(data):
        take(data)
        if data.endswith(b"K\r\n") or data.endswith(b"K\n"):
            board.send(b"8.0\n")

    board.on_serial = answer
    row = next(row for row in pico_full["io"] if row["kind"] == "stepper_count")
    motors = []
    pins = row["hw"][1:]
    board.pins.watch(pins, lambda ms, pin, level: motors[-1].change(ms, pin - pins[0], level))
    rng = random.Random(3)
    began = board.ms
    made = 0
    worst = 0.0
    for place, (rate, ramp, drive, half) in enumerate(VALVES):
        number = len(range(place, MOVES, len(VALVES)))
        targets = moves(rng, rate, number)
        valve = {"rate_hz": rate, "start_rate_hz": rate / 5 if ramp else rate, "ramp_steps": ramp}
        valve |= {"drive": drive, "half_steps": half, "steps": rate, "overdrive_steps": 0}
        motors.append(StepCounter(SEQUENCES[drive, half]))
        said = repl.run(MOVE.format(valve=valve, targets=targets))
        counts, least, heard = json.loads(said[said.rindex("=") + 1 :])
        assert least >= COLLECTION_US and heard >= 4 * number
        motor = motors[-1]
        assert counts == targets
        assert motor.position == 0 and not motor.illegal
        times = [ms for ms, _ in motor.steps]
        at = before = 0
        for target in targets:
            steps = abs(target - before)
            part = motor.steps[at : at + steps]
            assert [position for _, position in part] == [
                before + (k + 1) * (1 if target > before else -1) for k in range(steps)
            ]
            periods = np.diff(times[at : at + steps])
            if len(periods):
                worst = max(worst, float(np.abs(periods / nominal_ms(steps, rate, ramp) - 1).max()))
            at += steps
            before = target
        assert at == len(motor.steps)
        made += number
    assert made == MOVES
    assert worst < JITTER
    assert board.ms - began < EMULATED_MS
    print(
        f"\n{made} moves, {sum(len(motor.steps) for motor in motors)} steps, worst period off by {worst:.4%}"
    )
