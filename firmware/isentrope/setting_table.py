"""The parameters' table, in memory only while somebody reads it (`tables`).

A row: id (0x4000 and the row's place), name, unit, exponent of ten, low, high, default (raw integers), level
(0 user, 1 installer, 2 maker), and, where there is one, the id of a setting that it may not lie above. The
comment above a row is its why, with the number's source in brackets, "own" where it is this project's choice;
docs/settings.md is made of both. `settings` names the places.
"""

TABLE = (
    # 6 to 11 K [Carel EVD]; a thermistor 1 K and a transducer 1 % of full scale off together read 2.2 K too
    # much, and slowing down takes 1.5 K
    b"4000 superheat_setpoint K -1 30 250 80 1\n"
    # own: per cent of the present flow for a kelvin; 3.1 % of stroke [Carel EVD] is 8 % of the flow of a
    # valve at 40 %. Measured: at 4 a drawn unit hunts at 90 rps
    b"4001 superheat_gain %/K -2 0 2000 300 2\n"
    # own: 150 s [Carel EVD] serves a loop without feed-forward; opening takes 2.5 times as long
    b"4002 superheat_integral_time s 0 10 2000 30 2\n"
    # own: 5 s [Carel EVD]; measured: without it 90 rps hunts between 4 and 10 K
    b"4003 superheat_derivative_time s -1 0 600 100 2\n"
    # own, between 2 K, close fast [Danfoss EKE], and 5 K [Carel EVD]; 0 disables
    b"4004 low_superheat K -1 0 100 40 1 4000\n"
    # [Carel EVD]
    b"4005 low_superheat_integral_time s -1 10 8000 150 2\n"
    # alarm [Carel EVD]
    b"4006 low_superheat_delay s 0 0 3600 300 1\n"
    # own: how far the valve runs ahead of a falling speed; 3 to 6 s make units overfill
    b"4007 slowing_lead s -1 0 600 0 2\n"
    # own: how fast the feed-forward believes the measured suction density
    b"4008 density_time s 0 10 3600 900 2\n"
    # own: the trim's bounds; valve, swept volume and sensors of a unit make up 70 to 150 %
    b"4009 trim_low % 0 20 100 50 2 400B\n"
    # own: as above
    b"400A trim_high % 0 100 400 180 2\n"
    # factory new: the data sheet's flow
    b"400B trim_start % 0 50 150 100 2 400A\n"
    # own: a drawn unit of a small machine wants 1.6 % at 30 1/s in air of -12 degC; at the stop a valve does
    # not regulate
    b"400C valve_lowest % -1 0 1000 10 2 400D\n"
    # the whole stroke
    b"400D valve_highest % -1 0 1000 1000 2\n"
    # own: shut keeps the charge in the condenser
    b"400E valve_off % -1 0 1000 0 1\n"
    # [Carel EVD], where the chosen action is 1
    b"400F valve_fixed % -1 0 1000 500 1\n"
    # 0 stop, 1 fixed, 2 learned flow [Danfoss EKE]
    b"4010 suction_sensor_action - 0 0 2 2 1\n"
    # own: stop, for without it nothing sees low pressure
    b"4011 suction_pressure_action - 0 0 2 0 1\n"
    # [Danfoss EKE]
    b"4012 sensor_delay s -1 0 600 30 2\n"
    # own: a kelvin of flow is worth 2 rps at once, the feed-forward does the rest
    b"4013 flow_gain rps/K -1 0 100 20 1\n"
    # own: beside the feed-forward, several thermistor lags
    b"4014 flow_integral_time s 0 10 7200 90 1\n"
    # own: 60 rps for the 5 K of EN 14511
    b"4015 speed_per_water_kelvin rps/K -1 0 300 120 1\n"
    # own: over the setpoint at the lowest speed, where the machine begins to cycle
    b"4016 stop_above K -1 5 200 30 0\n"
    # own: under the setpoint; with stop_above the swing of a machine that cycles
    b"4017 start_below K -1 5 200 20 0\n"
    # field practice: the short-cycle guard
    b"4018 minimum_off s 0 0 3600 180 1\n"
    # field practice
    b"4019 minimum_run s 0 0 3600 120 1\n",
    # field practice
    b"401A starts_per_hour - 0 1 60 12 1\n"
    # own: dries the accumulator fastest for its flow; 35 rps takes 70 s longer
    b"401B start_speed rps 0 5 120 50 2\n"
    # 40 to 120 s [Midea]
    b"401C start_hold s 0 0 600 60 2\n"
    # own: 0, no wait; a single rotary needs one
    b"401D start_pressure_difference kPa 0 0 3000 0 2\n"
    # low pressure, envelope, discharge thermistor [Copeland EV3]
    b"401E start_mask s 0 0 600 100 2\n"
    # own: under the start's speed; the valve follows it down on the way
    b"401F stop_speed rps 0 5 120 30 2\n"
    # own: water moves and the sensors read it
    b"4020 pump_lead s 0 0 600 20 1\n"
    # own: carries the plate's heat away
    b"4021 pump_overrun s 0 0 3600 120 1\n"
    # own: boils off what the coil holds
    b"4022 fan_overrun s 0 0 600 30 1\n"
    # own: a pump runs up and a flap opens within seconds
    b"4023 water_flow_timeout s 0 5 600 60 1\n"
    # the machine's file sets the rating's flow
    b"4024 pump_speed % 0 10 100 100 1\n"
    # the machine's fan law
    b"4025 fan_lowest % 0 0 100 55 1 4026\n"
    # own: the whole range; less is quieter
    b"4026 fan_highest % 0 0 100 100 1\n"
    # own: under the machine's stop
    b"4027 high_pressure_hold kPa 0 0 1000 200 2\n"
    # own: nearer than the hold, so that holding comes first
    b"4028 high_pressure_reduce kPa 0 0 1000 100 2 4027\n"
    # own: above the machine's stop; reduces at half of it
    b"4029 low_pressure_hold kPa 0 0 300 30 2\n"
    # own: a gust or a defrosting fin
    b"402A low_pressure_delay s 0 0 120 5 2\n"
    # 105 with a stop at 115 degC [Midea]
    b"402B discharge_hold K 0 0 60 10 2 402D\n"
    # 110: a step of 5 rps each 2 min [Midea]
    b"402C discharge_reduce K 0 0 60 5 2 402B\n"
    # under 90 [Midea]
    b"402D discharge_restart K 0 0 100 25 2\n"
    # own: hold inside the edge; a converter's noise must not touch it
    b"402E envelope_margin K -1 0 100 10 2\n"
    # [Copeland EV3]
    b"402F envelope_delay s 0 0 300 15 2\n"
    # 5 min [Fujitsu]
    b"4030 trip_pause s 0 0 3600 300 2\n"
    # own: a screw's play, of full stroke
    b"4031 valve_play % -2 0 500 25 2\n"
    # own: how long low superheat may keep the speed from falling
    b"4032 slowing_hold s 0 0 600 60 2\n"
    # own: of the expected flow, since flash gas takes its share
    b"4033 start_opening % 0 30 300 120 2\n"
    # own: then demand rules, wet or not
    b"4034 start_longest s 0 0 1200 300 2\n",
    # own, after the staircase of [Midea]
    b"4035 start_step rps 0 0 40 10 2\n"
    # own: the compressor speed from which on the fan is at its highest
    b"4036 fan_full_speed rps 0 5 200 55 1\n"
    # own: 1 says that a machine hangs on the board; changed with the machine off only
    b"4037 commissioned - 0 0 1 0 1\n"
    # own: 1 lets the bench have a commissioned board (link.md); changed with the machine off only
    b"4038 bench_enable - 0 0 1 0 1\n"
    # 1 by time and temperature, 2 on demand, 3 by an adaptive interval, 0 never by itself
    b"4039 defrost - 0 0 3 1 1\n"
    # field practice
    b"403A defrost_interval min 0 10 240 44 1\n"
    # field practice; the bands of air are own
    b"403B defrost_coil_mild degC -1 -300 0 -30 1\n"
    # field practice: in air from 0 down to -10 degC
    b"403C defrost_coil_cold degC -1 -300 0 -50 1 403B\n"
    # field practice: in air under -10 degC
    b"403D defrost_coil_deep degC -1 -400 0 -120 1 403C\n"
    # own: carries the slide across
    b"403E defrost_shift_speed rps 0 5 200 45 2\n"
    # own: 80 melts 9 s sooner
    b"403F defrost_speed rps 0 5 200 60 2\n"
    # own: all the flow there is
    b"4040 defrost_opening % 0 5 100 100 2\n"
    # field practice
    b"4041 defrost_end degC -1 50 300 120 1\n"
    # field practice: 5 to 12 for 80 s
    b"4042 defrost_end_low degC -1 10 300 50 2 4041\n"
    # field practice: with defrost_end_low
    b"4043 defrost_end_hold s 0 10 600 80 2 4044\n"
    # field practice
    b"4044 defrost_longest s 0 60 900 600 2\n"
    # field practice
    b"4045 defrost_retry min 0 10 240 30 2\n"
    # own: most of the water is off a vertical coil by then
    b"4046 defrost_drip s 0 0 300 45 1\n"
    # own: none; a fan blows away the warmth that the start can draw (defrost.py)
    b"4047 defrost_fan_dry s 0 0 300 0 1\n"
    # own: a defrost takes some 11 K of the flow
    b"4048 defrost_water_start degC -1 50 400 150 1\n"
    # own: the thermistor lags 10 s
    b"4049 defrost_water_end degC -1 30 300 80 2 4048\n"
    # own: 0 flow setpoint, 1 weather curve, 2 room, 3 curve and room, 4 bus demand; counts at the next start
    b"404A capacity_source - 0 0 4 0 1\n"
    # own: how long what a bus said of room and demand is believed
    b"404B bus_timeout s 0 10 3600 600 1\n"
    # own: kelvins of flow for each kelvin under 20 degC outdoors; floors 0.4 to 0.8, radiators 1 to 1.6
    b"404C curve_slope - -2 0 400 80 0\n"
    # own: the flow at 20 degC outdoors
    b"404D curve_level degC -1 150 400 220 0 404E\n",
    # own: what floors, or the machine's envelope, stand
    b"404E flow_highest degC -1 200 800 550 1\n"
    # own: above it a house needs no heat
    b"404F heat_limit degC -1 50 400 180 0\n"
    # own: a living room
    b"4050 room_setpoint degC -1 100 300 200 0\n"
    # own: a floor gives 3 K more flow for a kelvin of room
    b"4051 room_gain K/K -1 0 100 30 1\n"
    # own: 0, cycling by temperature; 60 is usual; counts at the next start
    b"4052 degree_minutes K.min 0 0 600 0 1\n"
    # own: 0, no limit; counts at the next start, a lower one at once
    b"4053 starts_per_day - 0 0 96 0 1\n"
    # own: 1, there is quiet mode, by the bus and, where the times differ, by clock; counts at the next start
    b"4054 quiet - 0 0 1 0 1\n"
    # own: minute of the day
    b"4055 quiet_from min 0 0 1439 1320 0\n"
    # own: minute of the day
    b"4056 quiet_to min 0 0 1439 1320 0\n"
    # own: half the speed is some 6 dB less
    b"4057 quiet_speed rps 0 5 200 45 1\n"
    # own: 0.7 of the fan is some 8 dB less
    b"4058 quiet_fan % 0 10 100 70 1\n"
    # field practice; counts on a commissioned board
    b"4059 crankcase_first h -1 0 480 120 2\n"
    # own: after any other power-up, where nothing says that the shell is warm
    b"405A crankcase_power_up h -1 0 480 20 2 4059\n"
    # own: 0 fixed, 1 by load, 2 least stable [Danfoss EKE], 3 by discharge superheat
    b"405B superheat_law - 0 0 3 0 1\n"
    # own: at the highest speed (law 1), or at most (law 3); 1 K over low_superheat counts in any case
    b"405C superheat_setpoint_high K -1 30 250 100 1\n"
    # own: a clean R290 machine runs at about 17 K
    b"405D discharge_superheat_setpoint K -1 50 600 200 1\n"
    # own: the shell's slowness
    b"405E discharge_superheat_time s 0 30 3600 300 2\n"
    # [Carel EVD]
    b"405F valve_lop degC -1 -600 300 -500 2 4061\n"
    # [Carel EVD]: 0, off
    b"4060 valve_lop_time s -1 0 8000 0 2\n"
    # [Carel EVD]
    b"4061 valve_mop degC -1 -400 600 500 2\n"
    # [Carel EVD]
    b"4062 valve_mop_time s -1 0 8000 200 2\n"
    # [Carel EVD]
    b"4063 valve_condensing degC -1 200 1000 800 2\n"
    # own: 0, off: the envelope acts on speed; 20 s [Carel EVD] where it is wanted
    b"4064 valve_condensing_time s -1 0 8000 0 2\n"
    # own: under the machine's stop, 2 K before the speed is held
    b"4065 valve_discharge K 0 0 60 12 2\n"
    # own: 0, off; wet suction gas is a choice of the machine's maker
    b"4066 valve_discharge_time s -1 0 8000 0 2\n",
    # alarms 60 and 61 [Carel EVD]; 0, none
    b"4067 valve_protector_delay s 0 0 3600 600 2\n"
    # own: a season without a stop would let lost steps add up; 0 never
    b"4068 valve_rezero h 0 0 1000 72 2\n"
    # own: law 2 goes no lower, nor within 1 K of low_superheat, which it wants at 2 K [Danfoss EKE]
    b"4069 stable_lowest K -1 20 250 30 1\n"
    # own: what superheat may deviate from its mean of 20 s; 0.08 K is noise, 0.5 K the line (superheat.md)
    b"406A stable_tremble K -2 10 200 35 2\n"
    # own: 4 K in 10 to 15 min [Danfoss EKE re-adapts in 15]; a quarter of it near the line
    b"406B stable_rate K/min -2 5 200 40 2\n"
    # own: as in heating until cooling is measured; 6 for a plate [Carel E2V]
    b"406C superheat_setpoint_cooling K -1 30 250 80 1\n"
    # own: as in heating; a plate wants a third of a finned coil's [Carel E2V]
    b"406D superheat_gain_cooling %/K -2 0 2000 300 2\n"
    # own: as in heating; a plate wants 0.4 of a finned coil's [Carel E2V]
    b"406E superheat_integral_time_cooling s 0 10 2000 30 2\n"
    # own: as in heating; a plate wants half of a finned coil's [Carel E2V]
    b"406F superheat_derivative_time_cooling s -1 0 600 100 2\n"
    # own: as in heating; 2 K [Carel E2V]; 0 disables
    b"4070 low_superheat_cooling K -1 0 100 40 1 406C\n"
    # own: as in heating
    b"4071 superheat_setpoint_high_cooling K -1 30 250 100 1\n"
    # [Carel E2V, chillers]; its time is valve_lop_time
    b"4072 valve_lop_cooling degC -1 -600 300 -50 2 4073\n"
    # own: as in heating; 12 [Carel E2V, chillers]; its time is valve_mop_time
    b"4073 valve_mop_cooling degC -1 -400 600 500 2\n"
    # own: as in heating, for the evaporator is the same
    b"4074 superheat_setpoint_hot_water K -1 30 250 80 1\n"
    # own: as in heating
    b"4075 superheat_setpoint_high_hot_water K -1 30 250 100 1\n"
    # own: as in heating; a higher lift makes more of it
    b"4076 discharge_superheat_setpoint_hot_water K -1 50 600 200 1\n"
    # own: which buses may write, once commissioned; sum of 1 Modbus RTU, 2 Modbus TCP, 4 BACnet/IP, 8 MS/TP,
    # 16 MQTT
    b"4077 bus_write - 0 0 31 0 1\n"
    # own: changes of settings that buses may make in a day, for each wears the flash
    b"4078 bus_quota - 0 0 1000 100 1\n"
    # own: 0 none, 1 RTU, 2 TCP, 3 both; what is not asked for is not loaded
    b"4079 modbus - 0 0 3 0 1\n"
    # [MODBUS over serial line V1.02]: 1 to 247
    b"407A modbus_unit - 0 1 247 1 1\n"
    # [MODBUS over serial line V1.02]: 19,200, even parity, unless agreed otherwise
    b"407B modbus_baud Bd 2 12 1152 192 1\n"
    # [MODBUS over serial line V1.02]: 0 even, 1 odd, 2 none with two stop bits
    b"407C modbus_parity - 0 0 2 0 1\n"
    # [MODBUS messaging on TCP/IP V1.0b]: the registered port
    b"407D modbus_port - 0 1 32767 502 1\n",
    # own: some building systems ask every five minutes
    b"407E modbus_idle s 0 10 3600 600 1\n"
    # own: requests a second of each client; more wait
    b"407F modbus_rate 1/s 0 1 1000 50 1\n"
    # own: clients' network by its four bytes; 0.0.0.0 with 0 bits lets everybody in
    b"4080 bus_allow_1 - 0 0 255 0 1\n"
    b"4081 bus_allow_2 - 0 0 255 0 1\n"
    b"4082 bus_allow_3 - 0 0 255 0 1\n"
    b"4083 bus_allow_4 - 0 0 255 0 1\n"
    # own: how many bits of an address have to agree; 0 all may come, 32 one alone
    b"4084 bus_allow_bits - 0 0 32 0 1\n"
    # own: 0 none, 1 BACnet/IP, 2 MS/TP, 3 both; what is not asked for is not loaded
    b"4085 bacnet - 0 0 3 0 1\n"
    # own: ten thousands of the device instance
    b"4086 bacnet_instance_high - 0 0 419 0 1\n"
    # own: the rest of it; with both 0 the instance comes from the chip's number
    b"4087 bacnet_instance_low - 0 0 9999 0 1\n"
    # own: 999 until one of this project's is requested from ASHRAE
    b"4088 bacnet_vendor - 0 0 32767 999 1\n"
    # own: the UDP port, counted from 47808
    b"4089 bacnet_port_offset - 0 -32768 17727 0 1\n"
    # own: a number that DeviceCommunicationControl and ReinitializeDevice have to name; 0 none
    b"408A bacnet_password - 0 0 32767 0 1\n"
    # [ASHRAE 135]: minutes of local time behind UTC, negative to the east
    b"408B bacnet_utc_offset min 0 -840 840 0 1\n"
    # own: address of the BBMD with which to register as a foreign device
    b"408C bacnet_bbmd_1 - 0 0 255 0 1\n"
    b"408D bacnet_bbmd_2 - 0 0 255 0 1\n"
    b"408E bacnet_bbmd_3 - 0 0 255 0 1\n"
    b"408F bacnet_bbmd_4 - 0 0 255 0 1\n"
    # own: its UDP port, counted from 47808
    b"4090 bacnet_bbmd_port_offset - 0 -32768 17727 0 1\n"
    # own: how long that registration is good, renewed at half time; 0 no foreign device
    b"4091 bacnet_bbmd_lifetime s 0 0 32767 0 1\n"
    # [ASHRAE 135]: a master's address on MS/TP
    b"4092 mstp_mac - 0 0 127 1 1\n"
    # [ASHRAE 135]: the highest master that is looked for; BACnet may write it
    b"4093 mstp_max_master - 0 1 127 127 0\n"
    # [ASHRAE 135]: frames that may be sent with one token; BACnet may write it
    b"4094 mstp_max_info_frames - 0 1 255 1 0\n"
    # 9,600 to 115,200 [ASHRAE 135]
    b"4095 mstp_baud Bd 2 96 1152 384 1\n"
    # own: on demand; air less evaporating, over the clean coil's, at the rated gas flow; less at less: the
    # air's flow is then at two thirds
    b"4096 defrost_growth K -2 30 500 80 1\n"
    # field practice: the air less the coil; an iced coil, whatever the law says
    b"4097 defrost_low_coil K -1 80 300 180 1\n"
    # own: on demand; after so much frosting time all the same
    b"4098 defrost_latest min 0 60 240 240 1\n",
    # field practice: the adaptive interval's bounds
    b"4099 defrost_interval_shortest min 0 10 240 25 1 409A\n"
    # field practice
    b"409A defrost_interval_longest min 0 10 240 120 1\n"
    # own: melting that the adaptive interval aims at; 150 s are usual at the least
    b"409B defrost_melting s 0 60 600 150 1\n"
    # own: what the coil's and the outdoor sensor may drift until they are not believed; 0 does not look;
    # counts at the next start
    b"409C sensor_drift K -1 0 100 50 1\n"
    # own: 0, never, though the machine could; counts at the next start
    b"409D hot_water - 0 0 1 1 1\n"
    # own: a shower of 40 degC for every one of the house
    b"409E hot_water_setpoint degC -1 300 700 500 0\n"
    # field practice
    b"409F hot_water_hysteresis K -1 10 200 50 0\n"
    # own: 3 m2 of coil take some 6 kW of it
    b"40A0 hot_water_over K -1 30 200 80 1\n"
    # own: over the setpoint, once
    b"40A1 hot_water_boost K -1 0 200 50 0\n"
    # own: a floor does not notice an hour without heat
    b"40A2 hot_water_longest min 0 10 480 60 1\n"
    # own: then the house is warm again, or the tank is served too late
    b"40A3 house_turn min 0 5 240 30 1\n"
    # weekly, field practice; 0 never; counts at the next start
    b"40A4 legionella_days - 0 0 60 7 1\n"
    # [HSG 274]: 60 degC
    b"40A5 legionella_setpoint degC -1 550 750 600 1\n"
    # [HSG 274]: an hour a day; a week is field practice
    b"40A6 legionella_hold min 0 1 240 60 1\n"
    # own: minute of the day, when nobody draws
    b"40A7 legionella_at min 0 0 1439 120 0\n"
    # own: a cold tank and the hold
    b"40A8 legionella_longest min 0 30 720 240 1\n"
    # own: a floor over the dew point; fan coils want 7
    b"40A9 cooling_setpoint degC -1 50 250 180 0\n"
    # own: the thermistor lags 10 s
    b"40AA cooling_flow_lowest degC -1 30 200 45 1\n"
    # own: speed is held 1 K above it and reduced under it; the plate's wall is warmer
    b"40AB cooling_evaporating_lowest degC -1 -50 150 -10 2\n"
    # own: outdoor air, the mean of 24 h where it is counted, over which auto mode cools
    b"40AC cooling_limit degC -1 100 400 220 0\n"
    # own: 1, the mean of 24 h is counted, and heat_limit goes by it; counts at the next start
    b"40AD outdoor_mean - 0 0 1 0 1\n"
    # own: of what the supply lacks, for each stage
    b"40AE backup_degree_minutes K.min 0 5 600 60 1\n"
    # own: outdoor air, above which the compressor has to do it alone
    b"40AF bivalence degC -1 -300 200 -50 0\n"
    # own: 0, the pump's speed is fixed; 5 K are EN 14511's; counts at the next start
    b"40B0 pump_difference K -1 0 150 0 1\n",
    # own: over what closes a flow switch
    b"40B1 pump_lowest % 0 10 100 45 1\n"
    # own: hours of standstill; 0 never; counts at the next start
    b"40B2 pump_exercise h 0 0 240 0 1\n"
    # IEC 60335-2-40, annex LL: a sensor acts at 25 % of the lower flammable limit at the latest
    b"40B3 leak_limit % 0 5 25 25 2\n"
    # own: what leaked has been blown away, and the sensor has recovered; never shorter
    b"40B4 leak_pause s 0 300 7200 300 2\n"
    # own: over the pressure's mean of five minutes; a warming circuit gains 6, a pump that starts 40
    b"40B5 water_pressure_rise kPa 0 20 200 60 2\n"
    # own: air in which pipes outdoors may freeze, some colder places and the sensor's error included
    b"40B6 freeze_air degC -1 -100 100 30 1\n"
    # own: standing water in a casing loses 0.3 K a minute in air of -15 degC
    b"40B7 freeze_pump degC -1 20 200 100 1\n"
    # own: what moves and is so cold is heated, while its heat still condenses inside the usual envelopes (10
    # degC)
    b"40B8 freeze_heat degC -1 20 150 80 1 40B7\n"
    # own: of the return, a circuit that has some hours before it is cold again
    b"40B9 freeze_warm degC -1 80 300 150 1\n"
    # own: leaving water of a plate that cools; chillers without glycol have 3 to 4 degC
    b"40BA freeze_flow degC -1 20 150 30 2\n"
    # own: 1 SG-Ready, 2 utility block, 3 both; counts at the next start
    b"40BB grid_signals - 0 0 3 0 1\n"
    # own: state "encourage" adds it to the flow setpoint, up to flow_highest
    b"40BC grid_encourage K -1 0 200 30 1 40BD\n"
    # own: state "order", as above, and the backup heater is allowed
    b"40BD grid_order K -1 0 200 50 1\n"
    # SG-Ready: two hours at most
    b"40BE grid_block_longest min 0 10 120 120 1\n"
    # own: 0, a closed contact blocks; 1, an open one does
    b"40BF utility_block_open - 0 0 1 0 1\n"
    # own: 1, somebody limits the power by the bus; counts at the next start
    b"40C0 power_limit - 0 0 1 0 1\n"
    # 4.2 kW: what a limited consumer in Germany keeps at least (EnWG, section 14a)
    b"40C1 power_failsafe kW -2 0 10000 420 1\n"
    # two hours at least [EEBUS, limitation of power consumption]
    b"40C2 power_failsafe_time min 0 120 1440 120 1\n"
    # own: 0, O/B is energised in cooling ("O", most makers); 1, in heating ("B")
    b"40C3 thermostat_ob - 0 0 1 0 1\n"
    # own: Y of the compressor's speed range, Y2 all of it; two-stage units have 65 to 70 % of their capacity
    b"40C4 thermostat_stage % 0 0 100 60 1\n"
    # own: compressor hours at which service is due; 0 never; counts at the next start where it was 0
    b"40C5 service_at h 2 0 2000 0 1\n"
    # own: 1, MQTT with the broker of the network file; off, it takes no memory
    b"40C6 mqtt - 0 0 1 0 1\n"
    # IANA: 1883 without TLS
    b"40C7 mqtt_port - 0 1 32767 1883 1\n"
    # own: the state is told so often at most, and once a minute at least
    b"40C8 mqtt_interval s 0 1 60 10 1\n"
    # own: 1, Home Assistant is told what there is
    b"40C9 mqtt_discovery - 0 0 1 1 1\n"
    # own: 1, the time of day from the network file's server; its offset is bacnet_utc_offset
    b"40CA ntp - 0 0 1 0 1\n"
    # 1, an hour more between the last Sundays of March and October [directive 2000/84/EC], for NTP and UTC
    b"40CB summer_time - 0 0 1 0 1\n"
    # own: 1, power, heat and energies are counted; counts at the next start
    b"40CC energy - 0 0 1 1 1\n"
    # own: water at the pump's full speed, as measured; 0, the machine's
    b"40CD water_flow l/min -1 0 3000 0 1\n",
    # own: 1 charge, 2 fouling, 3 both are watched; counts at the next start
    b"40CE diagnosis - 0 0 3 0 1\n"
    # own: of steady running, from which the unit's own baseline is learned
    b"40CF diagnosis_learn h 0 1 500 24 1\n"
    # own: subcooling less than the baseline's by this share of it; 0 never
    b"40D0 charge_shortfall % 0 0 90 10 1\n"
    # own: evaporating further under the air, or condensing over it, than the baseline by this share; 0 never
    b"40D1 coil_fouling % 0 0 200 10 1\n"
    # own: condensing further over the water than the baseline by this share; 0 never
    b"40D2 water_fouling % 0 0 200 15 1\n"
    # own: days of the quiet hours, 1 Monday, 2 Tuesday, 4 .. 64 Sunday
    b"40D3 quiet_days - 0 0 127 127 0\n"
    # own: day of the week on which the tank is disinfected, 1 Monday to 7; 0 any
    b"40D4 legionella_weekday - 0 0 7 0 1\n"
    # own: water flow less than the baseline's by this share, at equal pump speed; 0 never
    b"40D5 water_flow_loss % 0 0 90 40 1\n"
    # own: fan hours at which coil and filter are to be cleaned, 0 never; at the next start where it was 0
    b"40D6 clean_at h 2 0 2000 0 1\n",
)
