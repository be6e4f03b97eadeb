"""What ASHRAE 135-2020, clause 12, requires of the objects that the controller has, and of which datatype."""

# What clause 12 requires, beside Property_List.
REQUIRED = {
    "AI": (75, 77, 79, 85, 111, 36, 81, 117),
    "AV": (75, 77, 79, 85, 111, 36, 81, 117),
    "BI": (75, 77, 79, 85, 111, 36, 81, 84),
    "BV": (75, 77, 79, 85, 111, 36, 81),
    "MSI": (75, 77, 79, 85, 111, 36, 81, 74),
    "MSV": (75, 77, 79, 85, 111, 36, 81, 74),
}
TEXTS = {
    "AI": (28, 22),
    "AV": (28, 22),
    "BI": (28, 4, 46),
    "BV": (28, 4, 46),
    "MSI": (28, 110),
    "MSV": (28, 110),
}
REQUIRED_OF_DEVICE = (
    75, 77, 79, 112, 121, 120, 70, 44, 12, 98, 139, 97, 96, 76, 62, 107, 11, 73, 30, 155, 56, 57, 119, 24,
    152,
)  # fmt: skip
REQUIRED_OF_PORT = (75, 77, 79, 111, 103, 81, 427, 482, 425, 426, 416, 399, 420, 423)
REQUIRED_OF_IP = (408, 412, 400, 411, 401, 406, 418, 419)
REQUIRED_OF_MSTP = (64, 63)
COMMANDED = (87, 104, 431)

# Application tags (clause 20.2.1.4).
NULL, BOOLEAN, UNSIGNED, INTEGER, REAL = 0, 1, 2, 3, 4
OCTETS, CHARACTERS, BITS, ENUMERATED, DATE, TIME, OBJECT = 6, 7, 8, 9, 10, 11, 12
# Tables 12-1 and on: the datatype of a property, the same in every object that has it; in the end those that
# are a list or an array, which may have no elements.
DATATYPES = {
    75: OBJECT, 77: CHARACTERS, 79: ENUMERATED, 111: BITS, 36: ENUMERATED, 81: BOOLEAN, 117: ENUMERATED,
    84: ENUMERATED, 74: UNSIGNED, 28: CHARACTERS, 22: REAL, 4: CHARACTERS, 46: CHARACTERS, 103: ENUMERATED,
    65: REAL, 69: REAL, 106: REAL, 112: ENUMERATED, 121: CHARACTERS, 120: UNSIGNED, 70: CHARACTERS,
    44: CHARACTERS, 12: CHARACTERS, 98: UNSIGNED, 139: UNSIGNED, 97: BITS, 96: BITS, 62: UNSIGNED,
    107: ENUMERATED, 11: UNSIGNED, 73: UNSIGNED, 155: UNSIGNED, 56: DATE, 57: TIME, 119: INTEGER, 24: BOOLEAN,
    427: ENUMERATED, 482: ENUMERATED, 425: UNSIGNED, 426: ENUMERATED, 416: BOOLEAN, 399: UNSIGNED, 420: REAL,
    423: OCTETS, 408: ENUMERATED, 412: UNSIGNED, 400: OCTETS, 411: OCTETS, 401: OCTETS, 402: BOOLEAN,
    419: UNSIGNED, 64: UNSIGNED, 63: UNSIGNED,
}  # fmt: skip
ARRAYS = {76: OBJECT, 110: CHARACTERS, 371: ENUMERATED, 406: OCTETS}
# Of the object's type: Present_Value, and the slots and Relinquish_Default that have its datatype.
VALUES = {"AI": REAL, "AV": REAL, "BI": ENUMERATED, "BV": ENUMERATED, "MSI": UNSIGNED, "MSV": UNSIGNED}


def elements(value):
    """(tag, content) of each application's value, side by side; a boolean's content is its value."""
    found = []
    while value:
        number, n = value[0] >> 4, value[0] & 7
        assert not value[0] & 8, "a context's tag"
        at = 1
        if number == BOOLEAN:
            found.append((number, bytes([n])))
            value = value[1:]
            continue
        if n == 5:
            n, at = value[1], 2
            if n == 254:
                n, at = value[2] << 8 | value[3], 4
        assert len(value) >= at + n
        found.append((number, value[at : at + n]))
        value = value[at + n :]
    return found


def check(kind, prop, value):
    """A property's value, as encoded, is of the datatype that the standard gives it; `kind` as in VALUES, or
    "device", "port"."""
    if prop == 418:  # BACnetHostNPort: a choice in [0], a port in [1]
        assert value[0] == 0x0E and value[1] in (0x08, 0x1C) and value[-3] == 0x1A, value
        return
    if prop in (30, 152):  # lists of constructed values, of their own tests
        return
    said = elements(value)
    tags = [tag for tag, _ in said]
    if prop in ARRAYS:
        assert set(tags) <= {ARRAYS[prop]}, (kind, prop, value)
    elif prop == 87:
        assert len(tags) == 16 and set(tags) <= {NULL, VALUES[kind]}, (kind, prop, value)
    elif prop == 431:
        assert tags in ([NULL], [UNSIGNED]), (kind, prop, value)
    else:
        want = VALUES[kind] if prop in (85, 104) else DATATYPES[prop]
        assert tags == [want], (kind, prop, value)
        if prop == 111:
            assert len(said[0][1]) == 2 and said[0][1][0] == 4, "four flags"
        elif want in (REAL, OBJECT, DATE, TIME):
            assert len(said[0][1]) == 4, (kind, prop, value)
        elif want == CHARACTERS:
            assert said[0][1][0] == 0, "UTF-8"
