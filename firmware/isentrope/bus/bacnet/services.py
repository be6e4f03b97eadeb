"""The services that are asked for every day: reading and writing properties, Who-Is (ASHRAE 135, clause 15).

`stack.r` is at a request's parameters, `stack.w` takes the answer. A request is refused by raising Refused.
"""

from struct import unpack_from

from micropython import const

from .objects import ARRAY, AV, BV
from .wire import CLOSING, OPENING, Refused

_DEVICE = const(0x200)
_ANY = const(0x3FFFFF)  # instance

_UNRECOGNIZED = const(0x10009)
_MISSING = const(0x10005)
_RANGE = const(0x10006)
_UNKNOWN_OBJECT = const(0x011F)
_WRONG_TYPE = const(0x0209)
_UNKNOWN_PROPERTY = const(0x0220)
_OUT_OF_RANGE = const(0x0225)
_READ_ONLY = const(0x0228)
_NOT_ARRAY = const(0x0232)

_ALL = const(8)
_OPTIONAL = const(80)
_REQUIRED = const(105)
_LIST = const(371)
_ARRAYS = (76, 87, 110, 371, 406)

_RESERVED = const(6)  # the priority of minimum on and off times
_LARGEST = 1e7  # own: no raw value of a point is larger

_RARE = "bus.bacnet.rare"


def unconfirmed(stack, service: int, broadcast: bool) -> int:
    """The answer's end, 0: there is none."""
    r = stack.r
    if service == 8:
        low, high = 0, _ANY
        if r.at < r.end:
            r.need(0)
            low = r.unsigned(_ANY)
            r.need(1)
            high = r.unsigned(_ANY)
            r.over()
        if not low <= stack.instance <= high:
            return 0
        if broadcast:
            stack.answer_later()
            return 0
        return stack.i_am()
    if service in (6, 7, 9):
        return stack.texts.module(_RARE).unconfirmed(stack, service)
    return 0


def confirmed(stack, service: int):
    """Act on a request and write its answer."""
    if service == 12:
        _read(stack)
    elif service == 14:
        _read_several(stack)
    elif service == 15:
        _write(stack)
        stack.begin(0x20, service)
    elif service == 16:
        _write_several(stack)
        stack.begin(0x20, service)
    elif service == 5:
        if not stack.cov:
            from .cov import Cov

            stack.cov = Cov(stack)
        stack.cov.subscribe()
        stack.begin(0x20, service)
    elif service in (17, 20):
        stack.texts.module(_RARE).confirmed(stack, service)
        stack.begin(0x20, service)
    else:
        raise Refused(_UNRECOGNIZED)


def find(stack, kind: int, instance: int) -> int:
    """An object's place, of the device and its ports too; -1: there is none."""
    if kind == 8:
        return _DEVICE if instance in (stack.instance, _ANY) else -1
    if kind == 56:
        if instance == _ANY:  # the one that the request came by
            return _DEVICE + 1 + stack.peer[0]
        return _DEVICE + instance if 0 < instance <= len(stack.links) else -1
    return stack.objects.find(kind, instance)


def own(stack, at: int) -> tuple:
    """Type and instance by place."""
    if at == _DEVICE:
        return 8, stack.instance
    if at > _DEVICE:
        return 56, at - _DEVICE
    return stack.objects.kind(at), stack.objects.instance(at)


def _encode(stack, at: int, prop: int, index: int):
    if at < 0:
        raise Refused(_UNKNOWN_OBJECT)
    if at < _DEVICE:
        stack.objects.encode(stack.w, at, prop, index)
    else:
        stack.texts.module("bus.bacnet.device").encode(stack, at - _DEVICE, prop, index)


def _properties(stack, at: int) -> tuple:
    if at < _DEVICE:
        return stack.objects.properties(at)
    return stack.texts.module("bus.bacnet.device").properties(stack, at - _DEVICE)


def _read(stack):
    r, w = stack.r, stack.w
    r.need(0)
    r.object()
    r.need(1)
    prop = r.unsigned(_ANY)
    index = r.unsigned() if r.has(2) else ARRAY
    r.over()
    at = find(stack, r.type, r.instance)
    if at < 0:
        raise Refused(_UNKNOWN_OBJECT)
    kind, instance = own(stack, at)
    stack.begin(0x30, 12)
    w.object(kind, instance, 0x08)
    w.unsigned(prop, 0x18)
    if index != ARRAY:
        w.unsigned(index, 0x28)
    w.byte(0x3E)
    _encode(stack, at, prop, index)
    w.byte(0x3F)


def _read_several(stack):
    r, w = stack.r, stack.w
    stack.begin(0x30, 14)
    if r.at >= r.end:
        raise Refused(_MISSING)
    while r.at < r.end:
        r.need(0)
        r.object()
        at = find(stack, r.type, r.instance)
        if at < _DEVICE:
            w.object(r.type, r.instance, 0x08)
        else:
            kind, instance = own(stack, at)
            w.object(kind, instance, 0x08)
        w.byte(0x1E)
        r.need(1, OPENING)
        if r.has(1, CLOSING):
            raise Refused(_MISSING)
        while not r.has(1, CLOSING):
            r.need(0)
            prop = r.unsigned(_ANY)
            index = r.unsigned() if r.has(1) else ARRAY
            if at >= 0 and index == ARRAY and prop in (_ALL, _REQUIRED, _OPTIONAL):
                listed, required = _properties(stack, at)
                first = required if prop == _OPTIONAL else 0
                last = required if prop == _REQUIRED else len(listed)
                for i in range(first, last):
                    _result(stack, at, listed[i], ARRAY)
            else:
                _result(stack, at, prop, index)
        w.byte(0x1F)


