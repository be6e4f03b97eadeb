"""Where things sit in the arrays of the compiled cycle.

Four nodes of one pressure each: O the outdoor exchanger, S suction line and accumulator, D the compressor's
shell gas, I the indoor exchanger with the liquid line. The work array holds their cells as one chain in the
direction of flow that the reversing valve sets: from the expansion valve through the evaporating exchanger
(role E), suction line, shell, and the condensing exchanger (role C) back to the expansion valve.

    heating  E = outdoor 0..N-1 | suction line | shell | C = indoor 0..N-1, liquid line
    cooling  E = liquid line, indoor N-1..0 | suction line | shell | C = outdoor N-1..0

Outdoor cell 0 is at the expansion valve; indoor cell 0 is at the reversing valve.
"""

from isentrope_sim.jit import njit

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
    "indoor_k",
    "indoor_rh",
    "indoor_fan",
)
(
    EEV_OPENING,
    SPEED,
    FAN,
    WATER_FLOW,
    WATER_IN,
    OUTDOOR,
    OUTDOOR_RH,
    REVERSING,
    CRANKCASE,
    INDOOR,
    INDOOR_RH,
    INDOOR_FAN,
) = range(len(INPUT_NAMES))

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
    "reversing_position",
    "indoor_latent_w",
    "shortest_step_s",
    "coil_water_kg",
    "air_m3_s",
    "t_room_out",
    "room_out_humidity",
    "room_m3_s",
    "room_water_kg",
    "room_frost_kg",
    "condensate_kg",
    "receiver_level",
    "oil_refrigerant_kg",
    "oil_dilution",
    "oil_release_kg_s",
    "t_oil",
    "foam_index",
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
    Y_REVERSING,
    Y_INDOOR_LATENT,
    Y_SHORTEST,
    Y_COIL_WATER,
    Y_AIR_FLOW,
    Y_ROOM_OUT,
    Y_ROOM_HUMIDITY,
    Y_ROOM_FLOW,
    Y_ROOM_WATER,
    Y_ROOM_FROST,
    Y_CONDENSATE,
    Y_RECEIVER,
    Y_OIL_KG,
    Y_DILUTION,
    Y_OIL_RELEASE,
    Y_T_OIL,
    Y_FOAM,
) = range(len(OUTPUT_NAMES))

# State vector, physical and the same in both directions: pressures of O, S, D, I; accumulator enthalpy; slide
# position; refrigerant in the oil and its temperature; then h and wall
# temperature of outdoor[N], indoor[N], liquid line, suction line, shell; then
# water[N].
P_O, P_S, P_D, P_I, H_ACC, SLIDE, OIL_KG, T_OIL, CELLS = range(9)

# Roles, the order of pressures, residuals and saturation records; SAT_PORT: the compressor's suction port.
E, S, D, C = range(4)
SAT_PORT = 4

# Rows of the work array (ROWS, 2 N + 3), cells in chain order; *_OLD hold the step's start, the others its
# end. OUT: enthalpy that flows out; BACK: enthalpy that returns through the outlet of a cell when its flow is
# reversed; STAR, G: temperature and conductance of a wall without its refrigerant; OUTER: G without its
# storage, 0 for pipes and shell, which are one mixed state each; WALL_C: C/dt of the wall; K_*:
# refrigerant-side conductances; SLIPS: factor on slip, 0: none; LEAST: least enthalpy at which an
# inflow mixes at once, and HELD, J, what colder inflow still has to take up (`books.least`). DRY, WET: of
# the liquid receiver, `receiver.limits`; 0 in all other cells. IN: enthalpy of what enters; OFFSET, J/kg: H
# less the enthalpy of the outlet's state (`components.content`). WATER rows are physical: column i is cell i
# of the indoor exchanger. STREAM, K/W: 1 / (m cp) of water along a cell, below 0 in counterflow, 0 at air.
(
    H,
    T,
    MASS,
    FLOW,
    OUT,
    H_OLD,
    T_OLD,
    MASS_OLD,
    OUT_OLD,
    FLOW_OLD,
    BACK,
    STAR,
    G,
    OUTER,
    WALL_C,
    VOLUME,
    K_BOIL,
    K_COND,
    K_VAP,
    K_LIQ,
    SLIPS,
    CAPACITY,
    WATER,
    WATER_OLD,
    LEAST,
    HELD,
    HELD_OLD,
    DRY,
    WET,
    IN,
    OFFSET,
    STREAM,
) = range(32)
ROWS = 32

