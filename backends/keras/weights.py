"""Canonical weights in a Keras model, and back.

A canonical weight has PyTorch's name and layout: `layer1.0.conv1.weight`, (out, in / groups,
kernel…). The Keras layer has the name of the node with `_` for each dot, and for each weight a
variable with its own layout. :func:`assign` and :func:`collect` are each other's inverse. Nothing
here imports Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphcnn.backends.keras.arrange import Arrangement, arrange
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.names import keras_name, layer_names, parts_of
from graphcnn.ir import Graph, Node
from graphcnn.ops.activation import Prelu
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Shape
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.ops.linear import Linear
from graphcnn.ops.normalisation import BatchNorm, GroupNorm, InstanceNorm, LayerNorm
from graphcnn.ops.parameter import Parameter

Array = NDArray[Any]
Turn = Callable[[Array], Array]


@dataclass(frozen=True)
class Variable:
    """One variable of a layer and the canonical weight that it holds, or a part of it.

    ``to`` makes the variable's value of the weight (or of its part ``part`` of ``parts`` along
    axis 0), ``back`` the other way round.
    """

    layer: str
    variable: str
    weight: str
    to: Turn
    back: Turn
    part: int = 0
    parts: int = 1


def variables(graph: Graph, layers: Mapping[str, Any]) -> Iterator[Variable]:
    """Every variable of a model that holds a weight; ``layers`` are the model's, by name."""
    arrangements = arrange(graph)
    names = layer_names(graph)
    read = read_nodes(graph)
    for node in graph.nodes:
        if node.owner is None and node.facts.weights and node in read:
            yield from _of_node(node, names[node], arrangements[node], layers)


def assign(model: Any, graph: Graph, weights: Mapping[str, Any]) -> None:
    """Put canonical weights into a Keras model that was emitted for ``graph``.

    Weights that no output depends on have no place in a Keras model and are passed over, as are,
    in a model without training outputs, those of layers that only these have.

    Raises:
        KeyError: a weight or a layer is missing.
        ValueError: a weight has another shape.
    """
    layers = layers_of(model)
    for one in variables(graph, layers):
        value = np.asarray(weights[one.weight])
        if one.parts > 1:
            value = np.split(value, one.parts)[one.part]
        held = variable_of(layers[one.layer], one.variable)
        turned = one.to(value)
        if tuple(held.shape) != turned.shape:
            raise ValueError(
                f"{one.weight} of shape {np.shape(weights[one.weight])} does not fit "
                f"{one.layer}/{one.variable} of shape {tuple(held.shape)}"
            )
        held.assign(turned)


def collect(
    model: Any, graph: Graph, value_of: Callable[[Any], Array | None] | None = None
) -> dict[str, Array]:
    """The canonical weights that a Keras model holds, in the graph's order.

    ``value_of`` is asked for another array of each variable's shape, such as its gradient; None
    leaves the weight out.
    """
    layers = layers_of(model)
    pieces: dict[str, list[Array | None]] = {}
    for one in variables(graph, layers):
        variable = variable_of(layers[one.layer], one.variable)
        held = _numbers(variable) if value_of is None else value_of(variable)
        value = None if held is None else one.back(held)
        pieces.setdefault(one.weight, []).append(value)
    found: dict[str, Array] = {}
    for name, parts in pieces.items():
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            found[name] = np.ascontiguousarray(
                known[0] if len(known) == 1 else np.concatenate(known)
            )
    order = [name for node in graph.nodes for name, _ in node.weights()]
    return {name: found[name] for name in order if name in found}


def _numbers(variable: Any) -> Array:
    value = variable.numpy() if hasattr(variable, "numpy") else variable.value
    return np.array(value)


def layers_of(model: Any) -> dict[str, Any]:
    """The layers of a model by name, those of models inside it included."""
    found: dict[str, Any] = {}
    for layer in model.layers:
        if hasattr(layer, "layers"):
            found |= layers_of(layer)
        else:
            found[layer.name] = layer
    return found


def variable_of(layer: Any, path: str) -> Any:
    """A variable by name, or `sublayer/name`."""
    for name in path.split("/")[:-1]:
        layer = getattr(layer, name)
    wanted = path.rpartition("/")[2]
    for variable in layer.variables:
        if variable.name == wanted:
            return variable
    raise KeyError(f"the layer {layer.name} has no variable {wanted}")


def read_nodes(graph: Graph) -> set[Node]:
    """The nodes that an output depends on, or that lend such a one their weights.

    A functional model has no others: a layer that nothing reads is not in it.
    """
    found: set[Node] = set()
    waiting = [o.value.node for o in graph.outputs.values() if o.value.node is not None]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [value.node for value in node.inputs if value.node is not None]
    return found | {node.owner for node in found if node.owner is not None}


# one op


def _of_node(
    node: Node, name: str, laid: Arrangement, layers: Mapping[str, Any]
) -> Iterator[Variable]:
    own = keras_name(name)
    if node.training_only and not any(keras_name(name + part) in layers for part in parts_of(node)):
        return
    for key in node.facts.weights:
        weight = f"{node.name}.{key}" if key else node.name
        for layer, variable, to, back, part, count in _held(node, own, key, laid, layers):
            yield Variable(layer, variable, weight, to, back, part, count)


_Held = tuple[str, str, Turn, Turn, int, int]

_NORMS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def _same(value: Array) -> Array:
    return value


def _permuted(*axes: int) -> tuple[Turn, Turn]:
    back = tuple(int(axis) for axis in np.argsort(axes))
    return (lambda value: np.transpose(value, axes)), (lambda value: np.transpose(value, back))


