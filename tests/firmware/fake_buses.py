"""Chips on SPI, I2C and one wire as their data sheets describe them, register by register.

Nothing allocates, so that a driver can be tried where the heap is locked.
"""

try:
    from micropython import heap_lock, heap_unlock
except ImportError:  # CPython

    def heap_lock():
        """Nothing to lock."""

    heap_unlock = heap_lock


def without_heap(call, argument=None):
    """Call it where any allocation on MicroPython's heap is a MemoryError."""
    heap_lock()
    try:
        return call() if argument is None else call(argument)
    finally:
        heap_unlock()


class Pin:
    """Calls with a level set it; `changed(level)` hears of changes."""

    def __init__(self, level, changed=None):
        self.level = level
        self._changed = changed

    def __call__(self, level):
        if level != self.level:
            self.level = level
            if self._changed:
                self._changed(level)


class Mcp3208Chip:
    """An SPI bus with one MCP3208 (DS21298 figure 6-1) that answers only while selected."""

    def __init__(self, codes):
        self.codes = codes
        self.cs = Pin(1, self._selected)
        self.conversions = 0
        self._fresh = False
        self.ripple = 0  # added to every second conversion

    def _selected(self, level):
        self._fresh = not level

    def write_readinto(self, out, into):
        assert self._fresh, "every conversion starts with a falling edge of CS"
        self._fresh = False
        assert len(out) == len(into) == 3
        assert out[0] & 0xFC == 0x04 and out[0] & 0x02, "start bit, single-ended"
        channel = (out[0] & 1) << 2 | out[1] >> 6
        code = self.codes[channel]
        if self.conversions & 1:
            code += self.ripple
        self.conversions += 1
        into[0] = 0xFF  # high impedance
        into[1] = 0xE0 | code >> 8  # three undefined bits, the null bit
        into[2] = code & 0xFF


class Ads1115Chip:
    """Registers and conversion time of an ADS1115 (SBAS444, 8.1); `volts` of four inputs."""

    def __init__(self, volts):
        self.volts = volts
        self.power_on()

    def power_on(self):
        self.config = 0x8583
        self.conversion = 0
        self.pointer = 0
        self.left_ms = 0
        self.wasted = 0

    def write(self, buf):
        self.pointer = buf[0]
        if len(buf) == 3:
            assert self.pointer == 1
            value = buf[1] << 8 | buf[2]
            self.config = value & 0x7FFF | self.config & 0x8000
            if value & 0x8000 and value & 0x0100:
                if not self.config & 0x8000:
                    self.wasted += 1  # no effect while it converts
                    return
                assert value >> 9 & 7 == 1 and value >> 5 & 7 == 4 and value & 3 == 3
                self.config &= 0x7FFF
                self.left_ms = 9  # 1/128 s and 10 % of oscillator

    def pass_ms(self, ms):
        if self.left_ms > 0:
            self.left_ms -= ms
            if self.left_ms <= 0:
                mux = self.config >> 12 & 7
                assert mux >= 4, "single-ended"
                code = int(self.volts[mux - 4] / 4.096 * 32768 + (0.5 if self.volts[mux - 4] >= 0 else -0.5))
                self.conversion = max(min(code, 32767), -32768) & 0xFFFF
                self.config |= 0x8000

    def read(self, into):
        value = self.config if self.pointer == 1 else self.conversion
        into[0] = value >> 8
        into[1] = value & 0xFF


class Mcp23017Chip:
    """Registers of an MCP23017 in bank 0 with sequential addresses (DS20001952, table 3-5).

    `outputs` are the driven pins and `driven()` their levels, `outside` what the other pins see.
    `history` notes every change as outputs << 16 | levels.
    """

    def __init__(self, outside=0):
        self.outside = outside
        self.registers = [0] * 22
        self.history = []
        self.power_on()

    def power_on(self):
        for n in range(22):
            self.registers[n] = 0xFF if n < 2 else 0
        self.address = 0
        self.was = None
        self._note()

    @property
    def outputs(self):
        return ~(self.registers[1] << 8 | self.registers[0]) & 0xFFFF

    def driven(self):
        return (self.registers[0x15] << 8 | self.registers[0x14]) & self.outputs

    def _note(self):
        now = self.outputs << 16 | self.driven()
        if now != self.was and self.was is not None:
            self.history.append(now)
        self.was = now

    def write(self, buf):
        self.address = buf[0]
        for n in range(1, len(buf)):
            register = self.address
            # Writing the port writes its latch.
            self.registers[register + 2 if register in (0x12, 0x13) else register] = buf[n]
            self.address += 1
            self._note()

    def read(self, into):
        for n in range(len(into)):
            port = self.address - 0x12
            assert port in (0, 1)
            outputs = ~self.registers[port]
            latch = self.registers[0x14 + port]
            into[n] = (latch & outputs | (self.outside >> 8 * port) & ~outputs) & 0xFF
            self.address += 1


class I2c:
    """`chips` by address; an address without one is not acknowledged."""

    def __init__(self, chips):
        self.chips = chips

    def _chip(self, address):
        if address not in self.chips:
            raise OSError(5)
        return self.chips[address]

    def writeto(self, address, buf):
        self._chip(address).write(buf)

    def readfrom_into(self, address, into):
        self._chip(address).read(into)

    def readfrom_mem_into(self, address, register, into):
        chip = self._chip(address)
        chip.address = register
        chip.read(into)

    def writeto_mem(self, address, register, buf):
        self._chip(address).write(bytes((register,)) + bytes(buf))


