"""Whether a backend makes the value of every node, whatever it calls it.

Emitted code is written for people: it has no name for each value, and frameworks keep axes in
another order. So every tensor that a framework makes is looked at, and a node is found where one
of them has its value. Axes of 1 are passed over, since what pools to (C, 1, 1) and then flattens
may be one layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphcnn.ir import Graph, Value
from graphcnn.ops.parameter import Parameter
from graphcnn.verification.reference import fed, live
from graphcnn.verification.result import Difference
from graphcnn.verification.sizes import Sizes, numbers
from graphcnn.verification.sketch import Sketch, distance, sketch

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Key = tuple[int, ...]


class Expected:
    """The values of a model's nodes, as the reference has them."""

    def __init__(self, graph: Graph, sizes: Sizes) -> None:
        self.graph = graph
        self.sizes = sizes
        depends = fed(graph)
        self._nodes = [node for node in live(graph) if not isinstance(node.op, Parameter)]
        self._wanted = {v for node in self._nodes for v in node.outputs if v in depends}
        self._read = _read(graph)
        self.sketches: dict[_Key, list[tuple[Value, Sketch]]] = {}

    def see(self, value: Value, array: NDArray[Any]) -> None:
        """Keep what is needed of a value of the reference."""
        if value in self._wanted and value in self._read:
            self.sketches.setdefault(_key(array), []).append((value, sketch(array)))

    @property
    def values(self) -> list[Value]:
        """What is looked for, in the graph's order."""
        seen = {value for each in self.sketches.values() for value, _ in each}
        return [value for node in self._nodes for value in node.outputs if value in seen]

    def difference(self, value: Value, error: float) -> Difference:
        """What there is to say of a value that was not found."""
        node = value.node
        if node is None:
            raise ValueError(f"{value} is an input")
        return Difference(
            str(value),
            node.op.name,
            node.span.file.name,
            node.span.begin_position.line,
            numbers(value.shape or (), self.sizes),
            error,
        )


def _read(graph: Graph) -> set[Value]:
    """The values that something reads; of a split, a part may be dropped at once."""
    found = {output.value for output in graph.outputs.values()}
    for node in graph.nodes:
        found.update(node.inputs)
    return found


class Watch:
    """The error of every node's value, over all tensors that a framework makes."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        self.errors: dict[Value, float] = dict.fromkeys(expected.values, float("inf"))

    def see(self, array: NDArray[Any]) -> None:
        """Look at a tensor."""
        wanted = self.expected.sketches.get(_key(array), ())
        if wanted:
            found = sketch(array)
            for value, kept in wanted:
                self.errors[value] = min(self.errors[value], distance(found, kept))

    def own(self, value: Value, array: NDArray[Any]) -> None:
        """Look at a tensor of which it is known whose value it is."""
        for other, kept in self.expected.sketches.get(_key(array), ()):
            if other is value:
                self.errors[value] = distance(sketch(array), kept)

    def beyond(self, tolerance: float) -> list[Value]:
        """The values, in the graph's order, that are not near any tensor."""
        return [value for value, error in self.errors.items() if error > tolerance]


def _key(array: NDArray[Any]) -> _Key:
    return tuple(n for axis, n in enumerate(array.shape) if axis == 0 or n != 1)
