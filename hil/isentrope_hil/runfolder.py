"""The folder a run leaves behind.

scenario.toml profile.json trace.parquet events.csv run.json report.html junit.xml console.txt replay.txt
storage.bin, the controller's flash at the end, and storage-before.bin where the run began with one
"""

import csv
import json
import os
import platform
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from isentrope_sim.errors import InputError

from isentrope_hil import junit, report, summary
from isentrope_hil.recorder import Recorder
from isentrope_hil.scenario import Scenario
from isentrope_hil.summary import RunInfo
from isentrope_hil.targets.unix import DEFAULT_HEAP

_BEFORE = "storage-before.bin"
_VERSIONED = ("isentrope", "numpy", "numba", "pyarrow", "plotly")


def versions() -> dict[str, str]:
    """Versions of what made the run."""
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for name in _VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def replay_command(run_dir: Path, info: RunInfo) -> str:
    """The one line that runs it again.

    It names the folder's copy of the scenario, or the original where that refers to files beside it.
    """
    own_files = "/" in info.scenario.machine or "/" in info.scenario.board
    source = info.scenario.path if own_files else run_dir / "scenario.toml"
    words = ["isentrope", "run", str(source), "--target", info.target, "--seed", str(info.seed)]
    if info.free_run:
        words.append("--free-run")
    if "draw" in info.perturbation:
        words += ["--perturb", str(info.perturbation["draw"])]
    if info.storage_before:
        words += ["--storage", str(run_dir / _BEFORE)]
    if info.link_noise:
        words += ["--link-noise", f"{info.link_noise:g}"]
    if info.heap != DEFAULT_HEAP:
        words += ["--heap", info.heap]
    if info.image:
        words += ["--image", info.image]
    return shlex.join(words)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turns a full disk, a missing permission and the like into an `InputError` that names `place`."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"{place} cannot be written: {reason}") from None


def finish(run_dir: Path, recorder: Recorder, info: RunInfo) -> dict[str, Any]:
    """Judge the run, write its folder (of a partial run too), return the JSON document of `isentrope run`.

    Raises:
        InputError: the folder cannot be written.
    """
    with writing(run_dir):
        run_dir.mkdir(parents=True, exist_ok=True)
        return _finish(run_dir, recorder, info)


def _finish(run_dir: Path, recorder: Recorder, info: RunInfo) -> dict[str, Any]:
    results = summary.judge(recorder, info)
    files = {
        name: str(run_dir / file)
        for name, file in {
            "scenario": "scenario.toml",
            "profile": "profile.json",
            "trace": "trace.parquet",
            "events": "events.csv",
            "json": "run.json",
            "report": "report.html",
            "junit": "junit.xml",
            "console": "console.txt",
            "replay": "replay.txt",
        }.items()
    }
    for name, file, image in (
        ("storage_before", _BEFORE, info.storage_before),
        ("storage", "storage.bin", info.storage),
    ):
        if image:
            files[name] = str(run_dir / file)
            Path(files[name]).write_bytes(image)
        else:  # an earlier run's
            (run_dir / file).unlink(missing_ok=True)
    document = summary.document(recorder, info, results, files)
    document |= {"replay": replay_command(run_dir, info), "versions": versions()}
    document |= {"perturbation": info.perturbation, "link_noise": info.link_noise, "speed": info.speed}
    Path(files["scenario"]).write_text(_named(info.scenario), encoding="utf-8")
    Path(files["profile"]).write_text(json.dumps(info.profile, indent=1) + "\n", encoding="utf-8")
    Path(files["console"]).write_bytes(info.console)
    Path(files["replay"]).write_text(document["replay"] + "\n", encoding="utf-8")
    Path(files["json"]).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    recorder.finish({"scenario": info.scenario.name, "seed": str(info.seed), "target": info.target})
    _write_events(Path(files["events"]), recorder)
    junit.write(Path(files["junit"]), info.scenario.name, results, info.wall_seconds, info.error)
    fluid = str(info.profile.get("fluid", ""))
    report.write(Path(files["report"]), recorder, info.scenario, document, fluid)
    return document


def _named(scenario: Scenario) -> str:
    """The scenario's text with its name in it, which otherwise is the file's and changes with a copy."""
    if "name" in tomllib.loads(scenario.text):
        return scenario.text
    return f"name = {json.dumps(scenario.name)}\n{scenario.text}"


def _write_events(path: Path, recorder: Recorder) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["t_s", "code", "value", "text"])
        for time_s, (_, code, value, text) in zip(recorder.event_times_s(), recorder.events, strict=True):
            writer.writerow([f"{time_s:.3f}", code, value, text])
