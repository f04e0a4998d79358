"""Values by their names: what `from` reads, and what to say where there is nothing to read."""

from __future__ import annotations

from itertools import islice
from typing import Any

from graphcnn.diagnostics import did_you_mean
from graphcnn.elaborate.order import Definition, Order
from graphcnn.elaborate.scope import LEFT_OUT, Frame, Passing
from graphcnn.elaborate.state import Stop
from graphcnn.evaluate import kind_of
from graphcnn.ir import Result, Value
from graphcnn.program import Term
from graphcnn.program.references import undefined
from graphcnn.size import UNKNOWN
from graphcnn.source import Span


def single(result: Result | None, frame: Frame, span: Span) -> Value:
    """The one value that a statement left behind."""
    if isinstance(result, Value):
        return result
    if result is None:
        frame.report(
            "no-previous",
            "there is no value before this statement",
            span,
            help="say which with `from`",
        )
    elif frame.place.state.is_new("several-values", span):
        _report_several(result, frame, span)
    return Value(None)


def _report_several(result: dict[str, Value], frame: Frame, span: Span) -> None:
    if isinstance(result, Passing):
        frame.report(
            "several-values",
            f"the statement in line {result.line} is left out, and has {len(result)} inputs that "
            "could pass by",
            span,
            help="say with `from` which one is meant",
        )
        return
    outputs = ", ".join(f"`{name}`" for name in islice(result, 8))
    known = (name for space in frame.space.chain() for name in space.ids)
    name = next((one for one in known if frame.space.find(one) is result), None)
    help = f"name one: `from: {name or 'id'}.{next(iter(result))}`"
    frame.report(
        "several-values",
        f"the value before has {len(result)} outputs: {outputs}",
        span,
        help=help if name else f"give it an id, and {help}",
    )


def several(outputs: dict[str, Value]) -> Result:
    """Values by name; one alone is just that."""
    return outputs if len(outputs) != 1 else next(iter(outputs.values()))


def lookup(term: Term, frame: Frame) -> Value:
    """The value that an entry of `from` names; raises Stop where there is none."""
    found = find(term, frame)
    if isinstance(found, Passing):
        return single(found, frame, term.node.span)
    if isinstance(found, dict):
        name = term.value if isinstance(term.value, str) else "this"
        outputs = ", ".join(f"`{name}.{output}`" for output in islice(found, 8))
        frame.report(
            "several-values",
            f"`{name}` has {len(found)} outputs",
            term.node.span,
            help=f"name one of {outputs}",
        )
        raise Stop
    return found


def sources(source: tuple[Term, ...] | Term, frame: Frame) -> tuple[Term, ...]:
    """The entries of `from`; a computed one may come to a list of names."""
    if isinstance(source, tuple):
        return source
    value = frame.value(source)
    if isinstance(value, list):
        return tuple([Term(source.node, one) for one in value])
    return (Term(source.node, value) if source.computed else source,)


def find(term: Term, frame: Frame) -> Result:
    """What an entry of `from` names, which may have several outputs."""
    name = frame.value(term)
    if name is UNKNOWN:
        return Value(None)
    if isinstance(name, (Value, dict)):
        return name
    if not isinstance(name, str):
        message = f"`from` names a value, found {kind_of(name)}"
        frame.report("wrong-type", message, term.node.span)
        raise Stop
    if name == "prev":
        return single(frame.prev, frame, term.node.span) if frame.prev is None else frame.prev
    first, _, rest = name.partition(".")
    found = _named(first, frame)
    if found is None:
        report_undefined(first, term, frame)
        raise Stop
    return _output(found, first, rest, term, frame) if rest else found


def _named(name: str, frame: Frame) -> Result | None:
    found: Any = frame.space.find(name)
    if found is None and name in frame.names:
        found = frame.names[name]
        if found is UNKNOWN:
            return Value(None)
    return found if isinstance(found, (Value, dict)) else None


def _output(found: Result, first: str, name: str, term: Term, frame: Frame) -> Value:
    """One of several outputs, by its name or number."""
    if isinstance(found, Passing):
        return single(found, frame, term.node.span)
    if isinstance(found, dict) and name in found:
        return found[name]
    if isinstance(found, dict):
        if not frame.place.state.is_new("undefined-id", term.node.span):
            raise Stop
        listed = f"its outputs are {', '.join(f'`{one}`' for one in islice(found, 8))}"
        help = did_you_mean(name, found) or listed
    elif found.shape is None:
        return found
    else:
        help = "it has one output, which is read by its name alone"
    message = f"`{first}` has no output `{name}`"
    frame.report("undefined-id", message, term.node.span, help=help)
    raise Stop


def report_undefined(name: str, term: Term, frame: Frame) -> None:
    """Say, once for each place, why there is no value of this name."""
    span = term.node.span
    if not frame.place.state.is_first(term.node):
        return
    if frame.space.is_left_out(name):
        frame.report(
            "undefined-id",
            f"`{name}` was left out by its `when`",
            span,
            help=LEFT_OUT,
        )
        return
    definition = _order(frame).definition(name, term)
    if definition is None:
        found = undefined(name, term, frame.space.visible())
        frame.report(found.code, found.message, span, help=found.help)
    elif definition.circle:
        circle = definition.circle
        shown = circle if len(circle) <= 12 else (*circle[:6], "…", *circle[-5:])
        frame.report(
            "cycle",
            f"values wait for each other: {' → '.join(shown)}",
            span,
            notes=(f"`{name}` is defined in line {definition.line}",),
            help="a graph has no cycles: a value is made before it is read",
        )
    elif definition.later:
        frame.report(
            "used-before-defined",
            f"`{name}` is defined further down, in line {definition.line}",
            span,
            help=f"move this statement below `{name}`",
        )
    else:
        _report_hidden(name, definition, span, frame)


def _order(frame: Frame) -> Order:
    place = frame.place
    found = place.state.orders.get(id(place.body))
    if found is None:
        found = place.state.orders[id(place.body)] = Order(place.body)
    return found


def _report_hidden(name: str, definition: Definition, span: Span, frame: Frame) -> None:
    inner = definition.inner
    where = (
        f"inside `{inner}`, in line {definition.line}" if inner else f"in line {definition.line}"
    )
    frame.report(
        "undefined-id",
        f"`{name}` is defined {where}, and is not known here",
        span,
        help=f"read `{inner}` itself, or name the value outside of it" if inner else None,
    )
