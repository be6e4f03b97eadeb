"""Alarms: active, latched, cleared, described."""

from isentrope import alarms, decisions, wording

CODES = [
    getattr(alarms, name)
    for name in dir(alarms)
    if name[0] != "_" and name.upper() == name and name not in ("FIRST_WARNING", "ALARM")
]


def raised(code, latch=False):
    held = alarms.Alarms()
    held.log = decisions.Log(8)
    held.raise_(code, 5, 7, latch)
    return held


def test_stop_and_warning_classes():
    held = raised(alarms.HIGH_PRESSURE)
    assert held.stop and held.is_active(alarms.HIGH_PRESSURE)
    held = raised(alarms.LOW_SUPERHEAT)
    assert not held.stop and held.is_active(alarms.LOW_SUPERHEAT) and held.warned


def test_raise_is_news_once():
    held = raised(alarms.HIGH_PRESSURE)
    held.raise_(alarms.HIGH_PRESSURE, 6)
    assert held.log.pending() == 1 and held.history.pending() == 1
    held.clear(alarms.HIGH_PRESSURE, 7)
    held.clear(alarms.HIGH_PRESSURE, 8)
    assert not held.stop and held.log.pending() == 2


def test_latched_waits_for_a_person():
    held = raised(alarms.HIGH_PRESSURE, latch=True)
    held.clear(alarms.HIGH_PRESSURE, 6)
    assert held.stop
    held.reset(7)
    assert not held.stop and held.latched_mask == 0


def test_history_keeps_the_last_sixteen():
    held = alarms.Alarms()
    for i in range(40):
        held.raise_(alarms.LOW_PRESSURE, i)
        held.clear(alarms.LOW_PRESSURE, i)
    assert held.history.pending() == 16
    entry = [0, 0, 0]
    held.history.pop_into(entry)
    assert entry == [24, alarms.LOW_PRESSURE, 0]


def test_every_alarm_says_cause_effect_reset_and_remedy():
    assert len(CODES) > 15 and len(set(CODES)) == len(CODES)
    for code in CODES:
        row = wording.describe(code)
        assert len(row) == 7, row
        assert all(row) and not row[0].startswith("alarm "), row
        assert row[1] == ("stop" if code < alarms.FIRST_WARNING else "warn"), row
        assert row[2] in ("self", "latch"), row


def test_codes_fit_small_masks():
    for code in CODES:
        assert 1 <= code <= 31 or 33 <= code <= 61 or 64 <= code <= 93


def test_first_is_the_lowest_stop_then_the_lowest_warning():
    held = alarms.Alarms()
    assert held.first() == held.first_stop() == 0 and not held.warned
    held.raise_(93, 0)
    held.raise_(64, 0)
    assert held.first() == 64 and held.first_stop() == 0 and held.warned and not held.stop
    held.raise_(61, 0)
    assert held.first() == 61
    held.raise_(29, 0)
    assert held.first() == held.first_stop() == 29 and held.stop_mask == 1 << 29
    held.clear(29, 1)
    held.clear(61, 1)
    held.clear(64, 1)
    assert held.first() == 93 and held.is_active(93) and not held.is_active(64)


def test_unknown_alarm_has_a_name():
    assert wording.describe(63)[0] == "alarm 63"
