"""The matrix of faults: every sensor and actuator x every verb x every mode, judged (docs/fault-matrix.md)."""
