"""The plant's inputs and outputs with unit, range and meaning, in the order of its arrays."""

from typing import NamedTuple

from isentrope_sim.plant import INPUT_NAMES, OUTPUT_NAMES


class Input(NamedTuple):
    """One input: SI unit, allowed range, value at standstill, meaning."""

    unit: str
    low: float
    high: float
    start: float
    meaning: str


class Output(NamedTuple):
    """One output: SI unit, meaning."""

    unit: str
    meaning: str


# The ranges are those a machine may meet and the property tables hold; own choice where no part sets them.
INPUTS = {
    "eev_opening": Input("1", 0.0, 1.0, 0.0, "expansion valve, fraction of full stroke"),
    "speed_rps": Input("1/s", 0.0, 200.0, 0.0, "compressor shaft; the caller makes its ramps"),
    "fan": Input("1", 0.0, 1.0, 0.0, "outdoor fan, fraction of full air flow through the clean coil"),
    "water_kg_s": Input("kg/s", 0.0, 10.0, 0.0, "water through the plate exchanger"),
    "water_in_k": Input("K", 273.15, 353.15, 298.15, "water that enters"),
    "outdoor_k": Input("K", 233.15, 323.15, 280.15, "outdoor air"),
    "outdoor_rh": Input("1", 0.0, 1.0, 0.87, "its relative humidity, over water"),
    "reversing": Input("1", 0.0, 1.0, 0.0, "reversing valve: 0 heating, 1 cooling and defrost"),
    "crankcase_w": Input("W", 0.0, 1000.0, 0.0, "crankcase heater"),
    "indoor_k": Input("K", 273.15, 323.15, 293.15, "room air, of a machine with a coil indoors"),
    "indoor_rh": Input("1", 0.0, 1.0, 0.5, "its relative humidity"),
    "indoor_fan": Input("1", 0.0, 1.0, 0.0, "indoor fan, fraction of full air flow"),
}
OUTPUTS = {
    "p_suction": Output("Pa", "absolute, at the compressor's inlet"),
    "p_discharge": Output("Pa", "absolute, in the compressor's shell"),
    "t_suction": Output("K", "at the compressor's inlet, behind the accumulator"),
    "t_discharge": Output("K", "gas that leaves the shell"),
    "t_liquid": Output("K", "in the liquid line"),
    "t_coil": Output("K", "outdoor coil's wall at the expansion valve's end"),
    "t_water_out": Output("K", "water that leaves"),
    "t_dew_suction": Output("K", "dew temperature of the suction pressure"),
    "superheat_k": Output("K", "at the compressor's inlet, 0 when wet"),
    "suction_quality": Output("1", "vapour fraction there, above 1 superheated"),
    "liquid_kg_s": Output("kg/s", "liquid that enters the compressor"),
    "subcooling_k": Output("K", "before the expansion valve, below bubble"),
    "m_eev": Output("kg/s", "through the expansion valve"),
    "m_comp": Output("kg/s", "through the compressor"),
    "heat_w": Output("W", "into water or room, negative when cooling"),
    "evaporator_w": Output("W", "from the outdoor air, negative when cooling"),
    "compressor_w": Output("W", "electric, with inverter"),
    "fan_w": Output("W", "electric, fans"),
    "electric_w": Output("W", "electric, all but the water pump"),
    "h_suction": Output("J/kg", "enthalpy at the compressor's inlet"),
    "h_discharge": Output("J/kg", "of the gas that leaves the shell"),
    "h_liquid": Output("J/kg", "before the expansion valve"),
    "h_evap_in": Output("J/kg", "behind the expansion valve"),
    "p_evap": Output("Pa", "of the evaporating exchanger, whichever it is"),
    "p_cond": Output("Pa", "of the condensing exchanger"),
    "charge_kg": Output("kg", "refrigerant in the circuit"),
    "energy_residual_j": Output("J", "stored minus brought in, since reset"),
    "energy_throughput_j": Output("J", "magnitudes of air, water and compressor energy, since reset"),
    "charge_error": Output("1", "relative change of the charge since reset"),
    "accumulator_level": Output("1", "liquid in the accumulator, fraction of its volume"),
    "t_shell": Output("K", "compressor's shell"),
    "frost_kg": Output("kg", "ice on the outdoor coil"),
    "slug_index": Output("kg", "liquid that entered the compressor since reset"),
    "t_evap_out": Output("K", "refrigerant that leaves the evaporating exchanger"),
    "solver_steps": Output("1", "steps since reset"),
    "solver_fallbacks": Output("1", "steps that closed only with a fallback, since reset"),
    "reversing_position": Output("1", "of the slide, 0 heating to 1 cooling"),
    "indoor_latent_w": Output("W", "moisture's part of the heat from room air"),
    "shortest_step_s": Output("s", "shortest step since reset"),
    "coil_water_kg": Output("kg", "water on the outdoor coil"),
    "air_m3_s": Output("m3/s", "air through the outdoor coil"),
    "t_room_out": Output("K", "air that leaves the indoor coil"),
    "room_out_humidity": Output("1", "its humidity ratio, kg/kg"),
    "room_m3_s": Output("m3/s", "air through the indoor coil"),
    "room_water_kg": Output("kg", "water on the indoor coil"),
    "room_frost_kg": Output("kg", "ice on the indoor coil"),
    "condensate_kg": Output("kg", "water drained from the indoor coil, since reset"),
    "receiver_level": Output("1", "height of the liquid in the receiver; 0 without one"),
    "oil_refrigerant_kg": Output("kg", "refrigerant in the compressor's oil"),
    "oil_dilution": Output("1", "its mass fraction there"),
    "oil_release_kg_s": Output("kg/s", "refrigerant that boils out of the oil, negative: is taken up"),
    "t_oil": Output("K", "oil in the sump"),
    "foam_index": Output(
        "kg", "refrigerant that boiled out of the oil while the compressor ran, since reset"
    ),
}


def order() -> tuple[list[Input], list[Output]]:
    """Inputs and outputs in the order of the plant's arrays."""
    return [INPUTS[name] for name in INPUT_NAMES], [OUTPUTS[name] for name in OUTPUT_NAMES]
