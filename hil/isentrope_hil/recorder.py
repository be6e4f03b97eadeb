"""Everything a run leaves behind, step by step, and the hash that proves two runs equal.

The trace hash is SHA-256 over one packed little-endian row a step, in this order (`Recorder.layout` has the
fields):

    t_ms u32 | every raw "in" | every raw "out" (each in its link type) | decision s32 | every plant state f64
    | events u16 | then for each event: t_ms u32 | code u16 | value s32 | text length u16 | text UTF-8

Wall time, scan time, heap and link counters are recorded too, outside the hash, and so are points and truths,
which follow from what is in it.
"""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from isentrope_hil import units
from isentrope_hil.signals import FORMATS, Signal
from isentrope_hil.tomlread import nearest

Event = tuple[int, int, int, str]  # t_ms, code, value, text

TIME_MASK = 0x3FFFFFFF  # control time wraps at 2^30 ms (docs/link.md)
TIMING_NAMES = ("rtt_us", "scan_us", "heap_free", "gc_count", "solver_us")
_TIMING_UNITS = {"rtt_us": "us", "scan_us": "us", "heap_free": "B", "gc_count": "1", "solver_us": "us"}
_FIRST_CAPACITY = 4096  # rows; doubled when full
_HASH_BLOCK = (
    512  # rows hashed at a time: the cost of a call to the hash vanishes, the block stays in the cache
)


