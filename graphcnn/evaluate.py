"""Evaluation of expressions, within bounds.

Only what ``graphcnn.expression`` can express is evaluated; nothing of Python is reachable.
Every step is charged to a :class:`Budget`, numbers and lists have limits, so evaluation ends
soon whatever the expression. A size lost to an earlier error (UNKNOWN) makes every result that
depends on it UNKNOWN, in silence: its cause was reported where it arose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphcnn.diagnostics import did_you_mean
from graphcnn.expression import (
    PROPERTIES,
    Binary,
    CallOf,
    Compare,
    Comprehension,
    Conditional,
    Const,
    Expr,
    ExpressionError,
    Index,
    ListOf,
    Name,
    Property,
    SliceOf,
    Template,
    Unary,
)
from graphcnn.size import (
    UNKNOWN,
    SizeTooComplex,
    SizeTooLarge,
    Symbolic,
    at_least,
    equal,
    maximum,
    minimum,
)

Scope = Mapping[str, Any]


class Names(Mapping[str, Any]):
    """Names in one place, in front of those around it; cheap to make, however many there are."""

    __slots__ = ("local", "outer")

    def __init__(self, local: Mapping[str, Any], outer: Mapping[str, Any] | None = None) -> None:
        self.local = local
        self.outer = outer

    def __getitem__(self, name: str) -> Any:
        if name in self.local:
            return self.local[name]
        if self.outer is None:
            raise KeyError(name)
        return self.outer[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.local
        if self.outer is not None:
            yield from (name for name in self.outer if name not in self.local)

    def __len__(self) -> int:
        return sum(1 for _ in self)

MAX_INTEGER = 2**63
MAX_ITEMS = 10_000
MAX_TEXT = 10_000


class Budget:
    """The work that one compilation may still spend on expressions."""

    def __init__(self, steps: int = 5_000_000) -> None:
        self.steps = steps

    def spend(self, steps: int, at: Expr) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise _error("too-much-work", "the spec's expressions take too much work", at)


def evaluate(expr: Expr, scope: Scope, budget: Budget) -> Any:
    """The value of ``expr``: a number, size, text, boolean, list, None or UNKNOWN.

    Raises:
        ExpressionError: with a code and the place, where it has no value.
    """
    budget.spend(1, expr)
    handler = _HANDLERS[type(expr)]
    return handler(expr, scope, budget)


def _error(code: str, message: str, at: Expr, help: str | None = None) -> ExpressionError:
    return ExpressionError(code, message, at.start, at.end, help)


def kind_of(value: object) -> str:
    """What a value is, in a spec author's words."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, Symbolic)):
        return "an integer"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a tensor" if _is_tensor(value) else "a mapping"


def _is_tensor(value: object) -> bool:
    """A tensor is what has a shape; None is a shape lost to an earlier error."""
    return hasattr(value, "shape")


def _const(expr: Const, scope: Scope, budget: Budget) -> Any:
    return expr.value


def _name(expr: Name, scope: Scope, budget: Budget) -> Any:
    try:
        return scope[expr.name]
    except KeyError:
        raise _error(
            "unknown-name", f"`{expr.name}` is not defined here", expr, _name_help(expr.name, scope)
        ) from None


def _name_help(name: str, scope: Scope) -> str:
    visible = sorted(key for key in scope if not key.startswith("$"))
    listed = ", ".join(visible[:12]) + (", …" if len(visible) > 12 else "")
    return did_you_mean(name, visible) or f"the names here are {listed or 'none at all'}"


def _property(expr: Property, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.value, scope, budget)
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, Mapping):
        if expr.name in value:
            return value[expr.name]
        raise _error(
            "unknown-property",
            f"there is no output `{expr.name}`",
            expr,
            f"the outputs are {', '.join(map(str, value))}",
        )
    if not _is_tensor(value):
        raise _error("expression-type", f"{kind_of(value)} has no `.{expr.name}`", expr)
    if expr.name not in PROPERTIES:
        raise _error(
            "unknown-property",
            f"a tensor has no property `{expr.name}`",
            expr,
            did_you_mean(expr.name, PROPERTIES) or f"it has {', '.join(PROPERTIES)}",
        )
    return _tensor_property(expr, value.shape)


