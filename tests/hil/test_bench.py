"""The bench and its runner around a small stand-in for the plant, with the example device as a process."""

import json
import os
import signal
import sys
import threading

import numpy as np
import pytest
from isentrope_hil import bench as bench_module
from isentrope_hil import runfolder, runner, scenario
from isentrope_hil.bench import T0_MS, Bench
from isentrope_hil.errors import TableDiffers, TargetDied, TargetError
from isentrope_sim.errors import InputError
from link_example import COMMAND, PATH, PROFILE, RAW_IN

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and pseudo-terminals")


class StandIn:
    """As much of a Rig as the bench uses; its state follows from what it is given."""

    state_names = ("sum", "outdoor_c")
    truth_names = ("speed_rps",)

    def __init__(self, machine, io_rows, *, seed, **_):
        self.seed = seed
        self.reset(280.0, 0.5, 300.0)

    def reset(self, outdoor_k, rh, water_k):
        self.raw_in = list(RAW_IN)
        self.state = np.array([float(self.seed), outdoor_k - 273.15])
        self.truth = np.zeros(1)

    def set(self, name, value):
        self.state[1] = value

    def knob(self, name):
        return self.state[1]

    def step(self, raw_out, dt_s):
        self.state[0] += dt_s * self.state[1]
        self.raw_in[0] = int(self.state[0]) & 0xFFF
        return self.raw_in


@pytest.fixture(autouse=True)
def stand_in(monkeypatch):
    monkeypatch.setattr(bench_module, "Rig", StandIn)
    monkeypatch.setattr(bench_module, "load_machine", lambda name: name)
    monkeypatch.setattr(bench_module.profile, "build", lambda board, machine: PROFILE)


def example(**options) -> Bench:
    return Bench("example-machine", "example-board", f"exec:{COMMAND}", **options)


def sha256(**options) -> str:
    with example(**options) as bench:
        bench.reset()
        recorder = bench.record(".")
        bench.step(300)
    return recorder.sha256()


def a_scenario(**changes) -> scenario.Scenario:
    given = {
        "name": "test",
        "path": PATH,
        "text": "",
        "description": "",
        "machine": "example-machine",
        "board": "example-board",
        "duration_s": 100.0,
        "seed": 1,
        "initial": scenario.Initial(),
        "settings": {"setpoint": 35.0},
        "timeline": (scenario.Event(10.0, "cold", plant={"outdoor_c": -7.0}, write={"enable": 1.0}),),
        "requirements": (),
    }
    return scenario.Scenario(**given | changes)


def test_steps_reads_writes_and_turns_knobs():
    with example() as bench:
        bench.reset(outdoor_c=5.0)
        bench.step(3)
        assert (bench.read("scans"), bench.read("enable"), bench.t_s) == (3.0, 0.0, 1.5)
        bench.write("enable", 1)
        bench.knob("outdoor_c", -7.0)
        bench.step()
        assert bench.read("enable") == 1.0
        assert bench.rig.state[1] == -7.0
        assert bench.raw("suction_t") == bench.rig.raw_in[0]
        assert bench.raw("eev_count") == 0
        assert bench.truth("speed_rps") == 0.0


def test_names_and_values_are_checked():
    with example() as bench:
        bench.reset()
        for wrong in (
            lambda: bench.read("scan"),
            lambda: bench.write("scans", 1),
            lambda: bench.write("setpoint", 70.0),
            lambda: bench.write("setpont", 30.0),
            lambda: bench.reset(settings={"setpoint": 10.0}),
            lambda: bench.truth("speed"),
            lambda: bench.raw("nothing"),
        ):
            with pytest.raises(InputError):
                wrong()


def test_the_same_seed_gives_the_same_trace_and_another_another():
    first = sha256(seed=1)
    assert sha256(seed=1) == first
    assert sha256(seed=2) != first


def test_noise_pace_and_halts_change_nothing():
    plain = sha256()
    assert sha256(link_noise=0.01) == plain
    assert sha256(speed=1000.0) == plain
    assert sha256(halt=True) == plain


def test_control_time_starts_ten_minutes_before_its_wrap():
    with example() as bench:
        bench.reset()
        recorder = bench.record(".")
        bench.step(1205)
    t_s = recorder.column("t_s")
    assert (1 << 30) - T0_MS == 600_000
    assert np.allclose(np.diff(t_s), 0.5)
    assert t_s[-1] == 602.0


