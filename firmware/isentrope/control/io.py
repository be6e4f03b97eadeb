"""What the control core is given and what it decides, each scan.

The drivers fill `Inputs` (units, sensor health), the controller fills `Outputs`;
neither side allocates: both objects live as long as the controller.
"""

from micropython import const

# Bits of Inputs.bad: the sensor is open, shorted or out of its transducer's range.
BAD_SUCTION_T = const(1 << 0)
BAD_DISCHARGE_T = const(1 << 1)
BAD_LIQUID_T = const(1 << 2)
BAD_COIL_T = const(1 << 3)
BAD_OUTDOOR_T = const(1 << 4)
BAD_FLOW_T = const(1 << 5)
BAD_RETURN_T = const(1 << 6)
BAD_EVAP_P = const(1 << 7)
BAD_COND_P = const(1 << 8)


class Inputs:
    """One scan's measurements (degC, kPa absolute) and demands. A bad sensor holds its last good value."""

    def __init__(self):
        self.suction_c = 0.0
        self.discharge_c = 0.0
        self.liquid_c = 0.0
        self.coil_c = 0.0
        self.outdoor_c = 0.0
        self.flow_c = 0.0
        self.return_c = 0.0
        self.evap_kpa = 0.0
        self.cond_kpa = 0.0
        self.bad = 0
        self.hp_ok = False
        self.motor_ok = False
        self.water_flow = False
        self.supply_ok = False
        self.more = None  # of signals and drives that not every machine has (drivers/more.py)
        self.wired = None  # what the installation wires to it (drivers/wired.py)
        self.outdoor_told_c = None  # outdoor air as a bus says it, while its lease lasts
        self.lapsed = False  # the outputs' lease ended before this scan came
        self.eev_position = 0  # steps, as the driver believes
        self.eev_homed = False
        self.enable = False  # demand: heat, cold or hot water may be wanted
        self.flow_setpoint_c = 35.0
        # From a bus, with bit 0 (room), 1 (demand), 2 (sg), 3 (limit) of `told` set by each write.
        self.room_c = 20.0
        self.demand_pct = 0.0
        self.sg = 2  # SG-Ready's state: 1 block, 2 normal, 3 encourage, 4 order
        self.limit_cw = 0xFFFF  # electric power limit and its failsafe, 0.01 kW; 0xFFFF: not said
        self.failsafe_cw = 0xFFFF
        self.lease_s = 0  # of the limit's heartbeat; 0: the setting `bus_timeout`
        self.told = 0
        self.mode = 1  # operating mode (arbiter.py)
        self.cooling = False  # auto mode may cool
        self.boost = False  # hot water now and warmer, once
        self.legionella = False  # disinfect now
        self.quiet = False
        self.minute = -1  # of the day, once somebody has told the time (clock.py)
        self.weekday = -1  # 0 Monday to 6 Sunday, likewise
        self.day = -1  # since 1 January 2000, likewise
        self.test_rps = 0.0  # > 0: test mode, speed locked to this (slew, limits and protections act)

    @property
    def weather_c(self) -> float:
        """Outdoor air for what a house needs; the machine's own coil goes by its own sensor."""
        return self.outdoor_c if self.outdoor_told_c is None else self.outdoor_told_c


class Outputs:
    """One scan's decisions. The state after construction is the safe one."""

    def __init__(self):
        self.eev_home = False  # held true until Inputs.eev_homed
        self.eev_steps = 0
        self.compressor_on = False
        self.speed_rps = 0.0
        self.fan_pct = 0.0
        self.pump_pct = 0.0
        self.reversing_on = False
        self.crankcase_on = False
        self.diverter_on = False  # the water goes to the tank
        self.backup = 0  # stages of the backup heater
        self.alarm_on = False
        # For the points alone; negative, 0: nobody says it.
        self.power_w = -1
        self.limit_w = -1
        self.water_lpm = -1.0
        self.heat_cw = 0xFFFF  # heat to the water, 0.01 kW, and COP, 0.01; 0xFFFF: nobody says it
        self.cop_c = 0xFFFF
        self.sg = 0
        self.utility = False
