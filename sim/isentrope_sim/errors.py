"""The one error a user's mistake raises; the command line turns it into one line and exit code 2."""


class InputError(ValueError):
    """Bad input: the message is one line that names the thing, the place, the value and the allowed range."""
