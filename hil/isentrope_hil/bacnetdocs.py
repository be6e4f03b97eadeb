"""`python -m isentrope_hil.bacnetdocs`: docs/pics.md and the EDE files, from the firmware's own tables."""

from __future__ import annotations

from typing import Any

from isentrope_hil.firmwaredocs import DOCS
from isentrope_hil.targets.firmware import imported

MARK = "<!-- generated below by python -m isentrope_hil.bacnetdocs (make docs) -->"
TYPES = {
    "AI": (0, "Analog Input"),
    "AV": (2, "Analog Value"),
    "BI": (3, "Binary Input"),
    "BV": (5, "Binary Value"),
    "MSI": (13, "Multi-state Input"),
    "MSV": (19, "Multi-state Value"),
}
# BACnetPropertyIdentifier (ASHRAE 135, clause 21) of what may be optional or written here.
NAMES = {
    4: "Active_Text", 22: "COV_Increment", 28: "Description", 46: "Inactive_Text", 63: "Max_Info_Frames",
    64: "Max_Master", 65: "Max_Pres_Value", 69: "Min_Pres_Value", 85: "Present_Value",
    87: "Priority_Array where commandable", 103: "Reliability", 104: "Relinquish_Default where commandable",
    106: "Resolution", 110: "State_Text", 431: "Current_Command_Priority where commandable",
}  # fmt: skip
BIBBS = (
    ("DS-RP-B", "ReadProperty"),
    ("DS-RPM-B", "ReadPropertyMultiple"),
    ("DS-WP-B", "WriteProperty"),
    ("DS-WPM-B", "WritePropertyMultiple"),
    ("DS-COV-B", "SubscribeCOV; 16 subscriptions, a day at most, confirmed and unconfirmed"),
    ("DM-DDB-B", "Who-Is, I-Am"),
    ("DM-DOB-B", "Who-Has, I-Have"),
    ("DM-DCC-B", "DeviceCommunicationControl (enable, disable initiation)"),
    ("DM-RD-B", "ReinitializeDevice (cold and warm start)"),
    ("DM-TS-B", "TimeSynchronization"),
    ("DM-UTC-B", "UTCTimeSynchronization"),
)
EDE_COLUMNS = (
    "# keyname;device obj.-instance;object-name;object-type;object-instance;description;"
    "present-value-default;min-present-value;max-present-value;settable;supports COV;hi-limit;low-limit;"
    "state-text-reference;unit-code;vendor-specific-address;notification-class"
)


def objects() -> list[dict[str, Any]]:
    """Every object that is a point, in the order of Object_List."""
    with imported() as firmware:
        directory = firmware.module("bus.bacnet.directory")
        rows = list(firmware.module("points").rows())
        data, _ = directory.build()
        texts = _lines(b"".join(firmware.module("point_texts").TABLE))
        states = _lines(b"".join(firmware.module("point_states").TABLE))
    units = {}
    for at in range(0, len(data), directory.ROW):
        units[data[at], data[at + 1]] = data[at + 6]
    found = []
    for identity, name, unit, _, exponent, low, high, _, access, kind in rows:
        if kind:
            number = TYPES[kind][0]
            scale = 10.0**exponent * (0.01 if unit == "kPa" else 1.0)
            found.append(
                {
                    "type": number,
                    "kind": kind,
                    "instance": (identity & 0xFFF) + 1,
                    "name": name,
                    "description": texts.get(identity, name),
                    "low": low * scale,
                    "high": high * scale,
                    "writable": access == "rw",
                    "unit": {"kPa": "bar", "rps": "Hz"}.get(unit, unit),
                    "units": units[number, identity & 0xFFF] if kind in ("AI", "AV") else None,
                    "states": states[identity].split("|") if identity in states else [],
                }
            )
    return found


def _lines(table: bytes) -> dict[int, str]:
    return {int(line[:4], 16): line[5:] for line in table.decode().splitlines()}