# Scalars of the circuit, array `s`.
(
    S_COOLING,
    S_H_ACC,
    S_MASS_ACC,
    S_MASS_ACC_OLD,
    S_H_SUCTION,
    S_M_E,
    S_M_S,
    S_M_D,
    S_H_E,
    S_M_COMP,
    S_M_EEV,
    S_LOSS_W,
    S_COMP_W,
    S_P_SUCTION,
    S_PORT_H,
    S_DEBT,
    S_M_LOW_LAG,
    S_M_HIGH_LAG,
    S_DT,
    S_J_DT,
    S_TIME,
    S_ENERGY_IN,
    S_ENERGY_0,
    S_THROUGHPUT,
    S_CHARGE_0,
    S_SLUG,
    S_AIR_W,
    S_INDOOR_W,
    S_INDOOR_LATENT_W,
    S_STEPS,
    S_FALLBACKS,
    S_SHORTEST,
    S_H_BACK,
    S_H_LINE,
    S_LINE_MOVED,
    S_Z,
    S_AREA_E,
    S_AREA_D,
    S_CROSS_E,
    S_CROSS_C,
    S_H_GAS_C,
    S_H_GAS_E,
    S_RHO_D,
    S_RHO_E,
    S_RHO_C,
    S_BODY_W,
    S_M_DE,
    S_M_CS,
    S_M_DS,
    S_H_ACC_OLD,
    S_M_LINE,
    S_M_C,
    S_RHO_OUT,
    S_H_PORT_C,
    S_M_COND_LAG,
    S_M_DC,
    S_MIXED,
    S_AIR_FLOW,
    S_FAN_W,
    S_VAPOUR_KG,
    S_DRAINED_KG,
    S_LEAK,
    S_LEAK_W,
    S_LEAKED_KG,
    S_INERT,
    S_CARRY,
    S_RANDOM,
    S_BURST_A,
    S_BURST_B,
    S_BURST_NEXT,
    S_ROOM_FLOW,
    S_ROOM_FAN_W,
    S_ROOM_OUT,
    S_ROOM_HUMIDITY,
    S_ROOM_VAPOUR_KG,
    S_CONDENSATE_KG,
    S_ROOM_FOLLOWS,
    S_OIL_KG,
    S_OIL_T,
    S_OIL_KG_NEW,
    S_OIL_T_NEW,
    S_OIL_M,
    S_OIL_W,
    S_OIL_WALL_W,
    S_FOAM,
    S_RESISTANCE,
    S_HEAD,
) = range(87)
S_SIZE = 87

# Rows of the Newton array `v` (V_ROWS, V_SIZE), columns by role, and the expansion valve's inlet enthalpy in
# V_LINE (pressures and rates of the step's start do not use it): trial, the step's start, rates, residuals
# before and after a trial, the trial's change, the nearest trial so far, Jacobian, elimination's workspace.
V_LINE, V_SIZE = 4, 5
V_P, V_START, V_RATE, V_R, V_NEXT, V_CHANGE, V_BEST, V_J, V_A = 0, 1, 2, 3, 4, 5, 6, 7, 12
V_ROWS = 17


@njit
def low_cells(cooling: bool, n: int) -> int:
    """Cells of role E, which is also the chain position of the suction line; the shell follows it."""
    return n + 1 if cooling else n


@njit
def at_outdoor(cooling: bool, i: int, n: int) -> int:
    """Chain position of outdoor cell i."""
    return 2 * n + 2 - i if cooling else i


@njit
def at_indoor(cooling: bool, i: int, n: int) -> int:
    """Chain position of indoor cell i; i = n is the liquid line."""
    return n - i if cooling else n + 2 + i


@njit
def in_state(position: int, cooling: bool, n: int) -> int:
    """Index in the state vector of the enthalpy of a chain position; the wall temperature is N + 0 to 2 on.

    The blocks of outdoor and indoor cells are h[N], t[N]; the three single cells are h, t pairs.
    """
    low = n + 1 if cooling else n
    single = CELLS + 4 * n
    if position == low:
        return single + 2
    if position == low + 1:
        return single + 4
    if position == (0 if cooling else 2 * n + 2):
        return single
    if (position < low) == cooling:
        i = n - position if cooling else position - n - 2
        return CELLS + 2 * n + i
    return CELLS + (2 * n + 2 - position if cooling else position)


@njit
def wall_in_state(index: int, n: int) -> int:
    """Index of the wall temperature that belongs to an enthalpy's index."""
    return index + (1 if index >= CELLS + 4 * n else n)


def state_names(n: int) -> tuple[str, ...]:
    """Names of the state vector for n cells (Pa, J/kg, K)."""
    single = (f"{kind}_{c}" for c in ("liquid_line", "suction_line", "shell") for kind in ("h", "t_wall"))
    return (
        "p_outdoor",
        "p_suction_line",
        "p_shell",
        "p_indoor",
        "h_accumulator",
        "reversing_position",
        "oil_refrigerant_kg",
        "t_oil",
        *(f"h_outdoor{i}" for i in range(n)),
        *(f"t_wall_outdoor{i}" for i in range(n)),
        *(f"h_indoor{i}" for i in range(n)),
        *(f"t_wall_indoor{i}" for i in range(n)),
        *single,
        *(f"t_water{i}" for i in range(n)),
    )
