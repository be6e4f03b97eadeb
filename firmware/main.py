"""What MicroPython runs after reset: safe pin levels first, then the firmware in the active tree.

`pins.txt` has a line "GPIO level" for every output; `active` holds the name of the folder the firmware is in.
Both are written by the deployment; without them nothing is driven and the firmware lies beside this file.
"""

try:
    from machine import Pin
except ImportError:  # the unix port has no pins
    Pin = None

if Pin:
    try:
        with open("pins.txt") as file:
            for line in file:
                pin, level = line.split()
                Pin(int(pin), Pin.OUT, value=int(level))
    except OSError:
        pass

import sys

try:
    with open("active") as file:
        sys.path.insert(0, file.read().strip())
except OSError:
    pass

try:
    from isentrope import app

    app.main()
except Exception as error:
    if Pin is None:
        raise
    sys.print_exception(error)
    import machine

    machine.reset()
