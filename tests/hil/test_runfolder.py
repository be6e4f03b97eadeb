import errno
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from isentrope_hil import export, junit, runfolder, scenario, trends
from isentrope_hil.recorder import Recorder
from isentrope_hil.summary import RunInfo
from isentrope_sim.errors import InputError
from synthetic import INS, OUTS, POINTS, STATES, TRUTHS, recorder

TEXT = """machine = "ashp-r290-8kw"
board = "pico-full"
duration = "10min"
description = "a <synthetic> run"

[[timeline]]
at = "2min"
name = "enable"
write = { enable = 1 }

[[requirement]]
id = "SH-1"
ref = "issue 2"
name = "superheat </script> stays"
kind = "range"
signal = "superheat_k"
lo = 3

[[requirement]]
id = "P-1"
kind = "range"
signal = "true.p_discharge"
unit = "bar"
hi = 12

[[requirement]]
id = "X-1"
kind = "range"
signal = "frost_kg"
hi = 1
"""


def info(tmp_path: Path, text: str = TEXT, **changes) -> RunInfo:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    return RunInfo(scenario.load(file), "unix", 3, 2.0, console=b"boot\n", profile={"schema": 1}, **changes)


@pytest.fixture
def run(tmp_path):
    made = recorder(tmp_path, events={120.0: (1, 2, "state heating"), 200.0: (0x105, 1, "alarm <b>5</b>")})
    return tmp_path, made, runfolder.finish(tmp_path, made, info(tmp_path))


def test_the_document_has_what_was_promised(run):
    _, made, document = run
    assert json.loads(json.dumps(document)) == document
    assert (document["scenario"], document["target"], document["seed"]) == ("mine", "unix", 3)
    assert [each["verdict"] for each in document["requirements"]] == ["pass", "fail", "blocked"]
    assert document["verdict"] == "fail"
    assert (document["sim_seconds"], document["wall_seconds"], document["realtime_factor"]) == (
        600.0,
        2.0,
        300.0,
    )
    assert document["trace_sha256"] == made.sha256()
    assert (document["trace_rows"], document["trace_columns"]) == (1200, len(made.layout))
    assert document["summary"]["heat_kwh"] == pytest.approx(1.0, abs=1e-4)
    assert document["summary"]["cop"] == pytest.approx(6000 / 1300, abs=1e-3)
    assert document["summary"]["superheat_mean_k"] == 8.0
    assert (document["summary"]["starts"], document["summary"]["defrosts"]) == (1, 0)
    assert (document["link"]["rtt_us_p50"], document["device"]["scan_us_p99"]) == (180.0, 95.0)
    assert (document["device"]["heap_free_min"], document["device"]["gc_count"]) == (200_000, 11)


def test_the_folder_has_every_file_it_names(run):
    folder, _, document = run
    assert all(Path(path).is_file() for path in document["files"].values())
    assert json.loads((folder / "run.json").read_text()) == document
    assert (folder / "scenario.toml").read_text() == f'name = "mine"\n{TEXT}'
    assert (folder / "console.txt").read_bytes() == b"boot\n"
    assert (folder / "events.csv").read_text().splitlines()[1] == "120.000,1,2,state heating"
    assert pq.read_table(folder / "trace.parquet").num_rows == 1200


def test_the_replay_line_names_the_folders_copy(run):
    folder, _, document = run
    assert document["replay"] == f"isentrope run {folder}/scenario.toml --target unix --seed 3"
    assert (folder / "replay.txt").read_text().strip() == document["replay"]


def test_the_replay_line_repeats_what_made_the_run(tmp_path):
    line = runfolder.replay_command(
        tmp_path, info(tmp_path, link_noise=0.001, perturbation={"draw": 4}, free_run=True)
    )
    assert line.endswith("--seed 3 --free-run --perturb 4 --link-noise 0.001")
    assert runfolder.replay_command(tmp_path, info(tmp_path, heap="512k")).endswith("--seed 3 --heap 512k")


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28]")

    monkeypatch.setattr(junit, "write", full)
    with pytest.raises(InputError, match="run cannot be written: No space left on device"):
        runfolder.finish(tmp_path / "run", recorder(tmp_path / "run"), info(tmp_path))


def test_a_damaged_trace_is_one_line(tmp_path):
    (tmp_path / "trace.parquet").write_text("junk")
    with pytest.raises(InputError, match=r"trace\.parquet: not a readable trace"):
        export.to_csv(tmp_path)


def test_junit_has_every_requirement_with_its_id_and_reference(run):
    folder, _, _ = run
    suite = ET.parse(folder / "junit.xml").getroot()[0]
    assert {key: suite.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    first, second, third = suite.findall("testcase")
    assert {p.get("name"): p.get("value") for p in first.iter("property")} == {"id": "SH-1", "ref": "issue 2"}
    assert second.find("failure").get("message") == "13 bar; limit: at most 12 bar"
    assert "frost_kg" in third.find("error").get("message")


def test_a_run_that_ended_early_is_blocked_and_says_why(tmp_path):
    made = recorder(tmp_path, seconds=100.0)
    document = runfolder.finish(
        tmp_path, made, info(tmp_path, TEXT.split('[[requirement]]\nid = "P-1"')[0], error="the target died")
    )
    assert (document["verdict"], document["error"]) == ("blocked", "the target died")
    assert "the target died" in (tmp_path / "report.html").read_text()
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("errors")) == ("2", "2")