def _result(stack, at: int, prop: int, index: int):
    """A property's value, or why there is none."""
    w = stack.w
    w.unsigned(prop, 0x28)
    if index != ARRAY:
        w.unsigned(index, 0x38)
    begin = w.at
    try:
        w.byte(0x4E)
        _encode(stack, at, prop, index)
        w.byte(0x4F)
    except Refused as refused:
        why = refused.args[0]
        if why > 0xFFFF:
            raise
        w.at = begin
        w.byte(0x5E)
        w.unsigned(why >> 8, 0x90)
        w.unsigned(why & 255, 0x90)
        w.byte(0x5F)


def _write(stack):
    r = stack.r
    r.need(0)
    r.object()
    kind, instance = r.type, r.instance
    r.need(1)
    prop = r.unsigned(_ANY)
    index = r.unsigned() if r.has(2) else ARRAY
    begin = r.enclosed(3)
    end = r.at - 1
    priority = _priority(r, 4)
    r.over()
    stack.v.start(r.buf, begin, end)
    put(stack, find(stack, kind, instance), prop, index, priority)


def _priority(r, tag: int) -> int:
    if not r.has(tag):
        return 16
    priority = r.unsigned(16)
    if not priority:
        raise Refused(_RANGE)
    return priority


def _write_several(stack):
    """All is parsed before anything is written; then the first that is refused ends it."""
    r = stack.r
    start = r.at
    if start >= r.end:
        raise Refused(_MISSING)
    for writing in (False, True):
        r.at = start
        while r.at < r.end:
            r.need(0)
            r.object()
            kind, instance = r.type, r.instance
            r.need(1, OPENING)
            if r.has(1, CLOSING):
                raise Refused(_MISSING)
            while not r.has(1, CLOSING):
                r.need(0)
                prop = r.unsigned(_ANY)
                index = r.unsigned() if r.has(1) else ARRAY
                begin = r.enclosed(2)
                end = r.at - 1
                priority = _priority(r, 3)
                if writing:
                    stack.v.start(r.buf, begin, end)
                    stack.failed = kind, instance, prop, index
                    put(stack, find(stack, kind, instance), prop, index, priority)


def first_failed(stack, why: int):
    """The end of WritePropertyMultiple's error: why, and of which property."""
    w = stack.w
    kind, instance, prop, index = stack.failed
    w.byte(0x0E)
    w.unsigned(why >> 8, 0x90)
    w.unsigned(why & 255, 0x90)
    w.byte(0x0F)
    w.byte(0x1E)
    w.object(kind, instance, 0x08)
    w.unsigned(prop, 0x18)
    if index != ARRAY:
        w.unsigned(index, 0x28)
    w.byte(0x1F)


def put(stack, at: int, prop: int, index: int, priority: int):
    """Write the value that `stack.v` is at."""
    if at < 0:
        raise Refused(_UNKNOWN_OBJECT)
    if prop != _LIST and prop not in _properties(stack, at)[0]:
        raise Refused(_UNKNOWN_PROPERTY)
    if index != ARRAY and prop not in _ARRAYS:
        raise Refused(_NOT_ARRAY)
    if at >= _DEVICE:
        stack.texts.module("bus.bacnet.device").write(stack, at - _DEVICE, prop)
        return
    objects = stack.objects
    if prop != 85 or not objects.writable(at):
        raise Refused(_READ_ONLY)
    identity = objects.identity(at)
    held = stack.registers.commands.has(identity)
    if held and priority == _RESERVED:  # without slots a priority means nothing (15.9.1.1.5)
        raise Refused(_READ_ONLY)
    raw = _value(stack.v, objects, at)
    bus = stack.links[stack.peer[0]].bus
    if raw is None and not held:  # nothing that could be relinquished
        done(stack.registers.gate.refusal(bus))
        return
    done(stack.registers.write(identity, raw, bus, priority))


def done(result: int):
    """A result of `registers`, as an error where it is one."""
    if result == 3:
        raise Refused(_OUT_OF_RANGE)
    if result:
        raise Refused(_READ_ONLY)


def _value(v, objects, at: int):
    """What is to be written, in the buses' scale; None relinquishes."""
    if v.at >= v.end:
        raise Refused(_WRONG_TYPE)
    v.tag()
    n = v.n
    kind = objects.kind(at)
    if v.kind or v.at + (0 if v.number == 1 else n) != v.end:
        raise Refused(_WRONG_TYPE)
    if v.number == 0 and n == 0:
        return None
    if kind == AV:
        if v.number != 4 or n != 4:
            raise Refused(_WRONG_TYPE)
        value = unpack_from(">f", v.buf, v.at)[0]
        if not -_LARGEST < value < _LARGEST:
            raise Refused(_OUT_OF_RANGE)
        return objects.taken(at, value)
    if v.number != (9 if kind == BV else 2) or not n:
        raise Refused(_WRONG_TYPE)
    if n > 4:
        raise Refused(_OUT_OF_RANGE)
    value = v.unsigned(0xFFFFFFFF)
    if kind == BV:
        if value > 1:
            raise Refused(_OUT_OF_RANGE)
        return value
    if not 0 < value < 256:
        raise Refused(_OUT_OF_RANGE)
    return value - 1 + objects.extra(at)
