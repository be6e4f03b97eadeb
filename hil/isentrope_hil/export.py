"""A recorded trace in other people's formats: CSV, and MDF4 for the measurement tools of test engineers."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from isentrope_sim.errors import InputError


def trace_of(run: Path) -> Path:
    """The trace file of a run folder (or the file itself). Raises `InputError` when there is none."""
    path = run / "trace.parquet" if run.is_dir() else run
    if not path.is_file():
        raise InputError(f"{run}: no run is recorded there; a run folder with trace.parquet is wanted")
    return path


def _table(source: Path) -> pa.Table:
    try:
        return pq.read_table(source)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{source}: not a readable trace: {str(error).partition('. ')[0]}") from None


def to_csv(run: Path) -> Path:
    """Write `trace.csv` beside the trace: one column a signal, the unit in its header. Returns its path."""
    source = trace_of(run)
    table = _table(source)
    header = [f"{f.name} [{(f.metadata or {}).get(b'unit', b'').decode()}]" for f in table.schema]
    path = source.with_suffix(".csv")
    pc.write_csv(table.rename_columns(header), path)
    return path


def to_mdf4(run: Path) -> Path:
    """Write `trace.mf4` beside the trace: one channel a signal, with its unit. Returns its path.

    Raises:
        InputError: asammdf is not installed.
    """
    source = trace_of(run)
    try:
        from asammdf import MDF, Signal
    except ImportError:
        raise InputError(
            "export --mdf4 needs asammdf; install it with: pip install 'isentrope[mdf]'"
        ) from None
    table = _table(source)
    time_s = table.column("t_s").to_numpy()
    signals = [
        Signal(
            samples=table.column(f.name).to_numpy(),
            timestamps=time_s,
            name=f.name,
            unit=(f.metadata or {}).get(b"unit", b"").decode(),
        )
        for f in table.schema
        if f.name != "t_s"
    ]
    path = source.with_suffix(".mf4")
    with MDF(version="4.10") as mdf:
        mdf.append(signals, comment=f"isentrope run {source.parent.name}")
        mdf.save(path, overwrite=True)
    return path
