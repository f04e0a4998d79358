"""Ops in the author's words: `stride: $(2 if first else 1)` instead of what it came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Spelled
from graphcnn.backends.python.uses import inputs_of, sizes_of
from graphcnn.ir import Item, Value
from graphcnn.ops.base import Op, Shape
from graphcnn.ops.declared import Declared
from graphcnn.program import OpUse, Statement, Term
from graphcnn.size import UNKNOWN, Symbolic, symbol
from graphcnn.size import evaluate as substitute


def terms_of(statement: Statement) -> Mapping[str, Term]:
    """The attributes or arguments that a statement gives to its op or block."""
    action = statement.action
    if isinstance(action, OpUse):
        return action.attributes
    return getattr(action, "arguments", {})


def reworded(op: Op, terms: Mapping[str, Term], words: Callable[[str, Term], Any]) -> Op | None:
    """An op with attributes as their terms say them; None where it cannot be made of those.

    ``words`` gives the text of an attribute's term, or UNKNOWN where it has none here.
    """
    declaration = op.declaration if isinstance(op, Declared) else None
    attributes = op.attributes() if declaration is None else declaration.attributes()
    changes: dict[str, Any] = {}
    for name, attribute in attributes.items():
        term = terms.get(name)
        if term is not None and term.computed:
            value = words(name, term)
            if value is not UNKNOWN:
                changes[name] = value if isinstance(value, Spelled) else _read(attribute, value)
    if isinstance(op, Declared):
        changes = {"values": tuple((name, changes.get(name, value)) for name, value in op.values)}
    # Words are only a proposal: rules made for numbers may refuse them anyhow.
    try:
        return replace(op, **changes)
    except Exception:  # noqa: BLE001 - see above
        return None


def outputs_of(op: Op, shapes: tuple[Shape, ...]) -> tuple[Shape, ...] | None:
    """The shapes that an op in words makes; None where its rules cannot say it."""
    try:
        outputs = op.outputs(*shapes)
    except Exception:  # noqa: BLE001 - rules made for numbers refuse words anyhow
        return None
    return outputs if all(isinstance(shape, tuple) for shape in outputs) else None


def _read(attribute: Any, value: Any) -> Any:
    try:
        return attribute.kind.read(value)
    except (ValueError, TypeError):
        return frozen(value)


def frozen(value: Any) -> Any:
    """Lists as tuples, which can be compared and written as arguments."""
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value


def size_of(value: Any, words: Any) -> Any:
    """An argument as a size that shapes can be computed with; UNKNOWN where it is none."""
    if isinstance(value, Text):
        if isinstance(words, Symbolic) and str(words) == value:
            return words
        return symbol(value, 0) if value.isidentifier() else UNKNOWN
    return value if type(value) is int else UNKNOWN


def substituted(size: Any, known: dict[str, Any]) -> Any:
    """A size of a block's result over the arguments of its call; UNKNOWN where it has no value."""
    if isinstance(size, Symbolic):
        try:
            return substitute(size, known)
        except (ValueError, ArithmeticError, TypeError):
            return UNKNOWN
    return size


def size_names(item: Item, shapes: tuple[Shape, ...]) -> dict[str, Any]:
    """The names that a block's code has for sizes of its inputs, with these sizes."""
    values = zip(inputs_of(item), map(Value, shapes), strict=False)
    return sizes_of(dict(values))
