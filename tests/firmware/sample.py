"""What the tests of scan and link share: a profile with signals, a port without a device, raw inputs."""

from control_bench import profile as machine_profile

# A common 10 kOhm thermistor: 25 degC at 10.0 kOhm, 0 at 32.65, 100 at 0.68 (SRS application note 4,
# "Thermistor calibration and the Steinhart-Hart equation").
SH = [1.129241e-3, 2.341077e-4, 8.775468e-8]
NTCS = ("suction_t", "discharge_t", "liquid_t", "coil_t", "outdoor_t", "flow_t", "return_t")
CONTACTS = ("hp_switch", "motor_ok", "water_flow", "supply_ok")
RELAYS = ("compressor_run", "reversing_valve", "crankcase_heater", "alarm")
T0 = 2**30 - 600_000  # ten minutes before control time wraps
SCAN_MS = 500


def ntc_row(name="suction_t"):
    return {
        "name": name,
        "dir": "in",
        "type": "u16",
        "kind": "ntc",
        "bits": 12,
        "pullup_ohm": 10_000.0,
        "sh": SH,
    }


def pressure_row(name="evap_p", most=1730.0, gauge=True):
    row = {"name": name, "dir": "in", "type": "u16", "kind": "ratiometric", "bits": 12, "gauge": gauge}
    row.update({"min_kpa": 0.0, "max_kpa": most, "lo_ratio": 0.1, "hi_ratio": 0.9})
    return row


def level_row(name, kind="relay", direction="out", active=1):
    row = {"name": name, "dir": direction, "type": "u8", "kind": kind, "active": active}
    if direction == "out":
        row["safe"] = 1 - active
    return row


def analog_row(name, most=100.0):
    return {
        "name": name,
        "dir": "out",
        "type": "u16",
        "kind": "analog_out",
        "min": 0.0,
        "max": most,
        "safe": 0,
    }


def profile():
    """An air/water machine on a board whose contacts and alarm relay are active low."""
    io = [ntc_row(name) for name in NTCS]
    io += [pressure_row("evap_p"), pressure_row("cond_p", 4600.0)]
    io += [level_row(name, "contact", "in", active=0) for name in CONTACTS]
    io.append({"name": "eev_count", "dir": "out", "type": "u16", "kind": "stepper_count", "safe": 0})
    io.append(level_row("eev_coils", "level"))
    io += [level_row(name, active=0 if name == "alarm" else 1) for name in RELAYS]
    io += [analog_row("compressor_ref", 90.0), analog_row("fan_ref"), analog_row("pump_ref")]
    whole = machine_profile()
    whole["valve"].update({"start_rate_hz": 30, "ramp_steps": 8})
    whole.update(
        {"schema": 1, "board": "bench", "machine": "sample", "scan_ms": SCAN_MS, "settings": {}, "io": io}
    )
    return whole


def raw_in():
    """Raw inputs of a healthy machine at rest: 25 degC everywhere, 5.8 bar on both sides."""
    evap = round(4096 * (0.1 + 0.8 * (580.0 - 101.325) / 1730.0))
    cond = round(4096 * (0.1 + 0.8 * (580.0 - 101.325) / 4600.0))
    return [2048] * len(NTCS) + [evap, cond] + [0] * len(CONTACTS)


class Port:
    """A port whose bytes, clock and heap are the test's."""

    name = "test"
    cause = 1

    def __init__(self):
        self.sent = b""
        self.now_ms = 0
        self.free = 1 << 20
        self.collected = 0
        self.interrupts = True  # a Ctrl-C on the console
        self.fed = self.started = 0  # the watchdog
        self.said = []  # restart, maintain

    def write(self, buf, n):
        self.sent += bytes(buf[:n])

    def console(self, on):
        self.interrupts = on

    def watch(self):
        self.started += 1

    def feed(self):
        self.fed += 1

    def every(self, ms, callback):
        return Timer(ms, callback)

    def restart(self):
        self.said.append("restart")

    def maintain(self):
        self.said.append("maintain")

    def ticks_ms(self):
        return self.now_ms & 0x3FFFFFFF

    def ticks_us(self):
        return self.now_ms * 1000 & 0x3FFFFFFF

    def seconds(self):
        return self.now_ms // 1000

    def stack(self):
        return 1234

    def mem_free(self):
        return self.free

    def collect(self):
        self.collected += 1


class Timer:
    """What a port's `every` gives; the test calls `callback`."""

    def __init__(self, ms, callback):
        self.ms = ms
        self.callback = callback

    def deinit(self):
        self.callback = None
