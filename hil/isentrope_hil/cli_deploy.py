"""`isentrope deploy`, `isentrope network`, `isentrope flash` and `isentrope image` (docs/deploy.md)."""

from __future__ import annotations

import getpass
import json
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from isentrope_sim.errors import InputError

from isentrope_hil.cli_board import PANEL, Driver
from isentrope_hil.options import AsJson

Board = Annotated[
    str, typer.Option("--board", metavar="B", help="name (see `isentrope list boards`), folder or .toml file")
]
Machine = Annotated[str, typer.Option("--machine", metavar="M", help="name or .toml file of the machine")]
DriverOption = Annotated[
    Driver | None, typer.Option(help="of the valve; default: the board's first that suits the valve")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--settings", metavar="NAME=VALUE", help="a setting of the profile, in its unit; repeat it"),
]
Port = Annotated[str, typer.Option("--port", metavar="P", help="serial port, such as /dev/ttyACM0")]


class Chip(str, Enum):  # noqa: UP042 - typer shows the values of a str enum as the choices
    """What an image is for."""

    rp2040 = "rp2040"
    esp32 = "esp32"
    esp32s3 = "esp32s3"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command(rich_help_panel=PANEL)(deploy)
    app.command(rich_help_panel=PANEL)(flash)
    app.command(rich_help_panel=PANEL)(image)
    app.command(rich_help_panel=PANEL)(network)


def deploy(
    port: Port,
    board: Annotated[str | None, typer.Option(metavar="B", help="as in check-board")] = None,
    machine: Annotated[str | None, typer.Option(metavar="M", help="as in check-board")] = None,
    driver: DriverOption = None,
    settings: Settings = None,
    network: Annotated[bool, typer.Option("--network", help="asks for the Wi-Fi's name and secret")] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="the firmware is in the image: only the profile goes")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="back to the version before; needs no --board and --machine")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Put firmware and profile on a board; interrupted anywhere, it still starts what it had."""
    from isentrope_hil.deploy import session, upload

    if rollback:
        if board or machine or network or frozen or settings or driver:
            raise InputError("--rollback goes back to what is on the board: it takes --port alone")
        with session.maintenance(port) as console:
            slot = upload.rollback(console)
            made = json.loads(console.read(f"{slot}/profile.json"))
        return _end(port, made["board"], made["machine"], {"slot": slot}, as_json)
    if board is None or machine is None:
        raise InputError("deploy needs --board and --machine (or --rollback)")
    return _deploy(port, board, machine, driver, settings or [], network, frozen, as_json)


def flash(
    path: Annotated[Path, typer.Argument(metavar="IMAGE", help="MicroPython for the chip: .uf2 or .bin")],
    chip: Annotated[Chip, typer.Option(help="the board's chip")],
    port: Annotated[
        str | None, typer.Option(metavar="P", help="an RP2040 that waits with BOOTSEL held needs none")
    ] = None,
    erase: Annotated[bool, typer.Option("--erase", help="ESP32: everything else on it too")] = False,
) -> None:
    """Write a MicroPython image that you have downloaded; files on the board stay."""
    from isentrope_hil.deploy import flash as flashing
    from isentrope_hil.deploy import session

    flashing.check(path, chip.value)
    if chip is not Chip.rp2040:
        if port is None:
            raise InputError(f"flash --chip {chip.value} needs --port")
        flashing.esp(path, chip.value, port, erase)
        print(f"{path.name} is on {port}")
        return
    if erase:
        raise InputError("--erase is for the ESP32; an RP2040's file system is replaced by isentrope image")
    if port is not None and not flashing.drives():
        session.boot_rom(port)
    print(f"{path.name}: {flashing.rp2(path)}")


def image(
    board: Board,
    machine: Machine,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE.uf2", help="the file to write")],
    driver: DriverOption = None,
    settings: Settings = None,
) -> None:
    """Write the whole file system as a UF2; copied on a board it replaces everything there, settings too."""
    from isentrope_hil import board as boards
    from isentrope_hil.deploy import flash as flashing
    from isentrope_hil.deploy import tree

    made = _profile(board, machine, driver, settings or [])
    packed = flashing.file_system(boards.read(board), tree.build(made))
    try:
        out.write_bytes(packed)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from None
    print(f"{out}: {len(packed) // 1024} KB for {made['board']} with {made['machine']}")


def network(
    port: Port,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="as hostname=hp-1 or ntp=192.168.1.1; NAME= removes it"),
    ] = None,
    wifi_secret: Annotated[bool, typer.Option("--wifi-secret", help="asks for it")] = False,
    mqtt_secret: Annotated[
        bool, typer.Option("--mqtt-secret", help="asks for the broker's password")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Show or change a board's network file: Wi-Fi, address, broker, time server; secrets are asked for."""
    from isentrope_hil.deploy import networkfile, session

    changed = dict(map(_network_value, values or []))
    for asked, name, what in (
        (wifi_secret, "secret", "Wi-Fi secret"),
        (mqtt_secret, "mqtt_secret", "broker's password"),
    ):
        if asked:
            changed[name] = networkfile.check(name, getpass.getpass(f"{what}: ", sys.stderr))
    with session.maintenance(port) as console:
        found = networkfile.read(console)
        if changed:
            found = {name: text for name, text in {**found, **changed}.items() if text}
            networkfile.write(console, found)
    shown = {name: "set" if name in networkfile.SECRETS else text for name, text in found.items()}
    if as_json:
        print(json.dumps(shown))
        return 0
    for name, text in shown.items():
        print(f"{name:<12} {text}")
    if not shown:
        print("the board's network file says nothing")
    return 0


