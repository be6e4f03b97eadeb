"""BACnet: every property of every object, arrays, lists, wildcards, long answers."""

from struct import pack, unpack

from bacnet_bench import (
    AI,
    AV,
    BI,
    BV,
    DEVICE,
    INSTANCE,
    MSI,
    NULL,
    PORT,
    PV,
    TYPES,
    Bench,
    abort,
    context,
    enumerated,
    error,
    identifier,
    number,
    real,
    reference,
    reject,
    text,
    unsigned,
)  # fmt: skip
from bacnet_standard import REQUIRED, REQUIRED_OF_DEVICE, REQUIRED_OF_IP, REQUIRED_OF_PORT, TEXTS
from isentrope import points


def objects():
    """(type's name, instance, row) of every point that is an object."""
    return [(row[9], (row[0] & 0xFFF) + 1, row) for row in points.rows() if row[9]]


def test_every_required_property_of_every_point():
    bench = Bench()
    for kind, instance, row in objects():
        listed = bench.read(TYPES[kind], instance, 371)
        for prop in REQUIRED[kind] + TEXTS[kind]:
            value = bench.read(TYPES[kind], instance, prop)
            assert isinstance(value, bytes) and value, (row, prop)
            assert (enumerated(prop) in listed) == (prop not in (75, 77, 79)), (row, prop)
        assert bench.read(TYPES[kind], instance, 75) == b"\xc4" + identifier(TYPES[kind], instance)
        assert bench.read(TYPES[kind], instance, 77) == text(row[1])
        assert bench.read(TYPES[kind], instance, 79) == enumerated(TYPES[kind])
        assert bench.read(TYPES[kind], instance, 81) == b"\x10"


def test_every_property_in_the_list_can_be_read_and_no_other():
    bench = Bench()
    seen = []
    for kind, instance, _ in objects() + [("device", INSTANCE, None), ("port", 1, None)]:
        if kind in seen:
            continue
        seen.append(kind)
        type_ = dict(TYPES, device=DEVICE, port=PORT)[kind]
        listed = bench.read(type_, instance, 371)
        known = []
        while listed:
            n = listed[0] & 7
            known.append(int.from_bytes(listed[1 : 1 + n], "big"))
            listed = listed[1 + n :]
        assert bench.read(type_, instance, 371, 0) == unsigned(len(known))
        for prop in range(520):
            found = bench.read(type_, instance, prop)
            if prop in known or prop in (75, 77, 79, 371):
                assert isinstance(found, bytes), (kind, prop)
            else:
                assert found == error(2, 32), (kind, prop)


def test_the_device_and_its_port_have_what_they_must():
    bench = Bench()
    for prop in REQUIRED_OF_DEVICE:
        assert isinstance(bench.read(DEVICE, INSTANCE, prop), bytes), prop
    for prop in REQUIRED_OF_PORT + REQUIRED_OF_IP:
        assert isinstance(bench.read(PORT, 1, prop), bytes), prop
    assert bench.read(DEVICE, INSTANCE, 30) == b"" and bench.read(DEVICE, INSTANCE, 152) == b""
    assert bench.read(DEVICE, INSTANCE, 77) == text("isentrope-4711")
    assert bench.read(DEVICE, INSTANCE, 120) == unsigned(999)
    assert bench.read(DEVICE, INSTANCE, 107) == enumerated(3)
    assert bench.read(DEVICE, INSTANCE, 62) == unsigned(1476)
    assert bench.read(DEVICE, INSTANCE, 98) == unsigned(1)
    assert bench.read(DEVICE, INSTANCE, 12) == text("1.2.3")
    assert bench.read(PORT, 1, 400) == b"\x64\x0a\x00\x00\x05"
    assert bench.read(PORT, 1, 412) == unsigned(47808)