def generated() -> dict[str, str]:
    """Path under docs/ -> text, of every file that this module writes."""
    rows = objects()
    lists = _state_lists(rows)
    page = (DOCS / "pics.md").read_text(encoding="utf-8")
    return {
        "pics.md": page[: page.index(MARK) + len(MARK)] + "\n\n" + _pics(rows),
        "isentrope-ede.csv": _ede(rows, lists),
        "isentrope-ede-states.csv": _states(lists),
    }


def _state_lists(rows: list[dict[str, Any]]) -> list[list[str]]:
    """Every different list of state texts; its number is its place + 1."""
    found: list[list[str]] = []
    for row in rows:
        if row["states"] and row["states"] not in found:
            found.append(row["states"])
    return found


def _ede(rows: list[dict[str, Any]], lists: list[list[str]]) -> str:
    lines = [
        "# Proposal_Engineering-Data-Exchange - B.I.G.-EU",
        "PROJECT_NAME;Isentrope",
        "VERSION_OF_REFERENCEFILE;1",
        "TIMESTAMP_OF_LAST_CHANGE;",
        "AUTHOR_OF_LAST_CHANGE;generated",
        "VERSION_OF_LAYOUT;2.3",
        EDE_COLUMNS,
        "device;0;isentrope-0;8;0;Heat pump controller: put its own instance here;;;;N;N;;;;;;",
    ]
    for row in rows:
        analogue = row["kind"] in ("AI", "AV")
        low, high = (f"{row['low']:g}", f"{row['high']:g}") if analogue else ("", "")
        states = str(lists.index(row["states"]) + 1) if row["states"] else ""
        cells = (
            row["name"], 0, row["name"], row["type"], row["instance"],
            row["description"].replace(";", ","), "", low, high,
            "Y" if row["writable"] else "N", "Y", "", "", states, row["units"] if analogue else "", "", "",
        )  # fmt: skip
        lines.append(";".join(str(cell) for cell in cells))
    return "\n".join(lines) + "\n"


def _states(lists: list[list[str]]) -> str:
    longest = max(len(each) for each in lists)
    lines = ["# State Text Reference;" + ";".join(f"Text {n + 1}" for n in range(longest))]
    lines += [";".join([str(n + 1), *each]) for n, each in enumerate(lists)]
    return "\n".join(lines) + "\n"


def _pics(rows: list[dict[str, Any]]) -> str:
    with imported() as firmware:
        firmware.module("bus.bacnet.stack")
        known = firmware.module("bus.bacnet.objects")
        lists, required = known._LISTS, known._REQUIRED
    said = ["### Services\n", "| BIBB | service, as executed |", "|---|---|"]
    said += [f"| {bibb} | {service} |" for bibb, service in BIBBS]
    said += [
        "",
        "### Object types\n",
        "| object type | how many | optional properties | writable |",
        "|---|---|---|---|",
    ]
    for kind, (number, title) in TYPES.items():
        count = len([row for row in rows if row["kind"] == kind])
        optional = ", ".join(NAMES[prop] for prop in lists[number][required[number] :])
        writable = "Present_Value" if kind in ("AV", "BV", "MSV") else "none"
        said.append(f"| {title} | {count} | {optional} | {writable} |")
    said += [
        "| Device | 1 | Description, Local_Date, Local_Time, UTC_Offset, Daylight_Savings_Status, "
        "Active_COV_Subscriptions | none |",
        "| Network Port | 1 a link | Description; of BACnet/IP IP_DHCP_Enable, FD_BBMD_Address, "
        "FD_Subscription_Lifetime | of MS/TP Max_Master, Max_Info_Frames |",
        "",
        "No object can be created or deleted. No property is proprietary.",
        "",
        "### Objects\n",
        "| object | name | what it is | units or states | range | writable |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        analogue = row["kind"] in ("AI", "AV")
        unit = f"{row['unit'] or 'none'} ({row['units']})" if analogue else ", ".join(row["states"])
        reach = f"{row['low']:g} to {row['high']:g}" if analogue else ""
        where = f"{row['kind']} {row['instance']}"
        cells = (where, f"`{row['name']}`", row["description"], unit, reach, "yes" if row["writable"] else "")
        said.append("| " + " | ".join(cells) + " |")
    return "\n".join(said) + "\n"


def main() -> None:
    """Write them."""
    for name, text in generated().items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