def _network_value(text: str) -> tuple[str, str]:
    from isentrope_hil.deploy import networkfile

    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"{text!r}: wanted is NAME=VALUE, with =")
    if name in networkfile.SECRETS:
        raise InputError(
            f"{name} is no argument, which others could read: use --wifi-secret or --mqtt-secret"
        )
    return name, networkfile.check(name, value) if value or name not in networkfile.NAMES else ""


def _deploy(
    port: str,
    board: str,
    machine: str,
    driver: Driver | None,
    settings: list[str],
    network: bool,
    frozen: bool,
    as_json: bool,
) -> int:
    from isentrope_hil import board as boards
    from isentrope_hil import mcu, terminal
    from isentrope_hil.deploy import networkfile, session, tree, upload

    made = _profile(board, machine, driver, settings)
    files = tree.profile_alone(made) if frozen else tree.build(made)
    wifi = _wifi(boards.read(board)) if network else None
    with session.maintenance(port) as console:
        facts = console.facts()
        session.check(facts, mcu.load(made["mcu"]), made["board"])
        if frozen and not facts.frozen:
            raise InputError("--frozen: the board's image has no firmware in it (docs/deploy.md)")
        with terminal.progress(as_json) as said:
            outcome = upload.install(console, files, said)
        if wifi is not None:
            networkfile.write(console, {**networkfile.read(console), **wifi})
    done = {
        "slot": outcome.slot,
        "sent": outcome.sent,
        "sent_bytes": outcome.sent_bytes,
        "copied": outcome.copied,
        "changed": outcome.changed,
        "trial": outcome.trial,
    }
    return _end(port, made["board"], made["machine"], done, as_json)


def _end(port: str, board: str, machine: str, done: dict[str, Any], as_json: bool) -> int:
    """Waits for the firmware to answer and says what was done."""
    from isentrope_hil.deploy import session

    hello = session.answer(port, board, machine)
    if as_json:
        print(json.dumps({"board": board, "machine": machine, "firmware": hello.firmware, **done}))
        return 0
    if done.get("changed"):
        kb = done["sent_bytes"] / 1024
        print(f"{done['sent']} files sent ({kb:.0f} KB), {done['copied']} copied on the board")
    elif "changed" in done:
        print("nothing to do: the board has this already")
    print(f"{port} runs firmware {hello.firmware} for {board} with {machine} from folder {done['slot']}")
    return 0


def _profile(board: str, machine: str, driver: Driver | None, settings: list[str]) -> dict[str, Any]:
    """The profile, its settings as the firmware takes them."""
    from isentrope_hil import profile
    from isentrope_hil.targets import firmware

    made = profile.build(board, machine, dict(map(_setting, settings)), driver and driver.value)
    profile.runnable(made)
    with firmware.imported() as modules:
        try:
            modules.module("settings").Settings().load(made["settings"])
        except ValueError as error:
            raise InputError(str(error).replace("profile.json: settings.", "--settings ")) from None
    return made


def _setting(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise InputError(
            f"--settings {text!r}: wanted is NAME=NUMBER" + ("" if equals else ", with =")
        ) from None


def _wifi(board: Any) -> dict[str, str]:
    """Asks for the network; the secret is not echoed and goes nowhere but to the board."""
    from isentrope_hil.deploy import networkfile

    if board.network is None or board.network.kind != "wifi":
        raise InputError(f"--network: board {board.name} has no Wi-Fi")
    ssid = networkfile.check("ssid", typer.prompt("Wi-Fi name (SSID)", err=True).strip())
    secret = getpass.getpass("Wi-Fi secret (nothing for an open network): ", sys.stderr)
    if secret:
        networkfile.check("secret", secret)
    return {"ssid": ssid, "secret": secret}
