"""The parameters' table, in memory only while somebody reads it (`tables`).

A row: id (0x4000 and the row's place), name, unit, exponent of ten, low, high, default (raw integers), level
(0 user, 1 installer, 2 maker). `settings` names the places. Sources stand beside the rows; "own" is this
project's choice, reasons in docs/control.md.
"""

TABLE = (
    # 6 to 11 K [Carel EVD]
    b"4000 superheat_setpoint K -1 30 250 80 1\n"
    # own: per cent of the feed-forward's flow for each kelvin
    b"4001 superheat_gain %/K -2 0 2000 300 2\n"
    # 150 s [Carel EVD]
    b"4002 superheat_integral_time s 0 10 2000 40 2\n"
    # 5 s [Carel EVD]
    b"4003 superheat_derivative_time s -1 0 600 100 2\n"
    # 2 K, close fast [Danfoss EKE]; 0 disables
    b"4004 low_superheat K -1 0 100 40 1\n"
    # 15 s, 300 s [Carel EVD]
    b"4005 low_superheat_integral_time s -1 10 8000 150 2\n"
    b"4006 low_superheat_delay s 0 0 3600 300 1\n"
    # own: how far the valve runs ahead of a falling speed
    b"4007 slowing_lead s -1 0 600 0 2\n"
    # own: how fast the feed-forward believes the measured suction density
    b"4008 density_time s 0 10 3600 900 2\n"
    # own: what a valve's flow may differ from its data
    b"4009 trim_low % 0 20 100 50 2\n"
    b"400A trim_high % 0 100 400 180 2\n"
    b"400B trim_start % 0 50 150 100 2\n"
    b"400C valve_lowest % -1 0 1000 30 2\n"
    b"400D valve_highest % -1 0 1000 1000 2\n"
    # own: closed keeps the charge in the condenser
    b"400E valve_off % -1 0 1000 0 1\n"
    # 50 % [Carel EVD]
    b"400F valve_fixed % -1 0 1000 500 1\n"
    # 0 stop, 1 fixed, 2 average [Danfoss EKE]
    b"4010 suction_sensor_action - 0 0 2 2 1\n"
    # own: without it nothing sees low pressure
    b"4011 suction_pressure_action - 0 0 2 0 1\n"
    # 3 s [Danfoss EKE]
    b"4012 sensor_delay s -1 0 600 30 2\n"
    # own, from here to the end where no source is named
    b"4013 flow_gain rps/K -1 0 100 20 1\n"
    b"4014 flow_integral_time s 0 10 7200 90 1\n"
    b"4015 speed_per_water_kelvin rps/K -1 0 300 120 1\n"
    b"4016 stop_above K -1 5 200 30 0\n"
    b"4017 start_below K -1 5 200 20 0\n"
    # 180 s off, 120 s run, 12 starts an hour: the field's short-cycle guard
    b"4018 minimum_off s 0 0 3600 180 1\n"
    b"4019 minimum_run s 0 0 3600 120 1\n"
    b"401A starts_per_hour - 0 1 60 12 1\n"
    b"401B start_speed rps 0 5 120 50 2\n"
    b"401C start_hold s 0 0 600 60 2\n"
    b"401D start_pressure_difference kPa 0 0 3000 0 2\n"
    # 100 s [Copeland EV3]
    b"401E start_mask s 0 0 600 100 2\n"
    b"401F stop_speed rps 0 5 120 30 2\n"
    b"4020 pump_lead s 0 0 600 20 1\n"
    b"4021 pump_overrun s 0 0 3600 120 1\n"
    b"4022 fan_overrun s 0 0 600 30 1\n"
    b"4023 water_flow_timeout s 0 5 600 60 1\n"
    b"4024 pump_speed % 0 10 100 100 1\n"
    b"4025 fan_lowest % 0 0 100 55 1\n"
    b"4026 fan_highest % 0 0 100 100 1\n"
    # beside the stop, which is the machine's
    b"4027 high_pressure_hold kPa 0 0 1000 200 2\n"
    b"4028 high_pressure_reduce kPa 0 0 1000 100 2\n"
    b"4029 low_pressure_hold kPa 0 0 300 30 2\n"
    b"402A low_pressure_delay s 0 0 120 5 2\n"
    # 105, 110, stop at 115, restart under 90 degC [Midea]: kelvins under the machine's stop
    b"402B discharge_hold K 0 0 60 10 2\n"
    b"402C discharge_reduce K 0 0 60 5 2\n"
    b"402D discharge_restart K 0 0 100 25 2\n"
    # own: a converter's noise must not touch the edge
    b"402E envelope_margin K -1 0 100 10 2\n"
    # 15 s [Copeland EV3]
    b"402F envelope_delay s 0 0 300 15 2\n"
    # 5 min [Fujitsu]
    b"4030 trip_pause s 0 0 3600 300 2\n"
    # own: the play of a screw, of full stroke
    b"4031 valve_play % -2 0 500 25 2\n"
    # own: how long low superheat may keep the speed from falling
    b"4032 slowing_hold s 0 0 600 60 2\n"
    b"4033 start_opening % 0 30 300 120 2\n"
    b"4034 start_longest s 0 0 1200 300 2\n"
    b"4035 start_step rps 0 0 40 10 2\n"
    b"4036 fan_full_speed rps 0 5 200 55 1\n"
    # 1: a machine hangs on the board, which the bench may seize with bench_enable at 1 only (docs/link.md)
    b"4037 commissioned - 0 0 1 0 1\n"
    b"4038 bench_enable - 0 0 1 0 1\n"
    # 1: by time and temperature, 0: never by itself
    b"4039 defrost - 0 0 1 1 1\n"
    # 44 min, coil under -3, -5, -12 degC: field practice; the bands of outdoor air are own (control/defrost)
    b"403A defrost_interval min 0 10 240 44 1\n"
    b"403B defrost_coil_mild degC -1 -300 0 -30 1\n"
    b"403C defrost_coil_cold degC -1 -300 0 -50 1\n"
    b"403D defrost_coil_deep degC -1 -400 0 -120 1\n"
    # own: carries the slide across; own too, to defrost_opening
    b"403E defrost_shift_speed rps 0 5 200 45 2\n"
    b"403F defrost_speed rps 0 5 200 60 2\n"
    b"4040 defrost_opening % 0 5 100 100 2\n"
    # ends at 12 degC, 5 to 12 for 80 s, 10 min, again after 30 min: field practice
    b"4041 defrost_end degC -1 50 300 120 1\n"
    b"4042 defrost_end_low degC -1 10 300 50 2\n"
    b"4043 defrost_end_hold s 0 10 600 80 2\n"
    b"4044 defrost_longest s 0 60 900 600 2\n"
    b"4045 defrost_retry min 0 10 240 30 2\n"
    # own, as the two below
    b"4046 defrost_drip s 0 0 300 45 1\n"
    b"4047 defrost_fan_dry s 0 0 300 15 1\n"
    # a plate must not freeze: return needed for a start, flow that ends a defrost
    b"4048 defrost_water_start degC -1 50 400 150 1\n"
    b"4049 defrost_water_end degC -1 30 300 80 2\n"
    # 0 fixed, 1 by load, 2 least stable [Danfoss EKE], 3 by discharge superheat
    b"404A superheat_law - 0 0 3 0 1\n"
    # own: at the highest speed, or at most
    b"404B superheat_setpoint_high K -1 30 250 100 1\n"
    # own: a clean R290 machine's, and a shell's slowness
    b"404C discharge_superheat_setpoint K -1 50 600 200 1\n"
    b"404D discharge_superheat_time s 0 30 3600 300 2\n"
    # LOP off, MOP 50 degC 20 s, condensing 80 degC, alarm 600 s [Carel EVD]; an integral time of 0 is off
    b"404E valve_lop degC -1 -600 300 -500 2\n"
    b"404F valve_lop_time s -1 0 8000 0 2\n"
    b"4050 valve_mop degC -1 -400 600 500 2\n"
    b"4051 valve_mop_time s -1 0 8000 200 2\n"
    b"4052 valve_condensing degC -1 200 1000 800 2\n"
    b"4053 valve_condensing_time s -1 0 8000 0 2\n"
    # own: under the machine's stop, before the speed is held; off by default
    b"4054 valve_discharge K 0 0 60 12 2\n"
    b"4055 valve_discharge_time s -1 0 8000 0 2\n"
    b"4056 valve_protector_delay s 0 0 3600 600 2\n"
    # own: a season without a stop would let lost steps add up; 0 never
    b"4057 valve_rezero h 0 0 1000 72 2\n"
    # own: the search of the least stable superheat (control/stable)
    b"4058 stable_lowest K -1 20 250 30 1\n"
    b"4059 stable_tremble K -2 10 200 40 2\n"
    b"405A stable_rate K/min -2 5 200 40 2\n"
)
