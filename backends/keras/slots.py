"""The places for weights in a Keras file: which variable of which layer each of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from types import SimpleNamespace
from typing import Any

import numpy as np

from graphcnn.backends.keras.names import keras_name, layer_names
from graphcnn.backends.keras.weights import Array, Variable, variables
from graphcnn.ir import Graph, Node
from graphcnn.ops.convolution import Conv, DepthwiseConv, SeparableConv
from graphcnn.ops.linear import Linear
from graphcnn.ops.shape import Flatten
from graphcnn.weights import Entry
from graphcnn.weights.slots import Form, Slot, Slots


def keras_slots(graph: Graph, entries: Mapping[str, Entry]) -> Slots:
    """Those of a Keras file: `layer/0`, `layer/1`, in the order of the layer's variables.

    A depthwise convolution may lie there as one, or as a convolution in groups.
    """
    stubs = {name: SimpleNamespace(depth_multiplier=m) for name, m in _multipliers(graph)}
    plain = variables(graph, _Layers(graph))
    depthwise = variables(graph, _Layers(graph, stubs))
    found: dict[str, Slot] = {}
    aliases: dict[str, str] = {}
    counts: dict[str, int] = {}

    def form(one: Variable, shape: tuple[int, ...]) -> Form:
        whole = np.broadcast_to(np.float32(0), (shape[0] // one.parts, *shape[1:]) if shape else ())
        return Form(one.to(whole).shape, one.back)

    for one, other in zip(plain, depthwise, strict=True):
        if one.weight not in entries:
            continue
        shape = entries[one.weight].shape
        forms = {f.shape: f for f in (form(one, shape), form(other, shape))}
        path = "/".join((one.layer, *one.variable.split("/")[:-1]))
        role = one.variable.rpartition("/")[2]
        index = counts[path] = counts.get(path, -1) + 1
        name = f"{path}/{index}"
        image = _flattened(entries[one.weight].node) if role == "kernel" else None
        foreign = None if image is None else _rows_turned(image)
        found[name] = Slot(
            one.weight, tuple(forms.values()), path, role, one.part, one.parts, foreign
        )
        aliases[f"{path}/{role}"] = name
        if one.parts == 1:
            aliases[one.weight] = name
    return Slots(found, aliases)


class _Layers(dict[str, Any]):
    """Stands for the layers of a Keras model: any that is asked for is there."""

    def __init__(self, graph: Graph, stubs: Mapping[str, Any] | None = None) -> None:
        super().__init__(_every(graph))
        self.update(stubs or {})

    def __missing__(self, name: str) -> Any:
        return SimpleNamespace()


def _every(graph: Graph) -> Iterator[tuple[str, Any]]:
    return ((keras_name(name), SimpleNamespace()) for name in layer_names(graph).values())


def _multipliers(graph: Graph) -> Iterator[tuple[str, int]]:
    """The convolutions that may be depthwise, by the name of their layer, with the multiplier."""
    names = layer_names(graph)
    for node in names:
        key = "depthwise.weight" if isinstance(node.op, SeparableConv) else "weight"
        weight = node.facts.weights.get(key)
        if weight is None or not isinstance(node.op, (Conv, DepthwiseConv, SeparableConv)):
            continue
        channels = (node.inputs[0].shape or (0,))[0]
        out, each, *_ = weight.shape
        if each == 1 and isinstance(out, int) and isinstance(channels, int):
            name = keras_name(names[node])
            yield (f"{name}_depthwise" if key != "weight" else name), out // channels


def _flattened(node: Node) -> tuple[int, ...] | None:
    """The image that a linear layer reads cell by cell, if it does."""
    if not isinstance(node.op, Linear):
        return None
    value = node.inputs[0]
    while (before := value.node) is not None and not isinstance(before.op, Flatten):
        if len(before.inputs) != 1 or before.inputs[0].shape != value.shape:
            return None
        value = before.inputs[0]
    shape = () if before is None else before.inputs[0].shape or ()
    sizes = tuple(size for size in shape if isinstance(size, int))
    flat = len(value.shape or ()) == 1
    return sizes if flat and len(sizes) == len(shape) > 1 and prod(sizes[1:]) > 1 else None


def _rows_turned(image: tuple[int, ...]) -> Callable[[Array], Array]:
    """Of a kernel (in, out) the weight (out, in), whose cells were channels last."""
    channels, *space = image

    def back(value: Array) -> Array:
        cells = np.reshape(value.T, (-1, *space, channels))
        return np.reshape(np.moveaxis(cells, -1, 1), (value.shape[1], -1))

    return back
