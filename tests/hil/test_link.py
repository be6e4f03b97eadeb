import struct

import pytest
from isentrope_hil import frames, session
from isentrope_hil.errors import ProtocolError, TargetFault, TargetSilent
from isentrope_hil.link import Link
from isentrope_hil.noise import ByteNoise
from link_example import RAW_IN, MemoryStream

SCANS = "scans"


def opened(stream: MemoryStream, **options) -> Link:
    host = Link(stream, **options)
    host.describe(host.hello())
    host.reset(seed=1, t0_ms=0)
    return host


def drop(times: int):
    """Loses the first `times` answers."""
    left = [times]

    def damage(data: bytes) -> bytes:
        left[0] -= 1
        return b"" if left[0] >= 0 else data

    return damage


def test_a_session_from_hello_to_bye():
    stream = MemoryStream()
    host = Link(stream)
    hello = host.hello()
    assert (hello.target, hello.board, hello.machine, hello.scan_ms) == (
        "exec",
        "example-board",
        "example-machine",
        500,
    )
    table = host.describe(hello)
    assert [s.name for s in table.points] == [SCANS, "enable"]
    host.reset(seed=1, t0_ms=0)
    for scan in range(1, 101):
        host.step(scan * 500, RAW_IN)
        assert host.points == (scan, 0)
        assert host.raw_out == (0, 0, 0, 0)
    host.bye()
    assert stream.device.done
    assert host.counters.retries == 0


def test_write_returns_the_devices_result():
    host = opened(MemoryStream())
    assert [host.write(1, 1), host.write(1, 2), host.write(0, 1), host.write(999, 0)] == [0, 3, 2, 1]
    host.step(0, RAW_IN)
    assert host.points == (1, 1)


def test_an_opening_never_holds_a_console_command():
    for start in range(0, 0x10000, 97):
        for kind in frames.OPENINGS:
            _, frame = frames.opening(kind, start)
            assert not set(frame) & {1, 2, 3, 4}


def test_a_request_is_sent_again_until_answered_and_acts_once():
    stream = MemoryStream()
    host = opened(stream)
    stream.damage = drop(5)
    host.step(0, RAW_IN)
    assert host.points == (1, 0)
    assert host.counters.retries == 5
    assert len(set(stream.sent[-6:])) == 1


@pytest.mark.parametrize("p", [0.001, 0.01])
def test_noise_both_ways_changes_nothing(p):
    clean, noisy = opened(MemoryStream()), None
    stream = MemoryStream()
    noisy = Link(stream, to_device=ByteNoise(p, 1), from_device=ByteNoise(p, 2))
    noisy.describe(noisy.hello())
    noisy.reset(seed=1, t0_ms=0)
    for scan in range(400):
        for host in (clean, noisy):
            host.step(scan * 500, RAW_IN)
        assert (noisy.raw_out, noisy.points) == (clean.raw_out, clean.points)
    assert noisy.counters.retries > 400 * p
    assert noisy.counters.bad_frames + noisy.counters.naks > 0


def test_stale_answers_are_dropped():
    stream = MemoryStream()
    host = opened(stream)
    host.step(0, RAW_IN)
    stream.damage = lambda data: data + data
    for scan in range(1, 20):
        host.step(scan * 500, RAW_IN)
        assert host.points == (scan + 1, 0)
    assert host.counters.retries == 0


def test_console_text_is_kept_and_is_no_error():
    stream = MemoryStream(lambda data: b"MicroPython v1.29\r\n" + data)
    host = opened(stream)
    host.step(0, RAW_IN)
    assert "MicroPython v1.29" in host.drain_console()
    assert host.counters.bad_frames == 0


def test_a_reset_too_early_or_for_another_table_is_said():
    stream = MemoryStream()
    host = Link(stream)
    host.describe(host.hello())
    with pytest.raises(ProtocolError, match="RESET first"):
        host.step(0, RAW_IN)
    stream = MemoryStream()
    host = Link(stream)
    host.describe(host.hello())
    stream.device.table_crc ^= 1
    with pytest.raises(ProtocolError, match="signal table differs"):
        host.reset(seed=1, t0_ms=0)


def test_a_restarted_device_is_noticed():
    stream = MemoryStream()
    host = opened(stream)
    stream.device.session = None
    with pytest.raises(ProtocolError, match="another session"):
        host.step(0, RAW_IN)


def test_a_fault_carries_its_traceback():
    stream = MemoryStream()
    host = opened(stream)
    text = "Traceback:\n  File scan.py\nValueError: x"
    stream.damage = lambda data: frames.encode(frames.FAULT, host.session, 0, 0, text.encode())
    with pytest.raises(TargetFault, match="ValueError: x") as raised:
        host.step(0, RAW_IN)
    assert raised.value.text == text
    assert "ValueError" in host.drain_console()


def test_a_table_that_is_not_helloes_is_refused():
    stream = MemoryStream()
    stream.device.table_crc ^= 1
    host = Link(stream)
    with pytest.raises(ProtocolError, match="its HELLO says"):
        host.describe(host.hello())


def test_silence_and_babble_end_the_run(monkeypatch):
    monkeypatch.setattr(session, "SILENT_S", 0.05)
    monkeypatch.setattr(session, "BABBLE_S", 0.2)
    stream = MemoryStream()
    host = opened(stream)
    stream.damage = lambda data: b""
    with pytest.raises(TargetSilent, match="no answer to STEP for"):
        host.request(frames.STEP, b"", patience_s=0.05)
    stream = MemoryStream()
    host = opened(stream)
    stream.damage = lambda data: frames.encode(frames.NAK, host.session, 0, 0, b"\x01")
    with pytest.raises(TargetSilent, match="answers, but not STEP"):
        host.step(0, RAW_IN)


def test_an_interrupted_request_is_finished_before_bye():
    stream = MemoryStream()
    host = opened(stream)

    def interrupt(data: bytes) -> bytes:
        stream.damage = lambda data: data
        raise KeyboardInterrupt

    stream.damage = interrupt
    with pytest.raises(KeyboardInterrupt):
        host.step(0, RAW_IN)
    host.bye()
    assert stream.device.done


def test_log_entries_are_read():
    stream = MemoryStream()
    host = opened(stream)
    entry = struct.pack("<IHiB", 1234, 7, -5, 4) + "30°".encode()
    stream.device.execute = lambda kind, t_ms, payload: b"\x01" + entry
    assert host.log(4) == [session.Event(1234, 7, -5, "30°")]
