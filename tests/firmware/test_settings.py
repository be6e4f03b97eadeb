"""Parameters: bounds, ids, and what a profile may say."""

from isentrope import settings


def refused(values):
    try:
        settings.Settings().load(values)
    except ValueError as error:
        return str(error)
    raise AssertionError("taken: %s" % values)


def test_rows_are_complete_and_ids_are_permanent():
    rows = list(settings.rows())
    assert len(rows) == settings.COUNT
    for place, (identity, name, _, exponent, low, high, default, level) in enumerate(rows):
        assert identity == 0x4000 + place, name
        assert -32768 <= low <= default <= high <= 32767, name  # kept in 16 bits
        assert -3 <= exponent <= 3 and level in (0, 1, 2), name
    assert len({row[1] for row in rows}) == len(rows)


def test_constants_name_their_rows():
    names = [row[1] for row in settings.rows()]
    assert names[settings.SH_SETPOINT] == "superheat_setpoint"
    assert names[settings.EEV_OFF] == "valve_off"
    assert names[settings.MIN_OFF] == "minimum_off"
    assert names[settings.DISCHARGE_RESTART] == "discharge_restart"
    assert names[settings.COUNT - 1] == names[-1]


def test_write_codes():
    held = settings.Settings()
    assert held.set_raw(0x4000, 65) == 0
    assert held.v[settings.SH_SETPOINT] == 6.5
    assert held.raw[settings.SH_SETPOINT] == 65
    assert held.set_raw(0x4000, 251) == 3
    assert held.set_raw(0x4000, 29) == 3
    assert held.v[settings.SH_SETPOINT] == 6.5
    assert held.set_raw(0x5000, 1) == 1


def test_profile_settings_are_in_units():
    held = settings.Settings()
    held.load({"superheat_setpoint": 7.5, "minimum_off": 240})
    assert held.v[settings.SH_SETPOINT] == 7.5
    assert held.v[settings.MIN_OFF] == 240


def test_unknown_key_and_range_are_named():
    assert "superheat_setpiont" in refused({"superheat_setpiont": 7.0})
    message = refused({"superheat_setpoint": 99.0})
    assert "superheat_setpoint" in message and "99" in message and "3 to 25 K" in message


def test_what_is_no_number_is_named():
    for value in ("8", None, float("nan")):
        assert "superheat_setpoint" in refused({"superheat_setpoint": value})


def test_one_bad_key_takes_nothing():
    held = settings.Settings()
    try:
        held.load({"superheat_setpoint": 7.0, "nonsense": 1})
    except ValueError:
        pass
    assert held.v[settings.SH_SETPOINT] == 8.0


LOW, SETPOINT = 0x4004, 0x4000  # low_superheat may not lie above superheat_setpoint


def test_defaults_do_not_contradict_each_other():
    held = settings.Settings()
    assert held.contradiction() == -1
    ties = [place for place in range(settings.COUNT) if held.above(place) >= 0]
    assert settings.SH_LOW in ties and settings.EEV_MIN in ties and len(ties) > 8
    for place in ties:
        assert held.above(held.above(place)) != place


def test_a_low_above_its_high_is_refused_from_both_sides():
    held = settings.Settings()
    changes = held.changes
    for identity, raw, old in ((SETPOINT, 39, 80), (LOW, 81, 40)):
        assert held.set_raw(identity, raw) == settings.CONTRADICTS
        assert held.raw[held.place(identity)] == old and held.changes == changes
    assert held.set_raw(SETPOINT, 40) == 0 and held.contradiction() == -1  # as high is not above


def test_several_may_contradict_one_another_on_the_way():
    held = settings.Settings()
    held.load({"low_superheat": 9.0, "superheat_setpoint": 12.0})
    assert held.v[settings.SH_LOW] == 9.0 and held.v[settings.SH_SETPOINT] == 12.0


def test_a_profile_that_contradicts_itself_is_named():
    held = settings.Settings()
    try:
        held.load({"low_superheat": 9.0, "minimum_off": 200})
        raise AssertionError("taken")
    except ValueError as error:
        assert "settings.low_superheat is 9, above superheat_setpoint, which is 8" in str(error)
    assert held.v[settings.SH_LOW] == 4.0 and held.v[settings.MIN_OFF] == 180


def test_levels_open_what_is_theirs_and_close_again():
    held = settings.Settings()
    user, installer, maker = settings.CAP_OFF_ABOVE, settings.SH_SETPOINT, settings.SH_GAIN
    for level, open_ in ((0, (user,)), (1, (user, installer)), (2, (user, installer, maker))):
        held.unlock(level)
        assert tuple(place for place in (user, installer, maker) if held.allowed(place)) == open_
    held.passed(800_000)
    assert held.level == settings.MAKER
    held.unlock(held.level)  # a change
    held.passed(800_000)
    assert held.level == settings.MAKER
    held.passed(200_000)
    assert held.level == settings.USER and not held.allowed(maker)
