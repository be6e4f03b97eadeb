"""The valve: homing with overdrive, absolute moves, re-zero on full close, hold current off."""

from isentrope.bench.pulses import Pulses
from isentrope.drivers.stepper import Stepper

SCAN_MS = 500


class Valve:
    """A stepper valve with its motor between two stops; `lose` steps vanish on the next move."""

    def __init__(self, steps=500, overdrive=200, rate=60, at=321):
        self.pulses = Pulses(rate, 30, 8)
        self.driver = Stepper(self.pulses, {"steps": steps, "overdrive_steps": overdrive})
        self.steps = steps
        self.rotor = at
        self.seconds = 0.0
        self._seen = 0

    def scan(self, home, target):
        self.pulses.advance(1000 * SCAN_MS)
        moved = self.pulses.count - self._seen
        self._seen = self.pulses.count
        if moved:
            assert self.pulses.energised
        self.rotor = min(max(self.rotor + moved, 0), self.steps)
        self.driver.read()
        self.driver.write(home and not self.driver.homed, target, SCAN_MS)
        self.seconds += SCAN_MS / 1000.0

    def until_still(self, home=False, target=0, most=4000):
        for n in range(most):
            self.scan(home, target)
            if n > 2 and not self.pulses.energised:
                return self
        raise AssertionError("still moving")


def test_without_homing_nothing_moves():
    valve = Valve()
    for _ in range(10):
        valve.scan(False, 200)
    assert valve.rotor == 321 and not valve.driver.homed and not valve.pulses.energised
    assert valve.driver.position == 500  # the farthest it can be


def test_homing_closes_from_anywhere_with_overdrive():
    for at in (0, 1, 250, 500):
        valve = Valve(at=at).until_still(home=True)
        assert valve.driver.homed and valve.driver.position == 0 and valve.rotor == 0
        assert valve.pulses.count == -700
        assert 700 / 60 < valve.seconds < 700 / 60 + 4


def test_homing_stops_when_its_command_ends_and_covers_the_rest_later():
    valve = Valve(at=500)
    for _ in range(4):
        valve.scan(True, 0)
    valve.until_still(home=False)
    assert not valve.driver.homed and 350 < valve.rotor < 450
    valve.until_still(home=True)
    assert valve.driver.homed and valve.rotor == 0 and valve.pulses.count == -700


def test_position_is_the_rotors_in_both_directions():
    valve = Valve().until_still(home=True)
    for target in (200, 480, 479, 100, 101, 500, 32):
        valve.until_still(target=target)
        assert valve.rotor == valve.driver.position == target
    valve.until_still(target=9999)
    assert valve.rotor == valve.driver.position == 500


def test_moves_of_every_size_of_valve():
    for steps in (100, 480, 2600, 10_000):
        valve = Valve(steps=steps, overdrive=steps // 10, rate=500).until_still(home=True)
        valve.until_still(target=steps)
        assert valve.rotor == valve.driver.position == steps
        valve.until_still(target=steps // 3)
        assert valve.rotor == valve.driver.position == steps // 3


def test_a_new_target_in_motion_is_reached():
    valve = Valve().until_still(home=True)
    for target in (400, 30, 300, 0, 77):
        for _ in range(4):
            valve.scan(False, target)
    valve.until_still(target=77)
    assert valve.rotor == valve.driver.position == 77


def test_full_close_takes_back_lost_steps():
    valve = Valve().until_still(home=True)
    valve.until_still(target=300)
    valve.rotor += 40  # lost on the way: the driver believes 300
    valve.until_still(target=0)
    assert valve.rotor == 0 and valve.driver.position == 0
    valve.until_still(target=250)
    assert valve.rotor == valve.driver.position == 250


def test_full_close_overdrives_once():
    valve = Valve().until_still(home=True)
    before = valve.pulses.count
    valve.until_still(target=0)
    assert valve.pulses.count == before  # it has not been open
    valve.until_still(target=10)
    valve.until_still(target=0)
    assert valve.pulses.count == before - 200
    valve.until_still(target=0)
    assert valve.pulses.count == before - 200


def test_opening_ends_a_rezero():
    valve = Valve().until_still(home=True)
    valve.until_still(target=20)
    for _ in range(4):
        valve.scan(False, 0)
    valve.until_still(target=100)
    assert valve.rotor == valve.driver.position == 100


def test_hold_current_ends_within_a_second_of_the_move():
    valve = Valve().until_still(home=True)
    valve.scan(False, 3)
    valve.scan(False, 3)
    assert valve.rotor == 3 and valve.pulses.energised
    valve.scan(False, 3)
    assert not valve.pulses.energised


def test_a_stop_in_motion_loses_the_position():
    """The windings let go while the rotor turns; a homing cut short must not count as one either."""
    for homed in (False, True):
        valve = Valve(at=400)
        if homed:
            valve.until_still(home=True)
        valve.scan(not homed, 300)
        valve.scan(not homed, 300)
        valve.driver.stop()
        for _ in range(4):
            valve.pulses.advance(1000 * SCAN_MS)
            valve.driver.read()
        assert not valve.driver.homed
        valve._seen = valve.pulses.count
        valve.until_still(home=True)
        assert valve.driver.homed and valve.rotor == 0


def test_stop_leaves_the_windings_off():
    valve = Valve().until_still(home=True)
    valve.scan(False, 400)
    valve.scan(False, 400)
    valve.driver.stop()
    assert not valve.pulses.energised
