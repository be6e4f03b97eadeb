"""SNTP: what of an answer is believed, and the local time of day (RFC 4330; RFC 5905, 7.4)."""

from isentrope.bus import ntp
from plain import Plain

NONCE = b"\x01\x02\x03\x04\x05\x06\x07\x08"
# 29 November 2026, 12:00:00 UTC; 1 January 2024.
NOON = 4_004_942_400
SAID = (781, 2, -1, 9829)  # minute, NTP, the day of the week by the day, since 2000
NEW_YEAR = 3_913_056_000


def stamp(seconds):
    return (seconds & 0xFFFFFFFF).to_bytes(4, "big") + b"\x80\x00\x00\x00"


def good(first=0x24, stratum=2, refid=b"\x7f\0\0\1", origin=NONCE, transmit=None):
    transmit = stamp(NOON) if transmit is None else transmit
    return bytes((first, stratum, 6, 0xEC)) + bytes(8) + refid + bytes(8) + origin + stamp(NOON) + transmit


def test_the_question_keeps_our_time_to_itself():
    data = ntp.question(NONCE)
    assert len(data) == 48 and data[0] == 0x23 and data[1:40] == bytes(39) and data[40:] == NONCE


def test_a_good_answer():
    assert ntp.reply(good(), NONCE) == (ntp.GOOD, NOON)
    assert ntp.reply(good(first=0x1C), NONCE) == (ntp.GOOD, NOON), "version 3"
    assert ntp.reply(good(first=0x64), NONCE) == (ntp.GOOD, NOON), "a leap second is announced"
    assert ntp.reply(good() + bytes(20), NONCE) == (ntp.GOOD, NOON), "with a key that nobody asked for"
    assert ntp.reply(good(transmit=stamp(2**32 + 5)), NONCE) == (ntp.GOOD, 2**32 + 5), "2036"


def test_what_is_dropped():
    for data in (
        b"",
        good()[:47],
        good(origin=bytes(8)),
        good(origin=NONCE[:7] + b"\x09"),
        good(first=0x23),  # a client
        good(first=0x25),  # a broadcast
        good(first=0x0C),  # version 1
        good(first=0xE4),  # not synchronised
        good(stratum=16),
        good(transmit=bytes(8)),
        good(transmit=stamp(NEW_YEAR - 1)),
        good(stratum=0, refid=b"INIT"),
    ):
        assert ntp.reply(data, NONCE) == (ntp.DROPPED, 0), data


def test_a_kiss_of_death_is_obeyed_if_it_is_for_us():
    for refid, why in ((b"DENY", ntp.STOP), (b"RSTR", ntp.STOP), (b"RATE", ntp.SLOWER)):
        assert ntp.reply(good(stratum=0, refid=refid), NONCE) == (why, 0)
        assert ntp.reply(good(stratum=0, refid=refid, origin=bytes(8)), NONCE) == (ntp.DROPPED, 0)


def test_any_bytes_are_taken():
    whole = good()
    for n in range(49):
        ntp.reply(whole[:n], NONCE)
        for byte in (0, 0xFF, 0x80):
            why, seconds = ntp.reply(whole[:n] + bytes((byte,)) + whole[n + 1 :], NONCE)
            assert why in (ntp.GOOD, ntp.DROPPED) and seconds >= 0


def test_local_time():
    for west, summer, wanted in ((0, False, 720), (-60, False, 780), (300, False, 420), (-60, True, 780)):
        assert ntp.local(NOON, west, summer) % 86400 // 60 == wanted
    # A summer's noon, 1 July 2026.
    july = NOON - 151 * 86400
    assert (
        ntp.local(july, -60, True) % 86400 // 60 == 840 and ntp.local(july, -60, False) % 86400 // 60 == 780
    )


def test_summer_begins_and_ends_on_last_sundays_at_one():
    # 31 March and 27 October 2024, 30 March and 26 October 2025, 26 March and 29 October 2028.
    for begin, end in ((7_779_600, 25_923_600), (39_229_200, 57_373_200), (133_578_000, 152_326_800)):
        begin, end = NEW_YEAR + begin - 1, NEW_YEAR + end - 1
        for seconds, summer in ((begin, False), (begin + 1, True), (end, True), (end + 1, False)):
            assert ntp.in_summer(seconds) == summer, seconds


class Ends(Exception):
    pass


def sleeps(answers, most):
    """What a client sleeps (s) with these answers, the last one repeated, and what it tells the clock."""
    slept, told, raised = [], [], []

    async def sleep(s):
        slept.append(s)
        ms[0] = (ms[0] + 1000 * s) & 0x3FFFFFFF
        if len(slept) == most:
            raise Ends

    class Scripted(ntp.Ntp):
        async def _ask(self):
            asked[0] += 1
            return answers[min(asked[0], len(answers)) - 1]

    asked, ms = [0], [2**30 - 5000]
    scan = Plain(
        now_ms=0,
        points=Plain(clock=Plain(tell=lambda *said: told.append(said))),
        alarms=Plain(raise_=lambda *args: raised.append(args[0]), clear=lambda *_: raised.clear()),
    )
    v = [0.0] * 204
    v[139] = -60.0
    ctx = Plain(said={"ntp": "x"}, ticks_ms=lambda: ms[0], scan=scan, v=v)
    before = ntp.asyncio
    ntp.asyncio = Plain(sleep=sleep)
    try:
        Scripted(ctx).run().send(None)
    except Ends:
        pass
    finally:
        ntp.asyncio = before
    return slept, told, raised, asked[0]


def test_a_good_time_is_told_at_the_full_minute_and_asked_for_again_in_an_hour():
    slept, told, raised, _ = sleeps([(ntp.GOOD, NOON + 58)], 4)
    assert slept == [2, 3600, 2, 3600] and told == [SAID, SAID] and not raised


def test_no_answer_makes_it_ask_less_often_and_an_alarm_after_a_day():
    slept, told, raised, _ = sleeps([(ntp.DROPPED, 0)], 12)
    assert slept[:8] == [64, 128, 256, 512, 1024, 2048, 4096, 4096] and not told and not raised
    assert 72 in sleeps([(ntp.SLOWER, 0)], 30)[2]
    slept, told, raised, _ = sleeps([(ntp.DROPPED, 0)] * 29 + [(ntp.GOOD, NOON)], 31)
    assert told == [SAID] and not raised


def test_who_says_to_stop_is_never_asked_again():
    _, told, raised, asked = sleeps([(ntp.GOOD, NOON), (ntp.STOP, 0)], 60)
    assert asked == 2 and len(told) == 1 and 72 in raised


def test_without_a_server_there_is_a_reason():
    try:
        ntp.make(Plain(said={}))
    except ValueError as error:
        assert "ntp" in str(error)
    else:
        raise AssertionError("a client of nobody")
