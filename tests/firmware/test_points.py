"""The point table: permanent ids, values in their places, commands with their codes."""

from struct import unpack

from isentrope import points
from isentrope.alarms import Alarms
from isentrope.control.io import Inputs, Outputs
from isentrope.decisions import Log
from isentrope.ledger import Ledger
from isentrope.settings import Settings

RANGES = {"u8": (0, 255), "u16": (0, 65535), "s16": (-32768, 32767), "u32": (0, 2**32 - 1)}


class Control:
    """What the points read of the controller, every value its own."""

    evap_sat_c = -4.25
    cond_sat_c = 41.5
    superheat_k = 7.89
    superheat_setpoint_k = 8.0
    subcooling_k = 5.01
    discharge_superheat_k = 23.45
    speed_set_rps = 54.32
    eev_target_steps = 222
    feedforward_steps = 211
    trim_pct = 104.5
    run_s = 7201
    starts = 3
    state = 2
    decision = 12
    service = None
    demand_pct = 61.25
    fan_cap = 60.0
    log = Log(4)

    outdoor_mean_c = 3.21
    backup_w = 4500.0
    disinfects = True

    class capacity:
        setpoint_c = 34.5

    class defrost:
        forced = False

        class frost:
            growth_k = 0.87
            coil_off_k = -2.75
            outdoor_off_k = 3.12


class More:
    tank_c = 48.76

    class meter:
        power_w = 1234.5


class Storage:
    erases = 17
    resets = 4
    events = None

    def __init__(self):
        self.ledger = Ledger()


class Bench:
    def __init__(self):
        self.inp = Inputs()
        self.out = Outputs()
        self.control = Control()
        self.control.settings = Settings()
        self.inp.more = More()
        self.alarms = Alarms()
        self.points = points.Points(self.inp, self.out, self.control, self.alarms, Storage(), 500)

    def values(self, dt_ms=500):
        """name -> raw, as packed."""
        self.points.update(dt_ms)
        letters = {"u8": "B", "u16": "H", "s16": "h", "u32": "I"}
        rows = list(points.rows())
        raw = unpack("<" + "".join([letters[row[3]] for row in rows]), self.points.image)
        return {row[1]: value for row, value in zip(rows, raw)}


def test_ids_are_permanent():
    """A published id never moves: extend this list, never edit it."""
    published = (
        "outdoor_c 0000, flow_c 0002, return_c 0003, discharge_c 000D, suction_c 000E, liquid_c 000F, "
        "evap_sat_c 0010, evap_kpa 0014, cond_kpa 0015, water_kpa 0016, speed_set_rps 0018, "
        "pump_pct 001A, eev_pct 001C, "
        "superheat_k 001E, subcooling_k 001F, power_kw 0020, limit_kw 0023, "
        "compressor_h 0034, starts 0038, uptime_s 003A, state 003C, sg_state 003D, "
        "fault_code 003E, decision 003F, map_version 0040, cond_sat_c 0065, coil_c 0066, "
        "discharge_superheat_k 0067, superheat_setpoint_k 0068, eev_position_steps 0069, "
        "eev_target_steps 006A, feedforward_steps 006B, flow_trim_pct 006C, fan_pct 006D, stop_alarms 006E, "
        "warn_alarms 0070, storage_erases 0072, resets 0074, more_alarms 0078, "
        "modbus_answers 0140, modbus_exceptions 0141, modbus_bad_frames 0142, modbus_dropped 0143, "
        "frost_growth_k 0090, coil_drift_k 0091, outdoor_drift_k 0092, leak_pct 0076, "
        "compressor 1000, defrost 1001, circulation_pump 1002, fan 1003, water_flow_ok 1007, alarm 1008, "
        "utility_block 1009, "
        "hp_switch_ok 100A, sensor_fault 100E, motor_ok 1065, supply_ok 1066, eev_homed 1067, "
        "reversing_valve 1068, "
        "flow_setpoint_c 2001, power_limit_kw 200B, power_failsafe_kw 200C, power_lease_s 200D, "
        "sg_request 200E, test_speed_rps 2065, room_c 2066, demand_pct 2067, clock_min 2068, "
        "service_mode 2069, "
        "access_level 206F, enable 3000, silent 3003, fault_reset 3004, defrost_start 3065, "
        "outdoor_mean_c 0001, active_setpoint_c 0004, hot_water_c 0007, backup_kw 0022, "
        "hot_water_valve 1004, backup_1 1005, backup_2 1006, legionella 100C, operating_mode 2000, "
        "hot_water_boost_now 3001, legionella_start 3002, cooling_enable 3005, "
        "hot_water_setpoint_c 2002, hot_water_hysteresis_k 2003, heating_curve_slope 2004, "
        "heating_curve_level_c 2005, room_setpoint_c 2006, cooling_setpoint_c 2008, heat_limit_c 2009, "
        "bivalence_c 200A, "
        "source_in_c 0005, source_out_c 0006, hot_water_bottom_c 0008, buffer_c 0009, circuit_1_c 000A, "
        "circuit_2_c 000B, room_now_c 000C, water_lpm 0017, demand_now_pct 0019, source_pump_pct 001B, "
        "fan_rpm 001D, heat_kw 0021, cop 0024, meter_kw 0093, silent_now 100D, outdoor_told_c 2010, "
        "bacnet_answers 0144, bacnet_refusals 0145, bacnet_dropped 0146, bus_writes_refused 0147, "
        "run_under_30_h 00A0, run_30_to_45_h 00A2, run_45_to_60_h 00A4, run_60_to_75_h 00A6, "
        "run_over_75_h 00A8, pump_h 00AA, fan_h 00AC, eev_travel_steps 00AE, defrosts 00B0, "
        "reversing_shifts 00B2, defrosts_unfinished 00B4, eev_homings 00B5, watchdog_resets 00B6, "
        "trips_high_pressure 00B7, trips_low_pressure 00B8, trips_discharge 00B9, trips_hp_switch 00BA, "
        "trips_motor 00BB, trips_supply 00BC, trips_envelope 00BD, trips_water 00BE, trips_sensor 00BF, "
        "trips_valve 00C0, trips_scan 00C1, trips_other 00C2, heap_lowest 00C3, stack_highest 00C4, "
        "electric_kwh 0028, heat_kwh 002A, hot_water_electric_kwh 002C, hot_water_heat_kwh 002E, "
        "cooling_kwh 0030, backup_h 0036"
    )
    found = ["%s %04X" % (row[1], row[0]) for row in points.rows()]
    assert found == published.split(", ")