def test_a_run_that_ended_early_is_blocked_even_if_something_failed(tmp_path):
    document = runfolder.finish(tmp_path, recorder(tmp_path), info(tmp_path, error="the target died"))
    assert "fail" in [each["verdict"] for each in document["requirements"]]
    assert document["verdict"] == "blocked"


@pytest.mark.parametrize("steps", [0, 1])
def test_a_run_without_steps_leaves_a_folder_too(tmp_path, steps):
    made = (
        Recorder(tmp_path, INS, OUTS, POINTS, STATES, TRUTHS)
        if not steps
        else recorder(tmp_path, seconds=0.5)
    )
    document = runfolder.finish(tmp_path, made, info(tmp_path, error="no answer"))
    assert document["verdict"] == "blocked"
    assert document["trace_rows"] == steps
    assert (tmp_path / "report.html").is_file()


def test_a_free_running_board_has_no_hash(tmp_path):
    document = runfolder.finish(tmp_path, recorder(tmp_path), info(tmp_path, free_run=True))
    assert document["trace_sha256"] is None


def own_part(html: str) -> str:
    """The report without plotly's own code."""
    return re.sub(r"<script>/\*\*.*?</script>", "", html, flags=re.S)


def test_the_report_is_one_file_that_loads_nothing(run):
    html = (run[0] / "report.html").read_text()
    assert 4e6 < len(html) < 7e6
    assert not re.search(r"(src|href)\s*=|@import|url\(|https?://", own_part(html))


def test_the_report_escapes_what_it_was_given(run):
    html = own_part((run[0] / "report.html").read_text())
    assert "a &lt;synthetic&gt; run" in html
    assert "alarm &lt;b&gt;5&lt;/b&gt;" in html
    assert "superheat &lt;/script&gt; stays" in html


def test_the_report_shows_verdicts_hash_and_replay(run):
    html = own_part((run[0] / "report.html").read_text())
    assert run[1].sha256() in html
    assert run[2]["replay"] in html
    assert [html.count(f'class="verdict {each}"') for each in ("pass", "fail", "blocked")] == [1, 2, 1]


def test_downsampling_keeps_spikes():
    import numpy as np

    x = np.arange(100_000.0)
    y = np.sin(x / 5000)
    y[4321] = 9.0
    y[70_007] = -9.0
    kept_x, kept_y = trends.downsample(x, y)
    assert len(kept_x) <= trends.MOST_POINTS
    assert (kept_y.max(), kept_y.min()) == (9.0, -9.0)
    assert np.all(np.diff(kept_x) > 0)


def test_downsampling_bears_samples_that_are_not_numbers():
    import numpy as np

    y = np.full(10_000, np.nan)
    y[5000:5010] = 3.0
    _, kept = trends.downsample(np.arange(10_000.0), y)
    assert np.nanmax(kept) == 3.0


def test_csv_has_a_column_a_signal_with_its_unit(run):
    lines = export.to_csv(run[0]).read_text().splitlines()
    assert len(lines) == 1201
    assert '"true.heat_w [W]"' in lines[0].split(",")


def test_mdf4_has_a_channel_a_signal_with_its_unit(run):
    mdf = pytest.importorskip("asammdf").MDF(export.to_mdf4(run[0]))
    signal = mdf.get("point.superheat_k")
    assert (len(signal.samples), signal.unit, signal.samples[0]) == (1200, "K", 8.0)


def test_mdf4_without_its_package_is_one_clear_line(run, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "asammdf", None)
    with pytest.raises(InputError, match=r"pip install 'isentrope\[mdf\]'"):
        export.to_mdf4(run[0])


def test_a_folder_without_a_run_cannot_be_exported(tmp_path):
    with pytest.raises(InputError, match="no run is recorded there"):
        export.to_csv(tmp_path / "nothing")


def test_the_folders_copy_of_the_scenario_is_the_same_scenario(run):
    copied, given = scenario.load(run[0] / "scenario.toml"), scenario.load(run[0] / "mine.toml")
    assert (copied.name, copied.timeline, copied.requirements) == (
        given.name,
        given.timeline,
        given.requirements,
    )


def test_names_of_events_neither_overlap_nor_leave_the_page():
    def event(at_s: float, name: str) -> scenario.Event:
        return scenario.Event(at_s, name, {}, {"enable": 1.0}, 0.0, {})

    layout = {"shapes": [], "annotations": []}
    events = [event(5.0, "enable"), event(8.0, "load"), event(590.0, "stop-at-the-very-end-of-it")]
    trends._add_events(layout, events, 60.0, 1000.0, 10.0)
    first, last = layout["annotations"]
    assert len(layout["shapes"]) == 3
    assert first["text"] == "enable, load"
    assert (first["xanchor"], last["xanchor"]) == ("left", "right")
    assert last["text"] == "stop-at-the-very-en…"
    assert "stop-at-the-very-end-of-it, 590 s" in last["hovertext"]
