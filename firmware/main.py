"""What MicroPython runs after reset: safe pin levels first, then the firmware in the active tree.

`pins.txt` has a line "GPIO level" for every output, `active` the name of the folder that holds the firmware.
The deployment writes both; without them nothing is driven and the firmware lies beside this file.
"""

import machine

Pin = getattr(machine, "Pin", None)  # the unix port has none
reset = getattr(machine, "reset", None)

if Pin:
    try:
        with open("pins.txt") as file:
            for line in file:
                pin, level = line.split()
                Pin(int(pin), Pin.OUT, value=int(level))
    except OSError:
        pass

import sys  # noqa: E402

try:
    with open("active") as file:
        sys.path.insert(0, file.read().strip())
except OSError:
    pass

try:
    from isentrope import app

    app.main()
except Exception as error:
    if reset is None:
        raise
    sys.print_exception(error)
    reset()
