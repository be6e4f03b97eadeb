"""RS-485 on an RP2040: a UART whose driver enable (DE) a PIO state machine derives from the transmit pin.

DE rises with the first start bit, an eighth of a bit late at most, and falls within a bit of the last stop
bit's end: the UART's own signs of idleness come characters early, and a task that waits for them comes
milliseconds late, when the answer is on its way. Nobody has to switch anything.

The state machine runs at 32 cycles a bit from the system clock, so it has to be made anew when that clock or
the baud rate changes. It synchronises with each start bit, so the two clocks' rounding does not add up.
"""

from array import array

from micropython import const

CYCLES = const(32)  # a bit
# wait(0, pin, 0)      .side(0)   the line is idle until the transmit pin falls
# mov(x, y)            .side(1)   a character: y + 1 half bits end in the middle of its last stop bit
# jmp(x_dec, 2)   [15] .side(1)
# set(x, 15)           .side(1)   for one bit more
# jmp(pin, 6)          .side(1)
# jmp(1)               .side(1)   it fell: the next character
# jmp(x_dec, 4)        .side(1)
# in words (RP2040 datasheet, 3.4) so that this file loads without hardware.
WORDS = (0x2020, 0xB022, 0x1F42, 0xF02F, 0x10C6, 0x1001, 0x1044)
_SET_Y = const(0xE040)


def program():
    """What rp2.StateMachine takes, laid out as by @rp2.asm_pio since 1.24: one side-set pin, low at first."""
    return [array("H", WORDS), -1, -1, -1, (len(WORDS) - 1) << 12, 0, None, None, (2,)]


def half_bits(bits: int) -> int:
    """What Y holds for characters of so many bits, start and stop bits included."""
    return 2 * bits - 2


def driver_enable(make, number: int, tx, de, baud: int, bits: int):
    """The state machine `number` at work; `make` is rp2.StateMachine. The UART must have its pin already."""
    sm = make(number, program(), freq=CYCLES * baud, in_base=tx, jmp_pin=tx, sideset_base=de)
    sm.exec(_SET_Y | half_bits(bits))
    sm.active(1)
    return sm


class Rs485:
    """`stream` is for asyncio to await the first byte with."""

    def __init__(self, uart, enable):
        self.stream = uart
        self._enable = enable  # at work as long as it is kept

    def take(self, view) -> int:
        """Fill `view` with what has come; how much that is."""
        n = min(self.stream.any(), len(view))
        if n:
            self.stream.readinto(view, n)
        return n

    def write(self, buf, n: int) -> bool:
        """Send `buf[:n]` without waiting, 512 bytes at most."""
        self.stream.write(buf, n)
        return True
