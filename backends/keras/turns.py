"""Numbers that differ from turn to turn of a loop: multiples of its counter, or of each other."""

from __future__ import annotations

import re
from typing import Any

from graphcnn.backends.python.precedence import SUM, binding, infix, shifted
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import alike

_LAST_NUMBER = re.compile(r" [+-] \d+$")

#: what a column holds for turns that do not read it
GAP: Any = object()


def steps_of(turns: list[list[Any]], numbers: list[list[int]]) -> tuple[int, list[int]] | None:
    """By how much a value grows from turn to turn, and where it would start at turn 0."""
    if not all(type(v) is int for found in turns for v in found):
        return None
    step: int | None = None
    for values, at in zip(turns, numbers, strict=True):
        for (v, a), (w, b) in zip(
            zip(values, at, strict=True), list(zip(values, at, strict=True))[1:], strict=False
        ):
            if (w - v) % (b - a):
                return None
            found = (w - v) // (b - a)
            if step not in (None, found):
                return None
            step = found
    if not step:
        return None
    return step, [v[0] - step * a[0] for v, a in zip(turns, numbers, strict=True)]


def apart_by(known: list[list[Any]], values: list[list[Any]]) -> int | None:
    """By how much all numbers of one column are above those of another; 0 if they are alike."""
    pairs = [
        (a, b)
        for x, y in zip(known, values, strict=True)
        for a, b in zip(x, y, strict=True)
        if a is not GAP and b is not GAP
    ]
    if not pairs:
        return None
    if alike([a for a, _ in pairs], [b for _, b in pairs]):
        return 0
    if not all(type(a) is int and type(b) is int for a, b in pairs):
        return None
    found = {b - a for a, b in pairs}
    return found.pop() if len(found) == 1 else None


def is_row(steps: tuple[int, Any], turns: list[list[Any]], hint: str) -> bool:
    """Whether numbers grow as by a rule, and not as any two do; those of layers always may."""
    step, _ = steps
    return hint == "first" or step == 1 or (step > 0 and max(map(len, turns)) > 2)


def sum_of(base: Any, step: int, counter: str) -> Text:
    """``i``, ``i + 1``, ``first + 3 * i``."""
    times = counter if step == 1 else infix("*", str(step), counter)
    if not isinstance(base, str):
        return Text(shifted(times, base))
    number = _LAST_NUMBER.search(base) if binding(base) == SUM else None
    if number is None:
        return Text(infix("+", base, times))
    return Text(infix("+", base[: number.start()], times) + number.group())  # `first + 3 * i + 1`
