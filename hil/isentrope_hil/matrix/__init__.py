"""The matrix of faults: every sensor and actuator by every verb in every mode (docs/fault-matrix.md)."""
