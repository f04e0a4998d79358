"""Structure in a class: loops, residuals and branches among its lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from graphcnn.backends.python.code import Choice, Infix, Input
from graphcnn.backends.python.unit import Mismatch
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.sequences import turn_names
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.backends.pytorch.values import Values
from graphcnn.ir import (
    Body,
    BranchesItem,
    DenseItem,
    ForItem,
    GroupItem,
    Item,
    Node,
    RepeatItem,
    ResidualItem,
    Value,
)
from graphcnn.program import Statement


class Structure(Values, ABC):
    """How groups, loops, residuals and branches are written; a subclass writes their parts."""

    @abstractmethod
    def is_light(self, op: Any) -> bool: ...

    @abstractmethod
    def body(self, bodies: Sequence[Body], where: Where, prev: Slot | None) -> Slot | None: ...

    @abstractmethod
    def item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None: ...

    @abstractmethod
    def scope_item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]: ...

    @abstractmethod
    def op(
        self,
        nodes: Sequence[Node],
        sources: list[Slot],
        statement: Statement,
        where: Where,
        hint: str | None,
    ) -> list[Slot]: ...

    @abstractmethod
    def step(
        self,
        targets: list[Slot],
        code: Any,
        sources: list[Slot],
        name: str = "",
        *,
        light: bool,
        keeps: bool = False,
        training: bool = False,
    ) -> None: ...

    def inline(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None:
        first = items[0]
        statement = first.statement
        if isinstance(first, RepeatItem):  # of what reads nothing, where it has no inputs
            repeats = [item for item in items if isinstance(item, RepeatItem)]
            return self.unrolled(repeats, where, next(iter(self.inputs(items, where, prev)), prev))
        begin = self.inputs(items, where, prev)[0]
        if isinstance(first, GroupItem):
            bodies = [item.body for item in items if isinstance(item, GroupItem)]
            return self.body(bodies, where, begin)
        if isinstance(first, ForItem):
            loops = [item for item in items if isinstance(item, ForItem)]
            return self.turns(loops, where, begin)
        if isinstance(first, ResidualItem):
            residuals = [item for item in items if isinstance(item, ResidualItem)]
            return self.residual(residuals, where, begin)
        if isinstance(first, DenseItem):
            dense = [item for item in items if isinstance(item, DenseItem)]
            end = self.ended(self.body([item.body for item in dense], where, begin))
            merges: list[Node | None] = [item.merge for item in dense]
            return self.join(merges, [begin, end], statement, where)
        branches = [item for item in items if isinstance(item, BranchesItem)]
        return self.branches(branches, where, begin)

    @staticmethod
    def ended(slot: Slot | None) -> Slot:
        if slot is None:
            raise Mismatch
        return slot

    def turns(self, items: Sequence[ForItem], where: Where, prev: Slot) -> Slot | None:
        if len({len(item.iterations) for item in items}) > 1:
            raise Mismatch
        slot: Slot | None = prev
        for turn in range(len(items[0].iterations)):
            rows = [item.iterations[turn][0] for item in items]
            outer = dict(self.near)
            self.near.update(turn_names(items, turn, where, self.scope(where, slot)))
            bodies = [item.iterations[turn][1] for item in items]
            slot = self.body(bodies, where.bound(rows), slot)
            self.near = outer
        return slot

    def unrolled(self, items: Sequence[RepeatItem], where: Where, prev: Slot | None) -> Slot | None:
        if len({len(item.items) for item in items}) > 1:
            raise Mismatch
        slot = prev
        for i in range(len(items[0].items)):
            outer = dict(self.near)
            self.near["i"] = i
            rows = [{"i": i}] * len(items)
            slot = self.item([item.items[i] for item in items], where.bound(rows), slot)
            self.near = outer
        return slot

    def residual(self, items: Sequence[ResidualItem], where: Where, prev: Slot) -> Slot:
        joined = [item.merge is not None for item in items]
        if any(joined) and not all(joined):
            return self.maybe_residual(items, where, prev)
        end = self.ended(self.body([item.body for item in items], where, prev))
        if not any(joined):
            return end
        shortcut = prev
        bodies = [item.shortcut for item in items if item.shortcut is not None]
        if bodies:
            if len(bodies) < len(items):
                raise Mismatch
            shortcut = self.ended(self.body(bodies, where, prev))
        return self.join([item.merge for item in items], [end, shortcut], items[0].statement, where)

    def maybe_residual(self, items: Sequence[ResidualItem], where: Where, prev: Slot) -> Slot:
        """`skip` differs between uses: `x + y if self.use_skip else y`."""
        if self.numbered or any(item.shortcut is not None for item in items):
            raise Mismatch
        truths = [item.merge is not None for item in items]
        end = self.ended(self.body([item.body for item in items], where, prev))
        action = items[0].statement.action
        condition = where.condition(
            truths, getattr(action, "skip", None), self.scope(where, prev), "use_skip"
        )
        nodes = [item.merge for item in items if item.merge is not None]
        op = nodes[0].op
        if any(node.op != op for node in nodes) or op.name == "concat":
            raise Mismatch
        name = self.held.keep_condition("use_skip", condition)
        results = [item.result for item in items]
        values = [value for value in results if isinstance(value, Value)]
        slot = self.new_slot(values, where, end.shape, None, None)
        sum_ = Infix("+", (Input(1), Input(0)))  # the value that goes on first, as in a paper
        merged = sum_ if op.name == "add" else self.classes.lower(nodes[0]).forward
        code = Choice(f"self.{name}", merged, Input(0))
        self.step([slot], code, [end, prev], light=True)
        return slot

    def join(
        self,
        merges: Sequence[Node | None],
        slots: list[Slot],
        statement: Statement,
        where: Where,
    ) -> Slot:
        nodes = [node for node in merges if node is not None]
        return self.op(nodes, slots, statement, where, None)[0]

    def branches(self, items: Sequence[BranchesItem], where: Where, prev: Slot) -> Slot | None:
        first = items[0]
        if any(len(item.paths) != len(first.paths) for item in items):
            raise Mismatch
        ends: list[Slot] = []
        for k, (name, _) in enumerate(first.paths):
            end = self.branch(items, k, where, prev)
            if name is not None:
                self.ids[name] = end
            ends.append(end)
        merges = [item.merge for item in items]
        if all(merge is None for merge in merges):
            return prev
        if any(merge is None for merge in merges):
            raise Mismatch
        return self.join(merges, ends, first.statement, where)

    def branch(self, items: Sequence[BranchesItem], number: int, where: Where, prev: Slot) -> Slot:
        """One path: a module with the path's name, or lines of its own."""
        name, body = items[0].paths[number]
        bodies = [item.paths[number][1] for item in items]
        if body.name and any(body.items):
            paths = [self.classes.uses.path(item, number) for item in items]
            return self.ended(self.item(paths, where, prev))
        end = self.ended(self.body(bodies, where, prev))
        if end is not prev:
            end.hint = end.hint or name
        return end
