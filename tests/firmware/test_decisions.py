"""The decision log and its sentences."""

from isentrope import alarms, decisions
from isentrope.control import states

CODES = [
    (name, getattr(decisions, name))
    for name in dir(decisions)
    if name[0] != "_" and name.upper() == name and name != "ALARM"
]


def drain(log):
    entry, entries = [0, 0, 0], []
    while log.pop_into(entry):
        entries.append(tuple(entry))
    return entries


def test_ring_keeps_order_and_gives_up_the_oldest():
    log = decisions.Log(3)
    for i in range(5):
        log.add(i, 10 + i, -i)
    assert log.pending() == 3 and log.lost == 2
    assert drain(log) == [(2, 12, -2), (3, 13, -3), (4, 14, -4)]
    assert not log.pop_into([0, 0, 0])


def test_pair_survives_signs_and_ranges():
    for a in (0, 34, 90, 8191):
        for b in (-40, -1, 0, 106, 3200):
            value = decisions.pair(a, b)
            assert decisions.unpair(value) == (a, b)
            assert value < 2**30


def test_sentences():
    assert decisions.text(decisions.HOLD_DISCHARGE, decisions.pair(34, 106)) == (
        "speed held at 34 rps: discharge 106 degC"
    )
    assert decisions.text(decisions.STATE, states.STARTING) == "state starting"
    assert decisions.text(decisions.ALARM + alarms.HIGH_PRESSURE, 1) == "alarm raised: high pressure"
    missing = decisions.text(decisions.LIMIT_MISSING, 3)
    assert missing == "start blocked: the machine's data has no limits.envelope"
    assert decisions.text(decisions.START_BLOCKED, alarms.LOW_PRESSURE) == "start blocked: low pressure"


def test_every_code_has_a_sentence():
    assert len({value for _, value in CODES}) == len(CODES)
    for name, value in CODES:
        text = decisions.text(value, decisions.pair(1, 1) if value >= 20 and value < 30 else 1)
        assert text and not text.startswith("decision "), name
        assert "%" not in text, text


def test_unknown_code_is_still_readable():
    assert decisions.text(99, 4) == "decision 99, 4"