_AXES: dict[int, dict[str, int]] = {
    1: {"channels": 0},
    2: {"channels": 0, "length": 1},
    3: {"channels": 0, "height": 1, "width": 2},
    4: {"channels": 0, "depth": 1, "height": 2, "width": 3},
}


def _tensor_property(expr: Property, shape: tuple[Any, ...] | None) -> Any:
    if shape is None:
        return UNKNOWN
    if expr.name == "shape":
        return list(shape)
    axis = _AXES.get(len(shape), {"channels": 0}).get(expr.name)
    if axis is None or axis >= len(shape):
        sizes = ", ".join(map(str, shape))
        raise _error("unknown-property", f"a tensor of shape ({sizes}) has no {expr.name}", expr)
    return shape[axis]


def _unary(expr: Unary, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.operand, scope, budget)
    if value is UNKNOWN:
        return UNKNOWN
    if expr.operator == "not":
        return not _truth(value, expr.operand)
    _require_number(value, expr.operand, expr.operator)
    return -value if expr.operator == "-" else value


def _truth(value: Any, at: Expr) -> bool:
    if isinstance(value, bool):
        return value
    raise _error("expression-type", f"expected a boolean, found {kind_of(value)}", at)


def _require_number(value: Any, at: Expr, operator: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Symbolic)):
        raise _error(
            "expression-type", f"`{operator}` takes numbers, found {kind_of(value)}", at
        )


def _binary(expr: Binary, scope: Scope, budget: Budget) -> Any:
    if expr.operator in ("and", "or"):
        return _logic(expr, scope, budget)
    left = evaluate(expr.left, scope, budget)
    right = evaluate(expr.right, scope, budget)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if expr.operator == "+" and isinstance(left, list) and isinstance(right, list):
        return _bounded_list(left + right, expr, budget)
    if expr.operator == "+" and isinstance(left, str) and isinstance(right, str):
        return _bounded_text(left + right, expr)
    if expr.operator == "*" and isinstance(left, list) and type(right) is int:
        if len(left) * right > MAX_ITEMS:
            raise _too_many(expr)
        return _bounded_list(left * right, expr, budget)
    _require_number(left, expr.left, expr.operator)
    _require_number(right, expr.right, expr.operator)
    return _arithmetic(expr, left, right)


def _logic(expr: Binary, scope: Scope, budget: Budget) -> Any:
    left = evaluate(expr.left, scope, budget)
    if left is not UNKNOWN:
        left = _truth(left, expr.left)
        if left is (expr.operator == "or"):
            return left
    right = evaluate(expr.right, scope, budget)
    if right is UNKNOWN:
        return UNKNOWN
    right = _truth(right, expr.right)
    if left is UNKNOWN:
        return right if right is (expr.operator == "or") else UNKNOWN
    return right


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


def _arithmetic(expr: Binary, left: Any, right: Any) -> Any:
    if expr.operator in ("/", "//", "%") and right == 0:
        raise _error("division-by-zero", "division by zero", expr)
    if expr.operator == "**":
        _check_power(expr, left, right)
    try:
        return _checked(_OPERATORS[expr.operator](left, right), expr)
    except (SizeTooComplex, SizeTooLarge) as error:
        raise _error("too-much-work", str(error), expr) from None
    except (TypeError, ValueError):
        raise _error(
            "undecided",
            f"`{left} {expr.operator} {right}` is not a whole number for every size",
            expr,
            "use `//`, which rounds down" if expr.operator == "/" else None,
        ) from None
    except (OverflowError, ZeroDivisionError):
        raise _error("bad-number", "the result is out of range", expr) from None


def _check_power(expr: Binary, base: Any, exponent: Any) -> None:
    if isinstance(exponent, Symbolic):
        raise _error("undecided", "an exponent must be a known number", expr.right)
    too_large = exponent > 64 and (isinstance(base, Symbolic) or abs(base) > 1)
    if type(exponent) is int and too_large and not isinstance(base, float):
        raise _error("bad-number", "the result is out of range", expr)


