"""Every mutant on its probe: caught, and for the right reason, or not."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zlib import crc32

from isentrope_sim.errors import InputError

from isentrope_hil import scenario as scenarios
from isentrope_hil.bench import Bench
from isentrope_hil.compare.store import Store, code_hash
from isentrope_hil.errors import TargetError
from isentrope_hil.matrix import cells, declared
from isentrope_hil.matrix import work as matrix
from isentrope_hil.mutation import mutants
from isentrope_hil.mutation.mutants import CELL, Mutant

Said = Callable[[str, int, int], None]
MACHINE, BOARD = "ashp-r290-8kw-equipped", "pico-full"
RIGHT, OTHER, SURVIVED, BLOCKED = "caught", "caught otherwise", "survived", "blocked"
SCENARIOS = Path(__file__).with_name("scenarios")


def probe(name: str, target: str, firmware: Path | None) -> tuple[bool, list[str]]:
    """(it noticed something, what: ids of failed requirements, or a cell's note).

    Raises:
        InputError: no such scenario or cell.
    """
    kind, _, what = name.partition(":")
    return _cell(what, target, firmware) if kind == CELL else _scenario(what, target, firmware)


def _scenario(name: str, target: str, firmware: Path | None) -> tuple[bool, list[str]]:
    own = SCENARIOS / f"{name}.toml"
    loaded = scenarios.load(own if own.exists() else name)
    try:
        with Bench(loaded.machine, loaded.board, target, world=loaded.world, firmware=firmware) as bench:
            found = bench.run(loaded)
    except TargetError as error:
        return True, [str(error)]
    failed = [row["id"] for row in found["requirements"] if row["verdict"] != "pass"]
    return found["verdict"] != "pass", failed + ([found["error"]] if found.get("error") else [])


def _cell(name: str, target: str, firmware: Path | None) -> tuple[bool, list[str]]:
    crew = matrix.Crew(MACHINE, BOARD, target, 1, firmware)
    try:
        every = cells.every(crew.profile, declared.read(), list(declared.read().modes))
        found = [each for each in every if each.name == name]
        if not found:
            raise InputError(f"probe cell:{name}: no cell is named so")
        result = crew.run(found[0])
    finally:
        crew.close()
    return result.verdict != "pass", [result.note] if result.note else []


def judge(mutant: Mutant, target: str) -> dict[str, Any]:
    """A mutant's row. Raises InputError where it cannot be applied."""
    with tempfile.TemporaryDirectory(prefix="isentrope-mutant-") as folder:
        firmware = mutants.apply(mutant, Path(folder))
        noticed, said = probe(mutant.probe, target, firmware)
    right = any(
        reason == each or (" " in reason and reason in each) for reason in mutant.reason for each in said
    )
    verdict = SURVIVED if not noticed else RIGHT if right else OTHER
    return {
        "name": mutant.name,
        "file": mutant.file,
        "what": mutant.what,
        "probe": mutant.probe,
        "reason": list(mutant.reason),
        "verdict": verdict,
        "said": [each[:200] for each in said],
    }


def sound(probes: Sequence[str], target: str, said: Said) -> list[str]:
    """Probes that fail on the firmware as it is: with them nothing can be judged."""
    bad = []
    for place, name in enumerate(probes):
        said(f"sound: {name}", place, len(probes))
        if probe(name, target, None)[0]:
            bad.append(name)
    return bad


def store(folder: Path) -> Store:
    """Results that follow from this very code."""
    here = Path(__file__).parent
    own = sorted(here.glob("*.py"))
    own += [here.parent / "matrix" / name for name in matrix.OWN]
    return Store(folder, code_hash(own))


def run(chosen: Sequence[Mutant], target: str, kept: Store | None, jobs: int, said: Said) -> dict[str, Any]:
    """The document of `isentrope mutate`.

    Raises:
        InputError: a mutant cannot be applied, a probe does not exist.
    """
    from isentrope_hil import resources

    for mutant in chosen:
        mutants.changed(mutant, resources.root("firmware"))
    said("compiling the plant", 0, 0)
    matrix.compile_once(MACHINE, BOARD)
    rows: dict[str, dict[str, Any]] = {}
    waiting = []
    for mutant in chosen:
        known = kept.get(_key(mutant, target)) if kept is not None else None
        if known is None:
            waiting.append(mutant)
        else:
            rows[mutant.name] = known
    probes = list(dict.fromkeys(each.probe for each in waiting))
    bad = sound(probes, target, said)

    def keep(mutant: Mutant, row: dict[str, Any]) -> None:
        if mutant.probe in bad:
            row = {**row, "verdict": BLOCKED, "said": [f"{mutant.probe} fails on the sound firmware"]}
        elif kept is not None:
            kept.put(_key(mutant, target), row)
        rows[mutant.name] = row
        said(mutant.name, len(rows), len(chosen))

    if jobs == 1:
        for mutant in waiting:
            keep(mutant, judge(mutant, target))
    elif waiting:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            pending = {pool.submit(judge, mutant, target): mutant for mutant in waiting}
            for future in as_completed(pending):
                keep(pending[future], future.result())
    return document([rows[each.name] for each in chosen], target)


def _key(mutant: Mutant, target: str) -> dict[str, Any]:
    """All that the row follows from, beside the code: a changed line of the list runs its mutant alone."""
    name = mutant.probe.partition(":")[2]
    path = SCENARIOS / f"{name}.toml"
    text = path.read_bytes() if path.exists() else b""
    return {**asdict(mutant), "reason": list(mutant.reason), "target": target, "probe_crc": crc32(text)}


def document(rows: Sequence[dict[str, Any]], target: str) -> dict[str, Any]:
    """The counts, and the verdict: nine of ten are caught for the right reason."""
    counts = Counter(row["verdict"] for row in rows)
    share = counts[RIGHT] / len(rows) if rows else 0.0
    verdict = "blocked" if counts[BLOCKED] or not rows else "pass" if share >= 0.9 else "fail"
    return {
        "target": target,
        "verdict": verdict,
        "mutants": len(rows),
        "caught": counts[RIGHT] + counts[OTHER],
        "caught_for_the_right_reason": counts[RIGHT],
        "survived": counts[SURVIVED],
        "blocked": counts[BLOCKED],
        "rows": list(rows),
    }


def markdown(found: dict[str, Any]) -> str:
    """Figures, and a table of all."""
    lines = [
        f"{found['mutants']} mutants: {found['caught_for_the_right_reason']} caught for the right reason, "
        f"{found['caught'] - found['caught_for_the_right_reason']} for another one, "
        f"{found['survived']} survive (target {found['target']}).",
        "",
        "| mutant | file | the mistake | probe | must say | verdict |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | `{row['file']}` | {row['what']} | `{row['probe']}` "
        f"| {' or '.join(row['reason'])} | {row['verdict']} |"
        for row in found["rows"]
    ]
    return "\n".join(lines)
