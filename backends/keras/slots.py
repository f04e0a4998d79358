"""The places for weights in a Keras file: which variable of which layer each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from graphcnn.backends.keras.followed import follow
from graphcnn.backends.keras.names import keras_name, layer_names
from graphcnn.backends.keras.order import Indices
from graphcnn.backends.keras.weights import Array, Turn, Variable, variables
from graphcnn.backends.keras.whose import Whose, whose
from graphcnn.ir import Graph, Node
from graphcnn.ops.convolution import Conv, DepthwiseConv, SeparableConv
from graphcnn.weights import Entry
from graphcnn.weights.slots import Form, Slot, Slots
from graphcnn.weights.source import FLOATS, Source

#: what files before Keras 3 call the layers inside attention
_PROJECTIONS = {
    "query_dense": "query",
    "key_dense": "key",
    "value_dense": "value",
    "output_dense": "attention_output",
}


def keras_slots(graph: Graph, entries: Mapping[str, Entry], source: Source) -> Slots:
    """Those of a Keras file: `layer/0`, `layer/1`, in the order of the layer's variables.

    A depthwise convolution may lie there as one, or as a convolution in groups. A file that was
    written by the model of somebody else has the cells of flattened images in another order.
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
        found[name] = Slot(
            one.weight,
            tuple(forms.values()),
            path,
            role,
            entries[one.weight].node,
            one.part,
            one.parts,
        )
        aliases[f"{path}/{role}"] = name
        if "/" in path:
            aliases[f"{one.layer}/{_PROJECTIONS[path.rpartition('/')[2]]}/{role}"] = name
        if one.parts == 1:
            aliases[one.weight] = name
    return _reordered(graph, Slots(found, aliases, graph.nodes), source)


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


# --- the order of cells in a model of somebody else ---------------------------------------


def _reordered(graph: Graph, slots: Slots, source: Source) -> Slots:
    """The places in a file of whoever wrote it; an emitted model has the order of the spec."""
    followed = follow(graph)
    if not (followed.orders or followed.lost or followed.owned):
        return slots
    weights = (name for name, tensor in source.tensors.items() if tensor.type in FLOATS)
    writer = whose(graph, source.layers, named=all(map(slots.find, weights)))
    if writer is Whose.OURS:
        return slots
    problems = [_lost(node, why) for node, why in followed.lost]
    kinds = {layer.kind for layer in source.layers}
    problems += [_lost(n, _OWNED) for kind, n in followed.owned.items() if kind not in kinds]
    if writer is Whose.UNKNOWN:
        names = ", ".join(f"`{name}`" for name in followed.orders)
        problems += [f"another order: {names}: {_TURNED}"] if names else []
    found = {key: _in_order(slot, followed.orders) for key, slot in slots.by_name.items()}
    return replace(slots, by_name=found, problems=tuple(problems))


_OWNED = "other models order the channels differently there"
_TURNED = (
    "the file is not of the emitted model, and has layers that turn axes, so that it cannot be "
    "told whether their inputs were flattened with the channels first or last"
)


def _lost(node: Node, why: str) -> str:
    return f"another order: behind `{node.name}`, a `{node.op.name}`, it cannot be followed: {why}"


def _in_order(slot: Slot, orders: Mapping[str, tuple[Indices | None, ...]]) -> Slot:
    if slot.weight not in orders:
        return slot
    turn = _turn(orders[slot.weight])
    forms = (Form(form.shape, _then(form.back, turn)) for form in slot.forms)
    return replace(slot, forms=tuple(forms))


def _turn(orders: tuple[Indices | None, ...]) -> Turn:
    def turn(value: Array) -> Array:
        for axis, order in enumerate(orders):
            if order is not None:
                value = np.take(value, order, axis)
        return value

    return turn


def _then(first: Turn | None, second: Turn) -> Turn:
    return second if first is None else lambda value: second(first(value))
