"""The Device object and its Network Port objects (ASHRAE 135, clauses 12.11 and 12.56). Borrowed (`tables`).

`n` is 0 for the device, else the port's instance.
"""

from micropython import const

from ...points import MAP_VERSION
from ...tables import borrowed
from . import config
from .objects import ARRAY, array, listing
from .wire import Refused

_UNKNOWN_PROPERTY = const(0x0220)
_NOT_ARRAY = const(0x0232)
_READ_ONLY = const(0x0228)
_WRONG_TYPE = const(0x0209)
_OUT_OF_RANGE = const(0x0225)

_IPV4 = const(5)
_CLOCK = "bus.bacnet.clock"

# Those that the standard requires first, and how many they are.
_DEVICE = (
    75, 77, 79, 112, 121, 120, 70, 44, 12, 98, 139, 97, 96, 76, 62, 107, 11, 73, 30, 155,
    56, 57, 119, 24, 152, 28,
)  # fmt: skip
_DEVICE_REQUIRED = const(20)
_PORT = (75, 77, 79, 111, 103, 81, 427, 482, 425, 426, 416, 423, 399, 420)
_IP = _PORT + (408, 412, 400, 411, 401, 406, 402, 418, 419, 28)
_MSTP = _PORT + (64, 63, 28)

# By the standard's bit numbers: SubscribeCOV 5, ReadProperty 12, ReadPropertyMultiple 14, WriteProperty 15,
# WritePropertyMultiple 16, DeviceCommunicationControl 17, ReinitializeDevice 20, TimeSynchronization 32,
# Who-Has 33, Who-Is 34, UTCTimeSynchronization 36; of 47 in revision 22.
_SERVICES = b"\x01\x04\x0b\xc8\x00\xe8\x00"
# AI 0, AV 2, BI 3, BV 5, Device 8, MSI 13, MSV 19, Network Port 56; of 63.
_TYPES = b"\x01\xb4\x84\x10\x00\x00\x00\x00\x80"
_REVISION = const(22)


def name(stack, n: int) -> bytes:
    """Object_Name."""
    if n:
        return b"port-ip" if stack.links[n - 1].network == _IPV4 else b"port-mstp"
    return b"isentrope-%d" % stack.instance


def properties(stack, n: int) -> tuple:
    """Every property but Property_List, and how many of them the standard requires."""
    if not n:
        return _DEVICE, _DEVICE_REQUIRED
    listed = _IP if stack.links[n - 1].network == _IPV4 else _MSTP
    return listed, len(listed) - 1


def encode(stack, n: int, prop: int, index: int):
    """A property's value; raises Refused where there is none."""
    w = stack.w
    listed = properties(stack, n)[0]
    if prop == 371:
        listing(w, listed, index)
        return
    if prop not in listed:
        raise Refused(_UNKNOWN_PROPERTY)
    if prop == 76:
        ports = len(stack.links)
        array(w, index, 1 + ports + stack.objects.count, lambda i: _listed(stack, i, ports))
        return
    if prop == 406:  # no name is ever looked up
        array(w, index, 0, None)
        return
    if index != ARRAY:
        raise Refused(_NOT_ARRAY)
    if prop == 77:
        w.text(name(stack, n))
    elif n:
        _port(stack, stack.links[n - 1], n, prop)
    else:
        _device(stack, prop)


def _listed(stack, i: int, ports: int):
    if i == 0:
        stack.w.object(8, stack.instance)
    elif i <= ports:
        stack.w.object(56, i)
    else:
        stack.w.object(stack.objects.kind(i - 1 - ports), stack.objects.instance(i - 1 - ports))


