"""Arguments to parameters: where a spec's values get their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphcnn.diagnostics import UsageError, suggest
from graphcnn.elaborate.files import file_of
from graphcnn.elaborate.scope import Frame, frame_of
from graphcnn.evaluate import Names, kind_of, said
from graphcnn.ir import Value
from graphcnn.program import Block, Parameter, Program, Term
from graphcnn.size import UNKNOWN, Symbolic

_TYPE_NAMES = {
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
    return next(kind for kind in _TYPE_NAMES if fits(value, kind))


def accepts(parameter: Parameter, value: Any) -> bool:
    """Whether a value can be given to a parameter; a number also one per axis, as a list."""
    kind = type_of(parameter)
    if fits(value, kind):
        return True
    per_axis = kind == "int" and parameter.default is not None and isinstance(value, list)
    return per_axis and all(fits(item, "int") for item in value)


def argument(
    parameter: Parameter, term: Term, value: Any, frame: Frame, block: Block | None = None
) -> Any:
    """The value that a term gives to a parameter; UNKNOWN, and reported, where it does not fit."""
    if accepts(parameter, value):
        return value
    help = None
    if isinstance(value, (Value, dict)):
        help = "a tensor enters a block with `from`"
    elif parameter.default is not None:
        help = f"its default is {said(parameter.default.value)}"
    name = f"`{parameter.name}`" + (f" of block `{block.name}`" if block is not None else "")
    message = f"{name} is {_TYPE_NAMES[type_of(parameter)]}, found {_found(value)}"
    frame.report("wrong-type", message, term.node.span, help=help)
    return UNKNOWN


def _found(value: Any) -> str:
    return said(value) if isinstance(value, (str, float)) else kind_of(value)


def bind(block: Block, arguments: Mapping[str, Term], frame: Frame) -> dict[str, Any]:
    """The value of each of a block's parameters, for a use in ``frame``.

    Arguments that fit no parameter, and parameters without one, are left to `misfits`.
    """
    bound: dict[str, Any] = {}
    for name, parameter in block.parameters.items():
        term = arguments.get(name)
        if term is not None:
            bound[name] = argument(parameter, term, frame.value(term), frame, block)
        elif parameter.default is None:
            bound[name] = UNKNOWN
        elif parameter.default.computed:
            bound[name] = _default(block, parameter.default, bound, frame)
        else:
            bound[name] = parameter.default.value
    return bound


def _default(block: Block, term: Term, bound: dict[str, Any], frame: Frame) -> Any:
    """A default sees the parameters before it, and the names of the block's file."""
    values = Names(bound, file_of(frame, block.program).values)
    place = frame.place._replace(program=block.program)
    return frame_of(place, values, origin=frame.origin).value(term)


def settings(
    program: Program, variant: str | None, parameters: Mapping[str, Any], frame: Frame
) -> dict[str, Any]:
    """What a variant and then the caller set of a file's parameters.

    Raises:
        UsageError: the caller sets what the file does not have, or to something of another type.
    """
    given: dict[str, Any] = {}
    for name, term in program.variants.get(variant or "", {}).items():
        parameter = program.parameters.get(name)
        if parameter is not None:
            given[name] = argument(parameter, term, frame.value(term), frame)
    for name, value in parameters.items():
        parameter = program.parameters.get(name)
        if parameter is None:
            meant = suggest(name, program.parameters)
            hint = f"; did you mean `{meant}`?" if meant else ""
            raise UsageError(f"{program.name} has no parameter `{name}`{hint}")
        given[name] = _listed(value)
        if not accepts(parameter, given[name]):
            kind = _TYPE_NAMES[type_of(parameter)]
            raise UsageError(f"the parameter `{name}` is {kind}, found {_found(value)}")
    return given


def _listed(value: Any) -> Any:
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value