def test_services_and_types_are_told_as_they_are():
    bench = Bench()

    def bits(prop):
        value = bench.read(DEVICE, INSTANCE, prop)
        unused, data = value[2], value[3:]
        flags = [byte >> (7 - bit) & 1 for byte in data for bit in range(8)]
        flags = flags[: len(flags) - unused]
        return [place for place in range(len(flags)) if flags[place]], len(flags)

    assert bits(97) == ([5, 12, 14, 15, 16, 17, 20, 32, 33, 34, 36], 47)
    assert bits(96) == ([AI, AV, BI, BV, DEVICE, MSI, 19, PORT], 63)


def test_the_device_answers_to_its_wildcard():
    bench = Bench()
    asked = reference(DEVICE, 4194303) + context(1, b"\x4b")
    kind, answer = bench.ask(12, asked)
    assert kind == 3
    own = b"\xc4" + identifier(DEVICE, INSTANCE)
    assert answer == reference(DEVICE, INSTANCE) + context(1, b"\x4b") + b"\x3e" + own + b"\x3f"
    kind, answer = bench.ask(14, reference(DEVICE, 4194303) + b"\x1e" + context(0, b"\x4b") + b"\x1f")
    assert answer == reference(DEVICE, INSTANCE) + b"\x1e" + context(2, b"\x4b") + b"\x4e" + own + b"\x4f\x1f"
    assert bench.read(AI, 4194303, PV) == error(1, 31), "no other object has one"
    asked = reference(PORT, 4194303) + context(1, b"\x4b")
    assert bench.ask(12, asked)[1][:5] == reference(PORT, 1)


def test_an_object_list_fits_the_answer_that_ms_tp_carries():
    bench = Bench()
    whole = bench.read(DEVICE, INSTANCE, 76)
    count = len(whole) // 5
    assert count == 2 + len(objects()) and len(whole) == 5 * count
    assert bench.read(DEVICE, INSTANCE, 76, 0) == unsigned(count)
    assert count <= 93
    # The longest one with 93 objects, in 480 bytes.
    head = 3 + len(reference(DEVICE, INSTANCE) + context(1, b"\x4c")) + 2
    assert head + 5 * 93 <= 480
    listed = [bench.read(DEVICE, INSTANCE, 76, place + 1) for place in range(count)]
    assert b"".join(listed) == whole
    assert bench.read(DEVICE, INSTANCE, 76, count + 1) == error(2, 42)
    assert listed[0] == b"\xc4" + identifier(DEVICE, INSTANCE)
    assert len(set(listed)) == count
    answer = bench.ask(12, reference(DEVICE, INSTANCE) + context(1, b"\x4c"), size=3)
    assert answer[0] == 3 and len(answer[1]) + 3 <= 480


def test_names_are_unique():
    bench = Bench()
    names = [bench.read(TYPES[kind], instance, 77) for kind, instance, _ in objects()]
    names += [bench.read(DEVICE, INSTANCE, 77), bench.read(PORT, 1, 77)]
    assert len(set(names)) == len(names)


def test_values_are_those_of_the_points():
    bench = Bench()
    letters = {"u8": "B", "u16": "H", "s16": "h", "u32": "I"}
    rows = list(points.rows())
    image = unpack("<" + "".join([letters[row[3]] for row in rows]), bench.scan.points.image)
    seen = 0
    for row, raw in zip(rows, image):
        if not row[9]:
            continue
        value = bench.read(TYPES[row[9]], (row[0] & 0xFFF) + 1, PV)
        if row[9] in ("BI", "BV"):
            assert value == enumerated(raw), row
        elif row[9] in ("MSI", "MSV"):
            assert value == unsigned(raw - row[5] + 1), row
        else:
            scale = 0.01 if row[2] == "kPa" else 1.0
            got = unpack(">f", value[1:])[0]
            if raw == {"s16": -32768, "u16": 65535}.get(row[3]):
                assert got != got, row
            else:
                want = raw * 10.0 ** row[4] * scale
                assert abs(got - want) <= 1e-6 * abs(want) + 1e-6, row
                seen += want != 0.0
    assert seen > 5


