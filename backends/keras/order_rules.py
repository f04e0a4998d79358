"""How ops that hold no weights carry on the orders of their inputs' axes.

Each takes a node and, for each of its inputs, one order for each axis; and gives the same for what
the node makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.order import Indices, Order, joined, same
from graphcnn.ir import Node
from graphcnn.ops.base import Shape, resolve_axes, resolve_axis

Orders = Sequence[Order]


class LostError(Exception):
    """Why the order behind a node cannot be told."""


def plain(shape: Shape | None) -> list[Order]:
    """The orders of a value that both models have alike."""
    return [same(size) for size in shape or ()]


def require_alike(orders: Iterable[Order]) -> None:
    """See that axes are alike in both models."""
    if not all(one.is_same for one in orders):
        raise LostError("it depends on the order of cells that lie in another order in Keras")


def agreed(orders: Iterable[Order]) -> Order:
    """The one order that several axes have."""
    first, *others = orders
    if not all(first.agrees(other) for other in others):
        raise LostError("its inputs lie in different orders in Keras")
    return first


def merged(_node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    """What is computed of several inputs cell by cell; a single cell goes with any order."""
    axes = []
    for orders in zip(*inputs, strict=True):
        long = [one for one in orders if one.size != 1]
        axes.append(agreed(long) if long else orders[0])
    return [axes]


def concatenated(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    op: Any = node.op
    at = resolve_axis(op.axis, len(inputs[0]))
    every = enumerate(zip(*inputs, strict=True))
    return [[joined(one) if axis == at else agreed(one) for axis, one in every]]


def product(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    op: Any = node.op
    a, b = inputs
    columns, inner = (b[-2], b[-1]) if op.transpose else (b[-1], b[-2])
    agreed((a[-1], inner))
    return [[*(agreed(pair) for pair in zip(a[:-2], b[:-2], strict=True)), a[-2], columns]]


def permuted(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    op: Any = node.op
    return [[inputs[0][axis] for axis in resolve_axes(op.axes, len(inputs[0]))]]


def reduced(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    op: Any = node.op
    (x,) = inputs
    gone = resolve_axes(op.axes, len(x))
    if op.keepdims:
        return [[same(1) if axis in gone else one for axis, one in enumerate(x)]]
    return [[one for axis, one in enumerate(x) if axis not in gone]]


def resized(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    """Cells that are added, taken away or repeated along axes that are alike in both models."""
    (x,) = inputs
    sizes = node.outputs[0].shape or ()
    found = []
    for order, size in zip(x, sizes, strict=True):
        if order.size == size:
            found.append(order)
        else:
            require_alike([order])
            found.append(same(size))
    return [found]


def still(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    """An op that works on cells as they lie."""
    for orders in inputs:
        require_alike(orders)
    return [plain(value.shape) for value in node.outputs]


def parts(node: Node, inputs: Sequence[Orders]) -> list[Orders]:
    """What a slice or a split leaves of an axis."""
    op: Any = node.op
    (x,) = inputs
    at = resolve_axis(op.axis, len(x))
    sizes = tuple((value.shape or ())[at] for value in node.outputs)
    if isinstance(x[at].size, int):
        found = _split(x[at], sizes) if len(sizes) > 1 or op.name == "split" else _sliced(x[at], op)
    else:
        found = [same(size) for size in sizes]
    if found is None:
        raise LostError("it takes other cells in Keras, where they lie in another order")
    return [[*x[:at], one, *x[at + 1 :]] for one in found]


def _split(whole: Order, sizes: Shape) -> list[Order] | None:
    return whole.cut([0, *accumulate(int(str(size)) for size in sizes)])


def _sliced(whole: Order, op: Any) -> list[Order] | None:
    start, stop, step = slice(op.start, op.stop, op.step).indices(int(str(whole.size)))
    cut = whole.cut([0, start, stop, int(str(whole.size))]) if step == 1 else None
    if cut is not None:
        return [cut[1]]
    one = whole.every(start, stop, step)
    return None if one is None else [one]


def flat(x: Orders, shape: Shape, layout: Layout | None) -> Order:
    """The order of all cells of a value in a row, which the other model has in a layout."""
    sizes = [int(str(size)) for size in shape]
    strides, step = {}, 1
    for axis in reversed((layout or Layout.PLAIN).ordered(range(len(sizes)))):
        strides[axis], step = step, step * sizes[axis]
    cells: Indices = np.zeros((1,) * len(sizes), np.intp)
    for axis, order in enumerate(x):
        along = [1] * len(sizes)
        along[axis] = sizes[axis]
        cells = cells + order.settled().reshape(along) * strides[axis]
    return Order(step, cells.reshape(-1))