def _checked(value: Any, at: Expr) -> Any:
    if type(value) is int:
        if -MAX_INTEGER < value < MAX_INTEGER:
            return value
    elif isinstance(value, float):
        if math.isfinite(value):
            return value
    elif not isinstance(value, complex):
        return value
    raise _error("bad-number", "the result is out of range", at)


def _compare(expr: Compare, scope: Scope, budget: Budget) -> Any:
    left = evaluate(expr.first, scope, budget)
    result: Any = True
    for operator, operand in expr.rest:
        right = evaluate(operand, scope, budget)
        one = _comparison(operator, left, right, expr, budget)
        if one is False:
            return False
        if one is UNKNOWN:
            result = UNKNOWN
        left = right
    return result


def _comparison(operator: str, left: Any, right: Any, at: Compare, budget: Budget) -> Any:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if operator in ("==", "!="):
        same = _same(left, right, at)
        return same if operator == "==" else not same
    if operator in ("in", "not in"):
        if isinstance(right, str) and isinstance(left, str):
            found = left in right
        elif isinstance(right, list):
            budget.spend(len(right), at)
            found = any(_same(left, item, at) for item in right)
        else:
            raise _error(
                "expression-type", f"`{operator}` looks in a list, found {kind_of(right)}", at
            )
        return found if operator == "in" else not found
    return _order(operator, left, right, at)


def _same(left: Any, right: Any, at: Expr) -> bool:
    if isinstance(left, Symbolic) or isinstance(right, Symbolic):
        numbers = (int, Symbolic)
        if not (isinstance(left, numbers) and isinstance(right, numbers)):
            return False
        decided = equal(left, right)
        if decided is None:
            raise _undecided(f"{left} == {right}", at)
        return decided
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _undecided(condition: str, at: Expr) -> ExpressionError:
    return _error(
        "undecided",
        f"`{condition}` holds for some sizes and not for others",
        at,
        "give the input a fixed size, or one that is a multiple, such as `32*H`",
    )


def _order(operator: str, left: Any, right: Any, at: Compare) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        pair: tuple[Any, Any] = (left, right)
    else:
        _require_number(left, at, operator)
        _require_number(right, at, operator)
        pair = (left, right)
    if isinstance(left, Symbolic) or isinstance(right, Symbolic):
        low, high = (left, right) if operator in (">", ">=") else (right, left)
        decided = at_least(low, high + 1 if operator in ("<", ">") else high)
        if decided is None:
            raise _undecided(f"{left} {operator} {right}", at)
        return decided
    a, b = pair
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])


def _conditional(expr: Conditional, scope: Scope, budget: Budget) -> Any:
    condition = evaluate(expr.condition, scope, budget)
    if condition is UNKNOWN:
        return UNKNOWN
    chosen = expr.then if _truth(condition, expr.condition) else expr.otherwise
    return evaluate(chosen, scope, budget)


def _list(expr: ListOf, scope: Scope, budget: Budget) -> Any:
    return [evaluate(item, scope, budget) for item in expr.items]


def _too_many(at: Expr) -> ExpressionError:
    return _error("too-much-work", f"a list of more than {MAX_ITEMS:,} items", at)


def _bounded_list(items: list[Any], at: Expr, budget: Budget) -> list[Any]:
    if len(items) > MAX_ITEMS:
        raise _too_many(at)
    budget.spend(len(items), at)
    return items


def _bounded_text(text: str, at: Expr) -> str:
    if len(text) > MAX_TEXT:
        raise _error("too-much-work", f"a text of more than {MAX_TEXT:,} characters", at)
    return text


def _index(expr: Index, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.value, scope, budget)
    index = evaluate(expr.index, scope, budget)
    if value is UNKNOWN or index is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, (list, str)):
        raise _error("expression-type", f"{kind_of(value)} cannot be indexed", expr)
    if type(index) is not int:
        raise _error(
            "expression-type", f"an index is an integer, found {kind_of(index)}", expr.index
        )
    try:
        return value[index]
    except IndexError:
        raise _error(
            "index-out-of-range", f"index {index} of a list of {len(value)} items", expr
        ) from None


