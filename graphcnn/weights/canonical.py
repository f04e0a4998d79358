"""Which weights a graph has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.ir import Graph, Node
from graphcnn.ops.base import Weight, show_shape


class Entry(NamedTuple):
    """One tensor of a model: its shape, whether it is trained, and the node that brings it.

    ``key`` is its name within the node, empty where the node itself is the tensor.
    """

    shape: tuple[int, ...]
    trained: bool
    node: Node
    key: str

    @property
    def weight(self) -> Weight:
        """What the op says of it."""
        return self.node.facts.weights[self.key]


def canonical(graph: Graph, *, training: bool = True) -> dict[str, Entry]:
    """Every tensor of a model by its canonical name, in the graph's order.

    Without ``training`` those are left out that only outputs for training need.

    Raises:
        SpecError: the shape of a tensor depends on the size of the input.
    """
    found = symbolic_weights(graph)
    if found:
        raise SpecError(found)
    needed = {node.owner or node for node in graph.nodes if training or not node.training_only}
    return {
        name: Entry(numbers(weight), weight.trained, node, key)
        for node in graph.nodes
        if node in needed
        for key, (name, weight) in zip(node.facts.weights, node.weights(), strict=False)
    }


def symbolic_weights(graph: Graph) -> list[Diagnostic]:
    """The weights whose shape depends on the size of the input."""
    return [
        Diagnostic(
            "symbolic-weight",
            f"`{name}` has shape {show_shape(weight.shape)}, which no file can hold",
            node.span,
            (),
            "give the input a fixed size, or pool to one first",
        )
        for node, name, weight in _all(graph)
        if len(numbers(weight)) != len(weight.shape)
    ]


def _all(graph: Graph) -> Iterator[tuple[Node, str, Weight]]:
    for node in graph.nodes:
        for name, weight in node.weights():
            yield node, name, weight


def numbers(weight: Weight) -> tuple[int, ...]:
    """The sizes that are known: all of them, in a graph that a file can hold."""
    return tuple(size for size in weight.shape if isinstance(size, int))
