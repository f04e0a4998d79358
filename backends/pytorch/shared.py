"""Layers that several nodes use: `reuse` gives one module values of other sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphcnn.backends.python.code import Lowered
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.pytorch.lowering import executable
from graphcnn.ir import Node
from graphcnn.ops.base import Op, OpError, Shape
from graphcnn.size import symbol

Lowering = Callable[[Op, tuple[Shape, ...]], Lowered]


def shapes_of(node: Node) -> tuple[Shape, ...]:
    return tuple(value.shape or () for value in node.inputs)


def lowered_for_all(nodes: Sequence[Node], lowering: Lowering) -> Lowered:
    """The code that serves all of these nodes, whatever the sizes that come in.

    Raises:
        OpError: there is no such code.
    """
    first = nodes[0]
    found = executable(first.op, lowering(first.op, shapes_of(first)))
    others = (executable(node.op, lowering(node.op, shapes_of(node))) for node in nodes[1:])
    if all(other == found for other in others):
        return found
    ranks = {tuple(map(len, shapes_of(node))) for node in nodes}
    if len(ranks) > 1 or any(node.op != first.op for node in nodes):
        raise _differing(first)
    found = executable(first.op, lowering(first.op, _common(nodes)))
    if is_open(found):
        raise _differing(first)
    return found


def _differing(first: Node) -> OpError:
    return OpError(
        f"`{first.op.name}` is shared, and would not be the same on every value given to it",
        code="unsupported-op",
        help="use the block twice where it need not share its weights",
    )


def _common(nodes: Sequence[Node]) -> tuple[Shape, ...]:
    """What comes into these nodes, sizes that differ as symbols."""
    inputs = zip(*map(shapes_of, nodes), strict=True)
    return tuple(
        tuple(
            sizes[0] if len(set(sizes)) == 1 else symbol(f"size{axis}", 1)
            for axis, sizes in enumerate(zip(*shapes, strict=True))
        )
        for shapes in inputs
    )
