"""A model computed node by node in double precision: what every backend is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.activation import Elu, Selu, Sigmoid, Silu
from graphcnn.ops.base import Op
from graphcnn.ops.declared import Declared
from graphcnn.verification.draw import stream
from graphcnn.verification.errors import ULP
from graphcnn.verification.sizes import Sizes, bound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: What kernels compute beside 1, and as exactly: onnxruntime's sigmoid of -7, 9e-4, is off by 1e-7.
_BESIDE_ONE = (Elu, Selu, Sigmoid, Silu)

#: computes an op that a spec declares, which only a framework can
Foreign = Callable[[Declared, "Sequence[Array]", "Mapping[str, Array]"], "tuple[Array, ...]"]

See = Callable[[Value, "Array"], None]

#: is told what a node is given, before its weights are asked for
Fit = Callable[[Node, "Sequence[Array]"], None]


def evaluate(
    graph: Graph,
    inputs: Mapping[str, Array],
    weights: Mapping[str, Any],
    sizes: Sizes,
    foreign: Foreign,
    see: See | None = None,
    *,
    rounding: str | None = None,
    fit: Fit | None = None,
) -> dict[str, Array]:
    """Every output that is not for training alone, by name.

    A value is dropped once nothing more reads it; ``see`` is shown each as it is made. With
    ``rounding``, the name of a stream of random numbers, each cell that is made is moved as much
    as rounding to float32 may move it: a sum of n terms by about the square root of n roundings.
    """
    import numpy as np

    from graphcnn.reference import compute

    generator = stream(rounding) if rounding else None
    values: dict[Value, Array] = {
        value: inputs[name].astype(np.float64) for name, value in graph.inputs.items()
    }
    wanted = {o.value for o in graph.outputs.values() if not o.training_only}
    nodes = live(graph)
    last = {value: node for node in nodes for value in node.inputs}
    batch = len(next(iter(inputs.values())))
    for node in nodes:
        op = bound(node.op, sizes)
        given = [values[value] for value in node.inputs]
        if fit is not None:
            fit(node, given)
        held = {key: array.astype(np.float64) for key, array in _held(node, weights).items()}
        if isinstance(op, Declared):
            whole = [np.broadcast_to(x, (batch, *x.shape[1:])) for x in given]
            made = foreign(op, whole, held)
        else:
            made = compute(op, given, held)
        for value, array in zip(node.outputs, made, strict=True):
            if generator is not None:
                moves = ULP * sqrt(_terms(given, held, array)) * _scale(op, array)
                array = array + moves * generator.standard_normal(array.shape)  # noqa: PLW2901
            values[value] = array
            if see is not None:
                see(value, array)
        for value in node.inputs:
            if last[value] is node and value not in wanted:
                values.pop(value, None)
    return {
        name: np.broadcast_to(values[o.value], (batch, *values[o.value].shape[1:]))
        for name, o in graph.outputs.items()
        if not o.training_only
    }


def _terms(given: Sequence[Array], held: Mapping[str, Array], made: Array) -> float:
    """The terms that each cell is about the sum of: of a kernel, or where cells become fewer."""
    kernels = (prod(array.shape[1:]) for array in held.values() if array.ndim > 1)
    pooled = (array.size / max(made.size, 1) for array in given)
    return max(1, *kernels, *pooled)


def _scale(op: Op, made: Array) -> Array:
    """The sizes of numbers that a rounding is a part of."""
    import numpy as np

    return np.maximum(np.abs(made), 1) if isinstance(op, _BESIDE_ONE) else np.abs(made)


def live(graph: Graph) -> list[Node]:
    """The nodes that an output depends on which is not for training alone, in order."""
    found: set[Node] = set()
    outputs = (o.value.node for o in graph.outputs.values() if not o.training_only)
    waiting = [node for node in outputs if node is not None]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [value.node for value in node.inputs if value.node is not None]
    return [node for node in graph.nodes if node in found]


def fed(graph: Graph) -> set[Value]:
    """The values that depend on an input, and so have one cell for each sample."""
    found = set(graph.inputs.values())
    for node in graph.nodes:
        if not found.isdisjoint(node.inputs):
            found.update(node.outputs)
    return found


def _held(node: Node, weights: Mapping[str, Any]) -> dict[str, Array]:
    owner = node.owner or node
    return {
        key: weights[f"{owner.name}.{key}" if key else owner.name] for key in owner.facts.weights
    }
