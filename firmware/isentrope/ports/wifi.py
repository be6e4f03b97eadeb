"""Wi-Fi of a Pico W or an ESP32, as bus/network.py has it: begun and looked at, never waited for."""

from micropython import const

network = __import__("network")  # MicroPython's, which not every port has

# Why there is none: the alarm's values.
_NOTHING = const(0)
_SECRET = const(1)
_NAME = const(2)
_WRONG = (-3, 202, 204, 15)  # wrong secret: CYW43, ESP32 (hand-shake failed)
_ABSENT = (-2, 201)  # nobody has that name


class Wifi:
    def __init__(self, said: dict, hostname: str):
        """`said`: the network file. ValueError: it names no Wi-Fi."""
        if not said.get("ssid"):
            raise ValueError("network.json: ssid is missing")
        self._said = said
        if said.get("country"):
            network.country(said["country"])
        network.hostname(hostname)
        self._wlan = network.WLAN(network.WLAN.IF_STA)

    def begin(self):
        """A new try. The first one loads the radio's own firmware, a few tenths of a second in one go."""
        wlan, said = self._wlan, self._said
        if wlan.active():
            wlan.disconnect()
        wlan.active(True)
        wlan.config(pm=wlan.PM_NONE)  # a radio that sleeps answers late
        if said.get("address"):
            wlan.ipconfig(addr4=said["address"], gw4=said.get("gateway", "0.0.0.0"))
            network.ipconfig(dns=said.get("dns") or said.get("gateway", "0.0.0.0"))
        wlan.connect(said["ssid"], said.get("secret") or None)

    def up(self) -> bool:
        return self._wlan.isconnected()

    def why(self) -> int:
        status = self._wlan.status()
        return _SECRET if status in _WRONG else _NAME if status in _ABSENT else _NOTHING

    def interface(self) -> tuple:
        return self._wlan.ifconfig()


make = Wifi
