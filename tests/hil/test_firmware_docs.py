"""The generated pages of docs/ are what the firmware's tables make of them."""

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


def test_points_are_all_there_each_with_its_address_and_instance():
    page = (firmwaredocs.DOCS / "points.md").read_text(encoding="utf-8")
    ede = (firmwaredocs.DOCS / "isentrope-ede.csv").read_text(encoding="utf-8").splitlines()
    objects = {}
    for line in ede[7:]:
        fields = line.split(";")
        objects[fields[2]] = fields
    for row in catalogue.points():
        at = row["id"] & 0xFFF
        reference = (30001, 10001, 40001, 1)[row["id"] >> 12] + at
        assert f"| {at} | {reference:05d} | `{row['name']}` | {row['description']} |" in page, row
        assert (row["name"] in objects) == bool(row["bacnet"])
        if row["bacnet"]:
            assert objects[row["name"]][4] == str(at + 1)
    assert objects["evap_kpa"][7:9] == ["0", "200"] and objects["evap_kpa"][14] == "55", "bar"
    assert objects["flow_setpoint_c"][7:10] == ["15", "75", "Y"] and objects["flow_c"][9] == "N"
    assert len({(fields[3], fields[4]) for fields in objects.values()}) == len(objects) <= 91


def test_every_number_that_is_a_state_is_explained():
    page = (firmwaredocs.DOCS / "points.md").read_text(encoding="utf-8")
    for row in catalogue.points():
        line = next(line for line in page.splitlines() if f"| `{row['name']}` |" in line)
        if row["bacnet"] in ("BI", "BV", "MSI", "MSV"):
            cell = line.split(" | ")[6]
            for value in range(int(row["low"]), int(row["high"]) + 1):
                assert f"{value} " in cell, line
    assert "| 0 off, 1 heating, 2 cooling, 3 automatic, 4 hot water only | rw | MSV 1 |" in page
