"""docs/settings.md and docs/alarms.md are what the firmware's tables make of them."""

from isentrope_hil import catalogue, firmwaredocs, resources

SOURCE = resources.root("firmware") / "isentrope" / "setting_table.py"


def test_pages_are_current():
    for name, text in firmwaredocs.generated().items():
        page = (firmwaredocs.DOCS / name).read_text(encoding="utf-8")
        assert page == text, f"docs/{name}: make docs renews it"


def test_every_setting_says_why():
    why = firmwaredocs.reasons(SOURCE.read_text(encoding="utf-8"))
    assert list(why) == [row["name"] for row in catalogue.settings()]
    assert all(len(text) > 3 for text in why.values()), why


def test_a_reason_is_the_comment_above():
    rows = [f'b"400{place} {name} - 0 0 1 0 0\\n"' for place, name in enumerate("abc")]
    lines = ("TABLE = (", "# one", "# line more", rows[0], rows[1], "# own", rows[2], ")")
    source = "\n    ".join(lines)
    assert firmwaredocs.reasons(source) == {"a": "one line more", "b": "one line more", "c": "own"}


def test_pages_have_every_row():
    pages = {
        name: (firmwaredocs.DOCS / name).read_text(encoding="utf-8") for name in firmwaredocs.generated()
    }
    for row in catalogue.settings():
        assert f"| `{row['name']}` | " in pages["settings.md"]
    for row in catalogue.alarms():
        for key in ("cause", "effect", "reset", "remedy"):
            assert row[key] and row[key] in pages["alarms.md"], row
    for row in catalogue.decisions():
        assert f"| {row['code']} | {row['text']} |" in pages["alarms.md"]
