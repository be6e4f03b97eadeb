"""Weather files through their libraries: time, missing hours, leap years, the packaged week."""

import math
import sys

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.world import weather, week

HEAD = ",".join(weather.COLUMNS)


def own(tmp_path, rows):
    file = tmp_path / "own.csv"
    file.write_text("\n".join([HEAD, *rows]) + "\n")
    return file


def rows(count=4, start=1):
    return [
        f"2026-01-01T{hour:02d}:00:00,{hour}.0,0.9,{100 * hour},{50 * hour}"
        for hour in range(start, start + count)
    ]


def epw(path, days=365, year=2003, skip=(), change=None, leap=False):
    """A small EPW file: a dry bulb that rises 0.001 degC an hour, clear noon sun, time zone +1."""
    header = ["LOCATION,Nowhere,-,XXX,own,000000,47.5,8.5,1.0,400.0"]
    header += ["DESIGN CONDITIONS,0", "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0"]
    header += [
        f"HOLIDAYS/DAYLIGHT SAVINGS,{'Yes' if leap else 'No'},0,0,0",
        "COMMENTS 1,own",
        "COMMENTS 2,own",
    ]
    header += ["DATA PERIODS,1,1,Data,Sunday,1/1,12/31"]
    first = np.datetime64(f"{2004 if leap else 2003}-01-01", "h")
    lines = []
    for i in range(24 * days):
        if i in skip:
            continue
        moment = (first + i).item()
        # A typical year: every month from another year.
        stamp = f"{year + moment.month},{moment.month},{moment.day},{moment.hour + 1},0"
        sun = 400 if moment.hour == 11 else 0
        values = [
            f"{i * 1e-3:.3f}",
            "-1.0",
            "90",
            "97000",
            "0",
            "0",
            "300",
            str(sun),
            str(sun),
            "100" if sun else "0",
        ]
        line = ",".join([stamp, "?", *values, *["0"] * 19])
        lines.append(change(i, line) if change else line)
    path.write_text("\n".join(header + lines) + "\n")
    return path


def test_between_the_hours_lines_are_drawn(tmp_path):
    found = weather.load(own(tmp_path, rows()))
    assert found.clock_s == 0.0
    assert found.length_s == 4 * 3600.0
    dry, rh, ghi, vertical = found.at(1.25 * 3600.0)
    assert (dry, rh) == (pytest.approx(1.25), pytest.approx(0.9))
    assert (ghi, vertical) == (pytest.approx(175.0), pytest.approx(87.5))  # middles at 0.5 and 1.5 h
    assert found.at(0.0)[0] == 1.0  # the first hour holds its own
    assert found.at(4 * 3600.0)[0] == 4.0


def test_the_files_hours_give_the_time_of_day(tmp_path):
    assert weather.load(own(tmp_path, rows(start=8))).clock_s == 7 * 3600.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [*lines[:1], *lines[2:]], r"line 3: the hour from .* does not follow"),
        (lambda lines: [lines[0], *lines], r"line 3: the hour from .* does not follow"),
        (
            lambda lines: [lines[0], lines[1].replace(",2.0,", ",,"), *lines[2:]],
            "line 3: dry_bulb_c is missing",
        ),
        (
            lambda lines: [*lines[:3], lines[3].replace("0.9", "90")],
            "line 5: rh is 90 or missing, allowed 0 to 1.1",
        ),
        (
            lambda lines: [lines[0].replace("1.0", "99.9"), *lines[1:]],
            "line 2: dry_bulb_c is 99.9 or missing",
        ),
        (lambda lines: lines[:1], "1 hours; at least 2"),
    ],
)
def test_what_is_missing_or_wrong_is_named_with_its_line(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        weather.load(own(tmp_path, change(rows())))


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match="no such file; with the package: humid-cold-week"):
        weather.load("humid-week")
    (tmp_path / "a.dat").write_text("x")
    with pytest.raises(InputError, match=r"unknown kind of file '\.dat'; known: \.epw, \.csv"):
        weather.load(tmp_path / "a.dat")
    own_file = own(tmp_path, ["2026-01-01T01:00:00,1,2"])
    with pytest.raises(InputError, match=r"own\.csv"):
        weather.load(own_file)


def test_the_packaged_week_is_humid_cold_and_has_its_weather():
    found = weather.load("humid-cold-week")
    assert found.length_s == 7 * 86400.0
    assert found.clock_s == 0.0
    assert -3.0 <= found.dry_c.min() < -2.0 and 3.5 < found.dry_c.max() <= 4.0
    assert found.rh.min() >= 0.85
    days = found.dry_c.reshape(7, 24)
    fog, melt = found.rh.reshape(7, 24)[:2], days[5]
    assert fog.mean() > 0.97
    assert melt.max() > 3.0 and melt.max() - melt.min() > 2.0
    near_freezing = np.abs(found.dry_c) < 3.0
    assert near_freezing.mean() > 0.8
    assert weather.PACKAGED["humid-cold-week"].stat().st_size < 100_000


