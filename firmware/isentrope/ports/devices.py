"""The converters, expanders and wires of a profile: a driver for each, what needs none left out."""


class Devices:
    """`hardware` is as in pins.py. `polled` are the converters that want polling, `wires` the one-wire buses,
    `expanders` those with outputs or contacts, `rtc` the clock that runs through power cuts, or None."""

    def __init__(self, profile: dict, hardware):
        self._profile = profile
        self._hardware = hardware
        self._buses: dict = {}
        self._made: dict = {}
        self.polled: list = []
        self.wires: list = []
        self.expanders: list = []
        self.rtc: object = None
        numbered = []
        count: dict = {}
        for data in profile["devices"]:
            place = count.get(data["kind"], 0)
            count[data["kind"]] = place + 1
            numbered.append((data, place))
        self._rail: tuple = ()  # the converter that measures it, its channel
        for measures_rail in (True, False):  # what the others need comes first
            for data, place in numbered:
                if ("reference_channel" in data) == measures_rail:
                    self._made[data["kind"], place] = self._make(data, place)

    def get(self, hw: list):
        """The driver of the device that a row of `io` sits on. KeyError: the board has none such."""
        return self._made[hw[0], hw[1] if len(hw) > 2 else 0]

    def _make(self, data: dict, place: int):
        """Drivers are imported here: what a board has not costs it no memory."""
        kind = data["kind"]
        if kind == "mcp23017":
            return self._mcp23017(data)
        if kind == "ds3231":
            from ..drivers.ds3231 import Ds3231

            self.rtc = Ds3231(self._bus(data["bus"]), data["address"])
            return self.rtc
        if kind == "hc595":
            from ..drivers.hc595 import Hc595

            pin = self._hardware.Pin
            expander = Hc595(self._bus(data["bus"]), pin(data["latch"]), pin(data["oe"]), self._idle(kind))
            self.expanders.append(expander)
            return expander
        channels = {row["hw"][-1] for row in self._profile["io"] if row["hw"][:2] == [kind, place]}
        if kind == "ads1115":
            return self._ads1115(data, channels)
        if not channels:
            return None
        if kind == "mcp3208":
            from ..drivers.mcp3208 import Mcp3208

            return Mcp3208(self._bus(data["bus"]), self._hardware.Pin(data["cs"]))
        if kind == "ds18b20":
            from ..drivers.ds18b20 import Ds18b20

            wire = Ds18b20(self._hardware.wire(data["pin"]), max(channels) + 1)
            self.wires.append(wire)
            return wire
        return None

    def _ads1115(self, data: dict, channels: set):
        from ..drivers.ads1115 import Ads1115

        rail_channel = data.get("reference_channel")
        rail = None
        if rail_channel is not None:
            channels.add(rail_channel)
        elif not self._rail:
            raise ValueError("profile.json: no ads1115 has a reference_channel")
        else:
            rail, rail_channel = self._rail
        if not channels:
            return None
        chip = Ads1115(self._bus(data["bus"]), data["address"], tuple(sorted(channels)), rail_channel, rail)
        if rail is None:
            self._rail = chip, rail_channel
        self.polled.append(chip)
        return chip

    def _mcp23017(self, data: dict):
        from ..drivers.mcp23017 import Mcp23017

        outputs = pulled_up = 0
        for row in self._profile["io"]:
            if row["hw"][0] == "mcp23017":
                bit = 1 << row["hw"][1]
                if row["dir"] == "out":
                    outputs |= bit
                elif not row["active"]:
                    pulled_up |= bit
        expander = Mcp23017(
            self._bus(data["bus"]), data["address"], outputs, pulled_up, self._idle("mcp23017")
        )
        self.expanders.append(expander)
        return expander

    def _idle(self, kind: str) -> int:
        """Levels of an expander with its outputs safe and its contacts open."""
        levels = 0
        for row in [row for row in self._profile["io"] if row["hw"][0] == kind]:
            if row["safe"] if row["dir"] == "out" else not row["active"]:
                levels |= 1 << row["hw"][1]
        return levels

    def _bus(self, name: str):
        bus = self._buses.get(name)
        if bus is None:
            data = self._profile["buses"][name]
            make = self._hardware.spi if data["kind"] == "spi" else self._hardware.i2c
            bus = self._buses[name] = make(name, data)
        return bus
