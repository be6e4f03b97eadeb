"""Dates as days since 1 January 2000, to 2099: every fourth year is a leap year."""

_BEFORE = b"\x00\x1f\x3b\x5a\x78\x97\xb5\xd4\xf3\x11\x30\x4e"  # days before each month, modulo 256


def first(year: int, month: int) -> int:
    """The day on which a month (1 to 12) of a year (0 to 99) begins."""
    days = _BEFORE[month - 1] + (256 if month > 9 else 0)
    return year * 365 + (year + 3) // 4 + days + (year % 4 == 0 and month > 2)


def date(day: int) -> tuple:
    """(year, month, day of the month)"""
    year = day * 4 // 1461
    month = 12
    while first(year, month) > day:
        month -= 1
    return year, month, day - first(year, month) + 1
