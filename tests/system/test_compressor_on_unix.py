"""Options of the compressor in closed loop: skip bands, quiet mode, degree-minutes, oil return."""

import os
from collections.abc import Mapping
from typing import Any

import pytest
from isentrope_hil import Bench

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

HEATING, OIL_RETURN = 2, 6
SCANS = 2  # a second


def bench(settings: Mapping[str, float] | None = None, **compressor: Any) -> Bench:
    """The R290 machine with what its file lacks; settings that choose a function count at the start."""
    made = Bench("ashp-r290-8kw", "pico-full", "unix", seed=1)
    made.profile["compressor"].update(compressor)
    made.profile["settings"].update(settings or {})
    return made


def heating(made: Bench, outdoor_c: float, water_c: float, load_w: float, flow_c: float) -> None:
    """Demand, until the start is over and the superheat loop regulates."""
    made.reset(outdoor_c=outdoor_c, water_c=water_c)
    made.knob("load_w", load_w)
    made.write("flow_setpoint_c", flow_c)
    made.write("enable", 1)
    for _ in range(SCANS * 600):
        made.step(1)
        if made.read("state") == HEATING:
            return
    raise AssertionError(f"not heating, state {made.read('state'):g}")


def sound(made: Bench) -> None:
    """No alarm, and no excursion of what the compressor sucks."""
    assert made.read("stop_alarms") == 0 and made.read("warn_alarms") == 0


def test_skip_band_is_crossed_and_never_kept() -> None:
    with bench(skip=[[34.0, 40.0]]) as made:
        heating(made, 7.0, 30.0, 4600.0, 35.0)
        dwell = longest = crossings = 0
        speeds = []
        for second in range(2700):
            if second == 600:
                made.knob("load_w", 3000.0)  # 29 rps: through the band
            made.step(SCANS)
            rps = made.read("speed_set_rps")
            speeds.append(rps)
            inside = 34.0 < rps < 40.0
            crossings += inside and not dwell
            dwell = dwell + 1 if inside else 0
            longest = max(longest, dwell)
            assert second < 300 or made.truth("superheat_k") > 2.0
        assert max(speeds) > 40.0 and speeds[-1] < 34.0
        assert 1 <= crossings <= 6 and longest <= 6, (crossings, longest)  # 6 rps at 1 rps/s
        assert abs(made.read("flow_c") - 35.0) < 1.5
        sound(made)


def test_quiet_mode_caps_and_lets_go() -> None:
    with bench({"quiet": 1, "quiet_speed": 40, "quiet_fan": 65}) as made:
        heating(made, 2.0, 33.0, 6500.0, 38.0)
        made.step(SCANS * 240)
        assert made.read("speed_set_rps") > 45.0
        loud = made.read("fan_pct")
        made.write("silent", 1)
        made.step(SCANS * 120)
        for _ in range(300):
            made.step(SCANS)
            assert made.read("speed_set_rps") == 40.0 and made.read("fan_pct") <= 65.0
            assert made.truth("superheat_k") > 2.0
        assert made.read("decision") == 49 and loud > 65.0
        made.write("silent", 0)
        made.step(SCANS * 120)
        assert made.read("speed_set_rps") > 45.0 and made.read("fan_pct") > 65.0
        sound(made)


def test_degree_minutes_cycle_by_what_is_missing() -> None:
    """Half the least heat is drawn: it comes when 10 K min are missing, and goes when they are back."""
    with bench({"degree_minutes": 10, "minimum_off": 60}) as made:
        made.reset(outdoor_c=7.0, water_c=34.5)
        made.knob("load_w", 800.0)
        made.write("flow_setpoint_c", 35.0)
        made.write("enable", 1)
        missing, starts, stops, running = 0.0, [], [], False
        for _ in range(12_000):
            made.step(SCANS)
            error = made.read("flow_setpoint_c") - made.read("flow_c")
            missing = min(max(missing + error / 60.0, 0.0), 10.0)
            if (made.read("compressor") == 1) != running:
                running = not running
                (starts if running else stops).append(missing)
            if len(stops) == 2:
                break
        assert len(starts) >= 2 and len(stops) == 2, (starts, stops)
        assert all(9.0 <= each <= 10.0 for each in starts), starts
        assert all(each <= 1.0 for each in stops), stops
        sound(made)


def test_oil_return_in_service() -> None:
    oil = {"below_rps": 42.0, "after_h": 0.4, "rps": 60.0, "for_s": 300.0}
    with bench(oil=oil) as made:
        heating(made, 7.0, 33.0, 2500.0, 35.0)
        fast = returning = 0
        for second in range(3600):
            made.step(SCANS)
            inside = made.read("state") == OIL_RETURN
            if returning and not inside:
                break
            returning += inside
            fast += inside and made.read("speed_set_rps") >= 59.5
            assert second < 300 or made.truth("superheat_k") > 2.0
        assert 298 <= fast <= 302 and returning <= 400, (fast, returning)
        made.step(SCANS * 240)
        assert made.read("state") == HEATING and made.read("speed_set_rps") < 40.0
        assert made.truth("superheat_k") > 2.0
        sound(made)
