"""The firmware's saturation tables against CoolProp, with the firmware's own code run in 32-bit floats."""

import math
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import firmware_tables

CoolProp = pytest.importorskip("CoolProp.CoolProp")
MODULE = Path(__file__).resolve().parents[3] / "firmware" / "isentrope" / "refrigerant" / "r290.py"
F32 = np.float32
CELSIUS = np.arange(-50.0, 85.01, 0.25)


def saturation_32bit(monkeypatch):
    """`Saturation` of R290 whose every intermediate is a 32-bit float, as on an RP2040."""
    from isentrope.refrigerant import r290, saturation

    single = SimpleNamespace(log=lambda x: F32(np.log(F32(x))), exp=lambda x: F32(np.exp(F32(x))))
    monkeypatch.setattr(saturation, "math", single)
    module = SimpleNamespace(**{k: F32(v) if isinstance(v, float) else v for k, v in vars(r290).items()})
    return saturation.Saturation(module)


def test_temperatures_within_0_05_k_in_32_bit(monkeypatch):
    sat = saturation_32bit(monkeypatch)
    worst = 0.0
    for celsius in CELSIUS:
        for quality, read in ((1, sat.dew_c), (0, sat.bubble_c)):
            kpa = CoolProp.PropsSI("P", "T", celsius + 273.15, "Q", quality, "R290") / 1e3
            found = read(F32(kpa))
            assert isinstance(found, F32)
            worst = max(worst, abs(float(found) - celsius))
    assert worst < 0.05, f"{worst:.4f} K"
    assert worst < 0.02, f"{worst:.4f} K: the table is worse than its step explains"


def test_pressure_is_the_inverse(monkeypatch):
    sat = saturation_32bit(monkeypatch)
    for celsius in CELSIUS:
        kpa = sat.dew_kpa(F32(celsius))
        assert abs(float(sat.dew_c(kpa)) - max(-50.0, min(85.0, celsius))) < 0.005


def test_densities_within_0_3_percent(monkeypatch):
    sat = saturation_32bit(monkeypatch)
    for celsius in CELSIUS:
        for quality, read in ((1, sat.vapour_density), (0, sat.liquid_density)):
            pascal = CoolProp.PropsSI("P", "T", celsius + 273.15, "Q", quality, "R290")
            density = CoolProp.PropsSI("D", "P", pascal, "Q", quality, "R290")
            assert math.isclose(float(read(F32(pascal / 1e3))), density, rel_tol=3e-3), celsius


def test_committed_table_is_what_the_generator_writes():
    text = StringIO()
    firmware_tables.write_module("R290", text)
    assert MODULE.read_text() == text.getvalue()


def test_unknown_fluid_is_one_line():
    with pytest.raises(InputError, match="R999"):
        firmware_tables.write_module("R999", StringIO())
