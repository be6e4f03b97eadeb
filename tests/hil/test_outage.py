"""A link that fails and a power cut, in simulated time: what the controller and the machine make of them."""

import pytest
from isentrope_hil import Bench, scenario
from isentrope_hil.outage import Outage, safe_outputs
from isentrope_sim import faults
from isentrope_sim.errors import InputError

SCAN_STALLED = 12
ROWS = [
    {"name": "eev_count", "dir": "out", "kind": "stepper_count", "safe": 0},
    {"name": "eev_coils", "dir": "out", "kind": "level", "safe": 0},
    {"name": "compressor_run", "dir": "out", "kind": "relay", "safe": 1},
    {"name": "fan_ref", "dir": "out", "kind": "analog_out", "safe": 0},
]
OUT = [77, 1, 0, 40_000]
SAFE = [77, 0, 1, 0]


def outage(verb, **values):
    return Outage(faults.check("link", verb, values, {"link": "link"}), {"io": ROWS})


def passed(broken, count=12):
    return [broken.passes(0.5) for _ in range(count)]


def test_what_passes():
    assert passed(outage("off"), 3) == [False] * 3
    assert passed(outage("slow", factor=3.0), 7) == [False, False, True, False, False, True, False]
    assert passed(outage("intermittent", period_s=3.0, off_s=1.0)) == ([False] * 2 + [True] * 4) * 2
    assert all(passed(outage("stuck"), 3))


def test_outputs_outlive_the_last_scan_by_their_lease():
    broken = outage("off")
    seen = []
    for _ in range(6):
        broken.passes(0.5)
        seen.append(list(broken.outputs(OUT)))
    assert seen == [OUT] * 4 + [SAFE] * 2
    assert safe_outputs({"io": ROWS}, ()) == [0, 0, 1, 0]


def test_old_inputs():
    stuck, late = outage("stuck"), outage("delayed", delay_s=1.0)
    assert [stuck.inputs([k])[0] for k in range(4)] == [0, 0, 0, 0]
    seen = []
    for k in range(6):
        late.passes(0.5)
        seen.append(late.inputs([k])[0])
    assert seen == [0, 0, 0, 1, 2, 3]


def running(bench):
    bench.reset(water_c=30.0)
    bench.write("enable", 1)
    bench.step(160)
    assert bench.truth("speed_rps") > 20.0


@pytest.mark.parametrize("target", ["cpython", "unix"])
def test_a_silent_link_stops_the_machine_and_is_answered_by_an_alarm(target):
    with Bench(target=target) as bench:
        running(bench)
        bench.fault("link", "off")
        bench.step(4)
        assert bench.truth("speed_rps") > 20.0
        bench.step(8)
        assert bench.truth("speed_rps") == 0.0 and bench.truth("fan") < 0.5
        bench.clear("link")
        bench.step(2)
        assert int(bench.read("stop_alarms")) >> SCAN_STALLED & 1 and bench.read("compressor") == 0
        bench.step(620)
        assert bench.read("fault_code") == 0


def test_two_missed_scans_are_no_stall_and_noise_is_nothing():
    def run(broken):
        with Bench(target="cpython") as bench:
            running(bench)
            if broken:
                bench.fault("link", broken[0], **broken[1])
            bench.step(60)
            flips = bench.counters["bad_frames"]
            return bench.read("fault_code"), bench.truth("speed_rps"), bench.truth("t_discharge"), flips

    sound, noisy, slow = run(None), run(("garbage", {"p": 0.003})), run(("slow", {"factor": 3.0}))
    assert noisy[:3] == sound[:3] and noisy[3] > 0 and sound[3] == 0
    assert slow[0] == 0 and slow[1] > 20.0 and slow[2] != sound[2]


@pytest.mark.parametrize("target", ["cpython", "unix"])
def test_after_a_power_cut_the_controller_starts_from_its_flash(target):
    with Bench(target=target) as bench:
        bench.reset(water_c=30.0)
        bench.write("superheat_setpoint", 6.5)
        bench.step(20)
        bench.write("enable", 1)
        bench.write("test_speed_rps", 50.0)
        bench.step(140)
        assert bench.truth("speed_rps") > 20.0
        valve = bench.truth("eev_true_steps")
        bench.write("superheat_setpoint", 7.5)  # not yet in the flash
        bench.fault("supply", "cut")
        bench.step(60)
        assert bench.truth("speed_rps") == 0.0 and bench.truth("eev_true_steps") == valve
        bench.write("test_speed_rps", 40.0)  # what a bus writes meanwhile, it repeats
        bench.clear("supply")
        bench.step(2)
        assert bench.read("resets") == 2 and bench.read("superheat_setpoint_k") == 6.5
        assert bench.read("enable") == 1 and bench.read("test_speed_rps") == 40.0
        assert bench.truth("eev_true_steps") < valve  # it homes: the valve's place was forgotten


def test_the_days_since_a_disinfection_outlive_a_power_cut():
    """A new board takes it that all days but one are over: six of seven. At five a board that remembers them
    disinfects at once; one that does not would take it for four."""
    with Bench("ashp-r290-8kw-hydro", target="cpython", noise=False) as bench:
        bench.reset(outdoor_c=7.0, water_c=40.0)
        bench.step(4)
        bench.write("access_level", 1)
        bench.write("legionella_days", 5)
        bench.step(20)
        bench.fault("supply", "cut")
        bench.step(20)
        bench.clear("supply")
        bench.step(2)
        assert bench.read("resets") == 2 and bench.read("legionella") == 0, "nothing is wanted yet"
        bench.write("enable", 1)
        bench.step(20)
        assert bench.read("legionella") == 1


def test_a_cut_in_a_scenario_and_what_cannot_be(tmp_path):
    file = tmp_path / "cut.toml"
    file.write_text(
        'machine = "ashp-r290-8kw"\nboard = "pico-full"\nduration = "20 s"\n'
        '[[timeline]]\nat = 5\nname = "cut"\nfault = { on = "supply", verb = "cut" }\n'
        '[[timeline]]\nat = 7\nname = "dark"\nwrite = { enable = 1 }\n'
        '[[timeline]]\nat = 9\nname = "noise"\nfault = { on = "link", verb = "slow", factor = 2 }\n'
        '[[timeline]]\nat = 10\nname = "light"\nclear = "supply"\n'
        '[[timeline]]\nat = 12\nname = "clean"\nclear = "link"\n'
        '[[requirement]]\nid = "R"\nkind = "final"\nsignal = "resets"\nlo = 2\nhi = 2\n'
        '[[requirement]]\nid = "T"\nkind = "final"\nsignal = "enable"\nlo = 1\n'
    )
    loaded = scenario.load(file)
    with Bench(target="cpython") as bench:
        document = bench.run(loaded)
        assert document["verdict"] == "pass", document["requirements"]
        bench.reset()
        with pytest.raises(InputError, match="'link' has no fault to clear"):
            bench.clear("link")
        with pytest.raises(InputError, match="a link knows off, intermittent"):
            bench.fault("link", "offset")
    with pytest.raises(InputError, match="no such target"):
        bench.rig.fault("link", "off")
    with Bench(target="unix", free_run=True) as bench:
        bench.reset()
        with pytest.raises(InputError, match="needs lock-step"):
            bench.fault("supply", "cut")
