"""docs/pics.md and the EDE files are what the firmware's tables make of them."""

from isentrope_hil import bacnetdocs, benchmark


def test_pages_are_current():
    for name, text in bacnetdocs.generated().items():
        page = (bacnetdocs.DOCS / name).read_text(encoding="utf-8")
        assert page == text, f"docs/{name}: make docs renews it"


def test_an_ede_row_has_as_many_cells_as_columns():
    page = bacnetdocs.generated()["isentrope-ede.csv"].splitlines()
    head = next(n for n, line in enumerate(page) if line.startswith("# keyname"))
    columns = page[head].split(";")
    rows = [line.split(";") for line in page[head + 1 :]]
    assert all(len(row) == len(columns) for row in rows)
    kinds = {(row[3], row[4]) for row in rows}
    assert len(kinds) == len(rows) and {("0", "3"), ("2", "2"), ("8", "0")} <= kinds
    lists = bacnetdocs.generated()["isentrope-ede-states.csv"].splitlines()[1:]
    assert {row[13] for row in rows} - {""} == {line.split(";")[0] for line in lists}


def test_every_object_is_in_the_statement():
    page = bacnetdocs.generated()["pics.md"]
    for row in bacnetdocs.objects():
        assert f"| {row['kind']} {row['instance']} | `{row['name']}` | {row['description']} |" in page
        assert row["kind"] not in ("BI", "BV") or len(row["states"]) == 2
        assert row["description"]


def test_what_a_request_costs():
    figures = [figure for figure in benchmark.bacnet() if figure.what.endswith(" on unix")]
    assert len(figures) == 3
    for figure in figures:
        assert figure.unit == "us" and 1.0 < figure.value < 100_000.0 and "B allocated" in figure.beside
