"""`check-board`, `new board` and the diagrams, as a user meets them."""

import json
import sys
import xml.etree.ElementTree as ET

import pytest
from isentrope_hil import board, boarddocs, cli, diagram, fitting, wants

INVERTER = "ashp-r290-8kw"


@pytest.fixture
def isentrope(monkeypatch, capfd):
    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["isentrope", *words])
        with pytest.raises(SystemExit) as raised:
            cli.main()
        out, err = capfd.readouterr()
        return int(raised.value.code or 0), out, err

    return call


def test_a_fit_prints_places_and_budget(isentrope):
    code, out, err = isentrope("check-board", "pico-full", "--machine", INVERTER, "--bus", "modbus-rtu")
    assert (code, err) == (0, "")
    for words in (
        "MCP3208 0 (SPI0, CS GP17) channel 0",
        "GP6 GP7 GP8 GP9",
        "PIO state machines",
        "modbus-rtu: uart0",
    ):
        assert words in out
    assert "pico-full with ashp-r290-8kw: pass" in out


def test_json_is_one_document(isentrope):
    code, out, err = isentrope("check-board", "pico-full", "--machine", INVERTER, "--json")
    shown = json.loads(out)
    assert (code, err, shown["verdict"], shown["problems"]) == (0, "", "pass", [])
    assert shown["signals"][0] == {
        "name": "suction_t", "dir": "in", "kind": "ntc", "label": "T1", "hw": ["mcp3208", 0, 0],
        "where": "MCP3208 0 (SPI0, CS GP17) channel 0", "safe": None,
    }  # fmt: skip
    assert all(row["free"] == row["total"] - row["used"] for row in shown["budget"])


def test_every_refusal_is_one_line_and_the_code_is_2(isentrope, tmp_path):
    words = ("check-board", "pico-minimal", "--machine", INVERTER, "--driver", "unipolar")
    code, _, err = isentrope(*words, "--bus", "mstp", "--bus", "drive", "--diagram", str(tmp_path / "x.svg"))
    lines = err.splitlines()
    assert code == 2
    assert [line.rsplit("[", 1)[1] for line in lines] == ["coil-kind]", *["no-channel]"] * 3, "uarts]"]
    assert all(line.startswith("isentrope: ") for line in lines)
    assert not (tmp_path / "x.svg").exists()
    code, out, err = isentrope(*words, "--json")
    shown = json.loads(out)
    assert (code, err, shown["verdict"], len(shown["problems"])) == (2, "", "refused", 4)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check-board", "pico-ful", "--machine", INVERTER), "did you mean pico-full"),
        (("check-board", "pico-full", "--machine", "ashp-r290-fixd"), "ashp-r290-fixed"),
        (("check-board", "pico-full"), "--machine"),
        (("check-board", "pico-full", "--machine", INVERTER, "--driver", "tripolar"), "tripolar"),
        (("check-board", "pico-full", "--machine", INVERTER, "--bus", "can"), "can"),
        (("check-board", "no/such.toml", "--machine", INVERTER), "no/such.toml: cannot be read"),
        (
            ("check-board", "pico-full", "--machine", INVERTER, "--diagram", "no/such/x.svg"),
            "cannot be written",
        ),
        (("new", "board", "Big Board"), "small letters, digits and single dashes"),
        (("new", "board", "mcu"), "not mcu or io"),
        (("new", "board", "pico-w"), "isentrope has a board of that name"),
        (("new", "board", "mine", "--like", "pico-x"), "unknown board 'pico-x'"),
    ],
)
def test_mistakes_are_one_line(isentrope, tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = isentrope(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_a_machine_that_cannot_be_is_one_line(isentrope, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[machine]\nname = "own"\nlike = "ashp-r290-8kw"\n[controller]\nhot_water = true\n')
    code, out, said = isentrope("check-board", "pico-full", "--machine", str(path))
    assert code == 2 and out == "" and said.count("\n") == 1
    assert "controller.hot_water: true needs the tank's sensor, thermistors.tank_t is missing" in said


@pytest.mark.parametrize("like", board.names())
def test_a_new_board_loads_and_fits_what_its_model_fits(isentrope, tmp_path, monkeypatch, like):
    monkeypatch.chdir(tmp_path)
    assert isentrope("new", "board", "my-board", "--like", like)[0] == 0
    path = tmp_path / "my-board" / "board.toml"
    made = board.load(path)
    assert (made.name, made.title) == ("my-board", "my-board")
    assert (made.pins, made.buses) == (board.load(like).pins, board.load(like).buses)
    assert path.read_text().count("#") > 5
    machine = "ashp-r290-fixed" if like == "pico-minimal" else INVERTER
    for form in (path, path.parent):
        assert isentrope("check-board", str(form), "--machine", machine)[0] == 0
    code, _, err = isentrope("new", "board", "my-board")
    assert (code, "exists already" in err) == (2, True)


def test_a_new_board_goes_to_boards_where_there_is_one(isentrope, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "boards").mkdir()
    isentrope("new", "board", "mine")
    assert (tmp_path / "boards" / "mine" / "board.toml").is_file()


def test_docs_and_diagrams_are_current():
    for name, text in boarddocs.generated().items():
        path = boarddocs.DOCS / name
        assert path.is_file() and path.read_text() == text, (
            f"{name}: python -m isentrope_hil.boarddocs renews it"
        )


@pytest.mark.parametrize("name", board.names())
def test_a_diagram_names_every_signal_pin_and_the_safety_chain(isentrope, tmp_path, name):
    machine = "ashp-r290-fixed" if name == "pico-minimal" else INVERTER
    made = diagram.svg(fitting.fit(board.load(name), wants.of(machine)))
    path = tmp_path / "x.svg"
    assert isentrope("check-board", name, "--machine", machine, "--diagram", str(path))[0] == 0
    assert path.read_text() == made
    texts = [each.text or "" for each in ET.fromstring(made).iter("{http://www.w3.org/2000/svg}text")]
    loaded = board.load(name)
    assert {loaded.mcu.pin(pin) for pin in loaded.pins} <= set(texts)
    for signal in (*wants.of(machine).inputs, *wants.of(machine).outputs):
        if signal.kind not in ("stepper_count", "level"):
            assert any(text.startswith(f"{signal.name} (") for text in texts), signal.name
    for words in ("high-pressure switch", "motor protector", "K1 compressor_run", "compressor contactor"):
        assert words in texts
