"""The functions that expressions can call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphcnn.evaluate.operators import weight
from graphcnn.evaluate.values import (
    MAX_ITEMS,
    Budget,
    checked,
    error,
    holds_unknown,
    is_number,
    kind_of,
    too_many,
    undecided,
)
from graphcnn.expression import CallOf
from graphcnn.size import (
    UNKNOWN,
    SizeTooComplex,
    SizeTooLarge,
    Symbolic,
    at_least,
    maximum,
    minimum,
)


class _Undecided(Exception):
    """A condition on symbolic sizes that holds for some and not for others."""


class _TooMany(Exception):
    """A list that would be too long."""


def call(expr: CallOf, arguments: list[Any], budget: Budget) -> Any:
    """The value of a call, its arguments evaluated."""
    if any(map(holds_unknown, arguments)):
        return UNKNOWN
    for argument in arguments:
        if isinstance(argument, list):
            budget.spend(len(argument), expr)
    _charge(expr, arguments, budget)
    try:
        value = checked(_FUNCTIONS[expr.function](*arguments), expr)
    except _Undecided as condition:
        raise undecided(str(condition), expr) from None
    except _TooMany:
        raise too_many(expr) from None
    except (SizeTooComplex, SizeTooLarge) as problem:
        raise error("too-much-work", str(problem), expr) from None
    except (TypeError, ValueError, AttributeError):
        found = ", ".join(kind_of(argument) for argument in arguments) or "nothing"
        message = f"`{expr.function}` cannot be computed of {found}"
        raise error("expression-type", message, expr, f"write {_USAGE[expr.function]}") from None
    except OverflowError:
        raise error("bad-number", "the result is out of range", expr) from None
    if isinstance(value, list):
        budget.spend(len(value), expr)
    return value


def _charge(expr: CallOf, arguments: list[Any], budget: Budget) -> None:
    """Charge for symbolic sizes: a sum adds each to all before it, an extreme compares them."""
    items = arguments[0] if arguments and isinstance(arguments[0], list) else arguments
    total = sum(weight(item) for item in items if isinstance(item, Symbolic))
    if total:
        budget.spend(200 * len(items) + 10 * total * len(items), expr)


def _numbers(items: list[Any]) -> list[Any]:
    if not all(map(is_number, items)):
        raise TypeError
    return items


def _extreme(symbolic: Callable[..., Any], plain: Callable[..., Any], *values: Any) -> Any:
    items = _numbers(values[0] if len(values) == 1 and isinstance(values[0], list) else [*values])
    if any(isinstance(item, Symbolic) for item in items):
        if any(isinstance(item, float) for item in items):
            raise TypeError
        return symbolic(*items)
    return plain(items)


def _sum(items: Any) -> Any:
    if not isinstance(items, list):
        raise TypeError
    return sum(_numbers(items))


def _length(items: Any) -> int:
    if not isinstance(items, (list, str)):
        raise TypeError
    return len(items)


def _range(*bounds: Any) -> list[int]:
    if not all(type(bound) is int for bound in bounds):
        raise TypeError
    numbers = range(*bounds)
    # `len` cannot count beyond the size of an index
    if numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= MAX_ITEMS:
        raise _TooMany
    return list(numbers)


def _rounding(function: Callable[[Any], int]) -> Callable[[Any], Any]:
    def rounded(value: Any) -> Any:
        if isinstance(value, Symbolic):
            return value
        return function(*_numbers([value]))

    return rounded


def _absolute(value: Any) -> Any:
    if isinstance(value, Symbolic):
        decided = at_least(value, 0)
        if decided is None:
            raise _Undecided(f"{value} >= 0")
        return value if decided else -value
    return abs(*_numbers([value]))


def make_divisible(value: Any, divisor: Any = 8) -> int:
    """The multiple of ``divisor`` nearest to ``value``, at least ``divisor`` and 0.9 ``value``.

    The channel rounding of MobileNet and EfficientNet.
    """
    _numbers([value, divisor])
    if isinstance(value, Symbolic) or type(divisor) is not int or divisor < 1:
        raise TypeError
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: _extreme(minimum, min, *values),
    "max": lambda *values: _extreme(maximum, max, *values),
    "abs": _absolute,
    "sum": _sum,
    "len": _length,
    "range": _range,
    "ceil": _rounding(math.ceil),
    "floor": _rounding(math.floor),
    "round": _rounding(round),
    "int": _rounding(int),
    "make_divisible": make_divisible,
}

_USAGE = {
    "min": "`min(a, b)` or `min(list)`, of numbers",
    "max": "`max(a, b)` or `max(list)`, of numbers",
    "abs": "`abs(number)`",
    "sum": "`sum(list)`, of numbers",
    "len": "`len(list)`",
    "range": "`range(stop)`, `range(start, stop)` or `range(start, stop, step)`, of integers",
    "ceil": "`ceil(number)`",
    "floor": "`floor(number)`",
    "round": "`round(number)`",
    "int": "`int(number)`",
    "make_divisible": "`make_divisible(number, 8)`, of numbers that are known",
}
