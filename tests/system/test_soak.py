"""A day of the soak on MicroPython, and that what it judges can fail."""

import json
import os

import numpy as np
import pytest
from isentrope_hil import soak, soak_judge
from isentrope_hil.errors import InputError

posix = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")


@posix
def test_a_day(tmp_path):
    document = soak.soak(1.0, tmp_path / "day")
    others = {each["name"]: each["found"] for each in document["checks"] if each["verdict"] != "pass"}
    assert others == {"drift from day to day": "not judged: 1 days of 5"}, "a day says nothing of drift"
    assert document["verdict"] == "not judged"
    assert document["samples"] == 24 and document["scans"] == 172_800
    assert document["alarms"] == {"4": 1, "37": 1, "51": 1}, "the day's own"
    (day,) = document["by_day"]
    assert day["starts"] > 15 and 60.0 < day["heat_kwh"] < 120.0
    assert json.loads((tmp_path / "day" / "soak.json").read_text())["verdict"] == "not judged"


def test_days_out_of_range(tmp_path):
    with pytest.raises(InputError, match=r"days is 0, allowed 0.1 to 1000"):
        soak.soak(0.0, tmp_path)


DAYS = 10


def device(change=lambda row, hour: None):
    """Samples of a device that is well, changed."""
    rng = np.random.default_rng(1)
    rows = []
    for hour in range(24 * DAYS):
        numbers = {
            "controller.run_s": 3600 * hour,
            "controller.starts": hour,
            "controller._off.ms": 1000 * (hour % 5),
            "controller._off._limit": 14_400_000,
            "controller._off._last": hour * 3_600_000 % (1 << 30),
            "controller.expansion.loop.trim": 1.0 + 0.05 * np.sin(hour) + 0.005 * rng.standard_normal(),
        }
        rows.append({"t_ms": 0, "heap": 100_000 + 64 * int(rng.integers(0, 4)), "numbers": numbers})
        rows[-1]["largest"] = 40_000 - 64 * int(rng.integers(0, 4))
        change(rows[-1], hour)
    return rows


def hours():
    """The bench's books of the same run."""
    return [
        {
            "t_s": 3600.0 * (hour + 1), "uptime_s": 3600.0 * (hour + 1), "relay_s": 3600.0 * hour,
            "relay_starts": float(hour), "starts": float(hour), "heat_w": 4000.0 + hour % 24, "heating": 0.5,
            "superheat_k": 8.0 + 0.01 * (hour % 7), "flow_error_k": 0.01 * (hour % 5),
            "compressor_h": 1.0 * hour,
            "storage_erases": 1.0, "charge_error": 0.0,
        }
        for hour in range(24 * DAYS)
    ]  # fmt: skip


def verdicts(rows, books=None, alarms=None):
    run = {"error": None, "days": float(DAYS), "alarms": alarms or {"4": DAYS, "37": DAYS}}
    return {
        each["name"]: each["verdict"] for each in soak_judge.judged(rows, books or hours(), run)["checks"]
    }


def test_a_device_that_is_well_passes():
    assert set(verdicts(device()).values()) == {"pass"}


def leaks(row, hour):
    row["heap"] += 8 * hour


def scatters(row, hour):
    row["largest"] -= 150 * hour


def winds_up(row, hour):
    row["numbers"]["controller.expansion.loop.trim"] += 2e-4 * hour


def outlives_its_cap(row, hour):
    row["numbers"]["controller._off.ms"] += 15_000_000 * (hour == 200)


def counts_milliseconds_for_ever(row, hour):
    row["numbers"]["controller._sum_ms"] = 3_600_000 * hour


def grows_for_years(row, hour):
    row["numbers"]["controller._seconds"] = 3600 * hour


def learns_once(row, hour):
    row["numbers"]["controller._usual_k"] = -99.0 if hour < 100 else 1.25


def steps_late(row, hour):
    row["numbers"]["controller._usual_k"] = -99.0 if hour < 150 else 1.25


def loses_a_second_a_day(row, hour):
    row["numbers"]["controller.run_s"] -= hour // 24


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        (leaks, "heap"),
        (scatters, "largest piece"),
        (winds_up, "drift from day to day"),
        (steps_late, "drift from day to day"),
        (outlives_its_cap, "timers' caps"),
        (counts_milliseconds_for_ever, "small integers"),
        (loses_a_second_a_day, "running time and starts"),
    ],
)
def test_what_drifts_is_found(change, fails):
    found = verdicts(device(change))
    assert [name for name, verdict in found.items() if verdict == "fail"] == [fails]


def test_a_counter_with_years_left_is_none():
    assert set(verdicts(device(grows_for_years)).values()) == {"pass"}


def test_what_was_learned_once_and_stands_is_none():
    assert set(verdicts(device(learns_once)).values()) == {"pass"}


@pytest.mark.parametrize("alarms", [{"4": DAYS, "37": DAYS, "7": 1}, {"4": DAYS - 3, "37": DAYS}])
def test_an_alarm_too_many_or_too_few(alarms):
    assert verdicts(device(), alarms=alarms)["alarms"] == "fail"


@pytest.mark.parametrize(("days", "verdict"), [(2, "not judged"), (4, "not judged"), (5, "pass")])
def test_few_days_say_nothing_of_a_trend(days, verdict):
    run = {"error": None, "days": float(days), "alarms": {"4": days, "37": days}}
    found = soak_judge.judged(device()[: 24 * days], hours()[: 24 * days], run)
    checks = {each["name"]: each for each in found["checks"]}
    assert checks["drift from day to day"]["verdict"] == found["verdict"] == verdict
    if verdict != "pass":
        assert checks["drift from day to day"]["found"] == f"not judged: {days} days of 5"


def test_what_fails_in_a_few_days_fails():
    run = {"error": None, "days": 2.0, "alarms": {"4": 2, "37": 2, "7": 1}}
    assert soak_judge.judged(device()[:48], hours()[:48], run)["verdict"] == "fail"
