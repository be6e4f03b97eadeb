"""What MicroPython runs after reset: safe pin levels, then the firmware of the active folder.

docs/deploy.md explains the files it reads: `pins.txt`, `maintenance`, `active`, `trial`. Without any of them
nothing is driven, and the firmware is frozen or lies beside this file.
"""

import machine

Pin = getattr(machine, "Pin", None)  # the unix port has neither of these
reset = getattr(machine, "reset", None)


def drive_safe():
    """Every pin at its safe level; a line that cannot be followed costs no other."""
    if Pin is None:
        return
    try:
        with open("pins.txt", "rb") as file:
            for line in file:
                try:
                    pin, level = line.split()
                    Pin(int(pin), Pin.OUT, value=int(level))
                except Exception:
                    pass
    except OSError:
        pass


drive_safe()

import gc  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

GARBAGE = 16_384  # bytes between collections while loading: what stays lies together, large blocks free; own
STARTS = 3  # of a folder on trial; own
PAUSE_S = 2  # before the reset after a fault, for a Ctrl-C to come between; own


def word(path: str) -> str:
    """The first word of a file, "" without it."""
    try:
        with open(path) as file:
            return file.read(16).strip()
    except (OSError, ValueError):
        return ""


def keep(path: str, text: str):
    """A power cut leaves the old text or the new one."""
    try:
        with open("main.new", "w") as file:
            file.write(text)
        os.rename("main.new", path)
    except OSError:
        pass


def choose() -> str:
    """The folder to run: the active one; the other if that is not whole, or on trial and did not last."""
    active = word("active")
    other = "b" if active == "a" else "a"
    trial = word("trial")
    if active and trial[:1] == active and word(other + "/MANIFEST.crc"):
        if len(trial) <= STARTS:
            keep("trial", trial + ".")
        else:
            print(
                "main.py: folder %s did not last a minute in %d starts: back to %s" % (active, STARTS, other)
            )
            try:
                os.remove(active + "/MANIFEST.crc")  # not whole: nothing goes back to it by itself
            except OSError:
                pass
            return other
    for folder in (active, other, "b"):
        if word(folder + "/MANIFEST.crc"):
            return folder
    return ""


def load():
    """The firmware; None, with the reason on the console, if it cannot be loaded."""
    folder = choose()
    if folder:
        sys.path.insert(0, folder)
    gc.threshold(GARBAGE)
    try:
        if folder and word(folder + "/isentrope.pack"):
            import pack

            pack.mount(folder)
        from isentrope import app

        return app
    except Exception as error:
        if reset is None:
            raise
        sys.print_exception(error)


def run(app):
    """Until Ctrl-C, which leaves the console; an exception resets the board (and ends a process)."""
    try:
        app.main()
    except SystemExit:
        if reset is None:
            raise
    except Exception as error:
        if reset is None:
            raise
        sys.print_exception(error)
        drive_safe()
        time.sleep(PAUSE_S)
        reset()
    finally:
        drive_safe()


try:
    os.remove("maintenance")
    print("main.py: maintenance: outputs safe, no firmware, no watchdog; reset to leave")
except OSError:
    app = load()
    if app:
        run(app)
