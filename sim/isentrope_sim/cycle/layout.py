"""Where things sit in the arrays of the compiled cycle.

Low side: N evaporator cells and the suction line (N + 1), then the accumulator. High side: the compressor's
shell gas, N condenser cells and the liquid line (N + 2). One pressure each.
"""

INPUT_NAMES = (
    "eev_opening",
    "speed_rps",
    "fan",
    "water_kg_s",
    "water_in_k",
    "outdoor_k",
    "outdoor_rh",
    "reversing",
    "crankcase_w",
)
EEV_OPENING, SPEED, FAN, WATER_FLOW, WATER_IN, OUTDOOR, OUTDOOR_RH, REVERSING, CRANKCASE = range(
    len(INPUT_NAMES)
)

OUTPUT_NAMES = (
    "p_suction",
    "p_discharge",
    "t_suction",
    "t_discharge",
    "t_liquid",
    "t_coil",
    "t_water_out",
    "t_dew_suction",
    "superheat_k",
    "suction_quality",
    "liquid_kg_s",
    "subcooling_k",
    "m_eev",
    "m_comp",
    "heat_w",
    "evaporator_w",
    "compressor_w",
    "fan_w",
    "electric_w",
    "h_suction",
    "h_discharge",
    "h_liquid",
    "h_evap_in",
    "p_evap",
    "p_cond",
    "charge_kg",
    "energy_residual_j",
    "energy_throughput_j",
    "charge_error",
    "accumulator_level",
    "t_shell",
    "frost_kg",
    "slug_index",
    "t_evap_out",
    "solver_steps",
    "solver_fallbacks",
)

# Indices of the outputs, in the order of OUTPUT_NAMES.
(
    Y_P_SUCTION,
    Y_P_DISCHARGE,
    Y_T_SUCTION,
    Y_T_DISCHARGE,
    Y_T_LIQUID,
    Y_T_COIL,
    Y_T_WATER_OUT,
    Y_T_DEW,
    Y_SUPERHEAT,
    Y_QUALITY,
    Y_LIQUID,
    Y_SUBCOOLING,
    Y_M_EEV,
    Y_M_COMP,
    Y_HEAT,
    Y_EVAPORATOR,
    Y_COMPRESSOR,
    Y_FAN,
    Y_ELECTRIC,
    Y_H_SUCTION,
    Y_H_DISCHARGE,
    Y_H_LIQUID,
    Y_H_EVAP_IN,
    Y_P_EVAP,
    Y_P_COND,
    Y_CHARGE,
    Y_ENERGY,
    Y_THROUGHPUT,
    Y_CHARGE_ERROR,
    Y_LEVEL,
    Y_T_SHELL,
    Y_FROST,
    Y_SLUG,
    Y_T_EVAP_OUT,
    Y_STEPS,
    Y_FALLBACKS,
) = range(len(OUTPUT_NAMES))

# State vector: p_e, p_c, h_acc, h_low[N+1], t_low[N+1], h_high[N+2], t_high[N+2], t_water[N].
P_E, P_C, H_ACC, CELLS = range(4)

# Rows of the work array (rows, N + 2); *_OLD hold the step's start, the others its end. OUT: enthalpy that
# flows out; BACK: enthalpy that returns through the outlet of a volume when its flow is reversed.
(
    H_LOW,
    T_LOW,
    MASS_LOW,
    FLOW_LOW,
    STAR_LOW,
    G_LOW,
    H_HIGH,
    T_HIGH,
    MASS_HIGH,
    FLOW_HIGH,
    STAR_HIGH,
    G_HIGH,
    WATER,
    H_LOW_OLD,
    T_LOW_OLD,
    MASS_LOW_OLD,
    H_HIGH_OLD,
    T_HIGH_OLD,
    MASS_HIGH_OLD,
    WATER_OLD,
    C_LOW,
    C_HIGH,
    OUT_LOW,
    OUT_HIGH,
    OUT_LOW_OLD,
    OUT_HIGH_OLD,
    BACK_LOW,
    BACK_HIGH,
    OUTER_LOW,
    OUTER_HIGH,
) = range(30)
ROWS = 30

# Scalars of the circuit, array `s`.
(
    S_H_ACC,
    S_MASS_ACC,
    S_MASS_ACC_OLD,
    S_H_SUCTION,
    S_M_OUT_LOW,
    S_M_COMP,
    S_M_EEV,
    S_LOSS_W,
    S_COMP_W,
    S_P_SUCTION,
    S_PORT_H,
    S_DEBT,
    S_M_LOW_LAG,
    S_M_HIGH_LAG,
    S_RATE_E,
    S_RATE_C,
    S_DT,
    S_J00,
    S_J01,
    S_J10,
    S_J11,
    S_J_DT,
    S_TIME,
    S_ENERGY_IN,
    S_ENERGY_0,
    S_THROUGHPUT,
    S_CHARGE_0,
    S_SLUG,
    S_AIR_W,
    S_WATER_W,
    S_STEPS,
    S_FALLBACKS,
    S_R_E,
    S_R_C,
    S_H_BACK,
    S_H_LINE,
    S_LINE_MOVED,
) = range(37)
S_SIZE = 37

# Rows of saturation records: evaporating, condensing, suction port.
SAT_E, SAT_C, SAT_S = range(3)

# Refrigerant-side conductances of a cell, W/K, array (K_ROWS, 4): rows below, columns boil, cond, vap, liq.
K_EVAP, K_SUCTION, K_SHELL, K_COND, K_LINE = range(5)
K_ROWS = 5


def state_names(n: int) -> tuple[str, ...]:
    """Names of the state vector for n cells (Pa, J/kg, K)."""
    low = [f"evap{i}" for i in range(n)] + ["suction_line"]
    high = ["shell", *(f"cond{i}" for i in range(n)), "liquid_line"]
    return (
        "p_evap",
        "p_cond",
        "h_accumulator",
        *(f"h_{c}" for c in low),
        *(f"t_wall_{c}" for c in low),
        *(f"h_{c}" for c in high),
        *(f"t_wall_{c}" for c in high),
        *(f"t_water{i}" for i in range(n)),
    )
