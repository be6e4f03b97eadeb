"""The scan: what reaches the controller and what reaches the pins."""

from isentrope import app
from isentrope.bench.pins import Pins
from isentrope.ports.ram import Ram
from sample import RELAYS, T0, Port, profile, raw_in


class Recorder:
    """Stands in for the controller: keeps what it was given, decides what it was told."""

    def __init__(self, scan):
        self.control = scan.controller
        self.control.state = 0
        self.decide = {}
        self.seen = {}

    def __getattr__(self, name):
        return getattr(self.control, name)

    def step(self, now_ms, inp, out):
        self.seen = {name: getattr(inp, name) for name in dir(inp) if name[0] != "_"}
        self.seen["now_ms"] = now_ms
        for name in self.decide:
            setattr(out, name, self.decide[name])


def built():
    whole = profile()
    pins = Pins(whole)
    port = Port()
    scan = app.build(whole, pins, port, Ram())
    recorder = Recorder(scan)
    scan.controller = recorder
    pins.inputs[:] = raw_in()
    return scan, pins, recorder, port


def test_inputs_arrive_in_units():
    scan, pins, recorder, _ = built()
    temperatures = ["suction_c", "discharge_c", "liquid_c", "coil_c", "outdoor_c", "flow_c", "return_c"]
    for place, name in enumerate(temperatures):
        pins.inputs[:] = raw_in()
        pins.inputs[place] = 3130  # about 0 degC
        scan.run(T0)
        assert recorder.seen["now_ms"] == T0
        for other in temperatures:
            assert abs(recorder.seen[other] - (0.0 if other == name else 25.0)) < 1.0, (name, other)
    assert abs(recorder.seen["evap_kpa"] - 580.0) < 1.0
    assert abs(recorder.seen["cond_kpa"] - 580.0) < 1.0


def test_bad_sensors_set_their_bits():
    scan, pins, recorder, _ = built()
    for place in range(9):
        pins.inputs[:] = raw_in()
        pins.inputs[place] = 0
        scan.run(T0)
        assert recorder.seen["bad"] == 1 << place


def test_contacts_have_their_names():
    scan, pins, recorder, _ = built()
    names = ("hp_ok", "motor_ok", "water_flow", "supply_ok")
    for place, name in enumerate(names):
        pins.inputs[:] = raw_in()
        pins.inputs[9 + place] = 1  # active low
        scan.run(T0)
        assert [n for n in names if not recorder.seen[n]] == [name]


def test_outputs_reach_their_pins():
    scan, pins, recorder, _ = built()
    order = [row["name"] for row in profile()["io"] if row["dir"] == "out"]
    decisions = dict(zip(RELAYS, ("compressor_on", "reversing_on", "crankcase_on", "alarm_on")))
    for relay in RELAYS:
        recorder.decide = {decisions[name]: name == relay for name in RELAYS}
        scan.run(T0)
        active = [name for name in RELAYS if pins.outputs[order.index(name)] == (0 if name == "alarm" else 1)]
        assert active == [relay]
    recorder.decide = {"speed_rps": 45.0, "fan_pct": 25.0, "pump_pct": 100.0}
    scan.run(T0)
    duties = [pins.outputs[order.index(name)] for name in ("compressor_ref", "fan_ref", "pump_ref")]
    assert duties == [32768, 16384, 65535]


def test_the_valve_homes_and_moves():
    scan, pins, recorder, _ = built()
    recorder.decide = {"eev_home": True}
    now = T0
    while not recorder.seen.get("eev_homed"):
        scan.run(now)
        now = (now + 500) & 0x3FFFFFFF
        assert now < T0 + 30_000
    recorder.decide = {"eev_home": False, "eev_steps": 150}
    for _ in range(12):
        scan.run(now)
        now += 500
    assert recorder.seen["eev_position"] == 150
    assert pins.pulses.count == 150 - 700


def test_safe_outputs_are_the_profiles():
    scan, pins, recorder, _ = built()
    recorder.decide = {"compressor_on": True, "alarm_on": True, "speed_rps": 50.0, "eev_home": True}
    scan.run(T0)
    scan.run(T0 + 500)
    scan.safe()
    safe = [row["safe"] for row in profile()["io"] if row["dir"] == "out"]
    assert pins.outputs == safe and not pins.pulses.energised


def test_outputs_expire_without_a_scan():
    scan, pins, recorder, _ = built()
    scan.expire(T0)  # before the first scan nothing has been put out
    recorder.decide = {"compressor_on": True}
    scan.run(2**30 - 500)
    before = list(pins.outputs)
    scan.expire(1500)
    assert pins.outputs == before
    scan.expire(1501)
    assert pins.outputs != before


def test_a_late_scan_tells_the_controller():
    scan, _, recorder, _ = built()
    for now, lapsed in ((2**30 - 500, False), (1500, False), (3501, True), (4001, False)):
        scan.run(now)
        assert recorder.seen["lapsed"] == lapsed, now


def test_the_valve_homes_again_after_a_loss_of_supply():
    scan, pins, recorder, _ = built()
    recorder.decide = {"eev_home": True}
    now = T0
    while not recorder.seen.get("eev_homed"):
        scan.run(now)
        now += 500
    pins.inputs[12] = 1  # the supply monitor, active low
    scan.run(now)
    assert recorder.seen["eev_homed"]
    pins.inputs[12] = 0
    scan.run(now + 500)
    assert not recorder.seen["eev_homed"]


def test_a_key_that_the_profile_lacks_is_named():
    for key in ("valve", "compressor", "settings", "fluid"):
        whole = profile()
        del whole[key]
        try:
            app.build(whole, Pins(profile()), Port(), Ram())
        except ValueError as error:
            assert key in str(error)
        else:
            raise AssertionError("taken without " + key)


def test_a_fault_reset_reaches_the_alarms():
    scan, _, _, _ = built()
    scan.alarms.raise_(4, T0, latch=True)
    scan.points.write(0x3004, 1)
    assert scan.alarms.is_active(4)
    scan.run(T0)
    assert not scan.alarms.is_active(4)
