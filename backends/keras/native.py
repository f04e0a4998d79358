"""Which layout each value has in a Keras model that somebody wrote by hand.

Nobody turns axes without need there: images are channels last, what dense layers and attention
read is (tokens, features), and whatever is between keeps what it is given. Values that ask for
both, or for neither, have no layout that could be told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from graphcnn.backends.keras.arrange import fixed, keeps_channels
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.ir import Graph, Node, Value
from graphcnn.ops.base import resolve_axes
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.reduction import Max, Mean, Sum
from graphcnn.ops.shape import Flatten, Permute, Reshape

_IMAGE = 3  # axes of what is an image, if nothing says otherwise


def native_layouts(graph: Graph, nodes: Collection[Node]) -> Mapping[int, Layout | None]:
    """For each value of these nodes, by its id, its layout; None where it cannot be told."""
    found = _Layouts()
    for value in graph.inputs.values():
        found.add(value)
    for node in graph.nodes:
        if node not in nodes:
            continue
        for value in node.outputs:
            found.add(value)
        asked = fixed(node)
        many = [v for v in (*node.inputs, *node.outputs) if len(v.shape or ()) > 1]
        if asked is not None:
            for value in many:
                found.ask(value, asked)
        elif _keeps(node):
            for value in many[1:]:
                found.join(many[0], value)
    return found.told()


def _keeps(node: Node) -> bool:
    """Whether what comes out lies as what comes in."""
    op = node.op
    if isinstance(op, (Permute, Parameter)):
        return False
    if isinstance(op, (Flatten, Reshape)):
        return keeps_channels(node)
    if isinstance(op, (Mean, Sum, Max)) and not op.keepdims:
        return 0 not in resolve_axes(op.axes, len(node.inputs[0].shape or ()))
    return True


class _Layouts:
    """Classes of values of one layout, and what is asked of each class."""

    def __init__(self) -> None:
        self._values: dict[int, Value] = {}
        self._parent: dict[int, int] = {}
        self._asked: dict[int, set[Layout]] = {}

    def add(self, value: Value) -> None:
        self._values[id(value)] = value
        self._parent[id(value)] = id(value)

    def _root(self, key: int) -> int:
        while self._parent[key] != key:
            key = self._parent[key] = self._parent[self._parent[key]]
        return key

    def ask(self, value: Value, layout: Layout) -> None:
        self._asked.setdefault(self._root(id(value)), set()).add(layout)

    def join(self, value: Value, other: Value) -> None:
        a, b = self._root(id(value)), self._root(id(other))
        if a != b:
            self._parent[b] = a
            if b in self._asked:
                self._asked.setdefault(a, set()).update(self._asked.pop(b))

    def told(self) -> dict[int, Layout | None]:
        for value in self._values.values():
            root = self._root(id(value))
            if len(value.shape or ()) >= _IMAGE and root not in self._asked:
                self._asked[root] = {Layout.LAST}
        found: dict[int, Layout | None] = {}
        for key, value in self._values.items():
            asked = self._asked.get(self._root(key), set())
            one = next(iter(asked)) if len(asked) == 1 else None
            found[key] = Layout.PLAIN if len(value.shape or ()) < 2 else one
        return found
