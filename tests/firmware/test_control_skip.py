"""Skip bands: crossed at the slew, never kept, and what protections leave."""

from control_bench import Bench, profile
from isentrope import decisions
from isentrope.control.skip import Skip
from isentrope.control.speed import Speed

BANDS = [[34.0, 40.0], [61.0, 65.0]]


class Free:
    cap_rps = 90.0
    floor_rps = 0.0
    cap_why = decisions.HOLD_DISCHARGE
    floor_why = decisions.RAISE_ENVELOPE


def compressor(bands=BANDS):
    data = profile()["compressor"]
    data["skip"] = bands
    return data


def speed_at(rps):
    speed = Speed(profile()["compressor"])
    speed.skip = Skip(compressor())
    for _ in range(200):
        speed.step(0.5, rps, Free, False)
    return speed


def test_no_demand_ends_in_a_band_from_either_side():
    for came_from in (25.0, 50.0, 85.0):
        for tenths in range(200, 900):
            target = Skip(compressor()).clear(tenths / 10.0, came_from, 90.0)
            assert not 34.0 < target < 40.0 and not 61.0 < target < 65.0


def test_bands_are_crossed_at_the_slew():
    speed = speed_at(30.0)
    inside = 0
    last = speed.set_rps
    for _ in range(80):
        now = speed.step(0.5, 55.0, Free, False)
        assert now - last <= 0.5001
        inside += 34.0 < now < 40.0
        last = now
    assert last == 55.0 and 10 <= inside <= 12  # 6 rps at 1 rps/s


def test_the_side_is_kept_around_the_middle():
    speed = speed_at(30.0)
    for wanted, stands in ((37.0, 34.0), (37.5, 34.0), (38.0, 40.0), (36.8, 40.0), (36.2, 34.0)):
        for _ in range(60):
            speed.step(0.5, wanted, Free, False)
        assert speed.set_rps == stands, (wanted, speed.set_rps)
        assert speed.limit == decisions.SKIPPED and speed.asked_rps == wanted


def test_a_cap_in_a_band_sends_the_speed_under_it():
    class Cap(Free):
        cap_rps = 38.5

    speed = speed_at(55.0)
    for _ in range(100):
        speed.step(0.5, 80.0, Cap, False)
    assert speed.set_rps == 34.0 and speed.limit == decisions.HOLD_DISCHARGE


def test_a_floor_in_a_band_sends_it_over():
    class Floor(Free):
        floor_rps = 38.0

    speed = speed_at(30.0)
    for _ in range(100):
        speed.step(0.5, 20.0, Floor, False)
    assert speed.set_rps == 40.0


def test_low_superheat_does_not_hold_in_a_band():
    speed = speed_at(50.0)
    while speed.set_rps > 37.0:
        speed.step(0.5, 30.0, Free, False)
    for _ in range(40):
        speed.step(0.5, 30.0, Free, True)
    assert speed.set_rps in (34.0, 40.0)


def test_bands_at_the_ends_of_the_range():
    skip = Skip(compressor([[15.0, 25.0], [85.0, 95.0]]))
    assert skip.clear(20.0, 50.0, 90.0) == 25.0
    assert skip.clear(20.0, 20.0, 90.0) == 25.0
    assert skip.clear(90.0, 60.0, 90.0) == 85.0
    # A protection that wants less than the lowest edge has it.
    assert skip.clear(22.0, 25.0, 22.0) == 22.0


def test_bad_bands_are_named():
    for bands in ([[40.0, 34.0]], [[34.0, 40.0], [38.0, 45.0]], [[34.0]], [[-1.0, 4.0]]):
        try:
            Skip(compressor(bands))
            raise AssertionError(bands)
        except ValueError as error:
            assert "compressor.skip" in str(error)


def test_the_controller_says_so():
    machine = profile()
    machine["compressor"]["skip"] = BANDS
    bench = Bench(machine=machine).start(rps=36.0)
    bench.run(60)
    assert bench.out.speed_rps == 34.0
    values = bench.logged(decisions.SKIPPED)
    assert decisions.text(48, values[-1]) == "speed at 34 rps: 36 rps lies in a skip band"
