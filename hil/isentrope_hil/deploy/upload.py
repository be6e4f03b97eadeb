"""A firmware tree onto a board, so that whatever moment it ends at, the board starts the old or the new one.

The board has two slots, folders `a` and `b`. Everything goes into the one that is not running and is read
back there; only then the pointer file `active` is replaced, in one rename. docs/deploy.md has the order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from zlib import crc32

from isentrope_hil.deploy import tree
from isentrope_hil.deploy.remote import Listing, Remote, Stored, blocks
from isentrope_hil.errors import InputError, TargetError

_SPARE_BLOCKS = 8  # own: for the temporary files of the root and littlefs's own moves
_NEW = ".new"

Said = Callable[[str, int, int], None]  # the file, bytes sent, bytes to send in all


@dataclass(frozen=True)
class Outcome:
    """What was done.

    Attributes:
        slot: the folder that is active now.
        sent, copied: files sent, and copied on the board from the other folder; `sent_bytes` of the first.
        changed: the board has to be reset to run it.
        trial: it goes back by itself if the new firmware does not last.
    """

    slot: str
    sent: int = 0
    copied: int = 0
    sent_bytes: int = 0
    changed: bool = False
    trial: bool = False


def running(listing: Listing, pointer: str) -> str | None:
    """The slot that main.py would start with this pointer: see `choose` there."""
    other = "b" if pointer == "a" else "a"
    for slot in (pointer, other, "b"):
        if listing.files.get(f"{slot}/{tree.MANIFEST}", Stored(0, 0)).size:
            return slot
    return None


def install(remote: Remote, files: Mapping[str, bytes], said: Said = lambda *_: None) -> Outcome:
    """Make these files (`tree.build`, in whichever slot) what the board runs after its next reset.

    Raises:
        InputError: no room for a second slot beside the one that runs.
        TargetError: what the board reads back is not what was sent, or the line failed.
    """
    new = {path.split("/", 1)[1]: data for path, data in files.items() if path[:2] in ("a/", "b/")}
    pins, main = files["pins.txt"], files.get("main.py")
    before = remote.listing()
    pointer = _pointer(remote)
    old = running(before, pointer)
    with _explained(old):
        if old is None:
            _put(remote, "pins.txt", pins)
        elif pointer != old:
            _replace(remote, "active", old.encode())  # or the slot would start as soon as it is whole
        if old and _same(before.within(old), new):
            outcome = Outcome(old)
        else:
            outcome = _fill(remote, before, old, "b" if old == "a" else "a", new, said)
        changed = main is not None and _put(remote, "main.py", main)
        trial = outcome.slot != old and _point(remote, old, outcome.slot, pins)
    changed |= _put(remote, "pins.txt", pins) | (outcome.slot != old)
    return Outcome(outcome.slot, outcome.sent, outcome.copied, outcome.sent_bytes, changed, trial)


def rollback(remote: Remote) -> str:
    """Make the other slot active, with the pin levels of its profile; the slot.

    Raises:
        InputError: the other slot holds no whole firmware.
        TargetError: the line failed.
    """
    before = remote.listing()
    old = running(before, _pointer(remote))
    slot = "b" if old == "a" else "a"
    held = before.within(slot)
    if tree.MANIFEST not in held or old is None:
        raise InputError("nothing to go back to: the board holds one whole firmware, or none")
    for path, stored in tree.listed(remote.read(f"{slot}/{tree.MANIFEST}")).items():
        if held.get(path) != Stored(*stored):
            raise InputError(f"cannot go back: {slot}/{path} is damaged; deploy the version you want instead")
    pins = tree.pins(json.loads(remote.read(f"{slot}/profile.json")))
    with _explained(old):
        _point(remote, old, slot, pins, on_trial=False)
    _put(remote, "pins.txt", pins)
    return slot


@contextmanager
def _explained(old: str | None) -> Iterator[None]:
    """Whatever the board did not take: says where that leaves it."""
    try:
        yield
    except TargetError as error:
        left = "still starts the firmware it had" if old else "has no whole firmware yet"
        raise type(error)(f"{error}; the board {left}: run the same command again") from None


def _pointer(remote: Remote) -> str:
    return remote.read("active").decode("ascii", "replace").strip() if remote.stored("active") else ""


def _stored(data: bytes) -> Stored:
    return Stored(len(data), crc32(data))


def _same(held: Mapping[str, Stored], new: Mapping[str, bytes]) -> bool:
    return held == {path: _stored(data) for path, data in new.items()}


def _fill(
    remote: Remote, before: Listing, old: str | None, slot: str, new: Mapping[str, bytes], said: Said
) -> Outcome:
    """The slot's files, its manifest last."""
    held = before.within(slot)
    if _same(held, new):
        return Outcome(slot)
    at_hand = before.within(old) if old else {}
    _room(remote, held, old, new)
    if tree.MANIFEST in held:
        remote.remove(f"{slot}/{tree.MANIFEST}")  # from here on main.py does not take this slot for whole
    for path in held.keys() - new.keys():
        remote.remove(f"{slot}/{path}")
    folders = _folders(f"{slot}/{path}" for path in new)
    there = {folder for folder in before.folders if folder.split("/")[0] == slot}
    for folder in sorted(there - folders, reverse=True):
        remote.rmdir(folder)  # empty, it would still hide a frozen package of its name
    for folder in sorted(folders - there):
        remote.mkdir(folder)
    content = {path: data for path, data in new.items() if path != tree.MANIFEST}
    wanting = [path for path in content if held.get(path) != _stored(new[path])]
    copies = [path for path in wanting if at_hand.get(path) == _stored(new[path])]
    sends = [path for path in wanting if path not in copies]
    for path in copies:
        remote.copy(f"{old}/{path}", f"{slot}/{path}")
    total, done = sum(len(new[path]) for path in sends), 0

    def arrived(count: int) -> None:
        nonlocal done
        done += count
        said(path, done, total)

    for path in sends:
        remote.write(f"{slot}/{path}", new[path], arrived)
    now = remote.listing().within(slot)
    wrong = sorted(path for path in now.keys() | content.keys() if now.get(path) != _expected(content, path))
    if wrong:
        raise TargetError(
            f"{len(wrong)} files are not on the board as they were sent, {slot}/{wrong[0]} first"
        )
    _replace(remote, f"{slot}/{tree.MANIFEST}", new[tree.MANIFEST])
    return Outcome(slot, len(sends), len(copies), total)


