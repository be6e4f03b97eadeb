import json
import subprocess
import sys
from importlib import metadata

import pytest
from isentrope_hil import cli_run, scenario


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["run", "demmo"], 2, "unknown scenario 'demmo'; did you mean demo or defrost?"),
        (["run", "no/such.toml"], 2, "no/such.toml"),
        (["run", "demo", "--target", "unux"], 2, "did you mean unix?"),
        (["run", "demo", "--target", "rp2040"], 3, "--image FILE.uf2"),
        (["run", "demo", "--target", "rp2040", "--image", "no/such.uf2"], 2, "image no/such.uf2"),
        (["run", "demo", "--target", "rp2040", "--image", __file__], 2, "is not a UF2 file"),
        (["run", "demo", "--target", "rp2040", "--free-run"], 2, "real time"),
        (["run", "demo", "--target", "serial:/dev/no-such-port"], 3, "/dev/no-such-port: not there"),
        (["run", "demo", "--target", "exec:/no/such/program"], 3, "/no/such/program"),
        (["run", "demo", "--heap", "many"], 2, "heap 'many'"),
        (["run", "demo", "--speed", "fast"], 2, "--speed fast"),
        (["run", "demo", "--link-noise", "1.5"], 2, "link noise 1.5"),
        (["run", "demo", "--seed", "-1"], 2, "--seed"),
        (["run", "demo", "--free-run", "--speed", "10"], 2, "--free-run"),
        (["run"], 2, "Missing argument 'scenario'; see isentrope run --help"),
        (["run", "demo", "--nonsense"], 2, "nonsense"),
        (["rnu"], 2, "rnu"),
        (["list", "machine"], 2, "machines"),
        (["export", "no/such/run", "--csv"], 2, "no/such/run"),
        (["export", "."], 2, "--csv"),
        (["steady", "ashp", "--source", "7", "--sink-out", "35"], 2, "ashp-r290-8kw"),
        (["steady", "ashp-r290-8kw", "--source", "70", "--sink-out", "35"], 2, "70"),
        (["steady", "ashp-r290-8kw", "--sink-out", "35"], 2, "--source"),
        (["link-check", "nothing"], 2, "unknown target 'nothing'"),
        (["link-check", "unix", "--machine", "ashp"], 2, "ashp"),
    ],
)
def test_mistakes_are_one_line_and_an_exit_code(isentrope, tmp_path, monkeypatch, words, code, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ISENTROPE_UF2", raising=False)
    got, out, err = isentrope(*words)
    assert (got, out) == (code, "")
    assert says in err
    assert err.startswith("isentrope: ")
    assert err.count("\n") == 1
    assert not list(tmp_path.glob("runs/*"))


def test_with_json_a_mistake_is_a_document(isentrope):
    code, out, err = isentrope("run", "demmo", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out) == {
        "error": "unknown scenario 'demmo'; did you mean demo or defrost?",
        "exit_code": 2,
    }


def test_with_json_ctrl_c_before_the_first_step_is_a_document(isentrope, monkeypatch, tmp_path):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scenario, "load", interrupted)
    code, out, _ = isentrope("run", "demo", "--json")
    assert (code, json.loads(out)) == (130, {"error": "interrupted", "exit_code": 130})


def test_the_version(isentrope):
    assert isentrope("--version") == (0, f"isentrope {metadata.version('isentrope')}\n", "")


def test_a_folder_with_other_things_is_not_written_to(isentrope, tmp_path):
    (tmp_path / "scenario.toml").write_text("mine")
    code, _, err = isentrope("run", "start-stop", "--out", str(tmp_path))
    assert code == 2
    assert "holds other things than a run" in err
    assert (tmp_path / "scenario.toml").read_text() == "mine"


def test_runs_of_the_same_second_get_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = [cli_run._new_folder("demo") for _ in range(3)]
    assert len(set(folders)) == 3
    assert all(folder.is_dir() for folder in folders)


def test_help_is_grouped(isentrope):
    code, out, _ = isentrope("--help")
    assert code == 0
    for word in ("run", "list", "link-check", "export", "machine", "bench"):
        assert word in out


def test_help_loads_nothing_heavy():
    heavy = {"numba", "plotly", "pyarrow", "isentrope_sim.rig"}
    code = f"import isentrope_hil.cli, sys; sys.exit(', '.join({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("what", ["machines", "scenarios", "boards", "points", "alarms", "settings"])
def test_everything_can_be_listed(isentrope, what):
    code, out, _ = isentrope("list", what, "--json")
    rows = json.loads(out)
    assert code == 0
    assert rows
    assert all(set(row) == set(rows[0]) for row in rows)
    code, out, _ = isentrope("list", what)
    assert str(next(iter(rows[0].values()))) in out


def test_steady_prints_one_document_with_the_agreed_keys(isentrope):
    conditions = ("--source", "7", "--sink-out", "35", "--heating-w", "5600")
    code, out, err = isentrope("steady", "ashp-r290-8kw", *conditions, "--json")
    point = json.loads(out)
    assert (code, err) == (0, "")
    assert point["heating_w"] == pytest.approx(5600, abs=1)
    agreed = {"machine", "refrigerant", "heating_w", "electric_w", "cop", "evaporating_k", "condensing_k"}
    agreed |= {"suction_superheat_k", "subcooling_k", "discharge_k", "mass_flow_kg_s", "speed_rps"}
    assert agreed | {"eev_opening", "defrost_loss"} <= set(point)
