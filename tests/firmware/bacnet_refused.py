"""What the device refuses on the wire whatever its state is, and the bytes with which it says so."""

from struct import pack

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
    TRUE,
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
)
from test_bacnet_writes import wanted

FLOW, ENABLE = (AV, 2), (BV, 1)
READ_FLOW = reference(AI, 3) + context(1, b"\x55")
WRITE_FLOW = reference(*FLOW) + context(1, b"\x55")
NAN = b"\x44\x7f\xc0\x00\x00"

# (what, service, parameters, answer): refused whatever the device's state is.
REFUSED = [
    *[
        (f"service {n}", n, READ_FLOW, reject(9))
        for n in (0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 18, 19, 21, 26, 28, 29, 30, 31, 99, 255)
    ],
    # Invalid tags.
    ("an application's tag", 12, b"\x21\x05", reject(4)),
    ("a length that is missing", 12, b"\x0d", reject(4)),
    ("more than follows", 12, b"\x0d\x09\x00", reject(4)),
    ("an opening tag for an identifier", 12, b"\x0e\x0f", reject(4)),
    ("an extended number that is missing", 12, b"\xf8", reject(4)),
    ("an extended number under 15", 12, b"\xfc\x05\x00\x00\x00\x00", reject(4)),
    ("the reserved number", 12, b"\xfc\xff\x00\x00\x00\x00", reject(4)),
    ("an identifier of three bytes", 12, context(0, b"\x00\x00\x00"), reject(4)),
    ("64 KB", 12, reference(AI, 3) + b"\x1d\xff\x00\x01\x00\x00", reject(4)),
    ("another bracket closes", 15, READ_FLOW + b"\x3e" + real(1.0) + b"\x4f", reject(4)),
    ("an application's tag among writes", 16, wanted(*FLOW, (PV, real(40.0))) + b"\x44", reject(4)),
    # Missing parameters.
    *[(f"nothing for service {n}", n, b"", reject(5)) for n in (5, 12, 14, 15, 16, 17, 20)],
    ("no property", 12, reference(AI, 3), reject(5)),
    ("no object", 12, context(1, b"\x55"), reject(5)),
    ("no value", 15, READ_FLOW, reject(5)),
    ("a priority without a value", 15, READ_FLOW + context(4, b"\x08"), reject(5)),
    ("a bracket that nothing closes", 15, READ_FLOW + b"\x3e" + real(1.0), reject(5)),
    ("nothing to read", 14, reference(AI, 3) + b"\x1e\x1f", reject(5)),
    ("no list to read", 14, reference(AI, 3), reject(5)),
    ("nothing to write", 16, reference(*FLOW) + b"\x1e\x1f", reject(5)),
    ("no list to write", 16, reference(*FLOW), reject(5)),
    (
        "nothing to write behind a good one",
        16,
        wanted(*FLOW, (PV, real(40.0))) + reference(*ENABLE) + b"\x1e\x1f",
        reject(5),
    ),
    (
        "a lifetime alone",
        5,
        context(0, b"\x01") + context(1, identifier(BI, 1)) + context(3, b"\x3c"),
        reject(5),
    ),
    # Too many.
    ("a parameter behind a reading", 12, READ_FLOW + context(3, b"\x01"), reject(7)),
    ("an application's behind a reading", 12, READ_FLOW + context(2, b"\x01") + b"\x21\x01", reject(7)),
    ("a parameter behind a writing", 15, WRITE_FLOW + b"\x3e" + real(40.0) + b"\x3f\x59\x01", reject(7)),
    ("a parameter behind a restart", 20, context(0, b"\x00") + context(9, b"\x00"), reject(7)),
    # Out of range.
    ("a property of 32 bits", 12, reference(AI, 3) + context(1, b"\xff\xff\xff\xff"), reject(6)),
    ("a property of 40 bits", 12, reference(AI, 3) + context(1, b"\x01\x00\x00\x00\x00"), reject(6)),
    ("an unknown silence", 17, context(1, b"\x03"), reject(6)),
    ("an unknown restart", 20, context(0, b"\x08"), reject(6)),
    *[
        (f"priority {n}", 15, WRITE_FLOW + b"\x3e" + real(40.0) + b"\x3f" + context(4, number(n)), reject(6))
        for n in (0, 17, 255, 300)
    ],
    # Context tags over 14.
    ("tag 15", 12, READ_FLOW + context(15, b"\x01"), reject(7)),
    ("tag 200 of nine bytes", 12, READ_FLOW + context(200, b"\x01" * 9), reject(7)),
    ("tag 100 for an object", 12, context(100, b"\x01"), reject(5)),
    ("a value in brackets 100", 15, WRITE_FLOW + b"\x3e\xfe\x64" + real(40.0) + b"\xff\x64\x3f", error(2, 9)),
    # Subscriptions.
    (
        "an unknown object's changes",
        5,
        context(0, b"\x01") + context(1, identifier(AI, 99)) + context(2, b"\x00"),
        error(1, 31),
    ),
    (
        "the device's changes",
        5,
        context(0, b"\x01") + context(1, identifier(DEVICE, INSTANCE)) + context(2, b"\x00"),
        error(5, 45),
    ),
    (
        "over a day",
        5,
        context(0, b"\x01")
        + context(1, identifier(BI, 1))
        + context(2, b"\x00")
        + context(3, number(86_401)),
        error(5, 37),
    ),
    # Management.
    ("silence without the password", 17, context(1, b"\x02"), error(4, 26)),
    ("silence with another", 17, context(1, b"\x02") + context(2, b"\x00999"), error(4, 26)),
    ("silence altogether", 17, context(1, b"\x01") + context(2, b"\x001234"), error(5, 29)),
    ("a restart without the password", 20, context(0, b"\x01"), error(4, 26)),
    ("a restart with another", 20, context(0, b"\x01") + context(1, b"\x0012345"), error(4, 26)),
    *[
        (f"backup and restore {n}", 20, context(0, number(n)) + context(1, b"\x001234"), error(5, 45))
        for n in range(2, 7)
    ],
]
assert len({each[0] for each in REFUSED}) == len(REFUSED)