def test_another_board_or_signal_is_found_before_the_first_step(monkeypatch):
    other = {**PROFILE, "board": "other-board"}
    monkeypatch.setattr(bench_module.profile, "build", lambda board, machine: other)
    # The command describes another profile than the one the bench goes by.
    command = (
        f"{sys.executable} -c \"import json, os, runpy; p = json.load(open(os.environ['ISENTROPE_PROFILE']));"
    )
    changed = command + (
        " p['io'][0]['name'] = 'suction_x'; p['board'] = '{}';"
        " json.dump(p, open(os.environ['ISENTROPE_PROFILE'], 'w'));"
        f" runpy.run_path('{PATH}', run_name='__main__')\""
    )
    with pytest.raises(TableDiffers, match="board 'example-board', this run needs 'other-board'"):
        Bench(target=f"exec:{changed.format('example-board')}").__enter__()
    with pytest.raises(TableDiffers, match="missing or of another type: suction_t; unexpected: suction_x"):
        Bench(target=f"exec:{changed.format('other-board')}").__enter__()


def test_a_scenario_is_run_and_recorded(tmp_path):
    calls = []
    outcome = runner.run(example(), a_scenario(), tmp_path / "run", lambda *args: calls.append(args))
    document = outcome.document
    assert not outcome.interrupted
    assert document["sim_seconds"] == 100.0
    assert document["trace_rows"] == 200
    assert document["link"]["steps"] == 200
    assert calls[-1][1] == 100.0
    assert json.loads((tmp_path / "run" / "run.json").read_text())["trace_sha256"] == document["trace_sha256"]


def test_a_scenario_that_asks_for_other_signals_is_refused():
    with pytest.raises(TargetError, match="setpont"):
        runner.run(example(), a_scenario(settings={"setpont": 35.0}), None)


def test_a_bench_runs_a_scenario_and_lives_on():
    with example() as bench:
        document = bench.run(a_scenario())
        assert document["trace_rows"] == 200
        bench.step()
        with pytest.raises(InputError, match="needs machine 'another'"):
            bench.run(a_scenario(machine="another"))


def once(act):
    """A progress callback that acts when the first seconds are simulated, however slow the machine is."""
    waiting = [act]

    def told(_name, seconds, *_rest):
        if waiting and seconds > 0.0:
            waiting.pop()()

    return told


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_target_that_dies_leaves_the_partial_run(tmp_path, how):
    bench = example()
    killed = once(lambda: os.kill(bench.target.pid, how))
    document = runner.run(bench, a_scenario(), tmp_path / "run", killed).document
    assert document["verdict"] == "blocked"
    assert f"killed by signal {how.name}" in document["error"]
    assert 0 < document["trace_rows"] < 200
    assert (tmp_path / "run" / "trace.parquet").stat().st_size > 0


def test_ctrl_c_keeps_the_partial_run(tmp_path):
    bench = example()
    outcome = runner.run(
        bench, a_scenario(), tmp_path / "run", once(lambda: os.kill(os.getpid(), signal.SIGINT))
    )
    assert outcome.interrupted
    assert "interrupted" in outcome.document["error"]
    assert 0 < outcome.document["trace_rows"] < 200
    assert bench.target.obituary() == "exit code 0"  # it was told BYE


def test_ctrl_c_while_the_folder_is_written_waits_for_it(tmp_path, monkeypatch):
    finish = runfolder.finish

    def interrupted(*given):
        os.kill(os.getpid(), signal.SIGINT)
        return finish(*given)

    monkeypatch.setattr(runfolder, "finish", interrupted)
    outcome = runner.run(example(), a_scenario(), tmp_path / "run")
    assert outcome.interrupted
    assert outcome.document["error"] is None
    assert (tmp_path / "run" / "report.html").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_somebodys_test_keeps_the_partial_run_too(tmp_path):
    with example(speed=50.0) as bench, pytest.raises(KeyboardInterrupt):
        threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        bench.run(a_scenario(), tmp_path / "run")
    assert "interrupted" in json.loads((tmp_path / "run" / "run.json").read_text())["error"]


def test_a_program_that_ends_at_once_says_so():
    bench = Bench(target=f"exec:{sys.executable} -c 'import sys; sys.exit(\"no sensor board\")'")
    with pytest.raises(
        TargetDied, match="exit code 1; its last words: no sensor board; try: isentrope link-"
    ):
        bench.start()
    bench.close()


def test_too_little_heap_is_said_in_one_line_without_a_traceback():
    bench = Bench(target="unix", heap="64k")
    with pytest.raises(TargetDied, match=r"MemoryError: .*; give it more memory than --heap 64k") as raised:
        bench.start()
    assert "Traceback" not in str(raised.value)
    bench.close()
