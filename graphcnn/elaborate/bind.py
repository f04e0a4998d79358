"""Arguments bound to parameters: those of a block's use, and those that a variant sets."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from contextlib import suppress
from numbers import Real
from typing import Any

from graphcnn.diagnostics import UsageError, did_you_mean
from graphcnn.elaborate.arguments import TYPE_NAMES, accepts, argument, found_in_words, type_of
from graphcnn.elaborate.files import file_of
from graphcnn.elaborate.freeing import BadSymbol, freed
from graphcnn.elaborate.scope import Frame, frame_of
from graphcnn.elaborate.state import MAX_FINDINGS
from graphcnn.evaluate import Names
from graphcnn.expression import ExpressionError
from graphcnn.program import Block, Parameter, Program, Term
from graphcnn.program.references import meant_by
from graphcnn.size import MAX_INTEGER, UNKNOWN, Symbolic


def bind(block: Block, arguments: Mapping[str, Term], frame: Frame) -> dict[str, Any]:
    """The value of each of a block's parameters, for a use in ``frame``.

    Arguments that fit no parameter, and parameters without one, are left to `misfits`; a
    parameter that a misspelt one may stand for is unknown.
    """
    bound: dict[str, Any] = {}
    lost = _lost(block, arguments, frame) if arguments else ()
    for name, parameter in block.parameters.items():
        term = arguments.get(name)
        if term is not None:
            bound[name] = argument(parameter, term, frame.value(term), frame, block.owner)
        elif parameter.default is None or name in lost:
            bound[name] = UNKNOWN
        elif parameter.default.computed:
            bound[name] = _default(block, parameter.default, bound, frame)
        else:
            bound[name] = parameter.default.value
    return bound


def _lost(block: Block, arguments: Mapping[str, Term], frame: Frame) -> Collection[str]:
    """Parameters that a misspelt argument may stand for; they are looked for once for a use."""
    if arguments.keys() <= block.parameters.keys():
        return ()
    known, key = frame.place.state.mistaken, (id(arguments), block)
    found = known.get(key)
    if found is None:
        found = block.parameters.keys()
        if len(known) < MAX_FINDINGS:
            found = meant_by(arguments.keys() - block.parameters.keys(), block.parameters)
        known[key] = found
    return found


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
            value = _freed(program, parameter, term, frame)
            given[name] = argument(parameter, term, value, frame)
    for name, value in parameters.items():
        parameter = program.parameters.get(name)
        if parameter is None:
            listed = f"it has {', '.join(program.parameters) or 'none'}"
            hint = did_you_mean(name, program.parameters) or listed
            raise UsageError(f"{program.name} has no parameter `{name}`; {hint}")
        kind = TYPE_NAMES[type_of(parameter)]
        try:
            given[name] = freed(program, parameter, _plain(value), frame.place.state.budget)
        except TypeError as error:
            raise UsageError(f"the parameter `{name}` is {kind}, found {error}") from None
        except BadSymbol as error:
            raise UsageError(f"`{value}` is no size for `{name}`: {error}") from None
        except ExpressionError:
            raise UsageError(
                f"`{value}` is no size for `{name}`: it takes an integer, or an expression over "
                "symbols, such as `H` or `32*H`"
            ) from None
        if not accepts(parameter, given[name]):
            raise UsageError(
                f"the parameter `{name}` is {kind}, found {found_in_words(given[name])}"
            )
    return given


def _freed(program: Program, parameter: Parameter, term: Term, frame: Frame) -> Any:
    """What a variant sets, symbols included; UNKNOWN, and reported, where those are none."""
    value = frame.value(term)
    try:
        return freed(program, parameter, value, frame.place.state.budget)
    except BadSymbol as error:
        frame.report(error.code, error.message, term.node.span, help=error.help)
    except ExpressionError:
        return value  # which `argument` refuses as text
    return UNKNOWN


def _plain(value: Any) -> Any:
    """A caller's value as a spec would have it: lists, and numbers of Python's own types.

    Raises:
        TypeError: a spec cannot have it; says what it is.
    """
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if type(value) is int and not -MAX_INTEGER < value < MAX_INTEGER:
        raise TypeError("one beyond 64 bits")
    if value is None or isinstance(value, (bool, int, float, str, Symbolic)):
        return value
    if isinstance(value, Mapping):
        raise TypeError("a mapping")
    with suppress(TypeError):
        return operator.index(value)
    if isinstance(value, Real):
        return float(value)
    raise TypeError(f"a {type(value).__module__}.{type(value).__qualname__}")
