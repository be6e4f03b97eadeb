"""The tables that are borrowed: in parts that a full board still has a piece of heap for."""

from isentrope import tables
from isentrope.setting_rows import rows

MOST = 1024  # bytes of a part; own
NAMES = (
    "alarm_names",
    "alarm_texts",
    "decision_texts",
    "point_states",
    "point_table",
    "point_texts",
    "setting_table",
)


def test_every_part_is_small_and_ends_a_line():
    for name in NAMES:
        parts = tables.table(name)
        assert isinstance(parts, tuple) and parts, name
        for part in parts:
            assert 0 < len(part) <= MOST, (name, len(part))
            assert part[-1:] in (b"\n", "\n"), name


def test_a_line_is_found_in_every_part():
    for name in ("point_table", "point_texts", "setting_table"):
        parts = tables.table(name)
        for part in parts:
            for line in part.split(b"\n")[:-1]:
                assert tables.find(parts, line[:5]) == line[5:], (name, line)
    assert tables.find(("1 a\n2 b\n", "11 c\n"), "11 ") == "c"
    assert tables.find(("11 c\n", "1 a\n"), "1 ") == "a"
    assert tables.find((b"1 a\n",), b"2 ") is None and tables.find((), "2 ") is None


def test_lines_go_on_over_the_parts():
    found = [int(fields[0], 16) for fields in tables.lines("setting_table")]
    assert found == [0x4000 + place for place in range(len(found))]
    assert len(found) == len(list(rows())) > 200
