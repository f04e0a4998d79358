"""Layers that are used again: which they are, where, and on what shapes.

A block that is used again on values of the same shapes is a model, which is called again. On values
of other shapes its function is called again, whose code may depend on them, with the same layers:
those are kept by name. So it is where two of its inputs are one value in one use and two in
another: which of them the code reads is known only from all uses together.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphcnn.backends.python.unit import Mismatch
from graphcnn.backends.python.uses import calls, owner_of, parts
from graphcnn.ir import BlockItem, Graph, Item, Node, OpItem, members_of, nodes_of
from graphcnn.ops.base import Shape


class Reuses:
    """The ops and blocks of a model that are used again."""

    def __init__(self) -> None:
        self._again: dict[Node | BlockItem, set[Item]] = {}
        #: the blocks that are used on values of several kinds, and all blocks in them
        self._kept: set[Item] = set()

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
            if not isinstance(owner, BlockItem):
                waiting += [inner for inner, _ in parts(item)]
        for owner, items in self._again.items():
            taken = _entering(owner) if isinstance(owner, BlockItem) else None
            if isinstance(owner, BlockItem) and any(_entering(i) != taken for i in items):
                for item in (owner, *items):
                    self._keep(item)

    def _keep(self, item: Item) -> None:
        waiting = [item]
        while waiting:
            inner = waiting.pop()
            if isinstance(inner, BlockItem):
                self._kept.add(inner)
            waiting += members_of(inner)

    def keeps(self, item: Item) -> bool:
        """Whether a block's layers are kept by name, for its function to be called again."""
        return item in self._kept

    def is_made(self, block: Item) -> bool:
        """Whether a function's call makes a block: it is no `reuse` of a model, nor in one."""
        first = next(iter(nodes_of(block)), None)  # which no `reuse` in the block itself can make
        return first is None or first.owner is None or self.keeps(block)

    def owner(self, item: Item) -> Item:
        """The block whose model is called for an item; itself where a function is."""
        found = item.owner if isinstance(item, BlockItem) and not self.keeps(item) else None
        return found or item

    def go_on(self, items: Iterable[Item]) -> bool:
        """Whether something in these items is used again outside of them, by its variable."""
        inside = [call for item in items for call in calls(item)]
        known: set[Item] = set(inside)
        made = [call.node if isinstance(call, OpItem) else call for call in inside]
        return any(
            not self._again.get(layer, known) <= known
            for layer in made
            if isinstance(layer, Node) or not self.keeps(layer)
        )


def scope_name(item: Item) -> str:
    """The name of the scope that a block's layers have, which those of a `reuse` are called by."""
    first = next((node for node in nodes_of(item) if node.facts.weights), None)
    if first is None or first.owner is None:  # which no `reuse` in the block itself can make
        return item.name
    end = first.name.removeprefix(item.name)
    if not first.owner.name.endswith(end):
        raise Mismatch
    return first.owner.name.removesuffix(end)


def _entering(item: Item) -> list[tuple[Shape | None, int]]:
    """The shapes of what enters, and which of it are one value."""
    return [(value.shape, item.inputs.index(value)) for value in item.inputs]