def _expected(content: Mapping[str, bytes], path: str) -> Stored | None:
    return _stored(content[path]) if path in content else None


def _room(remote: Remote, held: Mapping[str, Stored], old: str | None, new: Mapping[str, bytes]) -> None:
    space = remote.space()
    need = blocks({f"a/{path}": len(data) for path, data in new.items()}, space.block)
    have = space.free + blocks({f"a/{path}": file.size for path, file in held.items()}, space.block)
    copies = 1 if old else 2  # the first deployment leaves room for the second
    if have < copies * need + _SPARE_BLOCKS:
        free, whole, wanted = (
            f"{count * space.block / 1024:.0f} KB"
            for count in (have, space.blocks, copies * need + _SPARE_BLOCKS)
        )
        raise InputError(
            f"the board's file system is too full: {free} of {whole} can be had, and the firmware, which is"
            f" kept twice, needs {wanted} of them; remove files of yours from it"
        )


def _folders(paths: Iterator[str]) -> set[str]:
    return {str(parent) for path in paths for parent in list(PurePosixPath(path).parents)[:-1]}


def _replace(remote: Remote, path: str, data: bytes) -> None:
    """A file's new content in one rename, read back before that."""
    remote.write(path + _NEW, data, lambda _: None)
    if remote.stored(path + _NEW) != _stored(data):
        raise TargetError(f"{path} is not on the board as it was sent")
    remote.rename(path + _NEW, path)


def _put(remote: Remote, path: str, data: bytes) -> bool:
    """Whether the file had to be replaced."""
    if remote.stored(path) == _stored(data):
        return False
    _replace(remote, path, data)
    return True


def _point(remote: Remote, old: str | None, slot: str, pins: bytes, on_trial: bool = True) -> bool:
    """Set the pointer; whether main.py goes back by itself if the slot's firmware does not last.

    Pin levels that differ belong to another wiring. While either firmware may start, only the lines that both
    have are there and the other pins are left to the board's resistors. To go back by itself would be wrong.
    """
    now = remote.read("pins.txt") if remote.stored("pins.txt") else b""
    same_wiring = now == pins
    if not same_wiring:
        theirs = now.splitlines()
        _put(remote, "pins.txt", b"".join(line + b"\n" for line in pins.splitlines() if line in theirs))
    trial = on_trial and old is not None and same_wiring
    if trial:
        _replace(remote, "trial", slot.encode())
    elif remote.stored("trial"):
        remote.remove("trial")
    _replace(remote, "active", slot.encode())
    return trial
