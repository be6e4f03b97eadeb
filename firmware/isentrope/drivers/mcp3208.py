"""MCP3208: eight channels of 12 bit on SPI (Microchip DS21298).

count = 4096 Vin / Vref, so a divider or transducer on the reference rail is read as a ratio. SPI mode 0, at
most 1 MHz at 2.7 V. A chip that is missing reads all zeros or all ones if its data line has a pull resistor,
which every sensor's driver takes as failed.
"""

from micropython import const

_START = const(0x06)  # start bit and single-ended, D2 of the channel below them (figure 6-1)


class Mcp3208:
    """`oversample` readings of a channel are averaged: noise falls with the root of their number.

    Six (own) take 0.3 ms on an RP2040, half of it bits at 1 MHz.
    """

    def __init__(self, spi, cs, oversample: int = 6):
        self._spi = spi
        self._cs = cs
        self._n = oversample
        self._command = bytearray(3)
        self._answer = bytearray(3)
        cs(1)

    def read(self, channel: int) -> int:
        """The mean count of a channel, 0 to 4095."""
        command, answer = self._command, self._answer  # four at once would make a tuple
        cs, spi = self._cs, self._spi
        command[0] = _START | channel >> 2
        command[1] = (channel & 3) << 6
        total = self._n >> 1
        left = self._n
        while left:
            cs(0)
            spi.write_readinto(command, answer)
            cs(1)
            total += (answer[1] & 0x0F) << 8 | answer[2]
            left -= 1
        return total // self._n
