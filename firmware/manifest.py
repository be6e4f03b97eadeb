"""The firmware, frozen into a custom MicroPython build (MicroPython manual, "Manifest files")."""

package("isentrope")  # noqa: F821  given by the build
module("main.py")  # noqa: F821
