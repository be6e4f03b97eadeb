"""The three-phase monitor: a relay's contact, measured voltages, rotation."""

from control_bench import Bench, profile

LOSS, ROTATION, UNDERVOLTAGE = 22, 23, 24


class More:
    """Of drivers/more.py what the monitor reads."""

    phase_ok = True
    phase_v = None
    rotation = 0


def bench(**phases):
    made = profile()
    made["phases"] = phases
    at = Bench(machine=made)
    at.inp.more = More()
    return at


def running(**phases):
    at = bench(**phases)
    at.inp.more.phase_v = [230.0, 231.0, 229.0]
    return at.start()


def test_the_contact_answers_in_the_same_scan():
    at = running()
    at.inp.more.phase_ok = False
    at.scan()
    assert at.alarms.is_active(LOSS) and not at.out.compressor_on
    at.inp.more.phase_ok = True
    at.run(299)
    assert at.alarms.is_active(LOSS)
    at.run(3)
    assert not at.alarms.is_active(LOSS)


def test_a_lost_phase():
    at = running(nominal_v=230.0)
    at.inp.more.phase_v = [230.0, 0.0, 229.0]
    at.run(1)
    assert not at.alarms.stop, "a dip"
    at.run(2)
    assert at.alarms.is_active(LOSS) and not at.alarms.is_active(UNDERVOLTAGE)


def test_a_phase_that_the_motor_feeds():
    at = running(nominal_v=230.0)
    at.inp.more.phase_v = [230.0, 205.0, 229.0]
    at.run(3)
    assert at.alarms.is_active(LOSS)


def test_undervoltage_is_all_of_them():
    at = running(nominal_v=230.0)
    at.inp.more.phase_v = [200.0, 199.0, 201.0]
    at.run(60)
    assert not at.alarms.stop
    at.inp.more.phase_v = [194.0, 193.0, 195.0]
    at.run(3)
    assert at.alarms.is_active(UNDERVOLTAGE) and not at.alarms.is_active(LOSS)


def test_wrong_rotation_never_starts():
    at = bench(nominal_v=230.0)
    at.inp.more.phase_v = [230.0, 230.0, 230.0]
    at.inp.more.rotation = -1
    at.inp.enable = True
    at.run(600)
    assert at.alarms.is_active(ROTATION) and not at.out.compressor_on
    at.inp.more.rotation = 1
    at.until(lambda: at.out.compressor_on, 700)


def test_voltages_that_are_not_read_any_more():
    at = running(nominal_v=230.0)
    at.inp.more.phase_v = None
    at.run(9)
    assert not at.alarms.stop
    at.run(3)
    assert at.alarms.is_active(LOSS)
    values = [0, 0, 0]
    found = []
    while at.alarms.history.pop_into(values):
        found.append((values[1], values[2]))
    assert (LOSS, -1) in found


def test_a_single_phase_machine_is_not_judged():
    at = Bench().start()
    at.inp.more = More()
    at.inp.more.phase_ok = False
    at.run(10)
    assert not at.alarms.stop
