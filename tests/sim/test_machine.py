"""Machine files: complete, tagged, bounded; and fitted on the fit row alone."""

import copy
import dataclasses
import tomllib

import pytest
from isentrope_sim import certified, fit, machine
from isentrope_sim.errors import InputError
from isentrope_sim.parameters import EXTRA, OPTIONAL, VALUES

NAMES = machine.machine_names()


def raw(name="ashp-r290-8kw"):
    return tomllib.loads((machine.machine_folder() / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_value_says_where_it_comes_from(name):
    loaded = machine.load_machine(name)
    medium = loaded.texts["indoor"]["medium"]
    optional = {v.name for v, _ in (*OPTIONAL, *EXTRA)}
    assert set(loaded.tags) == {v.name for v in VALUES if v.indoor in ("", medium)} | optional
    assert set(loaded.tags.values()) <= {"source", "prior", "fitted"}
    assert len(loaded.fitted()) <= 3


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_file_is_the_fits_result(name):
    """One value fitted on the certificate's one row; without a certificate none."""
    shipped = machine.load_machine(name)
    if not certified.certified_points(name):
        assert shipped.fitted() == []
        return
    assert shipped.fitted() == [fit.FITTED]
    assert fit.fit(shipped).values[fit.FITTED] == pytest.approx(shipped.values[fit.FITTED], abs=1.5e-4)


def test_only_the_fit_row_is_read(monkeypatch):
    """The fit asks for nothing but the fit row; a lower certified COP there lowers the multiplier."""
    shipped = machine.load_machine("ashp-r290-8kw")
    (row,) = certified.certified_points("ashp-r290-8kw", "fit")
    assert row.use == "fit"
    asked = []

    def spy(name, use=None):
        asked.append(use)
        return [dataclasses.replace(row, cop=0.97 * row.cop)]

    monkeypatch.setattr(fit, "certified_points", spy)
    worse = fit.fit(shipped).values[fit.FITTED]
    assert asked == ["fit"]
    assert 0.95 * shipped.values[fit.FITTED] < worse < 0.98 * shipped.values[fit.FITTED]


def spoil(section, key, value):
    data = copy.deepcopy(raw())
    if value is None:
        del data[section][key]
    else:
        data[section][key] = value
    return data


def volume(value, **tags):
    return {"value": value, "unit": "m3"} | tags


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        (
            "compressor",
            "displacement",
            None,
            r"f.toml: compressor.displacement is missing \(m3, 1e-06",
        ),
        ("compressor", "displacement", 3e-5, r"compressor.displacement must be \{ value, unit"),
        ("compressor", "displacement", volume(3.0, prior="x"), r"is 3.0, allowed 1e-06 to 0.001 m3"),
        ("compressor", "displacement", volume(3e-5, prior="x", unit="l"), r"unit is 'l', needed 'm3'"),
        ("compressor", "displacement", volume(3e-5), r"needs exactly one of source, prior, fitted"),
        ("compressor", "displacment", 1, r"unknown key 'displacment', did you mean displacement\?"),
        (
            "fan",
            "shutoff_pressure",
            {"value": 20, "unit": "Pa", "prior": "x"},
            r"fan.shutoff_pressure is 20, needed above fan.pressure 25",
        ),
        (
            "outdoor",
            "rows",
            {"value": 2.5, "unit": "1", "prior": "x"},
            r"outdoor.rows is 2.5, allowed whole numbers from 1 to 8",
        ),
        ("eev", "valve", "sanhua-500", r"unknown valve 'sanhua-500'"),
        ("charge", "class", "B9", r"charge.class is 'B9', allowed A1"),
        (
            "charge",
            "mass",
            {"value": 9.0, "unit": "kg", "prior": "x"},
            r"charge.mass is 9 kg, allowed 0.0851 to 4.35 kg, from all vapour to all liquid in 8.2 l",
        ),
        ("charge", "mass", {"value": 0.05, "unit": "kg", "prior": "x"}, r"charge.mass is 0.05 kg, allowed"),
        (
            "limits",
            "high_kpa",
            {"value": 9e9, "unit": "kPa", "prior": "x"},
            r"limits.high_kpa is .* allowed 100 to 6000",
        ),
        ("limits", "low_kpa", 120, r"limits.low_kpa must be \{ value, unit"),
        ("limits", "envelope", {"corners": [[0, 10]], "prior": "x"}, r"corners at least 3"),
        ("limits", "envelope", {"corners": [[0, 10]] * 3}, r"limits.envelope: needs exactly one of source"),
        (
            "limits",
            "envelope",
            {"corners": [[0, 99]] * 3, "prior": "x"},
            r"envelope corner \[0, 99\], allowed",
        ),
        ("machine", "schema", 7, r"machine.schema is 7, needed 2"),
        ("machine", "refrigerant", "R12", r"machine.refrigerant is 'R12', known are"),
        ("machine", "colour", "blue", r"unknown key 'colour'"),
    ],
)
def test_bad_files(section, key, value, message):
    with pytest.raises(InputError, match=message):
        machine.parse(spoil(section, key, value), "f.toml")


def test_files_that_are_not_there_or_not_toml(tmp_path):
    with pytest.raises(InputError, match="'ashp-r290-9kw' not found, nearest of 10: ashp-r290-8kw"):
        machine.load_machine("ashp-r290-9kw")
    bad = tmp_path / "bad.toml"
    bad.write_text("[machine\n")
    with pytest.raises(InputError, match=r"bad.toml: not TOML.*line 1"):
        machine.load_machine(bad)


def test_own_file_by_path(tmp_path):
    text = (machine.machine_folder() / "ashp-r290-8kw.toml").read_text(encoding="utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(text)
    assert machine.load_machine(str(own)).values == machine.load_machine("ashp-r290-8kw").values
