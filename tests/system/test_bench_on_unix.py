"""The bench in somebody's pytest, with the real firmware: what docs/bench.md shows, and real time."""

import os
from time import perf_counter, sleep

import pytest
from isentrope_hil import Bench, linkcheck, profile, targets
from isentrope_hil.errors import HostTooSlow
from isentrope_sim.errors import InputError

posix = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
TARGETS = [pytest.param("unix", marks=posix), "cpython"]


@pytest.mark.parametrize("target", TARGETS)
def test_superheat_settles(target):
    with Bench(machine="ashp-r290-8kw", board="pico-full", target=target, seed=1) as bench:
        bench.reset(outdoor_c=7.0, water_c=30.0, settings={"superheat_setpoint": 7.0})
        bench.write("enable", 1)
        bench.step(3600)
        assert bench.t_s == 1800.0
        assert abs(bench.read("superheat_k") - 7.0) < 1.5
        bench.knob("outdoor_c", 2.0)
        bench.step(600)
        assert bench.truth("suction_quality") >= 1.0
        assert any("heating" in text for *_, text in bench.events)


@pytest.mark.parametrize("target", TARGETS)
def test_the_firmware_follows_the_link_document(target):
    device = targets.make(target)
    try:
        device.start(profile.build("pico-full", "ashp-r290-8kw"))
        findings = list(linkcheck.check(device))
    finally:
        device.close()
    assert [f for f in findings if f.verdict != "pass"] == []


@posix
def test_free_run_keeps_the_targets_time():
    with Bench(free_run=True) as bench:
        bench.reset()
        began = perf_counter()
        bench.step(6)
        assert bench.t_s == 3.0
        assert perf_counter() - began == pytest.approx(3.0, abs=1.0)
        assert bench.counters["late_us_max"] < 500_000


@posix
def test_a_host_too_slow_for_real_time_ends_the_run(monkeypatch):
    with Bench(free_run=True) as bench:
        bench.reset()
        bench.step()
        monkeypatch.setattr(bench.rig, "step", lambda *_: sleep(1.6))
        with pytest.raises(HostTooSlow, match="fell behind"):
            bench.step(3)


def test_cpython_has_no_clock_to_free_run_on():
    with pytest.raises(InputError, match="does not run in real time"):
        Bench(target="cpython", free_run=True)
