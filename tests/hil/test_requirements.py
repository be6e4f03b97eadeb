import math

import pytest
from isentrope_hil import requirements, tomlread
from isentrope_hil.conditions import View
from isentrope_sim.errors import InputError
from synthetic import recorder

EVENTS = {"step": 100.0, "ramp-down": 300.0}
LABELS = {"state": {"off": 0, "heating": 2}}


def parse(tmp_path, text):
    file = tmp_path / "r.toml"
    file.write_text(f'[[requirement]]\nid = "R-1"\n{text}\n')
    return requirements.parse(tomlread.read(file).tables("requirement")[0])


def judged(tmp_path, text, duration_s=600.0, **curves):
    view = View(recorder(tmp_path, **curves), EVENTS, duration_s, LABELS)
    return requirements.judge(parse(tmp_path, text), view)


def dip(low, start, end, base=8.0):
    return lambda t: low if start <= t < end else base


SETTLE = """kind = "settle"
signal = "superheat_k - superheat_setpoint_k"
band = 1
from = "event:ramp-down + 60 s"
within = "120 s"
"""
RANGE = 'kind = "range"\nsignal = "superheat_k"\nunit = "K"\n'


@pytest.mark.parametrize(
    ("text", "curves", "verdict", "value"),
    [
        (RANGE + "lo = 3\nhi = 9", {}, "pass", 8.0),
        (RANGE + "lo = 3\nhi = 9", {"superheat_k": dip(2.5, 10, 11)}, "fail", 2.5),
        (RANGE + "hi = 9", {"superheat_k": dip(9.5, 10, 11)}, "fail", 9.5),
        (RANGE + 'lo = 3\nfrom = "20 s"', {"superheat_k": dip(2.5, 10, 11)}, "pass", 8.0),
        (RANGE + 'lo = 3\nto = "9 s"', {"superheat_k": dip(2.5, 10, 11)}, "pass", 8.0),
        (RANGE + 'lo = 3\nallow = "5 s"', {"superheat_k": dip(2.5, 10, 15)}, "pass", 5.0),
        (RANGE + 'lo = 3\nallow = "5 s"', {"superheat_k": dip(2.5, 10, 15.5)}, "fail", 5.5),
        (
            'kind = "mean"\nsignal = "superheat_k - superheat_setpoint_k"\nlo = -0.5\nhi = 0.5',
            {},
            "pass",
            0.0,
        ),
        (
            'kind = "mean"\nsignal = "superheat_k - superheat_setpoint_k"\nlo = -0.5\nhi = 0.5',
            {"superheat_k": lambda t: 8.6},
            "fail",
            0.6,
        ),
        (
            'kind = "std"\nsignal = "superheat_k"\nhi = 0.5',
            {"superheat_k": lambda t: 8 + (-1) ** int(t)},
            "fail",
            1.0,
        ),
        ('kind = "std"\nsignal = "superheat_k"\nhi = 0.5', {}, "pass", 0.0),
        (
            'kind = "final"\nsignal = "superheat_k"\nlo = 5\nto = "100 s"',
            {"superheat_k": dip(4, 90, 200)},
            "fail",
            4.0,
        ),
        (
            'kind = "max_duration_below"\nsignal = "true.superheat_k"\nthreshold = 2\nlimit = "5 s"',
            {"true_superheat_k": dip(1, 50, 55)},
            "pass",
            5.0,
        ),
        (
            'kind = "max_duration_below"\nsignal = "true.superheat_k"\nthreshold = 2\nlimit = "5 s"',
            {"true_superheat_k": dip(1, 50, 56)},
            "fail",
            6.0,
        ),
        (
            'kind = "max_duration_above"\nsignal = "superheat_k"\nthreshold = 12\nlimit = "1 min"',
            {"superheat_k": dip(13, 50, 120)},
            "fail",
            70.0,
        ),
        (
            'kind = "count"\nof = "true.speed_rps > 1"\nlo = 2\nhi = 2',
            {"speed_rps": dip(0, 100, 200, 50)},
            "pass",
            2.0,
        ),
        ('kind = "count"\nevent = 256\nhi = 0', {"events": {50.0: (256, 1, "alarm")}}, "fail", 1.0),
        (
            'kind = "count"\nevent = 256\nhi = 0\nfrom = "60 s"',
            {"events": {50.0: (256, 1, "alarm")}},
            "pass",
            0.0,
        ),
        (
            SETTLE,
            {"superheat_k": dip(5, 300, 470)},
            "pass",
            110.0,
        ),
        (
            SETTLE,
            {"superheat_k": dip(5, 300, 500)},
            "fail",
            140.0,
        ),
        (
            'kind = "settle"\nsignal = "superheat_k"\nunit = "K"\nband = 9\nhold = "60 s"\nwithin = "10 s"',
            {"superheat_k": dip(20, 0, 30)},
            "fail",
            30.0,
        ),
        (
            'kind = "reached"\nof = "state == heating"\nwithin = "60 s"',
            {"state": lambda t: 2 * (t >= 40)},
            "pass",
            40.0,
        ),
        (
            'kind = "reached"\nof = "state == heating"\nwithin = "30 s"',
            {"state": lambda t: 2 * (t >= 40)},
            "fail",
            40.0,
        ),
        (
            'kind = "order"\nfirst = "state == heating"\nof = "true.speed_rps > 1"',
            {"state": lambda t: 2 * (t >= 40), "speed_rps": lambda t: 50.0 * (t >= 45)},
            "pass",
            5.0,
        ),
        (
            'kind = "order"\nfirst = "state == heating"\nof = "true.speed_rps > 1"\nlead = "10 s"',
            {"state": lambda t: 2 * (t >= 40), "speed_rps": lambda t: 50.0 * (t >= 45)},
            "fail",
            5.0,
        ),
        (
            'kind = "balance"\nquantity = "charge"\nhi = 0.1',
            {"charge_error": dip(-0.002, 9, 10, 0)},
            "fail",
            0.2,
        ),
        (
            'kind = "balance"\nquantity = "energy"\nhi = 0.5',
            {"residual_j": lambda t: 12.0 * t},
            "pass",
            0.1998,
        ),
        (
            RANGE + 'lo = 3\nwhen = "true.speed_rps > 1 for 300 s"',
            {"superheat_k": dip(0, 0, 299.0), "speed_rps": lambda t: 50.0},
            "pass",
            8.0,
        ),
        (
            'kind = "range"\nsignal = "true.p_discharge"\nunit = "bar"\nhi = 12',
            {},
            "fail",
            13.0,
        ),
    ],
)
def test_kinds(tmp_path, text, curves, verdict, value):
    result = judged(tmp_path, text, **curves)
    assert (result.verdict, result.note) == (verdict, "")
    assert result.value == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "curves", "note"),
    [
        ('kind = "range"\nsignal = "superheet_k"\nlo = 3', {}, "did you mean 'superheat_k'"),
        (RANGE + 'lo = 3\nfrom = "event:stop"', {}, "no event 'stop'"),
        (RANGE + 'lo = 3\nwhen = "state == defrosting"', {}, "'defrosting' is no value of 'state'"),
        (RANGE + 'lo = 3\nwhen = "state == off"', {}, "no sample in its window"),
        (RANGE + 'lo = 3\nfrom = "first: true.speed_rps > 99"', {}, "never held"),
        (RANGE + 'lo = 3\nfrom = "90 s"\nto = "80 s"', {}, "window is empty"),
        ('kind = "range"\nsignal = "superheat_k"\nunit = "bar"\nlo = 3', {}, "its unit is 'K', not 'bar'"),
        (
            'kind = "mean"\nsignal = "true.superheat_k"\nlo = 3',
            {"true_superheat_k": dip(math.nan, 5, 6)},
            "not a number",
        ),
        ('kind = "order"\nfirst = "state == heating"\nof = "true.speed_rps > 99"', {}, "never held"),
        (RANGE + "lo = 3", {"seconds": 300.0}, "the run ended at 299.5 s"),
    ],
)
def test_what_cannot_be_judged_is_blocked(tmp_path, text, curves, note):
    result = judged(tmp_path, text, **curves)
    assert (result.verdict, result.value) == ("blocked", None)
    assert note in result.note