def test_a_sensor_that_failed_is_a_fault_without_a_value():
    bench = Bench()
    place = bench.stack.objects.find(AI, 3)
    assert bench.read(AI, 3, 111) == b"\x82\x04\x00" and bench.read(AI, 3, 103) == enumerated(0)
    at = place * 10 + 2
    rows = bench.stack.objects.rows
    offset = rows[at] << 8 | rows[at + 1]
    bench.scan.points.image[offset : offset + 2] = pack("<h", -32768)
    assert bench.read(AI, 3, 111) == b"\x82\x04\xc0", "Event_State is not normal: in alarm too"
    assert bench.read(AI, 3, 103) == enumerated(7) and bench.read(AI, 3, 36) == enumerated(1)
    value = unpack(">f", bench.read(AI, 3, PV)[1:])[0]
    assert value != value


def test_what_nobody_has_said_is_no_fault():
    bench = Bench()
    flags = (b"\x82\x04\x00", enumerated(0), enumerated(0))
    for kind, instance in ((AV, 12), (AV, 13), (AV, 17), (AI, 36), (AI, 37)):
        value = unpack(">f", bench.read(kind, instance, PV)[1:])[0]
        assert value != value, (kind, instance)
        assert tuple([bench.read(kind, instance, prop) for prop in (111, 36, 103)]) == flags, (kind, instance)


def test_units_are_the_standards():
    bench = Bench()
    units = {
        "degC": 62,
        "kPa": 55,
        "rps": 27,
        "%": 98,
        "K": 121,
        "h": 71,
        "s": 73,
        "kW": 48,
        "kWh": 19,
        "": 95,
        "l/min": 88,
        "rpm": 104,
    }
    for kind, instance, row in objects():
        if kind in ("AI", "AV"):
            assert bench.read(TYPES[kind], instance, 117) == enumerated(units[row[2]]), row


def test_states_have_texts():
    bench = Bench()
    for kind, instance, row in objects():
        if kind in ("MSI", "MSV"):
            count = row[6] - row[5] + 1
            assert bench.read(TYPES[kind], instance, 74) == unsigned(count), row
            assert bench.read(TYPES[kind], instance, 110, 0) == unsigned(count)
            texts = [bench.read(TYPES[kind], instance, 110, n + 1) for n in range(count)]
            assert bench.read(TYPES[kind], instance, 110) == b"".join(texts)
            assert len(set(texts)) == count
            assert bench.read(TYPES[kind], instance, 110, count + 1) == error(2, 42)
        elif kind in ("BI", "BV"):
            assert bench.read(TYPES[kind], instance, 46) != bench.read(TYPES[kind], instance, 4), row
    assert bench.read(MSI, 61, 110, 6) == text("defrosting")
    assert bench.read(BI, 1, 46) == text("off") and bench.read(BI, 1, 4) == text("on")


def test_all_sixteen_slots_of_a_priority_array():
    bench = Bench()
    assert bench.read(AV, 2, 87, 0) == unsigned(16)
    assert bench.read(AV, 2, 87) == 16 * NULL
    for priority in range(1, 17):
        if priority != 6:
            assert bench.write(AV, 2, PV, real(20.0 + priority), priority) == 2
    for priority in range(1, 17):
        want = NULL if priority == 6 else real(20.0 + priority)
        assert bench.read(AV, 2, 87, priority) == want
    assert bench.read(AV, 2, 87, 17) == error(2, 42)
    assert bench.read(AV, 2, 431) == unsigned(1) and bench.read(AV, 2, PV) == real(21.0)
    assert bench.read(AV, 2, 104) == real(35.0)


def test_indexes_where_there_are_none():
    bench = Bench()
    assert bench.read(AI, 3, PV, 0) == error(2, 50)
    assert bench.read(AI, 3, PV, 1) == error(2, 50)
    assert bench.read(DEVICE, INSTANCE, 77, 1) == error(2, 50)
    assert bench.read(AI, 3, 87, 1) == error(2, 32), "an input has no priorities"
    assert bench.read(AI, 3, 371, 99) == error(2, 42)


