"""Whether a Keras file was written by an emitted model, or by one of somebody else.

The emitted model flattens with the channels first, for which it turns axes by `Permute` layers;
one that was written by hand leaves the channels last. A file has the layers that hold no weights,
too, so that both can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from graphcnn.backends.keras.arrange import Arrangement, arrange, boundary
from graphcnn.backends.keras.lower.layout import Layout, turned
from graphcnn.backends.keras.lower.shape import permuted
from graphcnn.backends.keras.names import keras_name
from graphcnn.backends.keras.weights import read_nodes
from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.shape import Permute
from graphcnn.weights.source import Layer

#: layers that turn axes, or may do so
TURNING = frozenset({"permute", "transpose", "moveaxis", "swapaxes", "einsum", "lambda"})


class Whose(Enum):
    OURS = "of an emitted model"
    FOREIGN = "of a model that keeps the channels last"
    UNKNOWN = "of neither"


def whose(graph: Graph, layers: Sequence[Layer], *, named: bool) -> Whose:
    """Whose a file is; ``named`` says that all its tensors have names of the emitted model."""
    kinds = [layer.kind for layer in layers]
    inputs = {keras_name(name) for name in graph.inputs}
    known = {layer.name for layer in layers if layer.kind == "input_layer"}
    least, most = _turns(graph)
    if named and inputs <= known and least <= kinds.count("permute") <= most:
        return Whose.OURS
    return Whose.UNKNOWN if TURNING & set(kinds) else Whose.FOREIGN


def _turns(graph: Graph) -> tuple[int, int]:
    """How many `Permute` layers an emitted model has, at least and at most.

    A value is turned once for all that read it in one function.
    """
    arrangements = arrange(graph)
    nodes = read_nodes(graph)
    gives = {id(value): boundary(value) for value in graph.inputs.values()}
    turns: list[tuple[int, Layout]] = []
    permutes = 0
    for node in graph.nodes:
        laid = arrangements[node]
        gives |= {id(value): laid.gives for value in node.outputs}
        if node in nodes:
            turns += [turn for v in node.inputs for turn in _turn(v, gives[id(v)], laid.takes)]
            permutes += isinstance(node.op, Permute) and _moves(node.op, node, laid)
    for output in graph.outputs.values():
        value = output.value
        turns += _turn(value, gives[id(value)], boundary(value))
    return permutes + len(set(turns)), permutes + len(turns)


def _turn(value: Value, gives: Layout, takes: Layout) -> Iterator[tuple[int, Layout]]:
    if turned(len(value.shape or ()), gives, takes) is not None:
        yield id(value), takes


def _moves(op: Permute, node: Node, laid: Arrangement) -> bool:
    dims = permuted(op, len(node.inputs[0].shape or ()), laid.takes, laid.gives)
    return dims != tuple(range(1, len(dims) + 1))