def test_rows_are_sound():
    seen = set()
    taken = set()
    for identity, name, _, type_, _, low, high, _, access, kind in points.rows():
        table, address = identity >> 12, identity & 0xFFF
        lowest, highest = RANGES[type_]
        assert lowest <= low < high <= highest, name
        assert access in ("r", "rw") and (access == "rw") == (table >= 2), name
        assert (kind == "") == (address > 100), name
        assert kind in (("AI", "MSI", ""), ("BI", ""), ("AV", "MSV", ""), ("BV", ""))[table], name
        for register in range(address, address + (2 if type_ == "u32" else 1)):
            assert (table, register) not in taken, name
            taken.add((table, register))
        seen.add(name)
    assert len(seen) == len(list(points.rows()))


def test_every_point_shows_its_own_value():
    bench = Bench()
    inp, out = bench.inp, bench.out
    inp.outdoor_c, inp.flow_c, inp.return_c, inp.discharge_c = -7.13, 35.01, 30.02, 88.88
    inp.suction_c, inp.liquid_c, inp.coil_c = 3.64, 31.5, -3.21
    inp.evap_kpa, inp.cond_kpa = 423.4, 1377.6
    inp.eev_position, inp.flow_setpoint_c, inp.test_rps = 210, 36.5, 40.0
    out.pump_pct, out.fan_pct = 67.0, 81.25
    wanted = {
        "outdoor_c": -713, "flow_c": 3501, "return_c": 3002, "discharge_c": 8888, "suction_c": 364,
        "liquid_c": 3150, "coil_c": -321, "evap_kpa": 423, "cond_kpa": 1378, "evap_sat_c": -425,
        "cond_sat_c": 4150, "superheat_k": 789, "superheat_setpoint_k": 800, "subcooling_k": 501,
        "discharge_superheat_k": 2345, "speed_set_rps": 5432, "eev_target_steps": 222,
        "feedforward_steps": 211, "flow_trim_pct": 10450, "eev_position_steps": 210, "eev_pct": 4200,
        "pump_pct": 6700, "fan_pct": 8125, "compressor_h": 200, "starts": 3, "state": 2, "decision": 12,
        "map_version": 1, "access_level": 2, "flow_setpoint_c": 3650, "test_speed_rps": 4000,
        "fault_reset": 0,
        "storage_erases": 17, "resets": 4,
        "frost_growth_k": 87, "coil_drift_k": -275, "outdoor_drift_k": 312,
        "outdoor_mean_c": 321, "active_setpoint_c": 3450, "hot_water_c": 4876, "backup_kw": 450,
        "legionella": 1, "operating_mode": 1, "hot_water_setpoint_c": 500, "hot_water_hysteresis_k": 50,
        "heating_curve_slope": 80, "heating_curve_level_c": 220, "room_setpoint_c": 200,
        "cooling_setpoint_c": 180, "heat_limit_c": 180, "bivalence_c": -50,
    }  # fmt: skip
    out.water_lpm, out.heat_cw, out.cop_c = 15.75, 512, 431
    wanted.update({"water_lpm": 1575, "heat_kw": 512, "cop": 431, "demand_now_pct": 6125, "meter_kw": 123})
    wanted.update({"silent_now": 1, "outdoor_told_c": -32768, "room_now_c": -32768, "fan_rpm": 65535})
    bench.control.settings.unlock(2)
    values = bench.values()
    for name in wanted:
        assert values[name] == wanted[name], (name, values[name])