def test_a_breach_in_a_run_cut_short_is_a_failure(tmp_path):
    result = judged(tmp_path, RANGE + "lo = 3", seconds=300.0, superheat_k=dip(1, 10, 20))
    assert result.verdict == "fail"


def test_a_condition_that_came_in_a_run_cut_short_has_passed(tmp_path):
    text = 'kind = "reached"\nof = "state == heating"\nwithin = "60 s"'
    assert judged(tmp_path, text, seconds=300.0, state=lambda t: 2 * (t >= 40)).verdict == "pass"
    assert judged(tmp_path, text, seconds=30.0, state=lambda t: 2 * (t >= 40)).verdict == "blocked"


def test_a_condition_that_never_comes_fails_and_says_so(tmp_path):
    result = judged(tmp_path, 'kind = "reached"\nof = "state == off"\nwithin = "60 s"')
    assert (result.verdict, result.value, result.note) == ("fail", None, "never happened")


def test_a_condition_must_hold_without_a_break(tmp_path):
    text = 'kind = "count"\nof = "true.speed_rps > 1 for 300 s"\nlo = 1'
    assert judged(tmp_path, text, speed_rps=dip(0, 250, 251, 50)).value == 1.0
    assert judged(tmp_path, text, speed_rps=dip(0, 305, 306, 50)).value == 1.0
    assert judged(tmp_path, text, speed_rps=dip(0, 299, 301, 50)).verdict == "fail"


