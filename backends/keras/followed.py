"""What a Keras model of somebody else has in another order than the spec, followed layer by layer.

Such a model flattens an image with the channels last, the spec with the channels first. From there
on an axis has another order, and with it every weight that is counted along it, up to the next
linear layer. Before a `reshape` to an image it is the other way round: a linear layer brings its
features out so that the channels come last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from graphcnn.backends.keras.arrange import arrange
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.native import native_layouts
from graphcnn.backends.keras.order import Indices, Order, free, same
from graphcnn.backends.keras.order_rules import (
    LostError,
    Orders,
    concatenated,
    flat,
    merged,
    parts,
    permuted,
    plain,
    product,
    reduced,
    require_alike,
    resized,
    still,
)
from graphcnn.backends.keras.weights import read_nodes
from graphcnn.ir import Graph, Node
from graphcnn.ops.activation import Prelu
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Op, resolve_axis
from graphcnn.ops.convolution import Conv, ConvTranspose
from graphcnn.ops.declared import Declared
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.ops.merge import Add, Average, Concat, Maximum, Multiply, Subtract
from graphcnn.ops.normalisation import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Norm,
    LayerNorm,
    LocalResponseNorm,
)
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.reduction import Max, Mean, Sum
from graphcnn.ops.shape import (
    ChannelShuffle,
    Crop,
    Flatten,
    Pad,
    Permute,
    PixelShuffle,
    Reshape,
    Slice,
    SpaceToDepth,
    Split,
    Tile,
    Upsample,
)


@dataclass(frozen=True)
class Followed:
    """The orders that a foreign model has its weights in.

    ``orders`` has, for a weight that differs, one for each axis: cell i of the spec's is cell
    ``order[i]`` of the other's. ``lost`` are the nodes behind which it could not be followed, and
    why. ``owned`` are ops that nobody has but the emitted models, by the class of their layer.
    """

    orders: Mapping[str, tuple[Indices | None, ...]]
    lost: tuple[tuple[Node, str], ...]
    owned: Mapping[str, Node]


#: ops of which every framework orders the channels its own way, and the emitted layer of each
_OWNED: Final[Mapping[type[Op], str]] = {
    PixelShuffle: "pixel_shuffle",
    SpaceToDepth: "space_to_depth",
}

_RULES: Final[Mapping[type[Op], Callable[[Node, Sequence[Orders]], list[Orders]]]] = {
    **dict.fromkeys((Add, Average, Maximum, Multiply, Subtract), merged),
    **dict.fromkeys((Mean, Sum, Max), reduced),
    **dict.fromkeys((Slice, Split), parts),
    **dict.fromkeys((Pad, Crop, Tile), resized),
    **dict.fromkeys((Declared, ChannelShuffle, PixelShuffle, SpaceToDepth), still),
    Concat: concatenated,
    Matmul: product,
    Permute: permuted,
}


def follow(graph: Graph) -> Followed:
    """Follow the axes of a graph through a model that somebody wrote in Keras."""
    nodes = read_nodes(graph)
    walk = _Walk(graph, nodes)
    for value in graph.inputs.values():
        walk.orders[id(value)] = [same(size) for size in value.shape or ()]
    for node in graph.nodes:
        if node not in nodes:
            continue
        try:
            found = walk.node(node)
        except LostError as error:
            walk.lost.append((node, str(error)))
            found = [[same(size) for size in value.shape or ()] for value in node.outputs]
        for value, orders in zip(node.outputs, found, strict=True):
            walk.orders[id(value)] = orders
    turned = {name: _settled(orders) for name, orders in walk.weights.items()}
    differing = {
        name: orders for name, orders in turned.items() if any(o is not None for o in orders)
    }
    return Followed(differing, tuple(walk.lost), walk.owned)


def _settled(orders: Iterable[Order | None]) -> tuple[Indices | None, ...]:
    return tuple(None if one is None or one.is_same else one.settled() for one in orders)


class _Walk:
    """Gives the values of a graph orders, node by node."""

    def __init__(self, graph: Graph, nodes: Collection[Node]) -> None:
        self.layouts = native_layouts(graph, nodes)
        self.arrangements = arrange(graph)
        self.orders: dict[int, Orders] = {}
        self.weights: dict[str, list[Order | None]] = {}
        self.lost: list[tuple[Node, str]] = []
        self.owned: dict[str, Node] = {}

    def node(self, node: Node) -> list[Orders]:
        """The orders of what a node makes, one for each axis."""
        inputs = [self.orders[id(value)] for value in node.inputs]
        kind = type(node.op)
        if kind in _OWNED:
            self.owned.setdefault(_OWNED[kind], node)
        if kind in _RULES:
            return _RULES[kind](node, inputs)
        if kind in _WEIGHTED:
            return [_WEIGHTED[kind](self, node, inputs[0] if inputs else ())]
        if node.op.group in ("convolution", "pooling"):
            return [self.spatial(node, inputs[0])]
        return [self.cell_by_cell(node, inputs[0])]

    def _read(self, node: Node, key: str, axis: int, order: Order) -> None:
        """Note that a weight is counted along an axis in an order."""
        if key not in node.facts.weights:
            return
        owner = node.owner or node
        name = f"{owner.name}.{key}" if key else owner.name
        known = self.weights.setdefault(name, [None] * len(node.facts.weights[key].shape))
        before = known[axis]
        if before is None:
            known[axis] = order
        elif not before.agrees(order):
            raise LostError("it is used several times, with its inputs in different orders")

    def spatial(self, node: Node, x: Orders) -> Orders:
        """What slides over an image, or takes the whole of it."""
        op, shape = node.op, node.outputs[0].shape or ()
        if not op.name.startswith("global_"):
            require_alike(x[1:])
        if op.group != "convolution":
            return [x[0], *plain(shape[1:])]
        if isinstance(op, (Conv, ConvTranspose)) and op.groups == 1:
            self._read(node, "weight", 1 if isinstance(op, Conv) else 0, x[0])
        else:
            require_alike(x[:1])
        return plain(shape)

    def linear(self, node: Node, x: Orders) -> Orders:
        self._read(node, "weight", 1, x[-1])
        out = free((node.outputs[0].shape or ())[-1])
        self._read(node, "weight", 0, out)
        self._read(node, "bias", 0, out)
        return [*x[:-1], out]

    def parameter(self, node: Node, _x: Orders) -> Orders:
        (value,) = node.outputs
        found = [free(size) for size in value.shape or ()]
        if len(found) > 1 and self.layouts[id(value)] is not self.arrangements[node].gives:
            raise LostError("the order of its axes cannot be told")
        first = len(node.facts.weights[""].shape) - len(found)
        for axis, order in enumerate(found):
            self._read(node, "", first + axis, order)
        return found

    def cell_by_cell(self, node: Node, x: Orders) -> Orders:
        """What works on each cell, with weights along some axes."""
        op = node.op
        axes: Sequence[int] = ()
        match op:
            case BatchNorm() | InstanceNorm() | Prelu(shared=False):
                axes = (0,)
            case GroupNorm():
                axes = (0,)
                if op.groups != 1:
                    require_alike(x[:1])
            case LayerNorm():
                axes = op.normalised(node.inputs[0].shape or ())
                layout = self.layouts[id(node.inputs[0])]
                if len(axes) > 1 and layout is not self.arrangements[node].takes:
                    raise LostError("the order of its axes cannot be told")
            case L2Norm():
                axes = (resolve_axis(op.axis, len(x)),)
            case LocalResponseNorm():
                require_alike(x[:1])
        for key in node.facts.weights:
            for place, axis in enumerate(axes):
                self._read(node, key, place, x[axis])
        return x

    def attention(self, node: Node, x: Orders) -> Orders:
        """Features are divided among heads; tokens can come in any order."""
        require_alike(x[1:])
        return [x[0], *plain((node.outputs[0].shape or ())[1:])]

    def reshaped(self, node: Node, x: Orders) -> Orders:
        """The same cells under another shape; where that mixes axes, their layouts decide."""
        (value,), (result,) = node.inputs, node.outputs
        before, after = value.shape or (), result.shape or ()
        if not all(isinstance(size, int) for size in (*before, *after)):
            return plain(after)  # no weight is counted along what such an axis becomes
        long = [one for one, size in zip(x, before, strict=True) if size != 1]
        if len(long) == 1 and sum(size != 1 for size in after) < 2:
            return [long[0] if size != 1 else same(1) for size in after]
        layouts = self.layouts[id(value)], self.layouts[id(result)]
        if None in layouts:
            raise LostError("whether the channels are its first or last axis cannot be told")
        row = x[0] if len(x) == 1 else flat(x, before, layouts[0])
        if len(after) == 1:
            return [row]
        if row.agrees(flat(plain(after), after, layouts[1])):
            return plain(after)
        if before[0] == after[0] and layouts == (Layout.LAST, Layout.LAST):
            require_alike(x[1:])
            return [x[0], *plain(after[1:])]
        raise LostError("it makes axes out of cells that lie in another order in Keras")


_WEIGHTED: Final[Mapping[type[Op], Callable[[_Walk, Node, Orders], Orders]]] = {
    Parameter: _Walk.parameter,
    Linear: _Walk.linear,
    Attention: _Walk.attention,
    Flatten: _Walk.reshaped,
    Reshape: _Walk.reshaped,
    Upsample: _Walk.spatial,
}
