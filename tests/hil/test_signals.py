import math
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from isentrope_hil.signals import KINDS, TYPES, Signal, Table, unpack
from isentrope_sim.errors import InputError

SIGNALS = st.builds(
    Signal,
    name=st.text(max_size=20),
    kind=st.sampled_from(KINDS),
    type=st.sampled_from(TYPES),
    exponent=st.integers(-6, 3),
    unit=st.sampled_from(["", "K", "degC", "kPa"]),
    id=st.integers(0, 0xFFFF),
    low=st.integers(-(2**31), 0),
    high=st.integers(0, 2**31 - 1),
    writable=st.booleans(),
)


@given(SIGNALS)
def test_an_entry_survives_packing(signal):
    packed = signal.pack()
    assert unpack(b"xy" + packed, 2) == (signal, 2 + len(packed))


@given(SIGNALS, st.data())
def test_a_cut_entry_is_refused(signal, data):
    packed = signal.pack()
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    with pytest.raises(Exception) as raised:
        unpack(cut, 0)
    assert isinstance(raised.value, (ValueError, IndexError)) or type(raised.value).__name__ == "error"


def test_physical_values_are_decimal():
    tenths = Signal("superheat", "point", "s16", -1, "K", 7, -1000, 1000)
    assert tenths.physical(63) == 6.3
    assert tenths.raw(6.3) == 63
    assert Signal("energy", "point", "u32", 2, "J", 8, 0, 1000).physical(12) == 1200.0


def test_a_failed_sensor_has_no_value():
    point = Signal("suction_c", "point", "s16", -2, "degC", 14, -5500, 15000)
    assert math.isnan(point.physical(-0x8000))
    assert Signal("suction_t", "in", "u16", 0, "", 0, 0, 4095).physical(0xFFFF) == 0xFFFF


def test_a_value_out_of_range_names_the_range():
    setpoint = Signal("setpoint", "setting", "s16", -1, "degC", 0x4000, 200, 600, True)
    with pytest.raises(InputError, match=r"setting 'setpoint': 65 degC is outside 20 to 60 degC"):
        setpoint.raw(65.0)
    with pytest.raises(InputError):
        setpoint.raw(float("nan"))


def test_a_table_lays_out_step_and_its_reply():
    a = Signal("a", "in", "u16", 0, "", 0, 0, 65535)
    b = Signal("b", "out", "u8", 0, "", 0, 0, 1)
    c = Signal("c", "point", "s16", -1, "K", 5, -10, 10)
    table = Table([a, b, c])
    assert table.in_struct.size == 2
    assert table.out_struct.size == 12 + 1 + 2
    assert table.crc == crc32(a.pack() + b.pack() + c.pack())
    with pytest.raises(ValueError, match="must come as"):
        Table([b, a])