def several(kind, instance, *props):
    return reference(kind, instance) + b"\x1e" + b"".join([context(0, number(p)) for p in props]) + b"\x1f"


def results(answer):
    """{property: encoded value, or (class, code)} of the first object."""
    assert answer[5] == 0x1E
    at, found = 6, {}
    while answer[at] != 0x1F:
        n = answer[at] & 7
        prop = int.from_bytes(answer[at + 1 : at + 1 + n], "big")
        at += 1 + n
        opening = answer[at]
        end = at + 1
        depth = 0
        while depth or answer[end] != opening + 1:
            head = answer[end]
            n = head & 7
            end += 1
            if head & 8 and n >= 6:
                depth += 1 if n == 6 else -1
            elif head >> 4 != 1 or head & 8:
                if n == 5:
                    n = answer[end]
                    end += 1
                    if n == 254:
                        n = answer[end] << 8 | answer[end + 1]
                        end += 2
                end += n
        found[prop] = answer[at + 1 : end] if opening == 0x4E else (answer[at + 2], answer[at + 4])
        at = end + 1
    return found


def test_all_required_and_optional():
    bench = Bench()
    for kind, instance in ((AI, 3), (AV, 2), (BI, 1), (BV, 1), (MSI, 61), (DEVICE, INSTANCE), (PORT, 1)):
        kind_, answer = bench.ask(14, several(kind, instance, 8))
        assert kind_ == 3
        whole = results(answer)
        required = results(bench.ask(14, several(kind, instance, 105))[1])
        optional = results(bench.ask(14, several(kind, instance, 80))[1])
        assert 371 not in whole and 77 in required and 28 in optional
        assert set(whole) == set(required) | set(optional)
        assert len(whole) == len(required) + len(optional)
        for prop, value in whole.items():
            assert bench.read(kind, instance, prop) == value, (kind, prop)


def test_errors_stand_beside_values():
    bench = Bench()
    kind, answer = bench.ask(14, several(AI, 3, PV, 87, 117) + several(AI, 99, PV, 117) + several(AI, 98, 8))
    assert kind == 3
    found = results(answer)
    assert found[87] == (2, 32) and found[117] == enumerated(62)
    rest = answer[answer.index(reference(AI, 99)) :]
    assert results(rest) == {PV: (1, 31), 117: (1, 31)}
    rest = answer[answer.index(reference(AI, 98)) :]
    assert results(rest) == {8: (1, 31)}
    asked = reference(AI, 3) + b"\x1e" + context(0, b"\x55") + context(1, b"\x01") + b"\x1f"
    kind, answer = bench.ask(14, asked)
    assert answer == asked[:6] + context(2, b"\x55") + context(3, b"\x01") + b"\x5e\x91\x02\x91\x32\x5f\x1f"


def test_an_answer_that_is_too_long():
    bench = Bench()
    asked = reference(DEVICE, INSTANCE) + context(1, b"\x4c")
    assert bench.ask(12, asked, size=0) == abort(4), "50 bytes hold no object list"
    assert bench.ask(12, asked, size=3)[0] == 3
    assert bench.ask(12, reference(AV, 2) + context(1, b"\x4d"), size=0)[0] == 3
    many = b"".join([several(kind, i, 8) for kind, i in ((AV, 2), (AI, 3), (BV, 1), (MSI, 61))])
    assert bench.ask(14, many, size=3) == abort(4) and bench.ask(14, many, size=5)[0] == 3


def test_no_list_of_properties_is_a_missing_parameter():
    bench = Bench()
    assert bench.ask(14) == reject(5)
    assert bench.ask(14, reference(AI, 3) + b"\x1e\x1f") == reject(5)
    assert bench.ask(14, reference(AI, 3)) == reject(5)
    assert bench.ask(14, reference(AI, 3) + b"\x1e" + context(0, b"\x55")) == reject(5)
