"""Values for parameters: which types they have, and what does not fit."""

from __future__ import annotations

from typing import Any

from graphcnn.elaborate.scope import Frame
from graphcnn.evaluate import kind_of, said
from graphcnn.ir import Value
from graphcnn.program import Parameter, Term
from graphcnn.size import UNKNOWN, Symbolic

TYPE_NAMES = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "list": "a list",
    "any": "a value",
}


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a parameter's type. An integer serves where a number is wanted."""
    if isinstance(value, bool):
        return kind in ("bool", "any")
    if isinstance(value, (int, Symbolic)):
        return kind in ("int", "float", "any")
    if isinstance(value, float):
        return kind in ("float", "any")
    if isinstance(value, str) or value is None:
        return kind in ("str", "any")
    if isinstance(value, list):
        return kind in ("list", "any")
    return value is UNKNOWN


def type_of(parameter: Parameter) -> str:
    """The type that a parameter asks for: its own, or that of its default."""
    if parameter.default is None:
        return parameter.type or "any"
    value = parameter.default.value
    if value is None or value is UNKNOWN or parameter.default.computed:
        return "any"
    return next(kind for kind in TYPE_NAMES if fits(value, kind))


def accepts(parameter: Parameter, value: Any) -> bool:
    """Whether a value can be given to a parameter; a number also one per axis, as a list."""
    kind = type_of(parameter)
    if fits(value, kind):
        return True
    per_axis = kind == "int" and parameter.default is not None and isinstance(value, list)
    return per_axis and all(fits(item, "int") for item in value)


def argument(
    parameter: Parameter, term: Term, value: Any, frame: Frame, owner: str | None = None
) -> Any:
    """The value that a term gives to a parameter; UNKNOWN, and reported, where it does not fit."""
    if accepts(parameter, value):
        return value
    help = None
    if isinstance(value, (Value, dict)):
        help = "a tensor enters a block with `from`"
    elif parameter.default is not None:
        help = f"its default is {said(parameter.default.value)}"
    name = f"`{parameter.name}`" + (f" of {owner}" if owner else "")
    message = f"{name} is {TYPE_NAMES[type_of(parameter)]}, found {found_in_words(value)}"
    frame.report("wrong-type", message, term.node.span, help=help)
    return UNKNOWN


def found_in_words(value: Any) -> str:
    """A value that does not fit, as a message has it."""
    return said(value) if isinstance(value, (str, float)) else kind_of(value)
