"""74HC595: eight outputs on SPI, latched (Nexperia 74HC_HCT595).

Its contents after power-up are undefined; its outputs float while OE is high, which a pull-up sees to in
reset. Idle levels are shifted in and latched before OE goes low. Other chips on the bus shift their traffic
through it, which no latch edge ever shows. SPI mode 0, most significant bit first: bit n comes out at Qn.
"""


class Hc595:
    """`idle` is the safe level of every output."""

    def __init__(self, spi, latch, oe, idle: int = 0):
        self._spi = spi
        self._latch = latch
        self._byte = bytearray(1)
        oe(1)
        latch(0)
        self.write(idle)
        oe(0)

    def write(self, levels: int):
        """Set all outputs; every scan, since a disturbance may have changed what is latched."""
        self._byte[0] = levels
        self._spi.write(self._byte)
        self._latch(1)  # contents move to the outputs on this edge
        self._latch(0)
