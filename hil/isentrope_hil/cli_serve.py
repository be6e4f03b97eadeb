"""`isentrope serve` (docs/bms.md)."""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer
from isentrope_sim.errors import InputError

if TYPE_CHECKING:
    from isentrope_hil.serving import Buses, Serving

PANEL = "controller"
DEFAULT_TCP = "127.0.0.1:1502"
SECRET = "ISENTROPE_MQTT_SECRET"


class Parity(str, Enum):  # noqa: UP042 - typer shows the values of a str enum as the choices
    """Of a serial line; without any there are two stop bits."""

    even = "even"
    odd = "odd"
    none = "none"


def add(app: typer.Typer) -> None:
    """Adds this module's commands."""
    app.command(rich_help_panel=PANEL)(serve)


def serve(
    machine: Annotated[
        str, typer.Option("--machine", metavar="M", help="the simulated one")
    ] = "ashp-r290-8kw",
    board: Annotated[str, typer.Option("--board", metavar="B", help="the controller's")] = "pico-full",
    modbus_tcp: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help=f"0.0.0.0 is every interface; {DEFAULT_TCP} if no bus is asked for"
        ),
    ] = None,
    modbus_rtu: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="a serial device; pty makes a pair of its own")
    ] = None,
    unit: Annotated[int, typer.Option(metavar="N", help="the controller's address on Modbus, 1 to 247")] = 1,
    baud: Annotated[int, typer.Option(metavar="BD", help="of the serial device, 1200 to 115200")] = 19200,
    parity: Annotated[Parity, typer.Option(help="of the serial device")] = Parity.even,
    bacnet: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="BACnet/IP, as 127.0.0.1:47808 or 192.168.0.5:47808"),
    ] = None,
    broadcast: Annotated[
        str, typer.Option(metavar="ADDRESS", help="the subnet's, for BACnet's discovery, as 192.168.0.255")
    ] = "",
    instance: Annotated[
        int, typer.Option(metavar="N", help="the controller's device instance on BACnet")
    ] = 1,
    mstp: Annotated[
        str | None, typer.Option(metavar="DEVICE", help="BACnet MS/TP at 38400, as --modbus-rtu; MAC 1")
    ] = None,
    mqtt: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="the broker's, as 127.0.0.1:1883")
    ] = None,
    mqtt_user: Annotated[
        str, typer.Option(metavar="NAME", help=f"for the broker; its password in {SECRET}")
    ] = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="as delivered: not commissioned, no bus may write")
    ] = False,
    speed: Annotated[float, typer.Option(metavar="N", help="simulated seconds per second")] = 1.0,
    outdoor: Annotated[float, typer.Option(metavar="C", help="outdoor temperature, degC")] = 7.0,
    water: Annotated[float, typer.Option(metavar="C", help="water temperature at the start, degC")] = 30.0,
    off: Annotated[bool, typer.Option("--off", help="stand until a bus enables it")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="a setting, as bus_timeout=60; repeat it"),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--for", metavar="S", min=0.0, help="simulated, then end; 0: until Ctrl-C")
    ] = 0.0,
    heap: Annotated[str, typer.Option(metavar="SIZE", help="MicroPython's heap, as 512k or 2m")] = "2m",
) -> None:
    """Run a controller with a simulated machine for a building-management system to try."""
    from isentrope_hil import parameters, serving
    from isentrope_hil.bench import Bench

    if all(each is None for each in (modbus_tcp, modbus_rtu, bacnet, mstp, mqtt)):
        modbus_tcp = DEFAULT_TCP
    if not 1 <= unit <= 247:
        raise InputError(f"--unit {unit}: a device's address on Modbus is 1 to 247")
    if baud % 100 or not 1200 <= baud <= 115_200:
        raise InputError(f"--baud {baud}: give a multiple of 100 from 1200 to 115200")
    if not 1 <= instance <= 4_194_302:
        raise InputError(f"--instance {instance}: a device's instance on BACnet is 1 to 4194302")
    if modbus_rtu is not None and mstp is not None:
        raise InputError("--modbus-rtu and --mstp: the board has one RS-485 port for a field bus")
    for device, what in ((modbus_rtu, "--modbus-rtu"), (mstp, "--mstp")):
        if device == "":
            raise InputError(f"{what}: give a serial device, or pty")
    buses = serving.Buses(
        tcp=serving.address(modbus_tcp, "--modbus-tcp") if modbus_tcp is not None else None,
        rtu=modbus_rtu,
        baud=baud,
        parity=parity.value,
        unit=unit,
        bacnet=serving.address(bacnet, "--bacnet") if bacnet is not None else None,
        broadcast=serving.subnet(broadcast),
        instance=instance,
        mstp=mstp,
        mqtt=serving.address(mqtt, "--mqtt") if mqtt is not None else None,
        mqtt_user=mqtt_user,
        mqtt_secret=os.environ.get(SECRET, ""),
        writable=not read_only,
        settings=parameters.assignments(settings or []),
    )
    serving.available(buses)
    _say("compiling the plant, which takes about a minute once on a machine, and starting the controller")
    bench = Bench(machine, board, "unix", speed=speed, heap=heap)  # the first one compiles already
    bench.prepare()
    with serving.Serving(bench, buses) as served:
        served.begin(outdoor_c=outdoor, water_c=water)
        if not off:
            bench.write("enable", 1)
        try:
            _welcome(served)
            _run(served, seconds)
        except KeyboardInterrupt:
            _say("stopped")


