"""Which parts of a graph are plain sequences of modules, each reading the one before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from graphcnn.backends.python.code import Lowered
from graphcnn.backends.python.uses import borrows, captured
from graphcnn.ir import (
    BlockItem,
    Body,
    ForItem,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    Result,
    Value,
    present,
)
from graphcnn.program import Block, Reuse, Statement


class Chains:
    """Answers for the items of one model, each worked out once."""

    def __init__(
        self,
        lower: Callable[[Node], Lowered],
        seen_outside: Callable[[Item], Collection[str]],
        handed: Collection[Block | Statement],
    ) -> None:
        self.seen_outside = seen_outside
        self.lower = lower
        #: blocks, and statements of scopes, whose classes are handed sizes: no members of a chain
        self.handed = handed
        self._known: dict[int, bool] = {}

    def is_chain_item(self, items: Sequence[Item]) -> bool:
        """Whether each of these items is a group or repeat that is a sequence of modules."""
        return all(self._is_chain_item(item) for item in items)

    def _is_chain_item(self, item: Item) -> bool:
        found = self._known.get(id(item))
        if found is None:
            found = self._known[id(item)] = self._chain_item(item)
        return found

    def _chain_item(self, item: Item) -> bool:
        if self.seen_outside(item):
            return False
        if isinstance(item, GroupItem):
            return self.is_chain(item.body, item.inputs[0], item.result)
        if isinstance(item, RepeatItem):
            value = item.inputs[0] if item.inputs else None
            for inner in item.items:
                if value is None or not self._is_member(inner, value):
                    return False
                value = inner.result if isinstance(inner.result, Value) else None
            return True
        return False

    def is_chain(self, body: Body, begin: Value, result: Result | None) -> bool:
        """Whether a body is a pure sequence of modules, each reading the one before.

        What comes of it is what the last one makes: a block may give out another value, or several.
        """
        value: Value | None = begin
        found = False
        for item in map(present, body.items):
            if item is None:
                continue
            if value is None or not self._is_member(item, value):
                return False
            value = item.result if isinstance(item.result, Value) else None
            found = True
        return value is not None and found and value is result

    def _is_member(self, item: Item, value: Value) -> bool:
        """Whether an item is a module, or several in a row, that read ``value`` alone."""
        if len(item.inputs) != 1 or item.inputs[0] is not value:
            return False
        if not isinstance(item.result, Value):
            return False
        if isinstance(item, OpItem):
            held = "" not in item.node.facts.weights and self.lower(item.node).module is not None
            return held and not isinstance(item.statement.action, Reuse)
        if isinstance(item, BlockItem):
            return item.owner is None and item.block not in self.handed
        if isinstance(item, ForItem):
            return not item.name and self._turns_are_chains(item, value)
        if item.name and not borrows(item) and not captured(item) and not self.seen_outside(item):
            return item.statement not in self.handed
        return self._is_chain_item(item)

    def _turns_are_chains(self, item: ForItem, begin: Value) -> bool:
        value: Value | None = begin
        for _, body in item.iterations:
            end = None if value is None else _end(body, value)
            if value is None or not self.is_chain(body, value, end):
                return False
            value = end
        return True


def _end(body: Body, begin: Value) -> Value | None:
    value: Value | None = begin
    for item in body.items:
        if item is not None:
            value = item.result if isinstance(item.result, Value) else None
    return value
