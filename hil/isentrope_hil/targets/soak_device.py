"""On MicroPython: the firmware as main.py starts it, which notes every number it holds once an hour.

Arguments: the firmware's folder, and a file that gets a JSON line a sample: control time, bytes allocated
after a collection, the largest piece that could still be had, and the numbers of the whole object graph by
their path. The firmware's files run as they are; only `Scan.keep`, the end of a scan, is followed by the
sample, which is written as it is found: it must not need a large piece itself.
"""

import gc
import json
import sys

sys.path.insert(0, sys.argv[1])

from isentrope import app

FILE = sys.argv[2]
EVERY_MS = 3_600_000

build = app.build


def numbers(thing, path: str, tell, seen: list):
    """`tell(path, number)` of every int and float below `thing`; what was seen is not entered again."""
    if isinstance(thing, (int, float)):
        tell(path, int(thing) if isinstance(thing, bool) else thing)
        return
    inside = isinstance(thing, (list, tuple))
    if not inside and (not hasattr(thing, "__dict__") or isinstance(thing, type)):
        return
    if any(each is thing for each in seen):
        return
    seen.append(thing)
    gc.collect()  # nothing collects by itself here
    for name, each in enumerate(thing) if inside else thing.__dict__.items():
        numbers(each, path + "." + str(name), tell, seen)


def largest() -> int:
    """The largest piece that can be had, to 64 bytes, after a collection."""
    low, high = 0, gc.mem_free()
    while high - low > 64:
        size = (low + high) // 2
        try:
            bytearray(size)
            low = size
        except MemoryError:
            high = size
        gc.collect()
    return low


def note(scan, t_ms: int):
    gc.collect()
    bytes_used = gc.mem_alloc()
    # Settings are constants, inputs the plant's.
    seen = [scan.settings, scan.settings.v, scan.log, scan.inp]
    with open(FILE, "a") as file:
        file.write(f'{{"t_ms": {t_ms}, "heap": {bytes_used}, "largest": {largest()}, "numbers": {{')
        before = [""]

        def tell(path, number):
            file.write(before[0])
            before[0] = ", "
            json.dump(path, file)
            file.write(": ")
            json.dump(number, file)

        for name in ("controller", "alarms", "storage", "valve", "out", "points"):
            numbers(getattr(scan, name), name, tell, seen)
        file.write("}}\n")


def watched(profile, pins, port, medium):
    """app.build, whose scan tells what it holds."""
    scan = build(profile, pins, port, medium)
    keep = scan.keep
    passed = [-1, profile["scan_ms"]]  # control time of the last scan, ms since the last sample

    def noting():
        keep()
        if passed[0] >= 0:
            passed[1] += (scan.now_ms - passed[0]) & 0x3FFFFFFF
        passed[0] = scan.now_ms
        if passed[1] >= EVERY_MS:
            passed[1] -= EVERY_MS
            note(scan, scan.now_ms)

    scan.keep = noting
    return scan


app.build = watched
app.main()
