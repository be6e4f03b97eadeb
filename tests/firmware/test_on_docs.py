"""docs/control.md says what the tables say."""

from pathlib import Path

from isentrope import alarms, settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "control.md").read_text(encoding="utf-8")


def test_every_setting_with_its_default_and_range():
    for _, name, unit, exponent, low, high, default, _ in settings.rows():
        scale = 10.0**exponent
        shown = f"{default * scale:g} {unit}".strip()
        assert f"| `{name}` | {shown} | {low * scale:g} to {high * scale:g} |" in PAGE, name


def test_every_alarm_with_its_effect():
    for code in range(1, 62):
        name, kind, _, _, effect, _, _ = alarms.describe(code)
        if kind:
            assert f"| {code} | {name} | {kind}" in PAGE and f"| {effect} |" in PAGE, name
