"""What Keras cannot express, found before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from graphcnn.backends import Level
from graphcnn.backends.keras.arrange import Arrangement, arrange
from graphcnn.backends.keras.lowering import lowering, support
from graphcnn.backends.keras.spelling import spelled
from graphcnn.backends.keras.stages import buildable
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.ir import Graph, Node
from graphcnn.model import CompiledModel
from graphcnn.ops.base import OpError, show_shape
from graphcnn.ops.declared import Declared
from graphcnn.program import is_identifier

#: names that the code of a file has for other things, and cannot give up
WORDS = frozenset(["Any", "KerasTensor", "name", "outputs", "training_outputs"])

_REFUSED = frozenset(["KerasTensor", "name"])


def refuse(model: CompiledModel) -> None:
    """Raise SpecError with every op, size and name that a Keras file cannot have."""
    found: dict[tuple[str, str, int], Diagnostic] = {}
    arrangements = arrange(model.ir)
    each = (_of(node, arrangements[node]) for node in model.ir.nodes)
    for diagnostic in (*_names(model), *each):
        if diagnostic is not None:
            place = (diagnostic.code, diagnostic.span.file.name, diagnostic.span.start)
            found.setdefault(place, diagnostic)
    if found:
        raise SpecError(list(found.values()))


def fits(graph: Graph) -> bool:
    """Whether Keras can express every op of a graph."""
    arrangements = arrange(graph)
    return all(
        support(node.op).level is not Level.UNSUPPORTED
        and _inexpressible(node, arrangements[node]) is None
        for node in graph.nodes
    )


def _names(model: CompiledModel) -> Iterator[Diagnostic]:
    """Names of blocks and of their parameters that would hide what the code needs."""
    for block in model.program.blocks.values():
        keys = [block.key, *(parameter.key for parameter in block.parameters.values())]
        for key in keys:
            name = str(key.value)
            other = spelled(name)
            twice = other != name and other in block.parameters
            if name in _REFUSED or twice or not is_identifier(name):
                yield Diagnostic(
                    "reserved-name",
                    f"`{name}` has a meaning of its own in the emitted file",
                    key.span,
                    (),
                    "choose another name",
                )


def _of(node: Node, arrangement: Arrangement) -> Diagnostic | None:
    op = node.op
    known = support(op)
    if known.level is Level.UNSUPPORTED:
        declared = isinstance(op, Declared)
        return Diagnostic(
            "unsupported-op",
            f"the Keras backend cannot express `{op.name}`: {known.reason}",
            node.span,
            (f"it is declared at {op.declaration.span}",) if isinstance(op, Declared) else (),
            "give it `keras: package.module.Class`" if declared else None,
        )
    for key, weight in node.facts.weights.items():
        if not all(isinstance(size, int) for size in weight.shape):
            return Diagnostic(
                "symbolic-weight",
                f"the {key or 'value'} of `{node.name}` has shape {show_shape(weight.shape)}, "
                "which no file can hold",
                node.span,
                (),
                "give the input a fixed size, or pool to one first",
            )
    return _inexpressible(node, arrangement)


def _inexpressible(node: Node, arrangement: Arrangement) -> Diagnostic | None:
    """An op that Keras has, but not for these sizes."""
    try:
        shapes = tuple(value.shape or () for value in node.inputs)
        forms = buildable(lowering(node.op, arrangement, shapes))
    except OpError as error:
        return Diagnostic(
            "unsupported-op",
            f"the Keras backend cannot express this `{node.op.name}`: {error.message}",
            node.span,
            (),
            error.help,
        )
    if forms:
        return None
    return Diagnostic(
        "unsupported-op",
        f"the Keras backend cannot express this `{node.op.name}` on an input of symbolic size",
        node.span,
        (),
        "give the input a fixed size",
    )