# (object, property, index, answer)
UNREADABLE = [
    (AI, 99, PV, None, error(1, 31)),
    (77, 1, PV, None, error(1, 31)),
    (AI, 4194303, PV, None, error(1, 31)),
    (DEVICE, INSTANCE + 1, 77, None, error(1, 31)),
    (AV, 2, 110, None, error(2, 32)),
    (AI, 3, 87, None, error(2, 32)),
    (AI, 3, 4000, None, error(2, 32)),
    (AI, 3, PV, 0, error(2, 50)),
    (AI, 3, PV, 1, error(2, 50)),
    (DEVICE, INSTANCE, 77, 1, error(2, 50)),
    (AV, 2, 87, 17, error(2, 42)),
    (AI, 3, 371, 99, error(2, 42)),
    (DEVICE, INSTANCE, 76, 94, error(2, 42)),
]

# (object, property, value, priority, index, answer)
UNWRITABLE = [
    (AV, 99, PV, real(1.0), None, None, error(1, 31)),
    (*FLOW, 4000, real(1.0), None, None, error(2, 32)),
    (AI, 3, 87, NULL, None, None, error(2, 32)),
    (*FLOW, PV, real(40.0), None, 1, error(2, 50)),
    (*FLOW, PV, real(40.0), None, 0, error(2, 50)),
    (DEVICE, INSTANCE, 77, text("x"), None, 1, error(2, 50)),
    *[
        (*where, prop, value, None, None, error(2, 40))
        for where, prop, value in (
            ((AI, 3), PV, real(1.0)),
            ((BI, 1), PV, enumerated(1)),
            ((MSI, 61), PV, unsigned(1)),
            ((AI, 3), 81, TRUE),
            (FLOW, 77, text("x")),
            (FLOW, 104, real(30.0)),
            (FLOW, 22, real(1.0)),
            (FLOW, 371, unsigned(1)),
            ((DEVICE, INSTANCE), 77, text("x")),
            ((DEVICE, INSTANCE), 76, unsigned(1)),
            ((PORT, 1), 399, unsigned(50)),
        )
    ],
    (*FLOW, 87, real(30.0), None, 8, error(2, 40)),
    (*FLOW, PV, real(40.0), 6, None, error(2, 40)),
    (*FLOW, PV, NULL, 6, None, error(2, 40)),
    *[
        (*FLOW, PV, value, None, None, error(2, 9))
        for value in (
            unsigned(40),
            enumerated(1),
            text("40"),
            TRUE,
            b"\x55\x08" + pack(">d", 40.0),
            b"",
            real(40.0) + real(41.0),
            b"\x0e\x0f",
            b"\x43\x42\x20\x00",
        )
    ],
    *[(*ENABLE, PV, value, None, None, error(2, 9)) for value in (unsigned(1), real(1.0), TRUE)],
    *[
        (*FLOW, PV, value, None, None, error(2, 37))
        for value in (NAN, real(float("inf")), real(-1e30), real(75.2), real(14.8))
    ],
    (*ENABLE, PV, enumerated(2), None, None, error(2, 37)),
]
