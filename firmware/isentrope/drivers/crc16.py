"""CRC-16 of Modbus RTU (polynomial 0xA001, reflected), by half bytes."""

_CRC = (
    0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
    0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
)  # fmt: skip


def crc(buf, n: int) -> int:
    """Of `buf[:n]`; goes low byte first on the wire. Over its own it is 0."""
    value = 0xFFFF
    for i in range(n):
        byte = buf[i]
        value = value >> 4 ^ _CRC[(value ^ byte) & 15]
        value = value >> 4 ^ _CRC[(value ^ byte >> 4) & 15]
    return value
