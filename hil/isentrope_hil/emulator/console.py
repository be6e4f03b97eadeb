"""The host's end of the board's USB serial port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rp2040py.usb.cdc import USBCDC

from isentrope_hil.emulator.chip import Chip

_PACKET = 64  # a full-speed bulk endpoint's


class Console:
    """`send` queues bytes for the board; `on_serial` gets what it writes, and `Chip.run` ends with it.

    The board's request for bytes is answered when there are some, as a real host does. rp2040py answers
    at once with an empty packet, which the board takes for a reason to ask again: without end.
    """

    def __init__(self, chip: Chip) -> None:
        self.connected = False
        self.on_serial: Callable[[bytes], None] = lambda data: None
        self._chip = chip
        self._usb: Any = chip.mcu.usb_ctrl
        self._waiting = bytearray()
        self._wanted = 0
        self._cdc: Any = USBCDC(self._usb)
        self._cdc.on_serial_data = self._written
        self._cdc.on_device_connected = self._connected
        self._others = self._usb.on_endpoint_read
        self._usb.on_endpoint_read = self._asked
        self._cleared = self._usb.on_reset
        self._usb.on_reset = self._reset

    def send(self, data: bytes) -> None:
        """Bytes for the board, which takes them when it runs."""
        self._waiting += data
        self._serve()

    def _asked(self, endpoint: int, size: int) -> None:
        if endpoint > 0 and endpoint == self._cdc._out_endpoint:
            self._wanted = size
            self._serve()
        else:
            self._others(endpoint, size)

    def _serve(self) -> None:
        if self._wanted and self._waiting:
            size = min(self._wanted, _PACKET)
            packet = bytes(self._waiting[:size])
            del self._waiting[:size]
            self._wanted = 0
            self._usb.endpoint_read_done(self._cdc._out_endpoint, packet)

    def _connected(self) -> None:
        self.connected = True
        self._chip.stop()

    def _written(self, data: bytes | bytearray) -> None:
        self.on_serial(bytes(data))
        self._chip.stop()

    def _reset(self) -> None:
        """The board has left the bus; what was on its way to it is lost."""
        self._cleared()
        self.connected = False
        self._wanted = 0
        self._waiting.clear()
