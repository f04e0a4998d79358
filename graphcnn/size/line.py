"""Sizes that follow from one symbol by a factor and an offset, and so tell its value."""

from __future__ import annotations

from graphcnn.size.decision import equal
from graphcnn.size.substitution import evaluate, symbols
from graphcnn.size.terms import Size, Symbolic, symbol


def line(size: Size, name: str) -> tuple[int, int] | None:
    """``(a, b)`` where the size is a * name + b and a is above 0; None where it is no such.

    >>> line(2 * symbol("H") + 1, "H")
    (2, 1)
    """
    if not isinstance(size, Symbolic) or set(symbols(size)) != {name}:
        return None
    first, second = (evaluate(size, {name: n}) for n in (1, 2))
    if not isinstance(first, int) or not isinstance(second, int) or second <= first:
        return None
    factor = second - first
    offset = first - factor
    return (factor, offset) if equal(size, factor * symbol(name) + offset) else None
