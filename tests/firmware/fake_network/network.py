"""MicroPython's `network` for a process of its own: there is a network while there is a file `up`."""

import os


def hostname(name):
    """Nobody asks for it."""


class WLAN:
    IF_STA = PM_NONE = 0

    def __init__(self, _):
        self._on = False

    def active(self, on=None):
        self._on = self._on if on is None else on
        return self._on

    def config(self, **_):
        """It has no power to save."""

    def connect(self, ssid, secret):
        assert (ssid, secret) == ("home", "very secret")

    def disconnect(self):
        """It is tried again."""

    def isconnected(self):
        try:
            os.stat("up")
        except OSError:
            return False
        return self._on

    def status(self):
        return -2

    def ifconfig(self):
        return "127.0.0.1", "255.0.0.0", "0.0.0.0", "127.0.0.1"