def test_counters_are_the_ledgers_and_move_with_it():
    bench = Bench()
    assert bench.values()["trips_other"] == 0
    names = [row[1] for row in points.rows()]
    first = names.index("run_under_30_h")
    places = [4 * n for n in range(10)] + [40 + 2 * n for n in range(17)] + [74 + 4 * n for n in range(6)]
    assert len(names) - first == len(places)
    for n, place in enumerate(places):
        bench.points._ledger.add(place, n + 1)
    values = bench.values()
    assert [values[name] for name in names[first:]] == [n + 1 for n in range(len(places))]


def test_every_flag_is_its_own():
    flags = {
        "compressor": ("out", "compressor_on"),
        "alarm": ("out", "alarm_on"),
        "water_flow_ok": ("inp", "water_flow"),
        "hp_switch_ok": ("inp", "hp_ok"),
        "motor_ok": ("inp", "motor_ok"),
        "supply_ok": ("inp", "supply_ok"),
        "eev_homed": ("inp", "eev_homed"),
        "enable": ("inp", "enable"),
        "reversing_valve": ("out", "reversing_on"),
        "hot_water_valve": ("out", "diverter_on"),
        "hot_water_boost_now": ("inp", "boost"),
        "legionella_start": ("inp", "legionella"),
        "cooling_enable": ("inp", "cooling"),
    }
    bench = Bench()
    names = list(flags) + ["circulation_pump", "fan", "sensor_fault"]
    for name in flags:
        side, attribute = flags[name]
        setattr(getattr(bench, side), attribute, True)
        values = bench.values()
        setattr(getattr(bench, side), attribute, False)
        assert [n for n in names if values[n]] == [name]
    bench.out.fan_pct = 10.0
    assert bench.values()["fan"] == 1
    bench.out.pump_pct = 10.0
    assert bench.values()["circulation_pump"] == 1
    assert bench.values()["defrost"] == 0
    bench.control.state = 5
    assert bench.values()["defrost"] == 1


def test_a_defrost_is_asked_for_and_called_off():
    bench = Bench()
    assert bench.points.write(0x3065, 1) == 0 and bench.control.defrost.forced
    assert bench.values()["defrost_start"] == 1
    assert bench.points.write(0x3065, 2) == 3
    assert bench.points.write(0x3065, 0) == 0 and not bench.control.defrost.forced


def test_a_failed_sensor_reads_not_fitted():
    from isentrope.control import io

    hit = {
        io.BAD_SUCTION_T: ("suction_c", "superheat_k"),
        io.BAD_DISCHARGE_T: ("discharge_c", "discharge_superheat_k"),
        io.BAD_LIQUID_T: ("liquid_c", "subcooling_k"),
        io.BAD_COIL_T: ("coil_c",),
        io.BAD_OUTDOOR_T: ("outdoor_c",),
        io.BAD_FLOW_T: ("flow_c",),
        io.BAD_RETURN_T: ("return_c",),
        io.BAD_EVAP_P: ("evap_kpa", "evap_sat_c", "superheat_k"),
        io.BAD_COND_P: ("cond_kpa", "cond_sat_c", "subcooling_k", "discharge_superheat_k"),
    }
    not_fitted = (
        "water_kpa", "leak_pct", "source_in_c", "source_out_c", "hot_water_bottom_c", "buffer_c",
        "circuit_1_c", "circuit_2_c", "room_now_c", "outdoor_told_c",
    )  # fmt: skip
    for bit in hit:
        bench = Bench()
        bench.inp.bad = bit
        values = bench.values()
        wrong = [n for n in values if values[n] == (0xFFFF if n.endswith("_kpa") else -32768)]
        wrong = [n for n in wrong if n not in not_fitted]
        assert sorted(wrong) == sorted(hit[bit])
        assert values["sensor_fault"] == 1


def test_numbers_that_are_none_do_no_harm():
    bench = Bench()
    for wrong in (float("nan"), float("inf"), -float("inf"), 1e9, -1e9):
        bench.control.superheat_k = bench.control.trim_pct = bench.inp.evap_kpa = wrong
        values = bench.values()
        assert values["superheat_k"] == -32768
        assert values["flow_trim_pct"] == values["evap_kpa"] == 0xFFFF


