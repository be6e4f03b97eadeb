"""Machines with a liquid receiver for tests: a shipped machine's file with the section added."""

import tomllib

from isentrope_sim.machine import machine_folder, parse

SECTION = {
    "volume": (1.2e-3, "m3"),
    "tube": (0.05, "1"),
    "wall_capacity": (700.0, "J/K"),
    "ambient_ua": (0.5, "W/K"),
}


def with_receiver(name="ashp-r32-9kw", charge=1.65, **changed):
    """The machine, with a receiver of 1.2 litres in it and another charge, kg; other values by key."""
    data = tomllib.loads((machine_folder() / f"{name}.toml").read_text(encoding="utf-8"))
    data["receiver"] = {
        key: {"value": changed.get(key, value), "unit": unit, "prior": "a test's"}
        for key, (value, unit) in SECTION.items()
    }
    data["charge"]["mass"]["value"] = charge
    return parse(data, f"{name}-with-receiver.toml")
