"""Signals and drives that not every machine has, beside what every scan reads and drives."""


class More:
    """What the controller may read (`Inputs.more`): None, 0 or healthy where there is no such signal."""

    def __init__(self, profile: dict, by_name: dict, pins, port, driver=None):
        """KeyError, ValueError: the profile's `drive` or `meter` lacks a key, or names a register that
        nothing reads."""
        self._monitor = by_name.get("phase_ok")
        self._shell = by_name.get("shell_t")
        self._tank = by_name.get("tank_t")
        self._diverter = by_name.get("hot_water_valve")
        self._backup = by_name.get("backup_1"), by_name.get("backup_2")
        self._port = port
        self.shell_c: float | None = None  # compressor shell, while its sensor reads
        self.tank_c: float | None = None  # hot water, while its sensor reads
        self.phase_ok = True  # contact of a three-phase monitor
        self.phase_v: tuple | None = None  # phase to neutral, while a fresh reading of all three is there
        self.rotation = 0  # 1 right, -1 wrong, 0 nobody measures it
        self.drive = driver  # readings of a drive on a bus
        self._driver = driver  # what carries commands to any
        self.meter = None  # an electricity meter on a bus (meter.py)
        self._line = None  # of a meter that has one to itself
        self._bench = not pins.live
        asked = profile.get("meter")
        if asked:
            from .meter import Meter

            self.meter = Meter(asked)
        data = profile.get("drive")
        if data and data["kind"] == "stages":
            from .stages import Stages

            self._driver = Stages(data, by_name.get("compressor_run_2"))
        elif data and data["kind"] == "modbus" and pins.live:  # the bench's link carries no bytes of a bus
            from .inverter import Inverter

            name = data["bus"]
            line = port.rs485(name, profile["buses"][name], data["baud"], data["parity"], data["stop_bits"])
            shared = asked and asked["bus"] == name
            self.drive = self._driver = Inverter(data, line, self.meter if shared else None)
            if shared:
                asked = None
        if asked:
            if self._bench:
                line = pins.line
            else:
                name = asked["bus"]
                bus = profile["buses"][name]
                line = port.rs485(name, bus, asked["baud"], asked["parity"], asked["stop_bits"])
            from .meter import Line

            self._line = Line(self.meter, line)

    def read(self, now_ms: int):
        """Before the decisions of a scan."""
        if self._line and self._bench:
            self._line.poll(now_ms)
        if self.meter:
            self.phase_v = self.meter.volts
        if self._monitor:
            self.phase_ok = self._monitor.closed()
        if self._shell:
            self._shell.read()
            self.shell_c = None if self._shell.bad else self._shell.value
        if self._tank:
            self._tank.read()
            self.tank_c = None if self._tank.bad else self._tank.value

    def step(self, on: bool, rps: float):
        """After them: what the compressor is to do."""
        if self._driver:
            self._driver.step(self._port.ticks_ms(), on, rps)

    def switch(self, out):
        """After the decisions too: the relays that not every machine has."""
        if self._diverter:
            self._diverter.set(out.diverter_on)
        stages = out.backup
        for relay in self._backup:
            if relay:
                relay.set(stages > 0)
            stages -= 1

    def poll(self, now_ms: int):
        """Between two scans."""
        if self.drive:
            self.drive.poll(now_ms)
        if self._line:
            self._line.poll(now_ms)