class Hc595Chip:
    """Shift register, latch and output enable; `history` notes every change of what the outputs show."""

    def __init__(self, shifted, latched, enabled):
        self.shifted = shifted
        self.latched = latched
        self.latch = Pin(0, self._edge)
        self.oe = Pin(0 if enabled else 1, self._enable)
        self.history = []

    def write(self, buf):
        for n in range(len(buf)):
            self.shifted = buf[n]

    def _edge(self, level):
        if level:
            self.latched = self.shifted
            self.history.append(self.shown())

    def _enable(self, level):
        self.history.append(self.shown())

    def shown(self):
        """What drives the outputs; None: nothing does."""
        return None if self.oe.level else self.latched


def crc8(data, size):
    """x^8 + x^5 + x^4 + 1, least significant bit first (Maxim application note 27)."""
    crc = 0
    for n in range(size):
        byte = data[n]
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if (crc ^ byte) & 1 else crc >> 1
            byte >>= 1
    return crc


def rom_code(serial, family=0x28):
    """Family, six bytes of serial number, checksum of these."""
    code = bytes((family,)) + serial
    return code + bytes((crc8(code, 7),))


class Wire:
    """A wire with DS18B20 on it behind the interface of `onewire.OneWire`; `celsius` by ROM code."""

    def __init__(self, celsius):
        self.celsius = celsius
        self.scratchpads = {}
        self.converting_ms = 0
        self.shorted = False
        self.flip = 0  # a bit that the wire damages
        self.slots = 0  # bits of the busiest call; a bit takes 70 us
        self._selected = None
        self._reading = False
        for rom in celsius:
            self.power_on(rom)

    def power_on(self, rom):
        """The scratchpad after a reset (19-7487, figure 9)."""
        self._store(rom, 0x0550)

    def _store(self, rom, raw):
        pad = self.scratchpads.setdefault(rom, bytearray(9))
        pad[0] = raw & 0xFF
        pad[1] = raw >> 8 & 0xFF
        pad[2], pad[3], pad[4], pad[5], pad[6], pad[7] = 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10
        pad[8] = crc8(pad, 8)

    def pass_ms(self, ms):
        self.slots = 0
        if self.converting_ms > 0:
            self.converting_ms -= ms
            if self.converting_ms <= 0:
                for rom in self.celsius:
                    self._store(rom, int(self.celsius[rom] * 16 + (0.5 if self.celsius[rom] >= 0 else -0.5)))

    def scan(self):
        """ROM codes in no order worth relying on."""
        return [] if self.shorted else [bytearray(rom) for rom in sorted(self.celsius, reverse=True)]

    def reset(self, required=False):
        self.slots += 14
        self._selected = None
        self._reading = False
        return bool(self.celsius) and not self.shorted

    def select_rom(self, rom):
        self.reset()
        self.slots += 72
        self._selected = rom

    def writebyte(self, value):
        self.slots += 8
        if value == 0x44:
            self.converting_ms = 750
        elif value == 0xBE:
            assert self.converting_ms <= 0, "read while it converts"
            self._reading = True
        else:
            assert value == 0xCC

    def readinto(self, into):
        assert self._reading
        self.slots += 8 * len(into)
        for n in range(len(into)):
            if self.shorted:
                into[n] = 0
            elif self._selected in self.celsius:
                into[n] = self.scratchpads[self._selected][n]
            else:
                into[n] = 0xFF
        into[self.flip >> 3] ^= 1 << (self.flip & 7) if self.flip else 0

    def crc8(self, data):
        return crc8(data, len(data))


class Ds3231Chip:
    """Time registers and status of a DS3231 (19-5170), counting with `pass_ms`; `raw`: what it answers
    instead. `written` counts settings of the time."""

    _DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

    def __init__(self, year, month, day, hour, minute, second, stopped=False):
        self.raw = None
        self.address = 0
        self.stopped = stopped
        self.written = 0
        self.set(year, month, day, hour, minute, second)

    def set(self, *now):
        self._now = list(now)
        self._ms = 0

    def now(self):
        """(year, month, day, hour, minute, second)"""
        return tuple(self._now)

    def pass_ms(self, ms):
        self._ms += 0 if self.stopped else ms
        now = self._now
        now[5] += self._ms // 1000
        self._ms %= 1000
        now[4], now[5] = now[4] + now[5] // 60, now[5] % 60
        now[3], now[4] = now[3] + now[4] // 60, now[4] % 60
        now[2], now[3] = now[2] + now[3] // 24, now[3] % 24
        while True:
            length = self._DAYS[now[1] - 1] + (now[1] == 2 and now[0] % 4 == 0)
            if now[2] <= length:
                return
            now[2] -= length
            now[1] += 1
            if now[1] > 12:
                now[0], now[1] = now[0] + 1, 1

    def read(self, into):
        year, month, day, hour, minute, second = [n // 10 << 4 | n % 10 for n in self._now]
        registers = self.raw or bytes((second, minute, hour, 1, day, month, year))
        if self.address == 0x0F:
            registers = bytes((0x88 if self.stopped else 0x08,))
        into[:] = registers[: len(into)]

    def write(self, buf):
        if buf[0] == 0x0F:
            self.stopped = buf[1] & 0x80 != 0
            return
        second, minute, hour, _, day, month, year = [(n >> 4) * 10 + (n & 15) for n in buf[1:8]]
        self.set(year, month, day, hour, minute, second)
        self.written += 1