def _reshaped(to: Shape, back: Shape) -> tuple[Turn, Turn]:
    there, home = _ints(to), _ints(back)
    return (lambda value: np.reshape(value, there)), (lambda value: np.reshape(value, home))


def _ints(shape: Shape) -> tuple[int, ...]:
    """A weight's shape, which holds numbers alone in any model that a backend takes."""
    return tuple(size for size in shape if isinstance(size, int))


def _whole(layer: str, variable: str, turns: tuple[Turn, Turn] = (_same, _same)) -> list[_Held]:
    return [(layer, variable, *turns, 0, 1)]


def _held(
    node: Node, name: str, key: str, laid: Arrangement, layers: Mapping[str, Any]
) -> list[_Held]:
    """Where a weight of a node lies, whose layer has that name: layer, variable, how to turn it."""
    op = node.op
    shape = node.facts.weights[key].shape
    found = [(name, key)]
    turns: tuple[Turn, Turn] = (_same, _same)
    match op:
        case SeparableConv():
            part, _, last = key.partition(".")
            return _kernel(f"{name}_{part}", last, shape, layers)
        case Conv() | DepthwiseConv():
            return _kernel(name, key, shape, layers)
        case Attention():
            return _attention(name, key, op, shape)
        case ConvTranspose() if key == "weight":
            found, turns = [(name, "kernel")], _transposed_kernel(shape)
        case Linear() if key == "weight":
            found, turns = [(name, "kernel")], _permuted(1, 0)
        case Prelu():
            found, turns = [(name, "alpha")], _prelu(node, shape, laid)
        case LayerNorm():
            found, turns = [(name, _NORMS[key])], _layer_norm(op, node, laid)
        case Parameter():
            found, turns = [(name, "value")], _parameter(op, shape, laid)
        case BatchNorm() | GroupNorm() | InstanceNorm():
            found = [(name, _NORMS[key])]
    return [(layer, variable, *turns, 0, 1) for layer, variable in found]


def _kernel(layer: str, key: str, shape: Shape, layers: Mapping[str, Any]) -> list[_Held]:
    """A convolution's kernel: (kernel…, in / groups, out), or (kernel…, in, multiplier)."""
    if key == "bias":
        return _whole(layer, "bias")
    rank = len(shape)
    if not hasattr(layers[layer], "depth_multiplier"):
        return _whole(layer, "kernel", _permuted(*range(2, rank), 1, 0))
    multiplier = int(layers[layer].depth_multiplier)
    out, _, *kernel = (int(str(size)) for size in shape)
    split = (out // multiplier, multiplier, *kernel)

    def to(value: Array) -> Array:
        return np.transpose(np.reshape(value, split), (*range(2, rank), 0, 1))

    def back(value: Array) -> Array:
        turned = np.transpose(value, (rank - 2, rank - 1, *range(rank - 2)))
        return np.reshape(turned, (out, 1, *kernel))

    return _whole(layer, "kernel", (to, back))


def _transposed_kernel(shape: Shape) -> tuple[Turn, Turn]:
    """(in, out / groups, kernel…) as (kernel…, out / groups, in)."""
    return _permuted(*range(2, len(shape)), 1, 0)


def _attention(name: str, key: str, op: Attention, shape: Shape) -> list[_Held]:
    features = int(str(shape[0])) // (3 if key.startswith("in_proj") else 1)
    heads = int(str(op.heads))
    size = features // heads
    if key == "out_proj.weight":  # (D, heads * size) as (heads, size, D)

        def out_to(value: Array) -> Array:
            return np.reshape(value.T, (heads, size, features))

        def out_back(value: Array) -> Array:
            return np.reshape(value, (features, features)).T

        return _whole(name, "output_dense/kernel", (out_to, out_back))
    if key == "out_proj.bias":
        return _whole(name, "output_dense/bias")
    found: list[_Held] = []
    for part, projection in enumerate(("query_dense", "key_dense", "value_dense")):
        if key == "in_proj_bias":
            turns = _reshaped((heads, size), (features,))
            found.append((name, f"{projection}/bias", *turns, part, 3))
            continue

        def to(value: Array) -> Array:
            return np.reshape(value.T, (features, heads, size))

        def back(value: Array) -> Array:
            return np.reshape(value, (features, features)).T

        found.append((name, f"{projection}/kernel", to, back, part, 3))
    return found


def _prelu(node: Node, shape: Shape, laid: Arrangement) -> tuple[Turn, Turn]:
    x = node.inputs[0].shape or ()
    sizes = [1] * len(x)
    sizes[laid.takes.place(0, len(x)) - 1] = int(str(shape[0]))
    return _reshaped(tuple(sizes), shape)


def _layer_norm(op: LayerNorm, node: Node, laid: Arrangement) -> tuple[Turn, Turn]:
    """The normalised axes in the order of the tensor."""
    x = node.inputs[0].shape or ()
    places = [laid.takes.place(axis, len(x)) for axis in op.normalised(x)]
    return _permuted(*(int(axis) for axis in np.argsort(places)))


def _parameter(op: Parameter, shape: Shape, laid: Arrangement) -> tuple[Turn, Turn]:
    """Without the leading axis of 1, and in the layout that the value has."""
    rank = len(op.shape)
    axes = laid.gives.ordered(range(rank)) if laid.gives is Layout.LAST else tuple(range(rank))
    turn, turn_back = _permuted(*axes)
    return (
        lambda value: turn(np.reshape(value, op.shape)),
        lambda value: np.reshape(turn_back(value), _ints(shape)),
    )
