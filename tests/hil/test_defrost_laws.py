"""The defrost experiment: what a run's figures mean, one defrost measured, and what the user sees."""

import json

import pytest
from isentrope_hil import defrost_laws, defrost_week
from isentrope_hil.bench import Bench
from isentrope_hil.defrost_runs import BOARD, TARGET, Defrost, Meter, Run, prepare
from isentrope_sim.errors import InputError
from isentrope_sim.machine import load_machine


def test_cost_over_whole_cycles():
    run = Run(asked_j=9e6, electric_j=3e6, missing_j=0.5e6, stored_j=0.4e6)
    assert run.loss(4.0) == pytest.approx((3e6 + 0.5e6 - 0.1e6) / 2.25e6 - 1.0)
    run.marks = [(1e6, 1e6, 0.0), (5e6, 2.1e6, -0.2e6)]
    assert run.loss(4.0) == pytest.approx((1.1e6 + 0.05e6) / 1e6 - 1.0)


def test_needless_and_missed():
    assert [Defrost(0.0, 1.0, air).needless for air in (0.95, 0.89, 0.87)] == [True, True, False]
    assert [Defrost(0.0, 1.0, air).missed for air in (0.61, 0.59)] == [False, True]


def test_one_defrost_measured():
    """Comfort and safety of one at 2 degC, 90 %: supply, liquid, plate."""
    machine = load_machine("ashp-r290-8kw")
    with Bench(machine, BOARD, TARGET, seed=1) as bench:
        prepare(bench, 4600.0, 2.0, 0.9)
        meter = Meter(bench, machine)
        meter.advance(2100.0, 4600.0)
        bench.write("defrost_start", 1)
        meter.advance(1200.0, 4600.0)
    (one,) = meter.run.defrosts
    assert one.frost_kg > 0.9 and one.left_kg < 0.1 * one.frost_kg
    assert 0.8 < one.air < 1.0 and 60.0 < one.melting_s < 300.0
    assert 1.0 < one.swing_k < 3.0, "the emitters' bar"
    assert one.wall_c > 3.0, "the plate's coldest wall"
    assert 0.02 < one.slug_kg < 0.35 and meter.run.liquid_kg_s < 3e-3


@pytest.fixture
def measured(monkeypatch):
    """The command without its hours of plant."""
    row = defrost_laws.figures(Run(asked_j=4e6, electric_j=1.1e6, defrosts=[Defrost(1.0, 1.5, 0.66)]), 4.0)
    trace = [(hour / 60.0, 55.0, 0.9, 0.5, 305.0) for hour in range(120)]

    def laws(machine, **given):
        return {
            "machine": machine.name, "outdoor_c": 2.0, "rh": 0.9, "load_w": given["load_w"],
            "sweep": [{"minutes": m} | row for m in given["intervals"]],
            "laws": [{"law": "demand", "over_best": 0.004} | row], "traces": {"demand": trace},
        }  # fmt: skip

    monkeypatch.setattr(defrost_laws, "laws", laws)


def test_the_command(isentrope, measured, tmp_path):
    picture = tmp_path / "defrost.png"
    words = ("experiment", "defrost", "ashp-r290-8kw", "--interval", "50", "--plot", str(picture))
    code, out, err = isentrope(*words)
    assert (code, err) == (0, "") and picture.read_bytes().startswith(b"\x89PNG")
    assert "demand" in out and "+0.40" in out and "every 50" in out and "10.00" in out
    code, out, _ = isentrope(*words, "--json")
    assert code == 0 and json.loads(out)["load_w"] == pytest.approx(4600.0)


def test_mistakes_are_one_line(isentrope):
    for words, says in ((("ashp-r290",), "nearest of 10"), (("ashp-r290-8kw", "--rh", "2"), "rh")):
        code, out, err = isentrope("experiment", "defrost", *words)
        assert (code, out) == (2, "") and says in err and err.count("\n") == 1


def test_a_mixed_weeks_load_follows_the_certificate():
    """16 degC none, Pdesign 6.47 kW at -10; under the bivalent -6 degC what the machine has."""
    r290 = load_machine("ashp-r290-8kw")
    assert defrost_week.load_of(r290, 2.0) == pytest.approx(6470.0 * 14.0 / 26.0)
    assert 4900.0 < defrost_week.load_of(r290, -7.0) < 5300.0
    assert 3800.0 < defrost_week.load_of(r290, -15.0) < 4200.0
    with pytest.raises(InputError, match="average-35"):
        defrost_week.load_of(load_machine("ducted-r454b-10kw"), 2.0)


class Steps:
    """A meter whose machine defrosts at these hours."""

    def __init__(self, *at_h):
        self.at_h, self.now_h, self.began = at_h, 0.0, 0
        self.run = Run()

    def begin(self):
        self.began += 1
        self.run = Run()

    def advance(self, seconds, load_w):
        due = [at for at in self.at_h if self.now_h <= at < self.now_h + seconds / 3600.0]
        self.run.defrosts += [Defrost(at, 1.0, 0.7) for at in due]
        self.run.marks += [(at, at, 0.0) for at in due]
        self.now_h += seconds / 3600.0


def test_a_mixed_week_counts_whole_cycles():
    for at_h, hours, began in (
        ((0.7, 1.5, 2.3), 3.0, 0),
        ((2.5, 5.4, 8.3), 6.0, 0),  # a window of 3 h has one defrost, 25 min old
        ((), 5.0, 1),  # nothing frosts: 2 h once it is warm
        ((2.0,), 26.0, 1),  # one and no second: as if it had none, after eight times the hours
    ):
        meter = Steps(*at_h)
        defrost_week.whole(meter, 3.0, 4000.0)
        assert (meter.now_h, meter.began) == (hours, began), at_h


def test_the_command_with_a_mixed_week(isentrope, measured, monkeypatch):
    row = defrost_laws.figures(Run(asked_j=4e6, electric_j=1.1e6, defrosts=[Defrost(1.0, 1.5, 0.66)]), 4.0)
    row |= {"law": "demand", "outdoor_c": -7.0, "rh": 0.75, "load_w": 5000.0, "spent": 0.31}
    monkeypatch.setattr(defrost_week, "mixed", lambda machine, **given: {"rows": [row], "saving": 0.021})
    words = ("experiment", "defrost", "ashp-r290-8kw", "--interval", "50", "--mixed-hours", "3")
    code, out, err = isentrope(*words)
    assert (code, err) == (0, "") and "-7 degC, 75 %" in out and "saves 2.10 %" in out
    code, out, err = isentrope("experiment", "defrost", "ashp-r290-8kw", "--mixed-drift")
    assert (code, out) == (2, "") and "--mixed-hours" in err and err.count("\n") == 1
