"""Every rule of docs/link.md, from the host's side; its images are in `test_bench_images`."""

from struct import pack, unpack_from

from bench_host import BYE, DESCRIBE, HELLO, IMAGE, LOG, PUT, RESET, STEP, WRITE, Host, frame, opened, replies
from isentrope import settings
from sample import T0

ENABLE = 0x3000


def test_hello_names_the_device():
    payload = Host().hello()
    version, _, _, scan_ms = unpack_from("<BIHH", payload)
    assert (version, scan_ms) == (0x31, 500)
    texts = payload[9:]
    found = []
    while texts:
        found.append(texts[1 : 1 + texts[0]])
        texts = texts[1 + texts[0] :]
    assert found[1:] == [b"test", b"bench", b"sample"]


def test_a_late_hello_is_only_answered_again():
    host = opened()
    first = host.send(STEP, host.inputs(), t_ms=T0)
    again = host.send(HELLO, b"\x31", seq=0x5555, t_ms=0x55555555)
    assert again[0][0] == 0xC8
    assert host.send(STEP, host.inputs(), t_ms=T0) == first  # the kept reply has survived


def test_hello_of_a_new_session_forgets():
    host = opened()
    host.step()
    host.hello(0x4321)
    assert host.refused(STEP, host.inputs()) == 6
    assert host.refused(STEP, host.inputs(), session=0x1234) == 5


def test_the_table_is_whole():
    host = Host().describe()
    kinds = [entry[0] for entry in host.table]
    assert kinds == sorted(kinds)
    assert [kinds.count(kind) for kind in range(2)] == [13, 9]
    assert kinds.count(3) == settings.COUNT
    for kind, _, _, writable, identity, low, high, name, _ in host.table:
        assert low < high and name
        assert (identity >= 0x4000) == (kind == 3)
        assert kind != 3 or writable
    for kind in (0, 1, 2, 3):
        entries = [e for e in host.table if e[0] == kind]
        assert len({e[4] for e in entries}) == len({e[7] for e in entries}) == len(entries)
    assert host.ask(DESCRIBE, pack("<H", 5000)) == pack("<HB", 5000, 0)


def test_step_needs_reset():
    host = Host().describe()
    assert host.refused(STEP, host.inputs()) == 6
    assert host.refused(WRITE, pack("<Hi", ENABLE, 1)) == 6
    assert host.refused(LOG, b"\x05") == 6
    assert host.refused(IMAGE, b"\0\0") == 6


def test_reset_for_another_table_is_refused():
    host = Host().describe()
    host.crc ^= 1
    assert host.refused(RESET, pack("<IIBIB", 1, T0, 0, host.crc, 0)) == 8


def test_a_request_acts_once():
    host = opened()
    first = host.send(STEP, host.inputs(), t_ms=T0)
    scan = host.link.device.scan
    before = scan.points.image[:]
    scan.now_ms = 7  # a second scan would overwrite this
    assert host.send(STEP, host.inputs(), t_ms=T0) == first
    assert scan.now_ms == 7 and scan.points.image == before
    assert host.refused(STEP, host.inputs(), t_ms=T0 + 500) == 2
    assert host.send(STEP, host.inputs(), t_ms=T0) == first


def test_write_acts_once():
    host = opened()
    request = frame(WRITE, host.session, host.seq, 0, pack("<Hi", ENABLE, 1))
    assert host.raw(request)[0][4] == b"\0"
    host.link.device.scan.inp.enable = False
    assert host.raw(request)[0][4] == b"\0"
    assert host.link.device.scan.inp.enable is False


def test_other_seq_is_ignored_and_seq_wraps():
    host = opened()
    for ahead in (1, 2, 0x7FFF, 0xFFF0):
        assert host.send(STEP, host.inputs(), seq=(host.seq + ahead) & 0xFFFF) == []
    host.step()
    host.link._seq = host.seq = 0xFFFF
    host.link._seq = 0xFFFE
    host.step()
    assert host.seq == 0
    host.step()


def test_damage_is_told_at_once():
    host = opened()
    good = frame(STEP, host.session, host.seq, T0, host.inputs())
    for at in range(1, len(good) - 1):
        bad = bytearray(good)
        bad[at] ^= 0x40 if bad[at] != 0x40 else 0x80
        found = host.raw(bytes(bad))
        assert [f[0] for f in found] == [0xCE] and found[0][4] == b"\x01", at
    assert host.raw(b"\0\x05\x53\x01\x01\x01\0")[0][4] == b"\x01"  # under 13 bytes
    assert host.raw(b"\0" + b"\x07" * 3000 + b"\0")[0][4] == b"\x01"  # longer than any frame
    assert host.raw(good)[0][0] == STEP | 0x80


def test_damage_before_a_good_frame_costs_no_second_answer():
    host = opened()
    good = frame(STEP, host.session, host.seq, T0, host.inputs())
    found = host.raw(good[:20] + good)
    assert [f[0] for f in found] == [STEP | 0x80]


def test_a_nak_names_what_was_last_executed():
    host = opened()
    host.step()
    found = host.raw(b"\0\x02\x01\0")
    assert found[0][1:4] == (host.session, (host.seq - 1) & 0xFFFF, T0)


def test_frames_come_in_any_pieces():
    host = opened()
    request = frame(STEP, host.session, host.seq, T0, host.inputs())
    for byte in request[:-1]:
        assert host.raw(bytes([byte])) == []
    assert host.raw(request[-1:])[0][0] == STEP | 0x80
    assert host.raw(b"\0\0\0") == []