class Recorder:
    """Growable columns of one run.

    Args:
        run_dir: folder the trace is written to by `finish`.
        signals_in, signals_out, points: entries of the device's table, in table order.
        state_names: names of the plant's states.
        truth_names: names of the true values (SI) recorded beside them.
    """

    def __init__(
        self,
        run_dir: Path | str,
        signals_in: Sequence[Signal],
        signals_out: Sequence[Signal],
        points: Sequence[Signal],
        state_names: Sequence[str],
        truth_names: Sequence[str],
    ) -> None:
        self.run_dir = Path(run_dir)
        self.events: list[Event] = []
        self._signals = {"in": tuple(signals_in), "out": tuple(signals_out), "point": tuple(points)}
        self._state_names = tuple(state_names)
        self._truth_names = tuple(truth_names)
        raw = [s.type for s in (*signals_in, *signals_out)]
        self._head = struct.Struct("<I" + "".join(FORMATS[t] for t in raw) + "i")
        self._row = np.dtype(
            [
                ("t_ms", "<u4"),
                *[(f"in.{s.name}", "<" + _NUMPY[s.type]) for s in signals_in],
                *[(f"out.{s.name}", "<" + _NUMPY[s.type]) for s in signals_out],
                ("decision", "<i4"),
                ("state", "<f8", (len(self._state_names),)),
                ("events", "<u2"),
            ]
        )
        self._decision = next((i for i, s in enumerate(points) if s.name == "decision"), None)
        self._points_struct = struct.Struct("<" + "q" * len(self._signals["point"]))
        self._timing_struct = struct.Struct("<" + "q" * len(TIMING_NAMES))
        self._sha = hashlib.sha256()
        self._hashed = 0
        self._count = 0
        self._rows: np.ndarray = np.zeros(0, self._row)
        self._points: np.ndarray = np.zeros((0, len(points)), np.int64)
        self._truth: np.ndarray = np.zeros((0, len(self._truth_names)))
        self._timing: np.ndarray = np.zeros((0, len(TIMING_NAMES)), np.int64)
        self._grow(_FIRST_CAPACITY)

    def _grow(self, capacity: int) -> None:
        def larger(old: np.ndarray) -> np.ndarray:
            new = np.zeros((capacity, *old.shape[1:]), dtype=old.dtype)
            new[: len(old)] = old
            return new

        self._rows = larger(self._rows)
        self._points = larger(self._points)
        self._truth = larger(self._truth)
        self._timing = larger(self._timing)
        self._capacity = capacity
        # Views, so that a step packs straight into the columns.
        self._rows_bytes = _bytes_of(self._rows)
        self._points_bytes = _bytes_of(self._points)
        self._timing_bytes = _bytes_of(self._timing)
        self._state = self._rows["state"]
        self._event_counts = self._rows["events"]

    def append(
        self,
        t_ms: int,
        raw_in: Sequence[int],
        raw_out: Sequence[int],
        point_raws: Sequence[int],
        state: np.ndarray,
        truth: np.ndarray,
        events: Sequence[Event] = (),
        timing: Sequence[int] = (0, 0, 0, 0, 0),
    ) -> None:
        """Record one step.

        Args:
            t_ms: control time of the step.
            raw_in, raw_out, point_raws: raw values in table order.
            state, truth: float64 vectors in the order of their names.
            events: what the device logged since the last step: (t_ms, code, value, text).
            timing: round trip us, scan us, free heap B, collections, solver us; whole numbers.

        Raises:
            ValueError, struct.error: a length or a range does not fit.
        """
        row = self._count
        if row == self._capacity:
            self._grow(2 * self._capacity)
        decision = 0 if self._decision is None else point_raws[self._decision]
        self._head.pack_into(self._rows_bytes, row * self._row.itemsize, t_ms, *raw_in, *raw_out, decision)
        self._state[row] = state
        self._points_struct.pack_into(self._points_bytes, row * self._points_struct.size, *point_raws)
        self._truth[row] = truth
        self._timing_struct.pack_into(self._timing_bytes, row * self._timing_struct.size, *timing)
        self._count = row + 1
        if events:
            self._event_counts[row] = len(events)
            self.events.extend(events)
            self._hash_rows()
            for event in events:
                self._sha.update(_packed(event))
        elif self._count - self._hashed >= _HASH_BLOCK:
            self._hash_rows()

    def _hash_rows(self) -> None:
        size = self._row.itemsize
        self._sha.update(self._rows_bytes[self._hashed * size : self._count * size])
        self._hashed = self._count

    def __len__(self) -> int:
        return self._count

    @property
    def layout(self) -> list[tuple[str, str]]:
        """(name, numpy type) of every column of the hashed row, in order."""
        fields = [(name, self._row[name].str) for name in self._row.names or () if name != "state"]
        at = len(fields) - 1
        return [*fields[:at], *[(f"state.{name}", "<f8") for name in self._state_names], *fields[at:]]

    def sha256(self) -> str:
        """The trace hash of the steps so far."""
        self._hash_rows()
        return self._sha.hexdigest()

    def names(self) -> list[str]:
        """Every name `column` knows, qualified."""
        return [
            "t_s",
            *[f"{kind}.{s.name}" for kind, signals in self._signals.items() for s in signals],
            *[f"state.{name}" for name in self._state_names],
            *[f"true.{name}" for name in self._truth_names],
            *[f"timing.{name}" for name in TIMING_NAMES],
        ]

    def _find(self, name: str) -> tuple[str, int]:
        group, _, rest = name.partition(".")
        if not rest:
            group, rest = "point", name
        if group in self._signals:
            known: Sequence[str] = [s.name for s in self._signals[group]]
        else:
            known = {"state": self._state_names, "true": self._truth_names, "timing": TIMING_NAMES}.get(
                group, ()
            )
        if rest not in known:
            raise KeyError(f"the run has no signal '{name}'; {nearest(name, self._short_names())}")
        return group, known.index(rest)

    def _short_names(self) -> list[str]:
        names = self.names()
        points = [name.removeprefix("point.") for name in names if name.startswith("point.")]
        return points + [name for name in names if not name.startswith("point.")]

    def column(self, name: str) -> np.ndarray:
        """The samples of one signal, in its unit; float64 (`t_s`: s since the first step).

        A plain name is a point; `in.`, `out.`, `state.`, `true.` and `timing.` reach the others. A point
        that had no value (its raw value lies outside its bounds) is not a number.

        Raises:
            KeyError: no such signal; the argument is a message with the nearest names.
        """
        n = self._count
        if name == "t_s":
            t_ms = self._rows["t_ms"][:n].astype(np.int64)
            return np.cumsum(np.diff(t_ms, prepend=t_ms[:1]) & TIME_MASK) / 1000.0
        group, index = self._find(name)
        if group in self._signals:
            signal = self._signals[group][index]
            raw = self._points[:n, index] if group == "point" else self._rows[f"{group}.{signal.name}"][:n]
            scale = 10.0 ** abs(signal.exponent)
            values: np.ndarray = raw * scale if signal.exponent >= 0 else raw / scale
            # Outside its bounds a point says that it has no value (a failed sensor).
            valid = (raw >= signal.low) & (raw <= signal.high)
            return values if group != "point" or valid.all() else np.where(valid, values, np.nan)
        source = {"state": self._state, "true": self._truth, "timing": self._timing}[group]
        return source[:n, index].astype(np.float64)

    def unit(self, name: str) -> str:
        """The unit of `column(name)`. Raises KeyError as `column` does."""
        if name == "t_s":
            return "s"
        group, index = self._find(name)
        if group in self._signals:
            return self._signals[group][index].unit
        if group == "timing":
            return _TIMING_UNITS[TIMING_NAMES[index]]
        return units.of_name((self._state_names if group == "state" else self._truth_names)[index])

    def has(self, name: str) -> bool:
        """Whether `column(name)` exists."""
        try:
            self.unit(name)
        except KeyError:
            return False
        return True

    def event_times_s(self) -> np.ndarray:
        """Seconds since the first step of each of `events`."""
        t0 = int(self._rows["t_ms"][0]) if self._count else 0
        return np.array([((t_ms - t0) & TIME_MASK) / 1000.0 for t_ms, *_ in self.events])

    def finish(self, metadata: dict[str, str] | None = None) -> Path:
        """Write `trace.parquet` into the run folder (also of a partial run) and return its path.

        Every field's metadata has its `unit` ("raw" for what crosses the link); the file's has `metadata`,
        `trace_sha256` and the hashed row's layout.
        """
        fields, columns = [], []
        for name in self.names():
            group = name.partition(".")[0]
            raw = group in ("in", "out")
            values = self._rows[name][: self._count] if raw else self.column(name)
            about = {"unit": "raw" if raw else self.unit(name)}
            fields.append(pa.field(name, pa.from_numpy_dtype(values.dtype), metadata=about))
            columns.append(pa.array(values))
        layout = " ".join(f"{name}:{dtype}" for name, dtype in self.layout)
        described = {**(metadata or {}), "trace_sha256": self.sha256(), "trace_layout": layout}
        path = self.run_dir / "trace.parquet"
        pq.write_table(
            pa.table(columns, schema=pa.schema(fields, metadata=described)),
            path,
            compression="zstd",
            compression_level=1,
        )
        return path


_NUMPY = {"u8": "u1", "u16": "u2", "s16": "i2", "u32": "u4", "s32": "i4"}


def _bytes_of(array: np.ndarray) -> memoryview:
    return memoryview(array.view(np.uint8).reshape(-1))  # type: ignore[arg-type]  # arrays are buffers


def _packed(event: Event) -> bytes:
    t_ms, code, value, text = event
    encoded = text.encode()
    return struct.pack("<IHiH", t_ms, code, value, len(encoded)) + encoded
