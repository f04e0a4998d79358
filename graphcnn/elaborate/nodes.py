"""Ops applied to values: attributes read, shapes inferred, a node made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphcnn.elaborate.files import file_of
from graphcnn.elaborate.infer import TooMuchWork
from graphcnn.elaborate.scope import Frame, Use
from graphcnn.elaborate.state import MANY, Stop
from graphcnn.evaluate import kind_of
from graphcnn.ir import Facts, Node, OpItem, Result, Value
from graphcnn.ops.attributes import Kind
from graphcnn.ops.base import Attribute, Lost, Op, OpError, show_shape
from graphcnn.ops.declared import Declaration, RuleError
from graphcnn.program import OpUse, Term
from graphcnn.size import UNKNOWN
from graphcnn.source import Origin, Span


def op(use: Use, action: OpUse) -> OpItem:
    """A statement that is one op."""
    made = use.frame.place.state.constant_ops.get(action)
    if made is None:
        made = _make(use, action)
    return op_item(use, made, action.attributes)


def op_item(use: Use, made: Op, attributes: Mapping[str, Term]) -> OpItem:
    node = apply(use, made, attributes)
    item = OpItem(use.statement, use.id, use.inputs, node)
    item.result = result_of(node)
    return item


def result_of(node: Node) -> Result:
    if len(node.outputs) == 1:
        return node.outputs[0]
    return {str(value.port): value for value in node.outputs}


# --- attributes --------------------------------------------------------------------------


def _make(use: Use, action: OpUse) -> Op:
    state = use.frame.place.state
    values, constant = _attributes(use, action)
    try:
        made = state.inference.op(action.op, values)
    except OpError as error:
        _report(error, use, action.attributes)
        raise Stop from None
    if constant:
        state.constant_ops[action] = made
    return made


def _attributes(use: Use, action: OpUse) -> tuple[dict[str, Any], bool]:
    """An op's attributes, evaluated and read; and whether they are the same in every use."""
    frame, kind = use.frame, action.op
    if len(kind.attributes()) > MANY:
        frame.place.state.step(use.statement, frame.origin, len(kind.attributes()) // 4)
    defaults = file_of(frame, frame.place.program).defaults(kind.name)
    values: dict[str, Any] = {}
    constant = True
    for name, attribute in kind.attributes().items():
        term = action.attributes.get(name)
        if term is not None:
            value = frame.value(term)
            constant = constant and not term.computed
        elif name in defaults:
            term, value = defaults[name]
        else:
            if attribute.required:
                _report_missing(attribute, use, action)
                values[name] = UNKNOWN
            continue
        if value is not UNKNOWN:
            try:
                value = _read(value, attribute.kind)
            except ValueError as error:
                message = f"`{name}` of {kind.name}: {error}"
                frame.report("bad-value", message, term.node.span, help=_help(value))
                value = UNKNOWN
        values[name] = value
    return values, constant


def _report_missing(attribute: Attribute, use: Use, action: OpUse) -> None:
    """Of built-in ops that are written out, the schema has said what they lack."""
    if action is use.statement.action and not isinstance(action.op, Declaration):
        return
    help = f"`{attribute.name}`: {attribute.doc}" if attribute.doc else None
    use.report("missing-attribute", f"{action.op.name} needs `{attribute.name}`", help=help)


def _read(value: Any, kind: Kind) -> Any:
    if isinstance(value, (Value, dict)):
        raise ValueError(f"expected {kind.describe()}, found {kind_of(value)}")  # noqa: TRY004 - as `read` does
    return kind.read(value)


def _help(value: Any) -> str | None:
    if isinstance(value, Value):
        return "ask for one of its sizes: `.channels`, `.height`, `.width`, `.shape`"
    if isinstance(value, float) and value.is_integer():
        return "make it whole with `int(…)`, or divide with `//`"
    return None


# --- nodes -------------------------------------------------------------------------------


def apply(use: Use, made: Op, attributes: Mapping[str, Term]) -> Node:
    """Add a node; an op that does not fit is reported, and its outputs become unknown."""
    inference = use.frame.place.state.inference
    shapes: Any = tuple([value.shape for value in use.inputs])
    if None in shapes:
        facts = inference.guessed(made, shapes)
    else:
        try:
            facts = inference.facts(made, shapes)
        except OpError as error:
            _report(error, use, attributes)
            facts = inference.recovered(made, shapes, error)
    return add(made, use.inputs, facts, use.span, use.frame)


def add(made: Op, inputs: tuple[Value, ...], facts: Facts, span: Span, frame: Frame) -> Node:
    node = Node(made, inputs, facts, span, frame.origin)
    outputs = facts.outputs
    if len(outputs) == 1:
        node.outputs = (Value(outputs[0], node),)
    else:
        node.outputs = tuple([Value(shape, node, port) for port, shape in enumerate(outputs)])
    values = len(inputs) + len(outputs) + len(facts.weights)
    if values > MANY:
        frame.place.state.more_values += values // 4
    frame.place.state.nodes.append(node)
    return node


def _report(error: OpError, use: Use, attributes: Mapping[str, Term]) -> None:
    frame = use.frame
    if isinstance(error, Lost) or (frame.doubtful and not isinstance(error, TooMuchWork)):
        return
    span = use.span if error.attribute is None else _given(error.attribute, use, attributes)
    if error.code == "wrong-arity":
        span = use.listed
    if isinstance(error, RuleError):
        _report_rule(error, use)
    elif frame.place.state.is_new(error.code, span):
        frame.report(error.code, error.message, span, help=error.help, notes=producers(use.inputs))
    if isinstance(error, TooMuchWork):
        frame.place.state.halt(error.code, error.message, span, frame.origin)


def _given(name: str, use: Use, attributes: Mapping[str, Term]) -> Span:
    """Where an attribute gets its value: in the statement, or among the file's defaults."""
    if name in attributes:
        return attributes[name].node.span
    action, program = use.statement.action, use.frame.place.program
    if isinstance(action, OpUse):
        term = program.defaults.get(action.op.name, {}).get(name)
        if term is not None:
            return term.node.span
    return use.span


def _report_rule(error: RuleError, use: Use) -> None:
    """At the rule, with the use that it fails for as the first step of the way there."""
    frame, span = use.frame, use.span
    name = span.file.text[span.start : span.end]
    shapes = ", ".join(show_shape(value.shape or ()) for value in use.inputs)
    where = f"in op `{name}` on {shapes}, used at {span.file.name}:{span.begin_position.line}"
    origin = Origin(where, span, frame.origin)
    frame.place.state.report(error.code, error.message, error.span, origin, help=error.help)


def producer(value: Value) -> str:
    """A value in a note: its shape, and where it comes from."""
    shape = "unknown" if value.shape is None else show_shape(value.shape)
    if value.node is None:
        return f"{shape}, the input `{value.name}`" if value.name else shape
    line = value.node.span.begin_position.line
    return f"{shape}, from `{value.node.op.name}` in line {line}"


def producers(values: tuple[Value, ...]) -> tuple[str, ...]:
    """A note for each input."""
    if len(values) == 1:
        return (f"the input is {producer(values[0])}",)
    return tuple(f"input {n} is {producer(value)}" for n, value in enumerate(values[:6]))
