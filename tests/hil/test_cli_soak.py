"""`isentrope soak` as a user meets it."""

import pytest
from isentrope_hil import soak


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("fail", 1), ("blocked", 3), ("not judged", 3)])
def test_the_exit_code_of_a_run_that_is_not_judged_is_no_pass(
    isentrope, monkeypatch, verdict, code, tmp_path
):
    check = {"name": "drift from day to day", "verdict": verdict, "found": "not judged: 1 days of 5"}
    document = {
        "checks": [check], "verdict": verdict, "by_day": [], "error": None, "days": 1.0, "scans": 0,
        "wraps": 0, "wall_seconds": 1.0,
    }  # fmt: skip
    monkeypatch.setattr(soak, "soak", lambda *_, **__: document)
    found, out, _ = isentrope("soak", "--days", "1", "--out", str(tmp_path))
    assert found == code and f"{verdict}: 1.00 days" in out and "not judged: 1 days of 5" in out
