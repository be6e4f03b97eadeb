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
        assert low <= default <= high, name
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
