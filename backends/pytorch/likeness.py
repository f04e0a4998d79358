"""Which uses of a block are alike enough to share a class, from little likeness to much."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from graphcnn.backends.python.code import Lowered
from graphcnn.backends.python.merging import form_of
from graphcnn.backends.python.uses import parts
from graphcnn.backends.pytorch.shared import shapes_of
from graphcnn.ir import (
    BlockItem,
    Body,
    BranchesItem,
    DenseItem,
    GroupItem,
    Item,
    Node,
    OpItem,
    ResidualItem,
    nodes_of,
    present,
)
from graphcnn.ops.base import Op
from graphcnn.program import ComputedUse


class Likeness:
    """What uses that share a class have in common; each level is tried where the one before fails.

    All uses of a block come first.
    """

    def __init__(self, lower: Callable[[Node], Lowered]) -> None:
        self.lower = lower
        self._forms: dict[int, tuple[Any, ...]] = {}

    @property
    def levels(self) -> tuple[Callable[[Item], Hashable], ...]:
        return (lambda _: 0, self.presence, self.chosen, self.skeleton, self.code, self.form)

    def presence(self, item: Item) -> tuple[Any, ...]:
        """Which statements of an item there are, in what it holds directly."""
        if isinstance(item, (BlockItem, GroupItem, DenseItem)):
            bodies: list[Body | None] = [item.body]
        elif isinstance(item, ResidualItem):
            bodies = [item.body, item.shortcut]
        elif isinstance(item, BranchesItem):
            bodies = [body for _, body in item.paths]
        else:
            return ()
        return tuple(
            inner is not None and (isinstance(inner, BlockItem) or self.presence(inner))
            for body in bodies
            if body is not None
            for inner in map(present, body.items)
        )

    def chosen(self, item: Item) -> frozenset[Any]:
        """What the names of ops and blocks that are computed came to: an activation, say."""
        found: set[Any] = set()
        waiting = [item]
        while waiting:
            inner = waiting.pop()
            if isinstance(inner.statement.action, ComputedUse):
                found.add(inner.block if isinstance(inner, BlockItem) else _op_of(inner))
            waiting += [part for part, _ in parts(inner)]
        return frozenset(found)

    def code(self, item: Item) -> tuple[Any, ...]:
        """An item's layers and how they are written, whatever their numbers."""
        lowered = [self.lower(node) for node in nodes_of(item)]
        forms = [(form_of(one.module), form_of(one.forward)) for one in lowered]
        return (self.skeleton(item), *forms)

    def skeleton(self, item: Item) -> tuple[Any, ...]:
        """An item's layers, their names and connections, whatever their numbers."""
        return tuple((name, type(op), sources) for name, op, _, sources in self.form(item))

    def form(self, item: Item) -> tuple[Any, ...]:
        """What decides an item's code: its layers, their names, connections, and what comes out."""
        if id(item) in self._forms:
            return self._forms[id(item)]
        numbers: dict[int, int] = {}
        rows: list[tuple[Any, ...]] = []
        for value in item.inputs:
            numbers.setdefault(id(value), len(numbers))
        for node in nodes_of(item):
            sources = tuple(numbers.setdefault(id(v), len(numbers)) for v in node.inputs)
            for value in node.outputs:
                numbers.setdefault(id(value), len(numbers))
            made = node.owner or node  # on other sizes it is the same layer
            rows.append((node.name.removeprefix(item.name), made.op, shapes_of(made), sources))
        results = item.result if isinstance(item.result, dict) else {"": item.result}
        rows += [(key, None, (), (numbers.get(id(out)),)) for key, out in results.items()]
        self._forms[id(item)] = tuple(rows)
        return self._forms[id(item)]


def _op_of(item: Item) -> type[Op] | None:
    return type(item.node.op) if isinstance(item, OpItem) else None
