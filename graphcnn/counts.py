"""What a graph costs: parameters, buffers, multiply-accumulates, elements, receptive field.

Everything is for one sample in inference mode, but for parameters and buffers, which a model
also keeps for what it does in training alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.base import Window
from graphcnn.size import UNKNOWN, Size, SizeTooComplex, SizeTooLarge, product


class Costs(NamedTuple):
    """What some nodes cost together."""

    params: Size
    buffers: Size
    macs: Size
    activations: Size


def params(node: Node) -> Size:
    """Trained values that a node brings; none where it shares those of another."""
    return node.facts.params if node.owner is None else 0


def buffers(node: Node) -> Size:
    """Values that are kept but not trained; none where they are another node's."""
    return node.facts.buffers if node.owner is None else 0


def macs(node: Node) -> Size:
    """Multiply-accumulates for one sample; none where the node is for training alone."""
    return 0 if node.training_only else node.facts.macs


def activations(node: Node) -> Size:
    """Elements written for one sample; none where the node is for training alone."""
    if node.training_only:
        return 0
    try:
        return total([product(shape or ()) for shape in node.facts.outputs])
    except (SizeTooComplex, SizeTooLarge):
        return UNKNOWN


def costs(nodes: Iterable[Node]) -> Costs:
    """The sums over ``nodes``."""
    nodes = list(nodes)
    return Costs(
        total(map(params, nodes)),
        total(map(buffers, nodes)),
        total(map(macs, nodes)),
        total(map(activations, nodes)),
    )


def total(sizes: Iterable[Size]) -> Size:
    """The sum; UNKNOWN where that has no short form in the symbols of the inputs."""
    found: Size = 0
    try:
        for size in sizes:
            found = found + size
    except (SizeTooComplex, SizeTooLarge):
        return UNKNOWN
    return found


_Length = int | Fraction


class _Axis(NamedTuple):
    """Along one spatial axis: input cells that a cell sees, and those to its neighbour's view."""

    field: _Length
    jump: _Length


_Field = tuple[_Axis | None, ...]


def receptive_field(graph: Graph) -> tuple[int, ...] | None:
    """Input cells that one cell sees along each spatial axis, at the most; None without such axes.

    The usual recurrence: an op whose window covers ``extent`` cells, one ``stride`` from the
    next, makes of a field r and a jump j

        r' = r + (extent - 1) * j        j' = j * stride

    Where paths meet, the larger field goes on. What sees a whole map at once (a global pool, an
    attention, a linear layer after `flatten`) would see the input whole, and says nothing about
    the network before it: such ops leave the field as it is. Behind an op whose window has no
    number, as an adaptive pool over a map of symbolic size, fields are not known. The result is
    the largest field that is, rounded up where upsampling leaves a fraction of a cell.
    """
    axes = _spatial_axes(graph)
    if not axes:
        return None
    fields = [*_fields(graph, axes).values()]
    lengths = (max(_length(field, axis) for field in fields) for axis in range(axes))
    return tuple(map(math.ceil, lengths))


def widening(graph: Graph, axis: int) -> list[tuple[Node, int | Fraction]]:
    """The nodes that make the receptive field along ``axis`` what it is, and what each adds to it.

    They are those on the path to the largest field, in the order of the graph; with the one cell
    at its beginning, what they add comes to that field.
    """
    fields = _fields(graph, _spatial_axes(graph))

    def length(value: Value) -> _Length:
        return _length(fields.get(id(value)), axis)

    found: list[tuple[Node, _Length]] = []
    values = [value for node in graph.nodes for value in node.outputs]
    value = max(values, key=length, default=None)
    while value is not None and value.node is not None:
        node = value.node
        before = max(node.inputs, key=length, default=None)
        added = length(value) - (0 if before is None else length(before))
        if added > 0:
            found.append((node, added))
        value = before
    return found[::-1]


def _spatial_axes(graph: Graph) -> int:
    ranks = [len(value.shape or ()) for value in graph.inputs.values()]
    return next((rank - 1 for rank in ranks if rank > 1), 0)


def _fields(graph: Graph, axes: int) -> dict[int, _Field]:
    """What each value sees that sees anything, by its ``id()``."""
    start: _Field = (_Axis(1, 1),) * axes
    fields = {
        id(value): start for value in graph.inputs.values() if len(value.shape or ()) == axes + 1
    }
    for node in graph.nodes:
        field = None if node.training_only else _seen_by(node, fields)
        if field is not None:
            fields |= {id(value): field for value in node.outputs}
    return fields


def _length(field: _Field | None, axis: int) -> _Length:
    """The length of a field along an axis; 0 where it is not known."""
    known = None if field is None else field[axis]
    return 0 if known is None else known.field


def _seen_by(node: Node, fields: dict[int, _Field]) -> _Field | None:
    known = [fields[id(value)] for value in node.inputs if id(value) in fields]
    if not known:
        return None
    field = known[0] if len(known) == 1 else tuple(map(_larger, *known))
    window = node.facts.window
    return field if window is None else _through(field, window, node.inputs[0])


def _larger(*axes: _Axis | None) -> _Axis | None:
    return max((axis for axis in axes if axis is not None), default=None)


def _through(field: _Field, window: Window, value: Value) -> _Field:
    spatial = (value.shape or ())[1:]
    if not len(field) == len(window.extent) == len(spatial):
        return field
    return tuple(
        _step(axis, extent, stride, size)
        for axis, extent, stride, size in zip(
            field, window.extent, window.stride, spatial, strict=True
        )
    )


def _step(axis: _Axis | None, extent: Size, stride: Size | Fraction, size: Size) -> _Axis | None:
    if axis is None or (extent == size and stride == size):
        return axis
    if isinstance(extent, int) and isinstance(stride, (int, Fraction)):
        return _Axis(axis.field + (extent - 1) * axis.jump, axis.jump * stride)
    return None
