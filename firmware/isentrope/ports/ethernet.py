"""Wired network of a W5500-EVB-Pico, as bus/network.py has it: begun and looked at, never waited for.

The image W5500_EVB_PICO knows the chip's pins; MicroPython's own stack (lwIP) asks for an address by itself.
"""

network = __import__("network")  # MicroPython's, which not every port has


class Ethernet:
    def __init__(self, said: dict, hostname: str):
        """`said`: the network file."""
        self._said = said
        network.hostname(hostname)
        self._nic = network.WIZNET5K()

    def begin(self):
        """A new try. The first one resets the chip, which takes 0.4 s in one go."""
        nic, said = self._nic, self._said
        if not nic.active():
            nic.active(True)
        if said.get("address"):
            nic.ipconfig(addr4=said["address"], gw4=said.get("gateway", "0.0.0.0"))
            network.ipconfig(dns=said.get("dns") or said.get("gateway", "0.0.0.0"))
        else:
            nic.ipconfig(dhcp4=True)

    def up(self) -> bool:
        return self._nic.isconnected()

    def why(self) -> int:
        return 0

    def interface(self) -> tuple:
        return self._nic.ifconfig()


make = Ethernet