@pytest.mark.parametrize(
    ("verdicts", "run"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "blocked"], "blocked"),
        (["blocked", "fail"], "fail"),
        ([], "blocked"),
    ],
)
def test_the_run_is_as_good_as_its_worst_requirement(verdicts, run):
    results = [requirements.Result("R", "", "", None, "", each) for each in verdicts]
    assert requirements.overall(results) == run


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'kind = "rang"\nsignal = "a"\nlo = 1',
            "line 3: requirement[0].kind = 'rang': unknown; did you mean 'range'",
        ),
        ('kind = "range"\nsignal = "a"', "needs 'lo', 'hi' or both"),
        ('kind = "range"\nlo = 1', "signal: the key is missing"),
        ('kind = "range"\nsignal = "a"\nlo = "x"', "line 5: requirement[0].lo = 'x': a number is wanted"),
        ('kind = "range"\nsignal = "a"\nlo = 3\nhi = 2', "is over hi = 2"),
        ('kind = "range"\nsignal = "a"\nlo = nan', "a number is wanted"),
        ('kind = "range"\nsignal = "a ++ b"\nlo = 3', "'a - b' of two is wanted"),
        ('kind = "range"\nsignal = "a"\nlo = 3\nwhen = "state = 2"', "is not a comparison"),
        ('kind = "range"\nsignal = "a"\nlo = 3\nfrom = "soon"', "a moment is a duration"),
        ('kind = "range"\nsignal = "a"\nlo = 3\nallow = "5 parsecs"', "a duration is"),
        ('kind = "range"\nsignal = "a"\nlo = 3\nlimt = 3', "unknown key; did you mean"),
        ('kind = "count"\nlo = 3', "needs either 'of'"),
        ('kind = "balance"\nquantity = "water"\nhi = 1', "unknown; known: charge, energy"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        parse(tmp_path, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "r.toml"))
    assert "\n" not in str(caught.value)