def _slice(expr: SliceOf, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.value, scope, budget)
    bounds = [None if b is None else evaluate(b, scope, budget) for b in expr.bounds]
    if value is UNKNOWN or UNKNOWN in bounds:
        return UNKNOWN
    if not isinstance(value, (list, str)):
        raise _error("expression-type", f"{kind_of(value)} cannot be sliced", expr)
    if any(bound is not None and type(bound) is not int for bound in bounds) or bounds[2] == 0:
        raise _error("expression-type", "the bounds of a slice are integers, its step not 0", expr)
    budget.spend(len(value), expr)
    return value[slice(*bounds)]


def _comprehension(expr: Comprehension, scope: Scope, budget: Budget) -> Any:
    source = evaluate(expr.source, scope, budget)
    if source is UNKNOWN:
        return UNKNOWN
    if not isinstance(source, list):
        raise _error(
            "expression-type", f"`for` goes through a list, found {kind_of(source)}", expr.source
        )
    items: list[Any] = []
    for item in source:
        inner = Names(_bind(expr, item), scope)
        if expr.condition is not None:
            wanted = evaluate(expr.condition, inner, budget)
            if wanted is UNKNOWN:
                return UNKNOWN
            if not _truth(wanted, expr.condition):
                continue
        items.append(evaluate(expr.element, inner, budget))
    return items


def _bind(expr: Comprehension, item: Any) -> dict[str, Any]:
    if len(expr.names) == 1:
        return {expr.names[0]: item}
    if not isinstance(item, list) or len(item) != len(expr.names):
        raise _error(
            "expression-type",
            f"cannot unpack {kind_of(item)} into {len(expr.names)} names",
            expr.source,
        )
    return dict(zip(expr.names, item, strict=True))


def _template(expr: Template, scope: Scope, budget: Budget) -> Any:
    pieces = []
    for part in expr.parts:
        value = evaluate(part, scope, budget) if isinstance(part, Expr) else part
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, (list, Mapping)) or value is None or _is_tensor(value):
            raise _error("expression-type", f"{kind_of(value)} cannot stand in text", expr)
        pieces.append(str(value).lower() if isinstance(value, bool) else str(value))
    return _bounded_text("".join(pieces), expr)


# --- functions ---------------------------------------------------------------------------


def _call(expr: CallOf, scope: Scope, budget: Budget) -> Any:
    arguments: list[Any] = []
    for argument in expr.arguments:
        arguments.append(evaluate(argument, scope, budget))
    if UNKNOWN in arguments or any(isinstance(a, list) and UNKNOWN in a for a in arguments):
        return UNKNOWN
    for argument_value in arguments:
        if isinstance(argument_value, list):
            budget.spend(len(argument_value), expr)
    try:
        return _checked(_FUNCTIONS[expr.function](*arguments), expr)
    except _Undecidable as error:
        raise _undecided(str(error), expr) from None
    except (TypeError, ValueError, AttributeError):
        found = ", ".join(kind_of(argument) for argument in arguments) or "nothing"
        raise _error(
            "expression-type",
            f"`{expr.function}` cannot be computed of {found}",
            expr,
            f"write {_USAGE[expr.function]}",
        ) from None
    except OverflowError:
        raise _error("bad-number", "the result is out of range", expr) from None


class _Undecidable(Exception):
    pass


def _numbers(items: list[Any]) -> list[Any]:
    if any(isinstance(x, bool) or not isinstance(x, (int, float, Symbolic)) for x in items):
        raise TypeError
    return items


def _extreme(symbolic: Callable[..., Any], plain: Callable[..., Any], *values: Any) -> Any:
    items = _numbers(values[0] if len(values) == 1 and isinstance(values[0], list) else [*values])
    if any(isinstance(item, Symbolic) for item in items):
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
    if len(numbers) > MAX_ITEMS:
        raise OverflowError
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
            raise _Undecidable(f"{value} >= 0")
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
    "make_divisible": "`make_divisible(number, 8)`",
}

_HANDLERS: dict[type[Expr], Callable[..., Any]] = {
    Const: _const,
    Name: _name,
    Property: _property,
    Unary: _unary,
    Binary: _binary,
    Compare: _compare,
    Conditional: _conditional,
    ListOf: _list,
    Index: _index,
    SliceOf: _slice,
    Comprehension: _comprehension,
    Template: _template,
    CallOf: _call,
}