def _run(served: Serving, seconds: float) -> None:
    down = False
    for t_s in served.steps():
        if served.failed() != down:
            down = not down
            _say("a bus has failed (alarm 57, 58 or 71); it tries again" if down else "it is there again")
        if seconds and t_s >= seconds:
            return


def _welcome(served: Serving) -> None:
    buses, bench = served.buses, served.bench
    pace = f"{bench.speed:g} times real time" if bench.speed != 1.0 else "real time"
    _say(f"{bench.machine} on {bench.board}, {pace}; {'writable' if buses.writable else 'read-only'}")
    for line in _lines(buses, served.rtu):
        _say(line)
    _say("Ctrl-C ends it; docs/bms.md goes on from here, docs/points.md has every register")


def _lines(buses: Buses, rtu: str | None) -> list[str]:
    """The addresses, each with a command to try it; mbpoll counts registers from 1."""
    found = []
    reads = "-t 3:hex -r 65 -c 1 -1"  # map_version
    flow = "-t 4 -r 2"  # the flow setpoint, 0.1 degC
    if buses.tcp:
        host, port = buses.tcp
        where = f"-m tcp -p {port} -a {buses.unit}"
        to = "127.0.0.1" if host == "0.0.0.0" else host
        found += [
            f"Modbus TCP on {host}:{port}, unit {buses.unit} or 255",
            f"  mbpoll {where} -t 3 -r 3 -c 2 -1 {to}    # flow and return, 0.1 degC",
            f"  mbpoll {where} {reads} {to}    # map_version",
        ]
        if buses.writable:
            found.append(f"  mbpoll {where} {flow} {to} 420    # flow setpoint 42 degC")
    if buses.bacnet:
        host, port = buses.bacnet
        to = "127.0.0.1" if host == "0.0.0.0" else host
        own = port + 1 if port < 65_535 else port - 1  # a client on this machine needs its own
        client = f"python -m bacpypes3 --address {to}:{own}"
        found += [
            f"BACnet/IP on {host}:{port}, device {buses.instance}; with bacpypes3 from pip",
            f"  echo 'read {to}:{port} analog-input,3 present-value' | {client}    # flow",
        ]
        if buses.writable:
            found.append(f"  echo 'write {to}:{port} analog-value,2 present-value 42.0 8' | {client}")
    if buses.mqtt:
        host, port = buses.mqtt
        base = f"isentrope/{buses.mqtt_name}"
        found += [
            f"MQTT: {buses.mqtt_name} at the broker {host}:{port}; Home Assistant finds it by itself",
            f"  mosquitto_sub -h {host} -p {port} -t '{base}/#' -v",
        ]
        if buses.writable:
            found.append(f"  mosquitto_pub -h {host} -p {port} -t {base}/flow_setpoint_c/set -m 42")
    if rtu and buses.mstp:
        found.append(f"BACnet MS/TP on {rtu}, 38400 8N1, device {buses.instance}, MAC 1")
    elif rtu:
        letter = {"even": "E", "odd": "O", "none": "N"}[buses.parity]
        stop = 2 if buses.parity == "none" else 1
        made = buses.rtu == "pty"
        how = "a pseudo-terminal" if made else f"{buses.baud} 8{letter}{stop}"
        shown = "none" if made else buses.parity
        where = f"-m rtu -b {buses.baud} -P {shown} -a {buses.unit}"
        to = rtu if made else "DEVICE"
        found += [
            f"Modbus RTU on {rtu}, {how}, unit {buses.unit}{'' if made else '; DEVICE is at the other end'}",
            f"  mbpoll {where} -t 3 -r 3 -c 2 -1 {to}    # flow and return, 0.1 degC",
        ]
        if buses.writable:
            found.append(f"  mbpoll {where} {flow} {to} 420    # flow setpoint 42 degC")
    return found


def _say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)
