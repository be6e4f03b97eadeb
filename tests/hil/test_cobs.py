from hypothesis import given
from hypothesis import strategies as st
from isentrope_hil import cobs
from link_example import exec_device

PAYLOADS = st.one_of(
    st.binary(max_size=1024),
    st.lists(st.sampled_from([0, 0, 1, 255]), max_size=600).map(bytes),
    st.integers(250, 770).map(lambda n: b"\x07" * n),
    st.integers(250, 770).map(lambda n: b"\x07" * n + b"\0"),
)


@given(PAYLOADS)
def test_what_is_encoded_is_decoded_and_has_no_zero(data):
    frame = cobs.encode(data)
    assert frame[0] == frame[-1] == 0
    assert 0 not in frame[1:-1]
    assert len(frame) <= len(data) + 3 + len(data) // 254
    assert cobs.decode(bytes(frame[1:-1])) == data


@given(PAYLOADS)
def test_agrees_with_an_independent_implementation(data):
    assert exec_device.cobs_decode(bytes(cobs.encode(data)[1:-1])) == data
    assert cobs.decode(exec_device.cobs_encode(data)) == data


def test_known_encodings():
    # The examples of Cheshire and Baker's paper as the usual tables give them.
    assert cobs.encode(b"\0") == b"\0\x01\x01\0"
    assert cobs.encode(b"\x11\x22\0\x33") == b"\0\x03\x11\x22\x02\x33\0"
    assert cobs.encode(bytes(range(1, 255))) == b"\0\xff" + bytes(range(1, 255)) + b"\0"


@given(st.binary(max_size=300).map(lambda data: data.replace(b"\0", b"\x01")))
def test_any_zero_free_bytes_decode_or_are_refused(data):
    decoded = cobs.decode(data)
    assert decoded is None or len(decoded) < max(len(data), 1)
