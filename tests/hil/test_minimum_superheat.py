"""The search for the least stable superheat as an experiment: its figures, and the command."""

import json

import numpy as np
import pytest
from isentrope_hil import minimum_superheat
from isentrope_sim import stable_line

LINE = 5.0


def course(*pieces):
    """True superheat second by second, of (seconds, K)."""
    return np.concatenate([np.full(seconds, k) for seconds, k in pieces])


def test_what_is_found_is_a_mean_of_five_minutes_within_a_kelvin():
    found = minimum_superheat.judge(course((600, 8.0), (1200, 5.8)), LINE)
    # Within 1 K once a fifth of the five minutes is left at 8 K ((8 - 6) / (8 - 5.8) of it gone).
    assert found["found_min"] == pytest.approx((600 + 300 * (2.0 / 2.2)) / 60.0, abs=0.05)
    assert found["over_k"] == pytest.approx(0.8) and found["cycles"] == 0 and found["met"] is True
    assert found["highest_k"] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("true", "why"),
    [
        (course((1800, 8.0)), "never found"),
        (course((1300, 8.0), (1000, 5.5)), "found late"),
        (course((600, 5.5), (1200, 7.0)), "left again"),
        (course((1800, 3.5)), "under the line"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_misses_the_bar(true, why):
    assert minimum_superheat.judge(true, LINE)["met"] is False, why


def test_hunting_is_counted_in_whole_cycles():
    seconds = np.arange(1800)
    for amplitude, period, cycles in ((0.5, 200, 0), (2.0, 200, 9), (2.0, 600, 3)):
        swing = LINE + amplitude * np.sin(2.0 * np.pi * seconds / period)
        assert abs(minimum_superheat.longest_cycles(swing) - cycles) <= 1, (amplitude, period)
    assert minimum_superheat.judge(LINE + 2.0 * np.sin(seconds / 30.0), LINE)["met"] is False
    # Two swings that lie far apart are no hunting.
    apart = course((300, 5.0), (60, 8.0), (1500, 5.0), (60, 8.0), (300, 5.0))
    assert minimum_superheat.longest_cycles(apart) <= 1


def test_without_a_line_there_is_no_verdict():
    found = minimum_superheat.judge(course((900, 6.0)), None)
    assert found["met"] is None and found["last_k"] == 6.0


@pytest.fixture
def short(monkeypatch):
    """Two loads for a few minutes, the line as docs/superheat.md has it."""
    known = {0.6: (52.8, 4.8), 1.0: (93.0, 6.2)}

    def line(machine, *, loads, seed):
        return {
            "line": [{"load": load, "superheat_k": known[load][1]} for load in loads],
            "points": [{"load": load, "speed_rps": known[load][0]} for load in loads],
        }

    monkeypatch.setattr(stable_line, "stable_line", line)
    monkeypatch.setattr(minimum_superheat, "FIRST_MIN", 6.0)
    monkeypatch.setattr(minimum_superheat, "MIN", 6.0)
    monkeypatch.setattr(
        minimum_superheat.minimum_superheat, "__kwdefaults__",
        minimum_superheat.minimum_superheat.__kwdefaults__ | {"loads": (0.6, 1.0)},
    )  # fmt: skip


def test_minimum_superheat_as_data_and_picture(isentrope, short, tmp_path):
    picture = tmp_path / "search.png"
    words = ("experiment", "minimum-superheat", "ashp-r32-9kw", "--plot", str(picture), "--json")
    code, out, err = isentrope(*words)
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert [phase["load"] for phase in document["phases"]] == [0.6, 1.0]
    assert document["stop_alarms"] == 0 and 60 < document["wet_s"] < 600
    assert len(document["trace"]["t_min"]) == 12 and all(k > 1.0 for k in document["trace"]["superheat_k"])
    assert document["phases"][0]["setpoint_k"] < 8.0, "it has begun to search"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_minimum_superheat_of_an_air_machine_is_one_line(isentrope):
    code, out, err = isentrope("experiment", "minimum-superheat", "ptac-r32-2.6kw")
    assert (code, out) == (2, "") and "machines that heat water" in err and err.count("\n") == 1