def _device(stack, prop: int):
    w = stack.w
    if prop == 75:
        w.object(8, stack.instance)
    elif prop == 79:
        w.unsigned(8, 0x90)
    elif prop == 112:  # operational
        w.unsigned(0, 0x90)
    elif prop == 121:
        w.text(b"Isentrope")
    elif prop == 120:
        w.unsigned(stack.settings.vendor())
    elif prop == 70:
        w.text(stack.model.encode())
    elif prop in (44, 12):
        w.text(stack.version.encode())
    elif prop == 98:
        w.unsigned(1)
    elif prop == 139:
        w.unsigned(_REVISION)
    elif prop == 97:
        w.octets(_SERVICES, 0x80)
    elif prop == 96:
        w.octets(_TYPES, 0x80)
    elif prop == 62:
        w.unsigned(stack.links[stack.peer[0]].most)  # as this link's I-Am says
    elif prop == 107:  # none
        w.unsigned(3, 0x90)
    elif prop == 56:
        w.octets((stack.clock or borrowed(_CLOCK).of(stack.scan)).date(), 0xA0)
    elif prop == 57:
        w.octets((stack.clock or borrowed(_CLOCK).of(stack.scan)).time(), 0xB0)
    elif prop == 119:
        offset = stack.settings.utc_offset()
        small = -128 <= offset < 128
        w.octets(bytes((offset & 255,) if small else (offset >> 8 & 255, offset & 255)), 0x30)
    elif prop == 24:
        w.byte(0x11 if _summer(stack) else 0x10)
    elif prop == 11:
        w.unsigned(3000)
    elif prop == 73:
        w.unsigned(3)
    elif prop == 155:
        w.unsigned(MAP_VERSION)
    elif prop == 152:
        if stack.cov:
            stack.cov.put_all()
    elif prop == 28:
        w.text(b"Heat pump controller")
    # 30, Device_Address_Binding: an empty list, for nothing here asks other devices


def _summer(stack) -> bool:
    """Local_Time is summer time; of the hour that comes twice the first is meant."""
    if not stack.settings.summer():
        return False
    local = (stack.clock or borrowed(_CLOCK).of(stack.scan)).seconds()
    utc = local + 60 * stack.settings.utc_offset() - 3600
    return stack.texts.module("bus.ntp").in_summer(utc)


def _port(stack, link, n: int, prop: int):
    w = stack.w
    if prop == 75:
        w.object(56, n)
    elif prop == 79:
        w.unsigned(56, 0x90)
    elif prop == 111:
        w.head(0x80, 2)
        w.byte(4)
        w.byte(0x40 if link.reliability() else 0)
    elif prop == 103:
        w.unsigned(link.reliability(), 0x90)
    elif prop in (81, 416, 402):
        w.byte(0x10)
    elif prop == 427:
        w.unsigned(link.network, 0x90)
    elif prop == 482:  # BACnet application
        w.unsigned(2, 0x90)
    elif prop == 425:
        w.unsigned(0)
    elif prop == 426:  # unknown
        w.unsigned(0, 0x90)
    elif prop == 423:
        w.octets(link.mac())
    elif prop == 399:
        w.unsigned(link.most)
    elif prop == 420:
        w.real(link.speed)
    elif prop == 64:
        w.unsigned(stack.settings.max_master())
    elif prop == 63:
        w.unsigned(stack.settings.max_info_frames())
    elif prop == 28:
        w.text(b"BACnet/IP" if link.network == _IPV4 else b"MS/TP")
    else:
        _ip(stack, link, prop)


def _ip(stack, link, prop: int):
    w = stack.w
    bbmd = stack.settings.bbmd()
    if prop == 408:  # foreign or normal
        w.unsigned(1 if bbmd else 0, 0x90)
    elif prop == 412:
        w.unsigned(link.mac()[4] << 8 | link.mac()[5])
    elif prop == 400:
        w.octets(link.mac()[:4])
    elif prop == 411:
        w.octets(link.mask)
    elif prop == 401:
        w.octets(link.gateway)
    elif prop == 418:
        w.byte(0x0E)
        if bbmd:
            w.octets(bbmd[:4], 0x18)
        else:
            w.byte(0x08)
        w.byte(0x0F)
        w.unsigned(bbmd[4] << 8 | bbmd[5] if bbmd else 0xBAC0, 0x18)
    elif prop == 419:
        w.unsigned(stack.settings.lifetime())


def write(stack, n: int, prop: int):
    """Write the value at `stack.v`: Max_Master and Max_Info_Frames are settings."""
    if not n or prop not in (64, 63):
        raise Refused(_READ_ONLY)
    v = stack.v
    if v.at >= v.end:
        raise Refused(_WRONG_TYPE)
    v.tag()
    if v.kind or v.number != 2 or not 0 < v.n <= 4 or v.at + v.n != v.end:
        raise Refused(_WRONG_TYPE)
    value = v.unsigned(0xFFFFFFFF)
    if value > 255:
        raise Refused(_OUT_OF_RANGE)
    place = config.MAX_MASTER if prop == 64 else config.MAX_INFO_FRAMES
    from .services import done

    bus = stack.links[stack.peer[0]].bus
    done(stack.registers.write(stack.settings.identity(place), value, bus))
