"""A small comparison from end to end: judged, kept, tabled, drawn, and retuned."""

import json
from dataclasses import replace
from importlib.util import find_spec

import pytest
from isentrope_hil import measuredpage
from isentrope_hil.compare import duties, judge, plot, retune, tables, work
from isentrope_hil.compare.laws import law
from isentrope_hil.compare.store import Store
from isentrope_hil.compare.tuned import Tuned
from isentrope_sim.errors import InputError

MACHINE = "ashp-r290-8kw"
SHORT = replace(
    duties.RAMPS,
    name="short",
    start_s=420.0,
    length_s=180.0,
    turns=(duties.Turn(10.0, "speed", 50.0),),
    windows=(duties.Window("30 to 50 rps", "ramp", 10.0, 180.0),),
)


@pytest.fixture
def short(monkeypatch):
    """One short duty and one seed, in this process."""
    for module in (judge, work):
        monkeypatch.setattr(module, "DUTIES", (SHORT,))
    monkeypatch.setattr(judge, "JUDGED_ON", (duties.Draw(21),))
    monkeypatch.setattr(retune, "TUNING", (SHORT,))


def quiet(text, done, total):
    pass


def test_a_small_comparison(short, tmp_path):
    found = {(MACHINE, "carel"): Tuned(law("carel").values({"gain": 30.0}), 1.0, 2.0, 60)}
    store = Store(tmp_path)
    with work.workers(store, 1) as crew:
        document = judge.judge([MACHINE], ["isentrope", "carel"], found, crew, quiet)
    rows = {(row["law"], row["variant"]): row for row in document["rows"]}
    assert set(rows) == {("isentrope", "default"), ("carel", "default"), ("carel", "tuned")}
    assert all(0.0 < row["error_k_s"] < 2000.0 and row["stopped_s"] == 0.0 for row in rows.values())
    assert rows["carel", "default"]["error_k_s"] != rows["carel", "tuned"]["error_k_s"]
    (group,) = document["groups"]
    assert group["ratio"] == pytest.approx(rows["isentrope", "default"]["error_k_s"] / group["best_k_s"])
    json.dumps(document)

    # What is kept is not run again, by another process either.
    again = Store(tmp_path)
    with work.workers(again, 1) as crew:
        crew._where = None
        assert judge.judge([MACHINE], ["isentrope", "carel"], found, crew, quiet) == document

    text = tables.markdown(document)
    assert "| carel, tuned |" in text and "30 to 50 rps" in text
    page = tmp_path / "page.md"
    mark = measuredpage.begin("compare")
    page.write_text(f"before\n{mark}\nold\n{measuredpage.END}\nafter\n")
    measuredpage.put(page, text, mark)
    assert "old" not in page.read_text() and page.read_text().startswith("before\n")
    assert page.read_text().endswith("\nafter\n")
    if find_spec("matplotlib"):
        plot.draw(tmp_path / "plot.svg", document)
        assert "carel, tuned" in (tmp_path / "plot.svg").read_text()


@pytest.mark.skipif(not find_spec("optuna"), reason="not run: optuna is not installed (make dev)")
def test_retuning_begins_with_the_defaults_and_goes_on_after_a_break(short, tmp_path):
    said = []
    for trials in (2, 4):
        store = Store(tmp_path)
        with work.workers(store, 1) as crew:
            best = retune.retune([MACHINE], ["thermostatic"], trials, store, crew, lambda *w: said.append(w))
    result = best[MACHINE, "thermostatic"]
    assert result.trials == 4
    assert result.cost <= result.default_cost
    assert [done for _, done, _ in said] == [1, 2, 3, 4]
    history = Store(tmp_path).get({"study": f"{MACHINE}/thermostatic"})
    assert history[0][0] == law("thermostatic").values()
    for name, value in result.values.items():
        parameter = next(p for p in law("thermostatic").parameters if p.name == name)
        assert parameter.low <= value <= parameter.high


def test_the_bar():
    def row(name, case, kind, error, liquid=0.0, variant="default"):
        return {
            "machine": "m",
            "law": name,
            "variant": variant,
            "case": case,
            "kind": kind,
            "error_k_s": error,
            "liquid_s": liquid,
        }

    rows = [
        row("isentrope", "up", "ramp", 30.0),
        row("isentrope", "down", "ramp", 10.0),
        row("carel", "up", "ramp", 90.0),
        row("carel", "down", "ramp", 10.0),
        row("danfoss", "up", "ramp", 50.0, variant="tuned"),
        row("danfoss", "down", "ramp", 40.0, liquid=3.0, variant="tuned"),
        row("isentrope", "air", "air", 9.0, liquid=1.0),
        row("carel", "air", "air", 10.0),
    ]
    ramp, air = judge.compare(rows)
    assert (ramp["best"], ramp["best_variant"], ramp["ratio"]) == ("danfoss", "tuned", pytest.approx(40 / 90))
    assert ramp["passed"]
    assert air["ratio"] < 1.0 and not air["passed"], "liquid, of which a peer has none"


def test_pages_without_marks_are_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(InputError, match="marks"):
        measuredpage.check(None, page, "<!-- a mark -->")
    with pytest.raises(InputError, match="svg"):
        measuredpage.check(tmp_path / "plot.jpg", None, "<!-- a mark -->")
