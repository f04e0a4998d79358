"""The walk over an expression: one function for each kind of node."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from graphcnn.diagnostics import did_you_mean
from graphcnn.evaluate.functions import call
from graphcnn.evaluate.operators import combined, compared, signed, truth
from graphcnn.evaluate.values import (
    Budget,
    Scope,
    bounded,
    bounded_text,
    error,
    is_tensor,
    kind_of,
    name_help,
)
from graphcnn.evaluate.values import Names as ScopeNames
from graphcnn.expression import (
    PROPERTIES,
    Binary,
    CallOf,
    Compare,
    Comprehension,
    Conditional,
    Const,
    Expr,
    Index,
    ListOf,
    Name,
    Property,
    SliceOf,
    Template,
    Unary,
)
from graphcnn.size import UNKNOWN


def evaluate(expr: Expr, scope: Scope, budget: Budget) -> Any:
    """The value of ``expr``: a number, size, text, boolean, list, None or UNKNOWN.

    Raises:
        ExpressionError: with a code and the place, where it has no value.
    """
    budget.spend(1, expr)
    if isinstance(expr, Const):
        return expr.value
    if isinstance(expr, Name):
        return _name(expr, scope)
    return _HANDLERS[type(expr)](expr, scope, budget)


# --- names and what they have ------------------------------------------------------------


def _name(expr: Name, scope: Scope) -> Any:
    try:
        return scope[expr.name]
    except KeyError:
        message = f"`{expr.name}` is not defined here"
        raise error("unknown-name", message, expr, lambda: name_help(expr.name, scope)) from None


def _property(expr: Property, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.value, scope, budget)
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, Mapping):
        if expr.name in value:
            return value[expr.name]
        message = f"there is no output `{expr.name}`"
        outputs = f"the outputs are {', '.join(value)}"
        help = did_you_mean(expr.name, value) or outputs
        raise error("unknown-property", message, expr, help)
    if not is_tensor(value):
        raise error("expression-type", f"{kind_of(value)} has no `.{expr.name}`", expr)
    if expr.name not in PROPERTIES:
        raise error(
            "unknown-property",
            f"a tensor has no property `{expr.name}`",
            expr,
            did_you_mean(expr.name, PROPERTIES) or f"it has {', '.join(PROPERTIES)}",
        )
    return UNKNOWN if value.shape is None else _of_shape(expr, value.shape)


_AXES: dict[int, dict[str, int]] = {
    2: {"channels": 0, "length": 1},
    3: {"channels": 0, "height": 1, "width": 2},
    4: {"channels": 0, "depth": 1, "height": 2, "width": 3},
}


def _of_shape(expr: Property, shape: tuple[Any, ...]) -> Any:
    if expr.name == "shape":
        return list(shape)
    axis = _AXES.get(len(shape), {"channels": 0}).get(expr.name)
    if axis is None or axis >= len(shape):
        sizes = ", ".join(map(str, shape)) + "," * (len(shape) == 1)
        message = f"a tensor of shape ({sizes}) has no {expr.name}"
        raise error("unknown-property", message, expr)
    return shape[axis]


# --- operators ---------------------------------------------------------------------------


def _unary(expr: Unary, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.operand, scope, budget)
    if value is UNKNOWN:
        return UNKNOWN
    return not truth(value, expr.operand) if expr.operator == "not" else signed(expr, value)


def _binary(expr: Binary, scope: Scope, budget: Budget) -> Any:
    if expr.operator in ("and", "or"):
        return _logic(expr, scope, budget)
    left = evaluate(expr.left, scope, budget)
    right = evaluate(expr.right, scope, budget)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    return combined(expr, left, right, budget)


def _logic(expr: Binary, scope: Scope, budget: Budget) -> Any:
    """`and` and `or`: what the left side decides alone, the right is not asked for."""
    deciding = expr.operator == "or"
    left = evaluate(expr.left, scope, budget)
    if left is not UNKNOWN and truth(left, expr.left) is deciding:
        return deciding
    right = evaluate(expr.right, scope, budget)
    if right is not UNKNOWN and truth(right, expr.right) is deciding:
        return deciding
    return UNKNOWN if left is UNKNOWN or right is UNKNOWN else not deciding


def _compare(expr: Compare, scope: Scope, budget: Budget) -> Any:
    left = evaluate(expr.first, scope, budget)
    result: Any = True
    for operator, operand in expr.rest:
        right = evaluate(operand, scope, budget)
        one = compared(operator, left, right, expr, budget)
        if one is False:
            return False
        if one is UNKNOWN:
            result = UNKNOWN
        left = right
    return result


def _conditional(expr: Conditional, scope: Scope, budget: Budget) -> Any:
    condition = evaluate(expr.condition, scope, budget)
    if condition is UNKNOWN:
        return UNKNOWN
    chosen = expr.then if truth(condition, expr.condition) else expr.otherwise
    return evaluate(chosen, scope, budget)


# --- lists and text ----------------------------------------------------------------------


def _list(expr: ListOf, scope: Scope, budget: Budget) -> Any:
    return bounded([evaluate(item, scope, budget) for item in expr.items], expr, budget)


def _index(expr: Index, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.value, scope, budget)
    index = evaluate(expr.index, scope, budget)
    if value is UNKNOWN or index is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, (list, str)):
        message = f"{kind_of(value)} cannot be indexed"
        raise error("expression-type", message, expr, _one_of(expr.value, value))
    if type(index) is not int:
        message = f"an index is an integer, found {kind_of(index)}"
        raise error("expression-type", message, expr.index)
    try:
        return value[index]
    except IndexError:
        message = f"index {index} of a list of {len(value)} items"
        raise error("index-out-of-range", message, expr, "the first item is 0") from None


def _slice(expr: SliceOf, scope: Scope, budget: Budget) -> Any:
    value = evaluate(expr.value, scope, budget)
    bounds = [None if b is None else evaluate(b, scope, budget) for b in expr.bounds]
    if value is UNKNOWN or any(bound is UNKNOWN for bound in bounds):
        return UNKNOWN
    if not isinstance(value, (list, str)):
        raise error("expression-type", f"{kind_of(value)} cannot be sliced", expr)
    if any(bound is not None and type(bound) is not int for bound in bounds) or bounds[2] == 0:
        message = "the bounds of a slice are integers, its step not 0"
        raise error("expression-type", message, expr)
    budget.spend(len(value), expr)
    return value[slice(*bounds)]


def _comprehension(expr: Comprehension, scope: Scope, budget: Budget) -> Any:
    source = evaluate(expr.source, scope, budget)
    if source is UNKNOWN:
        return UNKNOWN
    if not isinstance(source, list):
        message = f"`for` goes through a list, found {kind_of(source)}"
        raise error("expression-type", message, expr.source)
    items: list[Any] = []
    for item in source:
        inner = ScopeNames(_bind(expr, item), scope)
        if expr.condition is not None:
            wanted = evaluate(expr.condition, inner, budget)
            if wanted is UNKNOWN:
                return UNKNOWN
            if not truth(wanted, expr.condition):
                continue
        items.append(evaluate(expr.element, inner, budget))
    return bounded(items, expr, budget)


def _bind(expr: Comprehension, item: Any) -> dict[str, Any]:
    if len(expr.names) == 1:
        return {expr.names[0]: item}
    if item is UNKNOWN:
        return dict.fromkeys(expr.names, UNKNOWN)
    if not isinstance(item, list) or len(item) != len(expr.names):
        found = f"a list of {len(item)}" if isinstance(item, list) else kind_of(item)
        message = f"cannot unpack {found} into {len(expr.names)} names"
        raise error("expression-type", message, expr.source)
    return dict(zip(expr.names, item, strict=True))


def _template(expr: Template, scope: Scope, budget: Budget) -> Any:
    pieces = []
    for part in expr.parts:
        value = evaluate(part, scope, budget) if isinstance(part, Expr) else part
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, (list, Mapping)) or value is None or is_tensor(value):
            message = f"{kind_of(value)} cannot stand in text"
            raise error("expression-type", message, expr, _one_of(expr, value))
        pieces.append(str(value).lower() if isinstance(value, bool) else str(value))
    text = bounded_text("".join(pieces), expr)
    budget.spend(len(text) // 16, expr)
    return text


def _one_of(expr: Expr, value: object) -> str | None:
    """How to write one of several outputs: of `$half.0.channels` only `$half` is read."""
    if not isinstance(value, Mapping):
        return None
    if isinstance(expr, Name):
        return f"one of them is `{expr.name}.{next(iter(value))}`"
    name, text = (*expr.parts, "", "")[:2] if isinstance(expr, Template) else ("", "")
    path = re.match(r"(\.[A-Za-z0-9_]+)+", text) if isinstance(text, str) else None
    if isinstance(name, Name) and path:
        return f"the whole path stands in parentheses: `$({name.name}{path[0]})`"
    return f"one of them is `$(half.{next(iter(value))})`, if `half` is their name"


def _call(expr: CallOf, scope: Scope, budget: Budget) -> Any:
    return call(expr, [evaluate(one, scope, budget) for one in expr.arguments], budget)


_HANDLERS: dict[type[Expr], Callable[..., Any]] = {
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
