"""Target rp2040: the bench drives the deployed files in the emulator as it drives them on unix."""

from types import SimpleNamespace

import numpy as np
import pytest
from isentrope_hil.bench import Bench
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.scenario import load

# docs/emulator.md. What the board's 32-bit floats may change: nothing that is switched, two parts in 65535
# of a reference, five of the last digit of a point. The valve moves when its position is off by the dead
# band: whether that is now or a second later, the last bit of a float may decide. Then the needle stands a
# dead band apart until the next move, the rotor the play of the screw more, and the coils are on at other
# times. It must not drift apart, and the machine must hardly notice.
EQUAL = ("relay", "level")
REFERENCE = 2
DIGITS = 5
STEPS = ("point.eev_position_steps", "point.eev_target_steps", "out.eev_count")
VALVE = (*STEPS, "point.eev_pct", "point.flow_trim_pct")
DEAD_SHARE, PLAY_SHARE = 0.002, 0.0025  # of the stroke: control/valve.py, setting valve_play
TRIM_PCT = 0.4  # what the trim may learn from a valve that stands apart: a dead band's flow, half open
MEAN_STEPS = 1.0
PLANT_K = 0.15  # the plant behind a valve that stands apart, and so every temperature measured on it


def run(target, folder, **options):
    """The document of scenario `board`, its trace, its events."""
    with Bench(target=target, **options) as bench:
        document = bench.run(load("board"), folder)
        recorder = bench.recorder
        assert recorder is not None
        return document, recorder, dict(bench.profile)


@pytest.fixture(scope="module")
def both(uf2, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return run("unix", folder / "unix"), run("rp2040", folder / "rp2040", image=uf2)


def test_the_scenario_passes_with_the_same_verdicts(both):
    (unix, _, _), (board, _, _) = both
    assert board["verdict"] == unix["verdict"] == "pass"
    verdicts = [
        [(row["id"], row["verdict"]) for row in document["requirements"]] for document in (unix, board)
    ]
    assert verdicts[0] == verdicts[1]


def test_a_slow_emulator_causes_no_retries(both):
    _, (board, _, _) = both
    assert board["link"]["steps"] == 1440
    assert board["link"]["retries"] == board["link"]["timeouts"] == 0


def test_scan_time(both):
    _, (board, _, _) = both
    device = board["device"]
    print({key: device[key] for key in device if key.startswith("scan_us")})
    assert device["scan_us_p50"] < 20_000  # docs/bench.md, "Budgets"
    assert device["scan_us_p99"] < 45_000


def test_traces_agree(both):
    (_, unix, profile), (_, board, _) = both
    assert [event[1:] for event in board.events] == [event[1:] for event in unix.events]

    def apart(name):
        return np.abs(board.column(name) - unix.column(name))

    stroke = profile["valve"]["steps"]
    for name in STEPS:
        assert apart(name).max() <= stroke * (DEAD_SHARE + PLAY_SHARE) + 1, name
        assert apart(name).mean() <= MEAN_STEPS, name
    assert apart("point.eev_pct").max() <= 100.0 * (DEAD_SHARE + PLAY_SHARE + 1 / stroke)
    assert apart("point.flow_trim_pct").max() <= TRIM_PCT
    assert apart("state.actuator.eev_needle_steps").max() <= stroke * DEAD_SHARE + 1
    assert apart("true.superheat_k").max() <= PLANT_K
    moved = apart("out.eev_count") > 0
    # They are switched on the scan before, and off the scan after.
    moved[:-1] |= moved[1:]
    moved[1:] |= moved[:-1]
    assert not apart("out.eev_coils")[~moved].any()

    for row in profile["io"]:
        name = f"{row['dir']}.{row['name']}"
        if row["kind"] in EQUAL and name != "out.eev_coils":
            assert apart(name).max() == 0, name
        elif row["dir"] == "out" and row["kind"] not in (*EQUAL, "stepper_count"):
            assert apart(name).max() <= REFERENCE, name
    for signal in unix._signals["point"]:
        name = f"point.{signal.name}"
        if name not in VALVE:
            allowed = DIGITS * 10.0**signal.exponent * 1.001
            if signal.unit in ("degC", "K"):
                allowed = max(allowed, PLANT_K)
            assert np.nanmax(apart(name), initial=0.0) <= allowed, name


def test_no_pin_moves_in_a_bench_run(uf2):
    bench = Bench(target="rp2040", image=uf2)
    target = bench.target
    start = target.start
    made: list[PinRig] = []

    def start_wired(profile):
        start(profile)
        inputs = sum(row["dir"] == "in" for row in profile["io"])
        still = SimpleNamespace(raw_in=[2048] * inputs, step=lambda outs, dt_s: None)
        made.append(PinRig(target._stream.board, profile, still))

    target.start = start_wired
    with bench:
        bench.reset()
        pins = made[0]
        _, *rest = safe = pins.raw_out()  # the first is where the valve got before HELLO
        assert rest == [0] * len(rest)
        moved = len(pins.expanders[0].history)
        bench.write("enable", 1)
        bench.write("test_speed_rps", 40.0)
        bench.step(150)
        assert bench.raw("compressor_run") == 1 and bench.raw("eev_count") != 0
        assert len(pins.expanders[0].history) == moved
        assert pins.raw_out() == safe
        assert not pins.coils.illegal
