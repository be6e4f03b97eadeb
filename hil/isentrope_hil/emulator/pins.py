"""The board's pins, seen from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from isentrope_hil.emulator.chip import Chip

_PWM = 4  # function select: RP2040 datasheet, 2.19.2

Listener = Callable[[float, int, int | None], None]


class Pins:
    """Levels are 0 and 1; None is a pin that the board does not drive."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._gpio: list[Any] = chip.mcu.gpio

    def level(self, pin: int) -> int | None:
        """What the board drives it to."""
        value = int(self._gpio[pin].value)
        return value if value <= 1 else None

    def drive(self, pin: int, level: int | None) -> None:
        """A level from outside; None lets go of it, and the board's pull resistor decides."""
        if level is None:
            self._gpio[pin].release_input()
        else:
            self._gpio[pin].set_input_value(bool(level))

    def watch(self, pins: Iterable[int], listener: Listener) -> None:
        """`listener(ms, pin, level)` at every change of what the board drives."""
        for pin in pins:
            self._gpio[pin].add_listener(self._told(pin, listener))

    def duty(self, pin: int) -> int:
        """The duty of a PWM pin, 0 to 65535; 0 where it is none or stands."""
        if self._gpio[pin].function_select != _PWM:
            return 0
        channel = self._chip.mcu.pwm.channels[pin >> 1 & 7]  # RP2040 datasheet, table 525
        if not channel.csr & 1:
            return 0
        compare = channel.cc >> 16 if pin & 1 else channel.cc & 0xFFFF
        return min(65535, round(65535 * compare / (channel.top + 1)))

    def _told(self, pin: int, listener: Listener) -> Callable[[Any, Any], None]:
        chip = self._chip

        def changed(value: Any, before: Any) -> None:
            listener(chip.ms, pin, int(value) if value <= 1 else None)

        return changed
