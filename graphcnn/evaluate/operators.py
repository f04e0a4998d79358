"""Arithmetic, logic and comparison, over numbers, sizes that are symbols, texts and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphcnn.evaluate.values import (
    MAX_ITEMS,
    Budget,
    bounded,
    bounded_text,
    checked,
    error,
    is_number,
    kind_of,
    too_many,
    undecided,
)
from graphcnn.expression import Binary, Compare, Expr, Unary
from graphcnn.size import (
    UNKNOWN,
    SizeTooComplex,
    SizeTooLarge,
    Symbolic,
    at_least,
    equal,
)


def truth(value: Any, at: Expr) -> bool:
    if isinstance(value, bool):
        return value
    raise error("expression-type", f"expected a boolean, found {kind_of(value)}", at)


def _require_number(value: Any, at: Expr, operator: str) -> None:
    if not is_number(value):
        message = f"`{operator}` takes numbers, found {kind_of(value)}"
        raise error("expression-type", message, at)


def signed(expr: Unary, value: Any) -> Any:
    """`-value` or `+value`."""
    _require_number(value, expr.operand, expr.operator)
    return checked(-value, expr) if expr.operator == "-" else value


# --- arithmetic --------------------------------------------------------------------------


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, Symbolic) or isinstance(b, Symbolic):
        raise TypeError
    return a / b


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}


def combined(expr: Binary, left: Any, right: Any, budget: Budget) -> Any:
    """``left`` and ``right``, both known, by one of the arithmetic operators."""
    if type(left) is int and type(right) is int:
        return _arithmetic(expr, left, right, budget)
    if isinstance(left, list) and expr.operator in ("+", "*"):
        if expr.operator == "+" and isinstance(right, list):
            return bounded(left + right, expr, budget)
        if expr.operator == "*" and type(right) is int:
            if len(left) * right > MAX_ITEMS:
                raise too_many(expr)
            return bounded(left * right, expr, budget)
    if expr.operator == "+" and isinstance(left, str) and isinstance(right, str):
        return bounded_text(left + right, expr)
    _require_number(left, expr.left, expr.operator)
    _require_number(right, expr.right, expr.operator)
    charge(left, right, expr, budget)
    return _arithmetic(expr, left, right, budget)


def charge(left: Any, right: Any, at: Expr, budget: Budget) -> None:
    """Charge what computing with symbolic sizes takes: their terms multiply out."""
    if isinstance(left, Symbolic) or isinstance(right, Symbolic):
        budget.spend(200 + 10 * weight(left) * weight(right), at)


def weight(value: Any) -> int:
    return value.weight if isinstance(value, Symbolic) else 1


def _arithmetic(expr: Binary, left: Any, right: Any, budget: Budget) -> Any:
    operator = expr.operator
    if operator in ("/", "//", "%") and right == 0:
        raise error("division-by-zero", "division by zero", expr)
    if operator == "**":
        _check_power(expr, left, right)
        if isinstance(left, Symbolic):
            budget.spend(10 * left.weight**2 * right**2, expr)
    try:
        return checked(_OPERATORS[operator](left, right), expr)
    except (SizeTooComplex, SizeTooLarge) as problem:
        raise error("too-much-work", str(problem), expr) from None
    except (TypeError, ValueError):
        message = f"`{left} {operator} {right}` is not a whole number for every size"
        help = "use `//`, which rounds down" if operator == "/" else None
        raise error("undecided", message, expr, help) from None
    except (OverflowError, ZeroDivisionError):
        raise error("bad-number", "the result is out of range", expr) from None


def _check_power(expr: Binary, base: Any, exponent: Any) -> None:
    if isinstance(exponent, Symbolic) or (isinstance(base, Symbolic) and type(exponent) is float):
        raise error("undecided", "an exponent must be a known number", expr.right)
    grows = isinstance(base, Symbolic) or (type(base) is int and abs(base) > 1)
    if type(exponent) is int and exponent > 64 and grows:
        raise error("bad-number", "the result is out of range", expr)


# --- comparison --------------------------------------------------------------------------


def compared(operator: str, left: Any, right: Any, at: Compare, budget: Budget) -> Any:
    """True, False, or UNKNOWN where an earlier error hides the answer."""
    if operator in ("==", "!="):
        same = _same(left, right, at, budget)
        return same if operator == "==" or same is UNKNOWN else not same
    if operator in ("in", "not in"):
        found = _contains(right, left, at, operator, budget)
        return found if operator == "in" or found is UNKNOWN else not found
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    charge(left, right, at, budget)
    return _ordered(operator, left, right, at)


def _same(left: Any, right: Any, at: Expr, budget: Budget) -> Any:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if isinstance(left, list) and isinstance(right, list):
        return _same_items(left, right, at, budget)
    if isinstance(left, Symbolic) or isinstance(right, Symbolic):
        charge(left, right, at, budget)
        whole = (int, Symbolic)
        if not (isinstance(left, whole) and isinstance(right, whole)):
            return False
        decided = equal(left, right)
        if decided is None:
            raise undecided(f"{left} == {right}", at)
        return decided
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _same_items(left: list[Any], right: list[Any], at: Expr, budget: Budget) -> Any:
    if len(left) != len(right):
        return False
    budget.spend(len(left), at)
    result: Any = True
    for a, b in zip(left, right, strict=True):
        same = _same(a, b, at, budget)
        if same is False:
            return False
        if same is UNKNOWN:
            result = UNKNOWN
    return result


def _contains(container: Any, value: Any, at: Expr, operator: str, budget: Budget) -> Any:
    if container is UNKNOWN or value is UNKNOWN:
        return UNKNOWN
    if isinstance(container, str) and isinstance(value, str):
        return value in container
    if not isinstance(container, list):
        message = f"`{operator}` looks in a list, found {kind_of(container)}"
        raise error("expression-type", message, at)
    budget.spend(len(container), at)
    result: Any = False
    for item in container:
        same = _same(value, item, at, budget)
        if same is True:
            return True
        if same is UNKNOWN:
            result = UNKNOWN
    return result


def _ordered(operator: str, left: Any, right: Any, at: Compare) -> bool:
    if not (isinstance(left, str) and isinstance(right, str)):
        _require_number(left, at, operator)
        _require_number(right, at, operator)
    if isinstance(left, Symbolic) or isinstance(right, Symbolic):
        low, high = (left, right) if operator in (">", ">=") else (right, left)
        if isinstance(low, float) or isinstance(high, float):
            raise undecided(f"{left} {operator} {right}", at)
        decided = at_least(low, high + 1 if operator in ("<", ">") else high)
        if decided is None:
            raise undecided(f"{left} {operator} {right}", at)
        return decided
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)
