"""The firmware, frozen into a custom MicroPython build (MicroPython manual, "Manifest files")."""

package("isentrope")  # type: ignore  # noqa: F821
module("main.py")  # type: ignore  # noqa: F821
