"""`isentrope experiment` as a user meets it."""

import json

import pytest
from isentrope_sim import stable_line
from isentrope_sim.machine import load_machine


@pytest.fixture
def short(monkeypatch):
    """The same experiment on fewer points, watched for a minute."""
    monkeypatch.setattr(stable_line, "SETTLE_S", 300.0)
    monkeypatch.setattr(stable_line, "WATCH_S", 60.0)
    monkeypatch.setattr(
        stable_line.stable_line, "__kwdefaults__",
        stable_line.stable_line.__kwdefaults__ | {"loads": (0.3, 1.0), "superheats": (4.0, 9.0)},
    )  # fmt: skip


def test_stable_line_as_data_and_picture(isentrope, short, tmp_path):
    picture = tmp_path / "line.png"
    code, out, err = isentrope("experiment", "stable-line", "ashp-r290-8kw", "--plot", str(picture), "--json")
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [p["load"] for p in document["points"]] == [0.3, 0.3, 1.0, 1.0]
    assert [row["load"] for row in document["line"]] == [0.3, 1.0]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_stable_line_for_people(isentrope, short):
    code, out, _ = isentrope("experiment", "stable-line", "ashp-r290-8kw")
    assert code == 0
    assert "least stable superheat, K" in out and "100 %" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ashp-r290",), "machine 'ashp-r290' not found, known are: ashp-r290-8kw"),
        (("ashp-r290-8kw", "--plot", "line.html"), "--plot line.html: the plot is a .png file"),
        (("ashp-r290-8kw", "--seed", "-1"), "seed"),
    ],
)
def test_mistakes_are_one_line(isentrope, words, says):
    code, out, err = isentrope("experiment", "stable-line", *words)
    assert (code, out) == (2, "")
    assert says in err and err.count("\n") == 1


def test_progress_is_told_and_a_load_out_of_range_named(short):
    seen = []
    stable_line.stable_line(load_machine("ashp-r290-8kw"), progress=lambda *done: seen.append(done))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with pytest.raises(ValueError, match=r"load is 1.2, allowed 0.05 to 1"):
        stable_line.stable_line(load_machine("ashp-r290-8kw"), loads=(1.2,))
