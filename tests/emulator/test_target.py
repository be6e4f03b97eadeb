"""Target rp2040: the bench drives the deployed files in the emulator as it drives them on unix."""

from types import SimpleNamespace

import numpy as np
import pytest
from isentrope_hil.bench import Bench
from isentrope_hil.emulator.pinrig import PinRig
from isentrope_hil.scenario import load

# docs/emulator.md. What the board's 32-bit floats may change: nothing that is switched or counted, one part
# in 65535 of a reference, three of the last digit of a point.
EQUAL = ("relay", "level", "stepper_count")
REFERENCE = 2
DIGITS = 5


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
    assert board["link"]["steps"] == 1200
    assert board["link"]["retries"] == board["link"]["timeouts"] == 0


def test_scan_time(both):
    _, (board, _, _) = both
    assert board["device"]["scan_us_p50"] < 15_000
    assert board["device"]["scan_us_p99"] < 35_000


def test_traces_agree(both):
    (_, unix, profile), (_, board, _) = both
    assert [event[1:] for event in board.events] == [event[1:] for event in unix.events]
    for row in profile["io"]:
        name = f"{row['dir']}.{row['name']}"
        apart = np.abs(board.column(name) - unix.column(name))
        if row["kind"] in EQUAL:
            assert apart.max() == 0, name
        elif row["dir"] == "out":
            assert apart.max() <= REFERENCE, name
    for name in unix.names():
        if name.startswith("point."):
            point = next(signal for signal in unix._signals["point"] if f"point.{signal.name}" == name)
            apart = np.abs(board.column(name) - unix.column(name))
            assert np.nanmax(apart, initial=0.0) <= DIGITS * 10.0**point.exponent * 1.001, name


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
