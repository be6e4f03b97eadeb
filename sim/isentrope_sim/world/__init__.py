"""What stands around the machine: weather, building, emitters, buffer and hot water. See docs/world.md."""

WATER_J_KG_K = 4186.0  # liquid water, 15 to 60 degC within 0.2 %
ZERO_C = 273.15
