"""The search for the least stable superheat, in closed loop against bursts of liquid.

The lines are those of `isentrope experiment stable-line ashp-r32-9kw`: fixed valves, A7/W35, dry air.
"""

from isentrope_hil import Bench

LINES = ((52.8, 4.78), (93.0, 6.16))  # rps, K: 60 and 100 % of load
WITHIN_K = 1.0


def minutes(bench, count):
    """True superheat, K, second by second."""
    seen = []
    for _ in range(int(count * 60 / (2 * bench.scan_s))):
        bench.step(2)
        seen.append(bench.truth("superheat_k"))
    return seen


def mean(values):
    return sum(values) / len(values)


def test_finds_the_line_and_finds_it_again_at_another_load():
    with Bench("ashp-r32-9kw", "pico-full", "cpython", seed=1, carry_over=True) as bench:
        settings = {"superheat_law": 2, "low_superheat": 2, "defrost": 0}
        bench.reset(outdoor_c=7.0, rh=0.3, water_c=30.0, settings=settings)
        bench.knob("bath", 1.0)
        bench.knob("return_c", 30.0)
        bench.write("test_speed_rps", LINES[0][0])
        bench.write("enable", 1.0)
        minutes(bench, 6)  # dry: it regulates
        for rps, line in LINES:
            bench.write("test_speed_rps", rps)
            minutes(bench, 20)
            assert abs(bench.read("superheat_setpoint_k") - line) <= WITHIN_K
            assert abs(mean(minutes(bench, 10)) - line) <= WITHIN_K
        assert not any(code >= 0x100 for _, code, _, _ in bench.events)