def test_the_packaged_week_is_what_its_recipe_gives():
    pytest.importorskip("pvlib")
    packed = weather.PACKAGED["humid-cold-week"].read_text().splitlines()
    made = week.generate().splitlines()
    assert made[0] == packed[0] and len(made) == len(packed) == 169
    for ours, theirs in zip(made[1:], packed[1:], strict=True):
        assert ours.split(",")[:3] == theirs.split(",")[:3]
        # The sun may move by a digit with pvlib's versions.
        assert [float(v) for v in ours.split(",")[3:]] == pytest.approx(
            [float(v) for v in theirs.split(",")[3:]], abs=2.0
        )


def test_a_design_day_never_ends_and_never_changes():
    day = weather.design_day(-10.0, 0.8)
    assert day.length_s == math.inf
    assert day.at(0.0) == day.at(1e7) == (-10.0, 0.8, 0.0, 0.0)


def test_an_epw_typical_year(tmp_path):
    pytest.importorskip("pvlib")
    found = weather.load(epw(tmp_path / "typical.epw"))
    assert len(found.dry_c) == 8760
    assert found.length_s == math.inf
    # The record "hour 12" of 1 January ends at noon: 12 h after the beginning.
    assert found.at(12 * 3600.0)[0] == pytest.approx(0.011)
    assert found.at(11.5 * 3600.0)[2] == pytest.approx(400.0)
    # And the year goes round: half an hour into the first hour lies between the last record and the first.
    assert found.at(1800.0)[0] == pytest.approx(0.5 * 8.759)
    assert found.at(8760 * 3600.0 + 12 * 3600.0) == pytest.approx(found.at(12 * 3600.0))


def test_noon_sun_in_january_shines_on_the_south(tmp_path):
    pytest.importorskip("pvlib")
    found = weather.load(epw(tmp_path / "typical.epw", days=2))
    noon = found.vertical[11]
    # 11:30 is an hour before true noon (8.5 E, UTC + 1): altitude 18.3 deg, 14.3 deg east of south, by the
    # usual triangle with a declination of -23 deg. Two walls see it; half the sky and the ground all do.
    towards = math.radians(14.3)
    direct = 400.0 * math.cos(math.radians(18.3)) * (math.cos(towards) + math.sin(towards))
    expected = (direct + 4 * (0.5 * 100.0 + 0.5 * 0.2 * 400.0)) / 4.0
    assert noon == pytest.approx(expected, rel=0.01)
    assert found.vertical[10] == 0.0


def test_an_epw_leap_year_keeps_its_29_february(tmp_path):
    pytest.importorskip("pvlib")
    found = weather.load(epw(tmp_path / "leap.epw", days=366, leap=True))
    assert len(found.dry_c) == 8784


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"skip": (30,)},
            r"line 39: the hour from 2001-01-02T07:00:00 does not follow the one from 2001-01-02T05",
        ),
        (
            {"change": lambda i, line: line.replace(",0.005,", ",99.9,") if i == 5 else line},
            "line 14: dry_bulb_c is 99.9 or missing, allowed -40 to 50 degC",
        ),
        (
            {"change": lambda i, line: line.replace(",400,400,", ",9999,400,") if i == 11 else line},
            "line 20: ghi is 9999 or missing",
        ),
    ],
)
def test_an_epw_with_a_hole(tmp_path, change, message):
    pytest.importorskip("pvlib")
    with pytest.raises(InputError, match=message):
        weather.load(epw(tmp_path / "hole.epw", days=5, **change))


def test_without_the_library_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pvlib", None)
    with pytest.raises(InputError, match=r"needs pvlib: pip install 'isentrope\[weather\]'"):
        weather.load(epw(tmp_path / "a.epw", days=2))
    assert weather.load("humid-cold-week").length_s > 0.0  # which needs none


def test_no_epw_at_all(tmp_path):
    pytest.importorskip("pvlib")
    file = tmp_path / "broken.epw"
    file.write_text("LOCATION,somewhere\n")
    with pytest.raises(InputError, match="pvlib's read_epw cannot read it"):
        weather.load(file)


def test_a_tmy3_year():
    pvlib = pytest.importorskip("pvlib")
    from pathlib import Path

    file = Path(pvlib.__file__).parent / "data" / "703165TY.csv"  # Sand Point, Alaska: comes with pvlib
    if not file.exists():
        pytest.skip("this pvlib has no sample of TMY3")
    found = weather.load(file)
    assert len(found.dry_c) == 8760 and found.clock_s == 0.0
    assert found.dry_c.mean() == pytest.approx(5.0, abs=2.0)
    noon = found.ghi.reshape(365, 24).mean(0)
    assert 10 <= int(noon.argmax()) <= 15  # the sun is highest at noon in local time