def test_unknown_types_and_wrong_sizes():
    host = opened()
    for kind in (0x51, 0x47, 0x45, 0x4A, 0x4D):  # of an ATTACH session
        assert host.refused(kind) == 3
    assert host.refused(0x7A, b"123") == 3
    for kind, payload in (
        (STEP, host.inputs() + b"\0"),
        (STEP, b""),
        (WRITE, b"12345"),
        (LOG, b""),
        (DESCRIBE, b"\0"),
        (RESET, b"\0" * 13),
        (BYE, b"\0"),
        (IMAGE, b"\0"),
        (PUT, b"\0"),
    ):
        assert host.refused(kind, payload) == 4, kind


def test_write_results():
    host = opened()
    setting, _, _, _, low, _, _, _ = next(iter(settings.rows()))
    tries = ((ENABLE, 1, 0), (0x2001, 3500, 0), (0x0FFF, 0, 1), (0x0000, 0, 2), (ENABLE, 2, 3))
    for identity, raw, result in tries + ((setting, low, 0), (setting, low - 1, 3), (0x7FFE, 0, 1)):
        assert host.ask(WRITE, pack("<Hi", identity, raw)) == bytes([result]), hex(identity)
    values = host.step()
    assert values["enable"] == 1 and values["flow_setpoint_c"] == 3500


def test_the_log_is_pulled_in_pages():
    host = opened()
    log = host.link.device.scan.log
    host.step()
    pending = host.status[3]
    assert pending == log.pending() > 0
    for n in range(20):
        log.add(T0 + n, 9, n)
    seen = 0
    while True:
        page = host.ask(LOG, bytes([255]))
        at = 1
        for _ in range(page[0]):
            _, code, value, size = unpack_from("<IHiB", page, at)
            words = str(page[at + 11 : at + 11 + size], "utf-8")
            at += 11 + size
            if code == 9:
                assert words == "stop waits %d s: minimum run time" % value
            seen += 1
        assert at == len(page)
        if not page[0]:
            break
    assert seen == pending + 20
    log.add(T0, 9, 1)
    log.add(T0, 9, 2)
    assert host.ask(LOG, b"\x01")[0] == 1
    assert log.pending() == 1


def test_the_same_run_twice_is_the_same():
    host = opened()
    runs = []
    for _ in range(2):
        host.reset()
        host.t_ms = T0
        host.ask(WRITE, pack("<Hi", ENABLE, 1))
        steps = []
        for n in range(200):
            raw = [2048] * 5 + [1900 + n % 7] * 2 + [1500, 800, 0, 0, 0, 0]
            values = host.step(raw)
            steps.append(sorted(values.items()))
        runs.append(steps)
    assert runs[0] == runs[1]


def test_control_time_crosses_the_wrap():
    host = opened()
    host.t_ms = 2**30 - 2250
    for n in range(10):
        assert host.step()["uptime_s"] == n // 2
    assert host.t_ms < 10_000


def test_bye_ends_it():
    host = opened()
    host.step()
    assert host.link.alive
    assert host.ask(BYE) == b""
    assert not host.link.alive
    assert host.refused(STEP, host.inputs()) == 5


def test_the_dead_man_leaves_bench_mode():
    host = opened()
    host.step()
    scan = host.link.device.scan
    host.port.now_ms = 59_000
    host.link.expire()
    host.step()  # a good frame starts the time anew
    scan.pins.outputs[2] = 1
    host.port.now_ms += 60_001
    host.link.expire()
    assert scan.pins.outputs[2] == 0
    assert host.refused(STEP, host.inputs()) == 5


def test_a_fault_is_told_with_outputs_safe():
    host = opened()
    host.step()
    outputs = host.link.device.pins.outputs
    outputs[2] = 1
    host.port.sent = b""
    host.link.fault("Traceback: " + "x" * 3000 + " the end")
    found = replies(host.port.sent)
    assert [f[:2] for f in found] == [(0xC6, host.session)]
    assert found[0][4].endswith(b" the end") and len(found[0][4]) == 1024 - 13
    assert outputs[2] == 0


def test_free_run_scans_on_the_devices_clock():
    host = opened(flags=1)
    device = host.link.device
    host.port.now_ms = 1000
    found = host.send(STEP, host.inputs(), t_ms=T0)
    assert found[0][3] == T0  # the first STEP starts the clock
    host.seq += 1
    for wall_ms, stamp in ((1100, 0), (1499, 0), (1500, 500), (1990, 500), (2003, 1000), (4100, 3000)):
        host.port.now_ms = wall_ms
        device.tick()
        found = host.send(STEP, host.inputs(), t_ms=12345)
        assert found[0][3] == T0 + stamp, wall_ms
        host.seq += 1
    assert device.wait_ms() == 400


def test_in_a_free_run_outputs_outlive_their_scan_by_two_seconds_only():
    host = opened(flags=1)
    host.send(STEP, host.inputs(), t_ms=T0)
    host.seq += 1
    outputs = host.link.device.pins.outputs
    outputs[2] = 1
    host.port.now_ms = 2000
    host.send(STEP, host.inputs(), t_ms=T0)
    host.seq += 1
    assert outputs[2] == 1
    host.port.now_ms = 2001
    host.send(STEP, host.inputs(), t_ms=T0)
    assert outputs[2] == 0


def test_garbage_of_small_things_is_collected_too():
    """Damage, duplicates and greetings leave garbage without any scan."""
    host = opened()
    host.step()
    port = host.port
    good = frame(STEP, host.session, (host.seq - 1) & 0xFFFF, T0, host.inputs())

    def collect():
        port.free = 100_000

    port.collect = collect
    for data in (b"\0\x05\x05\0", good, frame(HELLO, host.session, 0x5555, 0, b"\x31"), b"\x07"):
        for _ in range(1000):
            host.raw(data)
            port.free -= 400
            assert port.free > 0
