"""Parameters of a file that can stay arguments of the emitted model: `classes`, most often.

Such a parameter is an integer that appears only as the plain value of an op's attribute
(`linear: $classes`), and in `init`; no other layer's weights depend on it. Whether the emitted code
then says the right thing is not argued but tried: the model is elaborated once more with the
parameter changed, and the code must fit both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphcnn.elaborate import graph_of
from graphcnn.expression import Expr, ExpressionError, Name, names_in, parse_text
from graphcnn.invariants import mark_training_only
from graphcnn.ir import Graph, Value
from graphcnn.model import CompiledModel
from graphcnn.naming import assign_names
from graphcnn.ops.base import Shape
from graphcnn.program import OpUse, Program, Term
from graphcnn.syntax import Scalar, Sequence


@dataclass(frozen=True)
class Opened:
    """The parameters that stay open, and the model with each of them changed."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    other: Graph | None = None


def open_parameters(model: CompiledModel, reserved: Container[str]) -> Opened:
    """The parameters that can stay open in an emitted model; ``reserved`` are no arguments."""
    scope = model.ir.scope
    found: dict[str, Any] = {}
    other: Graph | None = None
    for name in _candidates(model.program):
        if type(scope.get(name)) is int and name not in reserved:
            changed = elaborated(model, {**found, name: scope[name] + 1})
            if changed is not None and _only_widths(model.ir, changed):
                found[name] = scope[name] + 1
                other = changed
    return Opened(found, other)


def elaborated(model: CompiledModel, changes: Mapping[str, Any]) -> Graph | None:
    """The model with some of its parameters changed; None where it has no meaning then."""
    scope = model.ir.scope
    given = {name: scope[name] for name in model.program.parameters if name in scope}
    other, diagnostics = graph_of(model.program, None, {**given, **changes})
    if diagnostics or assign_names(other) is not None:
        return None
    mark_training_only(other)
    return other


def _only_widths(a: Graph, b: Graph) -> bool:
    """Whether two graphs differ in how wide some layers are, on which no other weights depend."""
    if len(a.nodes) != len(b.nodes):
        return False
    pairs = list(zip(a.nodes, b.nodes, strict=True))
    changed = [x.op != y.op for x, y in pairs]
    wider = all(
        x.facts.outputs != y.facts.outputs
        and list(map(_area, x.outputs)) == list(map(_area, y.outputs))
        for (x, y), other in zip(pairs, changed, strict=True)
        if other
    )
    return (
        wider
        and any(changed)
        and all(
            [value.shape for value in x.inputs] == [value.shape for value in y.inputs]
            for (x, y), other in zip(pairs, changed, strict=True)
            if not other and x.facts.weights
        )
    )


def _area(value: Value) -> Shape:
    """The sizes of a value but for its channels."""
    return (value.shape or ())[1:]


def _candidates(program: Program) -> list[str]:
    """Parameters that are the whole value of an attribute somewhere, and nothing else anywhere."""
    whole: dict[str, int] = {}
    for attributes in _attributes(program):
        for term in attributes.values():
            if isinstance(term.value, Name) and term.value.name in program.parameters:
                whole[term.value.name] = whole.get(term.value.name, 0) + 1
    read: dict[str, int] = {}
    for expr in _expressions(program):
        for name in names_in(expr):
            read[name] = read.get(name, 0) + 1
    return [name for name, n in whole.items() if read.get(name) == n]


def _attributes(program: Program) -> Iterator[dict[str, Term]]:
    for part in _parts(_written(program)):
        if isinstance(part, OpUse):
            yield part.attributes


def _expressions(program: Program) -> Iterator[Expr]:
    for part in _parts(_written(program)):
        if isinstance(part, Term) and isinstance(part.value, Expr):
            yield part.value
    for _, node in program.inputs.values():
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Scalar) and isinstance(item.value, str):
                try:
                    expr = parse_text(f"$({item.value.lstrip('$')})", 0)
                except ExpressionError:
                    continue
                if isinstance(expr, Expr):
                    yield expr


def _written(program: Program) -> list[Any]:
    """What the author wrote in one file, settings of its own parameters aside."""
    own = [block for block in program.blocks.values() if block.program is program]
    defaults = [parameter.default for parameter in program.parameters.values()]
    settings = [one.settings for one in program.imports]
    return [program.body, program.let, program.defaults, program.outputs, own, defaults, settings]


def _parts(value: Any) -> Iterator[Any]:
    """A value and everything in it, down to terms; programs and syntax are left alone."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (list, tuple)):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
        elif dataclasses.is_dataclass(part) and type(part).__module__ == Term.__module__:
            yield part
            if not isinstance(part, (Term, Program)):
                waiting += [getattr(part, f.name) for f in dataclasses.fields(part)]
