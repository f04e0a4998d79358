"""Sizes and counts as people read them."""

from __future__ import annotations

from graphcnn.size.terms import Size

_UNITS = ("", " K", " M", " G", " T", " P")


def exact(size: Size) -> str:
    """A number with its thousands set apart."""
    return f"{size:,}" if isinstance(size, int) else str(size)


def rounded(size: Size) -> str:
    """A number in four digits and a unit.

    >>> rounded(4089184256)
    '4.089 G'
    >>> rounded(999)
    '999'
    """
    if not isinstance(size, int) or abs(size) < 1000:
        return str(size)
    number, power = float(size), 0
    # 999,950 would be shown as 1000 K, so that the next unit begins a little below its thousand.
    while abs(number) >= 999.95 and power < len(_UNITS) - 1:
        number /= 1000
        power += 1
    digits = 3 if abs(number) < 9.9995 else 2 if abs(number) < 99.995 else 1
    return f"{number:,.{digits}f}{_UNITS[power]}"
