"""Which layout each value of a model has, so that few axes are turned.

Images are channels last, as Keras has them; what a dense layer or a matrix product reads keeps
the order of the sample. Ops that do not care follow their inputs, ops that move axes give what
is asked of them further on. The inputs and outputs of a model are channels last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphcnn.backends.keras.lower.layout import Layout, is_loose
from graphcnn.backends.keras.lower.normalisation import is_trailing
from graphcnn.backends.keras.lower.shape import permuted
from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Shape, resolve_axes
from graphcnn.ops.declared import Declared
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.ops.normalisation import LayerNorm
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.reduction import Max, Mean, Sum
from graphcnn.ops.shape import (
    ChannelShuffle,
    Flatten,
    Permute,
    PixelShuffle,
    Reshape,
    SpaceToDepth,
    Upsample,
)

_SPATIAL = frozenset({"convolution", "pooling"})
_SPATIAL_OPS = (ChannelShuffle, PixelShuffle, SpaceToDepth, Upsample, Declared)
_SPATIAL_NAMES = frozenset({"spatial_dropout", "local_response_norm", "instance_norm"})


@dataclass(frozen=True)
class Arrangement:
    """The layout that a node's inputs are brought to, and the one of what it makes."""

    takes: Layout
    gives: Layout


#: layouts of values, by their identity
Layouts = Mapping[int, Layout]


def arrange(
    graph: Graph, entering: Layouts | None = None, leaving: Layouts | None = None
) -> Mapping[Node, Arrangement]:
    """An arrangement for every node of a graph.

    ``entering`` and ``leaving`` are for what goes into a part of a model and comes out of it.
    """
    asked = _asked(graph, leaving or {})
    layouts: dict[int, Layout] = {}
    for value in graph.inputs.values():
        layouts[id(value)] = (entering or {}).get(id(value), boundary(value))
    found: dict[Node, Arrangement] = {}
    for node in graph.nodes:
        before = [layouts[id(value)] for value in node.inputs]
        found[node] = arrangement = _arrangement(node, before, asked)
        for value in node.outputs:
            layouts[id(value)] = _settled(value.shape, arrangement.gives)
    return found


def _settled(shape: Shape | None, layout: Layout) -> Layout:
    return Layout.PLAIN if len(shape or ()) < 2 else layout


def _asked(graph: Graph, leaving: Layouts) -> dict[int, Layout]:
    """For each value, the layout that its first reader with an opinion asks for, or the caller."""
    outputs = [output.value for output in graph.outputs.values()]
    found = {id(value): leaving.get(id(value), boundary(value)) for value in outputs}
    for node in reversed(graph.nodes):
        wish = fixed(node)
        if wish is None and not isinstance(node.op, (Flatten, Permute, Reshape)):
            wishes = (found.get(id(value)) for value in node.outputs)
            wish = next((w for w in wishes if w is not None), None)
        if isinstance(node.op, (Flatten, Reshape)) and not keeps_channels(node):
            wish = Layout.PLAIN
        if wish is not None:
            for value in node.inputs:
                found[id(value)] = wish
    return found


def fixed(node: Node) -> Layout | None:
    """The layout that an op's inputs must have."""
    op = node.op
    if isinstance(op, (Linear, Attention, Matmul)):
        return Layout.PLAIN
    if op.group in _SPATIAL or isinstance(op, _SPATIAL_OPS) or op.name in _SPATIAL_NAMES:
        return Layout.LAST
    return None


def _arrangement(node: Node, before: list[Layout], asked: Mapping[int, Layout]) -> Arrangement:
    op = node.op
    always = fixed(node)
    shape = (node.inputs[0].shape or ()) if node.inputs else ()
    if always is not None:
        takes = _settled(shape, always)
        return Arrangement(takes, _settled(node.outputs[0].shape, always))
    wish = asked.get(id(node.outputs[0])) if node.outputs else None
    if isinstance(op, Parameter):
        gives = _settled(node.outputs[0].shape, wish or _natural(node.outputs[0]))
        return Arrangement(Layout.PLAIN, gives)
    if isinstance(op, (Flatten, Reshape)):
        return _reshaped(node, before[0], wish)
    if isinstance(op, Permute):
        return _permuted(op, len(shape), before[0], wish)
    takes = _common(node, before, wish)
    if isinstance(op, LayerNorm) and not is_trailing(op, takes, shape):
        takes = next((one for one in Layout if is_trailing(op, one, shape)), takes)
    if isinstance(op, (Mean, Sum, Max)):
        axes = resolve_axes(op.axes, len(shape))
        keeps = op.keepdims or 0 not in axes
        return Arrangement(takes, _settled(node.outputs[0].shape, takes if keeps else Layout.PLAIN))
    return Arrangement(takes, takes)


def _natural(value: Value) -> Layout:
    return Layout.LAST if len(value.shape or ()) > 2 else Layout.PLAIN


def _common(node: Node, before: list[Layout], wish: Layout | None) -> Layout:
    """One layout for all inputs: the one that they have, else the one that is asked for."""
    if all(layout is before[0] for layout in before):
        return before[0]
    return wish or _natural(node.inputs[0])


def _reshaped(node: Node, before: Layout, wish: Layout | None) -> Arrangement:
    (source,) = node.inputs
    (result,) = node.outputs
    x, y = source.shape or (), result.shape or ()
    free = is_loose(x)  # the order of its cells is that of the sample
    if len(y) > 1 and is_loose(y) and (free or before is Layout.PLAIN):
        cell = all(size == 1 for size in y[1:])
        return Arrangement(before, wish or (_natural(result) if cell else Layout.PLAIN))
    if before is Layout.LAST and free:
        return Arrangement(before, Layout.PLAIN)
    if before is Layout.LAST and keeps_channels(node):
        return Arrangement(before, before)
    return Arrangement(Layout.PLAIN, Layout.PLAIN)


def keeps_channels(node: Node) -> bool:
    """Whether a reshape leaves the first axis as it is, so that it can stand anywhere."""
    x, y = node.inputs[0].shape or (), node.outputs[0].shape or ()
    return len(y) > 1 and x[:1] == y[:1]


def _permuted(op: Permute, rank: int, before: Layout, wish: Layout | None) -> Arrangement:
    if rank < 2:
        return Arrangement(Layout.PLAIN, Layout.PLAIN)
    for after in (wish, *Layout):
        if after is not None and permuted(op, rank, before, after) == tuple(range(1, rank + 1)):
            return Arrangement(before, after)
    return Arrangement(before, wish or (Layout.LAST if rank > 2 else Layout.PLAIN))


def boundary(value: Value) -> Layout:
    """The layout of an input or output of a model."""
    return _settled(value.shape, Layout.LAST)
