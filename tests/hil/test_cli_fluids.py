"""`isentrope fluids`."""

import json

import pytest


def test_prove(isentrope):
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    code, out, err = isentrope("fluids", "prove", "R32", "--points", "100", "--seed", "9", "--json")
    assert (code, err) == (0, "")
    (row,) = json.loads(out)
    assert row["fluid"] == "R32" and row["passed"] and row["missed"] == []
    assert 0.0 < row["worst"]["density"] < 2e-4 and 0.0 < row["worst"]["board_k"] < 0.05
    code, out, _ = isentrope("fluids", "prove", "R32", "--points", "50")
    assert code == 0 and "R32" in out and "pass" in out


def test_missed_bar_fails(isentrope, monkeypatch):
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    from isentrope_sim.fluids import proof

    monkeypatch.setitem(proof.BARS, "temperature_k", 1e-9)
    code, out, _ = isentrope("fluids", "prove", "R32", "--points", "20", "--json")
    assert code == 1 and json.loads(out)[0]["missed"] == ["temperature_k"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("prove", "R22"), "refrigerant 'R22': not in ranges.toml, known are R290, R32, R410A, R454B"),
        (("prove",), "or say --all"),
        (("build",), "or say --all"),
        (("build", "R290", "--all"), "or say --all"),
        (("prove", "R290", "--points", "1"), "--points"),
    ],
)
def test_mistakes_are_one_line(isentrope, words, says):
    code, out, err = isentrope("fluids", *words)
    assert (code, out) == (2, "") and says in err and err.count("\n") == 1
