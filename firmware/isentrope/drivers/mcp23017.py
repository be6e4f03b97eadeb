"""MCP23017: sixteen pins on I2C, port A is bits 0 to 7, port B 8 to 15 (Microchip DS20001952).

In power-on reset all pins are inputs, so what the outputs drive is off. A controller that restarts finds the
chip as it left it: the latches get their idle levels before any pin becomes an output. A pin that is neither
output nor contact stays an input without pull-up, for a relay driver may hang on it.
"""

from micropython import const

_IODIRA = const(0x00)  # 1: input; register pairs in bank 0, table 3-3, port B one above
_GPPUA = const(0x0C)
_GPIOA = const(0x12)
_OLATA = const(0x14)


class Mcp23017:
    """`outputs` and `pulled_up` have a bit for each output and for each contact that wants a pull-up.

    `idle` is the safe level of every pin: outputs off, contacts open. `inputs` are the levels of all pins,
    `idle` while the chip does not answer (`bad`).
    """

    def __init__(self, i2c, address: int, outputs: int, pulled_up: int, idle: int):
        self._i2c = i2c
        self._address = address
        self._idle = idle
        self._outputs = outputs
        # A buffer a register: whoever makes outputs safe may come in the middle of a write.
        self._latches = _pair(_OLATA, idle)
        self._pull_ups = _pair(_GPPUA, pulled_up)
        self._directions = _pair(_IODIRA, ~outputs & 0xFFFF)
        self._levels = bytearray(2)
        self.inputs = idle
        self.astray = 0  # outputs whose level, read back, is not what was written
        self.bad = True
        self.write(idle)

    def write(self, levels: int):
        """Set the outputs; every scan, for a chip that has lost its supply alone has become inputs again."""
        i2c, address, latches = self._i2c, self._address, self._latches
        latches[1] = levels & 0xFF
        latches[2] = levels >> 8
        try:
            i2c.writeto(address, latches)
            i2c.writeto(address, self._pull_ups)
            i2c.writeto(address, self._directions)
            self.bad = False
        except OSError:
            self.bad = True

    def sense(self):
        """Bring `inputs` and `astray` up to date. A chip that does not answer follows with no output."""
        levels = self._levels
        try:
            self._i2c.readfrom_mem_into(self._address, _GPIOA, levels)
            self.inputs = levels[1] << 8 | levels[0]
            latches = self._latches
            self.astray = (self.inputs ^ (latches[2] << 8 | latches[1])) & self._outputs
        except OSError:
            self.bad = True
            self.inputs = self._idle
            self.astray = self._outputs

    def read(self, pin: int) -> int:
        """The level that a pin had."""
        return self.inputs >> pin & 1


def _pair(register: int, value: int) -> bytearray:
    """A write to a register of port A and the one above it, of port B."""
    return bytearray((register, value & 0xFF, value >> 8))