def test_fault_code_is_the_lowest_active_stop_then_warning():
    bench = Bench()
    assert bench.values()["fault_code"] == 0
    bench.alarms.raise_(42, 0)
    bench.alarms.raise_(35, 0)
    assert bench.values()["fault_code"] == 35
    bench.alarms.raise_(6, 0)
    bench.alarms.raise_(2, 0)
    values = bench.values()
    assert values["fault_code"] == 2
    assert values["stop_alarms"] == 1 << 2 | 1 << 6
    assert values["warn_alarms"] == 1 << 3 | 1 << 10 and values["more_alarms"] == 0
    bench.alarms.raise_(66, 0)
    assert bench.values()["more_alarms"] == 1 << 2


def test_stages_of_the_backup_heater():
    bench = Bench()
    for stages in range(3):
        bench.out.backup = stages
        values = bench.values()
        assert (values["backup_1"], values["backup_2"]) == (stages > 0, stages > 1)


def test_a_point_that_is_a_setting_has_its_bounds():
    """One write, one truth: docs/modes.md."""
    from isentrope import settings

    rows = list(settings.rows())
    aliases = {row[1]: (points.place(row[0]), row) for row in points.rows() if points.place(row[0]) >= 0}
    names = {
        "hot_water_setpoint_c": "hot_water_setpoint",
        "hot_water_hysteresis_k": "hot_water_hysteresis",
        "heating_curve_slope": "curve_slope",
        "heating_curve_level_c": "curve_level",
        "room_setpoint_c": "room_setpoint",
        "cooling_setpoint_c": "cooling_setpoint",
        "heat_limit_c": "heat_limit",
        "bivalence_c": "bivalence",
    }
    assert sorted(aliases) == sorted(names)
    for name in names:
        at, point = aliases[name]
        setting = rows[at]
        assert setting[1] == names[name]
        assert (setting[3], setting[4], setting[5]) == (point[4], point[5], point[6]), name


def test_uptime_counts_seconds():
    bench = Bench()
    for n in range(1, 9):
        assert bench.values(500)["uptime_s"] == n // 2
    assert bench.values(86_400_250)["uptime_s"] == 86_404


def test_commands():
    bench = Bench()
    for identity, raw, code in (
        (0x3000, 1, points.DONE),
        (0x3000, 2, points.OUT_OF_RANGE),
        (0x3000, -1, points.OUT_OF_RANGE),
        (0x2001, 4000, points.DONE),
        (0x2001, 1499, points.OUT_OF_RANGE),
        (0x2065, 4500, points.DONE),
        (0x001E, 800, points.READ_ONLY),
        (0x0032, 0, points.UNKNOWN),
        (0x0009, 0, points.READ_ONLY),
        (0x2010, -1250, points.DONE),
        (0x2010, -5501, points.OUT_OF_RANGE),
        (0x2000, 4, points.DONE),
        (0x2000, 5, points.OUT_OF_RANGE),
        (0x3001, 1, points.DONE),
        (0x3002, 1, points.DONE),
        (0x3005, 1, points.DONE),
        (0xFFFF, 0, points.UNKNOWN),
    ):
        assert bench.points.write(identity, raw) == code, hex(identity)
    assert (bench.inp.enable, bench.inp.flow_setpoint_c, bench.inp.test_rps) == (True, 40.0, 45.0)
    assert bench.inp.mode == 4 and bench.inp.boost and bench.inp.legionella and bench.inp.cooling
    assert bench.inp.outdoor_told_c == -12.5 and bench.values()["outdoor_told_c"] == -1250
    assert bench.points.write(0x2010, -32768) == points.DONE and bench.inp.outdoor_told_c is None
    assert bench.points.write(0x3000, 0) == points.DONE
    assert bench.inp.enable is False
    assert bench.points.write(0x3004, 1) == points.DONE
    assert bench.points.reset_wanted


def test_the_image_is_of_the_last_scan_or_as_written_since():
    bench = Bench()
    bench.points.update(500)
    bench.inp.outdoor_c = 5.0
    offset = [row[1] for row in points.rows()].index("outdoor_c")
    assert offset == 0 and unpack("<h", bench.points.image[:2])[0] == 500
    bench.inp.outdoor_c = 6.0  # the next scan has read it, and is not over
    assert unpack("<h", bench.points.image[:2])[0] == 500
    bench.points.update(500)
    assert bench.points.write(0x2001, 4100) == points.DONE  # before anybody has looked
    assert unpack("<h", bench.points.image[:2])[0] == 600
    assert bench.points.told(0x2001) == 4100
    assert bench.values()["flow_setpoint_c"] == 4100
