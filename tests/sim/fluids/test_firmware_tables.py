"""The firmware's saturation tables against CoolProp and the plant's, its own code run in 32-bit floats."""

import importlib
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from isentrope_sim import fluids
from isentrope_sim.errors import InputError
from isentrope_sim.fluids import firmware_tables, ranges
from isentrope_sim.fluids import table as tb

NAMES = ("R290", "R32", "R410A", "R454B")
FOLDER = Path(__file__).resolve().parents[3] / "firmware" / "isentrope" / "refrigerant"
F32 = np.float32
LINES = ((tb.T_BUBBLE, tb.RHO_LIQ), (tb.T_DEW, tb.RHO_VAP))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def saturation(name, monkeypatch):
    """`Saturation` of a fluid whose every intermediate is a 32-bit float, as on an RP2040."""
    from isentrope.refrigerant import saturation

    monkeypatch.setattr(saturation, "log", lambda x: F32(np.log(F32(x))))
    monkeypatch.setattr(saturation, "exp", lambda x: F32(np.exp(F32(x))))
    module = vars(importlib.import_module(f"isentrope.refrigerant.{name.lower()}"))
    return saturation.Saturation(
        SimpleNamespace(**{k: F32(v) if isinstance(v, float) else v for k, v in module.items()})
    )


def pressures(name):
    """Pa, over the firmware's table."""
    plant, top = fluids.load(name), ranges.of(name).t_board
    ends = tb.pressure_of_dew(plant, firmware_tables.LOW_K), tb.pressure_of_bubble(plant, top)
    return np.geomspace(*ends, 700)


def test_differs_from_the_plants_table_by_less_than_its_bounds(name, saturation):
    """Dew and bubble within 0.05 K, densities within 0.5 %: -50 degC to the top, all four fluids."""
    plant, sat = fluids.load(name), np.empty(tb.SAT_SIZE)
    worst_k = worst_rho = 0.0
    for pascal in pressures(name):
        tb.saturation(plant, pascal, sat)
        kpa = F32(pascal / 1e3)
        read = (saturation.bubble_c, saturation.liquid_density), (saturation.dew_c, saturation.vapour_density)
        for (t, rho), (celsius, density) in zip(LINES, read, strict=True):
            found = celsius(kpa)
            assert isinstance(found, F32)
            worst_k = max(worst_k, abs(float(found) + 273.15 - sat[t]))
            worst_rho = max(worst_rho, abs(float(density(kpa)) / sat[rho] - 1.0))
    assert worst_k < 0.05, f"{worst_k:.4f} K"
    assert worst_k < 0.01, f"{worst_k:.4f} K: the table is worse than its step explains"
    assert worst_rho < firmware_tables.BARS["density"], f"{worst_rho:.4f}"


def test_pressure_is_the_inverse(name, saturation):
    for line, kpa_of, celsius_of in (
        (tb.T_DEW, saturation.dew_kpa, saturation.dew_c),
        (tb.T_BUBBLE, saturation.bubble_kpa, saturation.bubble_c),
    ):
        plant, sat = fluids.load(name), np.empty(tb.SAT_SIZE)
        for pascal in pressures(name)[::10]:
            tb.saturation(plant, pascal, sat)
            celsius = sat[line] - 273.15
            kpa = kpa_of(F32(celsius))
            assert float(kpa) * 1e3 == pytest.approx(pascal, rel=1e-3)
            assert float(celsius_of(kpa)) == pytest.approx(celsius, abs=0.005)


@pytest.mark.parametrize("name", NAMES)
def test_range(name):
    """-50 to +85 degC where the fluid allows; the others end under critical point, over their switch."""
    from isentrope.refrigerant.saturation import load

    top = {"R290": 85.0, "R32": 72.0, "R410A": 68.4, "R454B": 73.0}[name]
    sat = load(name)
    assert sat.dew_c(1.0) == pytest.approx(-50.0, abs=0.005)
    assert sat.bubble_c(1e4) == pytest.approx(top, abs=0.005)
    assert sat.bubble_kpa(top + 50.0) > (3200.0 if name == "R290" else 4600.0)


@pytest.mark.parametrize("name", ["R290", "R454B"])
def test_proof_against_coolprop(name):
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    firmware = FOLDER.parents[1]
    worst = firmware_tables.prove(ranges.of(name), firmware_tables.load(name, firmware), points=300, seed=3)
    for key, bar in firmware_tables.BARS.items():
        assert worst[key] < bar


@pytest.mark.parametrize("name", NAMES)
def test_committed_table_is_what_the_generator_writes(name):
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    text = StringIO()
    firmware_tables.write_module(name, text)
    assert (FOLDER / f"{name.lower()}.py").read_text() == text.getvalue()


def test_unknown_fluid_is_one_line():
    with pytest.raises(InputError, match="R999"):
        firmware_tables.write_module("R999", StringIO())


def test_top_outside_the_range_is_named():
    pytest.importorskip("CoolProp", reason="not run: CoolProp (extra `fluids`) is missing")
    fluid = ranges.of("R32")._replace(t_board=350.0)
    with pytest.raises(InputError, match=r"'R32': saturation at 350 K, allowed is .* to 346\.\d\d K"):
        firmware_tables.saturation_columns(fluid)


def test_missing_module_and_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"saturation.py is missing: isentrope fluids build R290"):
        firmware_tables.load("R290", tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        firmware_tables.build("R290", tmp_path)
