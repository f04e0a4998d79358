"""What PyTorch cannot express, found before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from graphcnn.backends import Level
from graphcnn.backends.python.uses import borrows, holds, is_scope, parts
from graphcnn.backends.pytorch.lowering import lowering, support
from graphcnn.backends.pytorch.reserved import MODULE, is_reserved
from graphcnn.backends.pytorch.shared import lowered_for_all
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.ir import BlockItem, Body, Graph, Item, Node
from graphcnn.model import CompiledModel
from graphcnn.ops.base import OpError, show_shape
from graphcnn.ops.declared import Declared


def refuse(model: CompiledModel) -> None:
    """Raise SpecError with every op, size and name that a PyTorch file cannot have."""
    found = refused(model.ir)
    if found:
        raise SpecError(found)


def refused(graph: Graph) -> list[Diagnostic]:
    """Every op, size and name of a graph that a PyTorch file cannot have."""
    found: dict[tuple[str, str, int], Diagnostic] = {}
    for diagnostic in map(_of, graph.nodes):
        if diagnostic is not None:
            place = (diagnostic.code, diagnostic.span.file.name, diagnostic.span.start)
            found.setdefault(place, diagnostic)
    for item in _torn(graph.body):
        span = item.statement.span
        found.setdefault(
            ("unsupported-op", span.file.name, span.start),
            Diagnostic(
                "unsupported-op",
                f"in PyTorch `{item.name}` is a module of its own, and uses a layer again that it "
                "does not hold",
                span,
                help="move the `reuse` out of it, or give no id to what holds the `reuse`",
            ),
        )
    return list(found.values())


def _torn(body: Body) -> Iterator[Item]:
    """Scopes with layers of their own that use one from outside again."""
    waiting = [item for item in body.items if item is not None]
    while waiting:
        item = waiting.pop()
        if is_scope(item) and not isinstance(item, BlockItem) and borrows(item) and holds(item):
            yield item
        waiting += [inner for inner, _ in parts(item)]


def _of(node: Node) -> Diagnostic | None:
    op = node.op
    known = support(op)
    if known.level is Level.UNSUPPORTED:
        declared = isinstance(op, Declared)
        return Diagnostic(
            "unsupported-op",
            f"the PyTorch backend cannot express `{op.name}`: {known.reason}",
            node.span,
            (f"it is declared at {op.declaration.span}",) if isinstance(op, Declared) else (),
            "give it `pytorch: package.module.Class`" if declared else None,
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
    try:
        lowered_for_all(node, [node] if node.owner is None else [node.owner, node], lowering)
    except OpError as error:
        return Diagnostic(error.code, error.message, node.span, (), error.help)
    reserved = next((part for part in node.name.split(".") if is_reserved(part)), None)
    if reserved is not None and node.facts.weights:
        return Diagnostic(
            "reserved-name",
            f"a layer cannot be called `{reserved}`: {_why(reserved)}",
            node.span,
            (f"its full name would be `{node.name}`",),
            "choose another id",
        )
    return None


def _why(name: str) -> str:
    if name in MODULE:
        return "PyTorch's modules have that themselves"
    return "Python changes names that begin with `__`"
