"""Layers that are used again: which they are, where, and on what shapes."""

from __future__ import annotations

from collections.abc import Iterable

from graphcnn.backends.python.uses import calls, owner_of, parts
from graphcnn.ir import BlockItem, Graph, Item, Node, OpItem, nodes_of
from graphcnn.ops.base import Shape
from graphcnn.size import UNKNOWN


def is_made(block: Item) -> bool:
    """Whether a block's layers are its own: it is no `reuse`, and in no block that is one."""
    first = next(iter(nodes_of(block)), None)  # which no `reuse` in the block itself can make
    return first is None or first.owner is None


class Reuses:
    """The ops and blocks of a model that are used again."""

    def __init__(self) -> None:
        self._again: dict[Node | BlockItem, set[Item]] = {}
        self._shapes: dict[BlockItem, list[Shape]] = {}

    def __contains__(self, layer: object) -> bool:
        return layer in self._again

    def gather(self, graph: Graph) -> None:
        """Note what a graph uses again."""
        waiting: list[Item] = [item for item in graph.body.items if item is not None]
        while waiting:
            item = waiting.pop()
            owner = owner_of(item) if isinstance(item, (OpItem, BlockItem)) else None
            if owner is not None:
                self._again.setdefault(owner, set()).add(item)
            if isinstance(owner, BlockItem):
                self._share(owner, item)
            else:
                waiting += [inner for inner, _ in parts(item)]

    def _share(self, owner: BlockItem, again: Item) -> None:
        for item in (owner, again):
            shapes = [value.shape or () for value in item.inputs]
            known = self._shapes.setdefault(owner, shapes)
            for k, (a, b) in enumerate(zip(known, shapes, strict=True)):
                known[k] = tuple(m if m == n else UNKNOWN for m, n in zip(a, b, strict=True))

    def shapes(self, block: Item) -> list[Shape] | None:
        """What goes into a block that is used again, with UNKNOWN for sizes that differ."""
        return self._shapes.get(block) if isinstance(block, BlockItem) else None

    def go_on(self, items: Iterable[Item]) -> bool:
        """Whether something in these items is used again outside of them."""
        inside = [call for item in items for call in calls(item)]
        known: set[Item] = set(inside)
        made = [call.node if isinstance(call, OpItem) else call for call in inside]
        return any(not self._again.get(layer, known) <= known for layer in made)
