"""Seasonal rating by EN 14825: SCOP, SEER, seasonal efficiency and energy class."""
