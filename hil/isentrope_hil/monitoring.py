"""What `isentrope monitor` shows: points, alarms and decisions of a controller, once every so often."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from isentrope_hil import catalogue, terminal
from isentrope_hil.attach import Attached
from isentrope_hil.errors import unknown
from isentrope_hil.reach import Reached
from isentrope_hil.session import Event

LINES = 8  # of the decision log, on a terminal; own
ALARMS = ("stop_alarms", "warn_alarms", "more_alarms")  # 32 codes each (firmware/isentrope/alarms.py)
# Not worth a line: bits that are shown as alarms, what never changes.
HIDDEN = (*ALARMS, "map_version", "fault_reset", "defrost_start")


class Look:
    """What there is to see at one moment."""

    def __init__(self, reached: Reached, known: dict[int, dict[str, Any]]) -> None:
        board = reached.board
        poll = board.poll()
        self.t_ms = poll.t_ms
        self.heap_free = poll.heap_free
        self.scan_us = poll.scan_us
        self.points = {point.name: point.physical(poll.points[point.name]) for point in board.table.points}
        self.log = reached.news()
        masks = [poll.points.get(name, 0) for name in ALARMS]
        codes = [32 * word + bit for word, mask in enumerate(masks) for bit in range(32) if mask >> bit & 1]
        self.alarms = [known.get(code, {"code": code, "name": f"alarm {code}"}) for code in codes]


class Watcher:
    """Looks again and again, and knows what the decision in force said when it was made."""

    def __init__(self, reached: Reached, wanted: Iterable[str]) -> None:
        self._reached = reached
        self.board = board = reached.board
        self._known = {row["code"]: row for row in catalogue.alarms()}
        self._texts = {row["code"]: row["text"] for row in catalogue.decisions()}
        points = board.table.of("point")
        self.wanted = list(wanted)
        for name in self.wanted:
            if name not in points:
                raise unknown("point", name, points)
        self.recent: deque[Event] = deque(maxlen=LINES)

    def look(self) -> Look:
        seen = Look(self._reached, self._known)
        self.recent.extend(seen.log)
        for event in seen.log:
            self._texts[event.code] = event.text
        return seen

    def decision(self, seen: Look) -> str:
        """Why the controller does what it does, "" where there is nothing to say."""
        code = int(seen.points.get("decision", 0))
        return self._texts.get(code, f"decision {code}") if code else ""

    def document(self, seen: Look) -> dict[str, Any]:
        """One line of --json."""
        names = self.wanted or seen.points
        return {
            "t_ms": seen.t_ms,
            "points": {name: None if math.isnan(seen.points[name]) else seen.points[name] for name in names},
            "alarms": seen.alarms,
            "decision": {"code": int(seen.points.get("decision", 0)), "text": self.decision(seen)},
            "log": [{"t_ms": e.t_ms, "code": e.code, "value": e.value, "text": e.text} for e in seen.log],
            "scan_us": seen.scan_us,
            "heap_free": seen.heap_free,
        }

    def plain(self, seen: Look) -> Iterable[str]:
        """Lines for a file: news as they come, the points in one line."""
        for event in seen.log:
            yield f"{event.t_ms / 1000.0:.1f} s: {event.text}"
        names = self.wanted or ("state", "superheat_k", "speed_set_rps", "eev_pct", "flow_c", "discharge_c")
        shown = " ".join(f"{name}={_number(seen.points[name])}" for name in names if name in seen.points)
        alarms = ", ".join(str(alarm["name"]) for alarm in seen.alarms) or "none"
        yield f"{seen.t_ms / 1000.0:.1f} s: {shown}; alarms: {alarms}; {self.decision(seen) or 'at rest'}"

    def screen(self, seen: Look) -> Group:
        """A terminal's whole picture."""
        hello = self.board.hello
        title = f"{hello.machine} on {hello.board}, firmware {hello.firmware}" if hello else ""
        head = Text(f"{title}, {seen.t_ms / 1000.0:.0f} s  {self.decision(seen)}", style="bold")
        news = [Text(f"{event.t_ms / 1000.0:9.1f} s  {event.text}") for event in self.recent]
        return Group(head, self._points(seen), *self._alarms(seen), Text(), *news)

    def _points(self, seen: Look) -> Table:
        """In three columns."""
        known = self.board.table.of("point")
        names = self.wanted or [name for name in known if name not in HIDDEN]
        shown = Table.grid(padding=(0, 2))
        cells = [(name, f"{_number(seen.points[name])} {known[name].unit}".rstrip()) for name in names]
        rows = (len(cells) + 2) // 3
        for row in range(rows):
            places = (row, row + rows, row + 2 * rows)
            shown.add_row(*(cell for at in places for cell in (cells[at] if at < len(cells) else ("", ""))))
        return shown

    def _alarms(self, seen: Look) -> Iterable[Text]:
        for alarm in seen.alarms:
            style = "bold red" if alarm.get("class") == "stop" else "yellow"
            words = [f"alarm {alarm['code']}: {alarm['name']}"]
            words += [
                f"{key}: {alarm[key]}" for key in ("cause", "effect", "reset", "remedy") if key in alarm
            ]
            yield Text("; ".join(words), style=style)


def watch(reached: Reached, wanted: Iterable[str], every_s: float, count: int, as_json: bool) -> None:
    """Look every `every_s` seconds, `count` times (0: for ever): a picture on a terminal, else lines."""
    watcher = Watcher(reached, wanted)
    console = terminal.console()
    looks = 0
    live = Live(console=console, auto_refresh=False) if console.is_terminal and not as_json else None
    if live:
        live.start()
    try:
        while True:
            seen = watcher.look()
            if live:
                live.update(watcher.screen(seen), refresh=True)
            elif as_json:
                print(json.dumps(watcher.document(seen)), flush=True)
            else:
                for line in watcher.plain(seen):
                    print(line, flush=True)
            looks += 1
            if looks == count:
                return
            reached.wait(every_s)
    finally:
        if live:
            live.stop()


def show_events(board: Attached, as_json: bool) -> None:
    """The event log, oldest first."""
    for event in board.events():
        if as_json:
            row = {"t_ms": event.t_ms, "code": event.code, "value": event.value, "text": event.text}
            print(json.dumps(row))
        else:
            print(f"{event.t_ms / 1000.0:10.1f} s  {event.text}")


def _number(value: float) -> str:
    return "failed" if math.isnan(value) else f"{value:g}"
