"""Runs this folder's tests on MicroPython: micropython tests/firmware/run_mp.py [test_settings ...]

Every `test_*` function of every `test_*.py` is called, those that need CPython (`test_on_*.py`) left out.
The last line is "N passed, N failed"; the exit code is 1 if any failed.
"""

import gc
import os
import sys

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path[:0] = [HERE, HERE + "/../../firmware"]


def modules():
    names = [entry[0] for entry in os.ilistdir(HERE)]
    return sorted(
        n[:-3] for n in names if n.startswith("test_") and n.endswith(".py") and n[:8] != "test_on_"
    )


def run(module):
    """(passed, failed) of one module."""
    passed = failed = 0
    tests = __import__(module)
    for name in sorted(dir(tests)):
        if not name.startswith("test_"):
            continue
        try:
            getattr(tests, name)()
            passed += 1
        except Exception as error:
            failed += 1
            print("FAILED %s.py::%s" % (module, name))
            sys.print_exception(error)
        gc.collect()
    return passed, failed


def main():
    passed = failed = 0
    for module in sys.argv[1:] or modules():
        try:
            counts = run(module)
        except Exception as error:
            print("FAILED %s.py does not load" % module)
            sys.print_exception(error)
            counts = 0, 1
        passed += counts[0]
        failed += counts[1]
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


main()
