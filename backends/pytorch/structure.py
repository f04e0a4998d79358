"""Structure in a class: loops, residuals and branches among its lines, optional statements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.code import Call, Choice, Infix, Input
from graphcnn.backends.python.unit import Mismatch, Unit
from graphcnn.backends.python.uses import present
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.attributes import Attributes, item_name
from graphcnn.backends.pytorch.cases import keeps_weights
from graphcnn.backends.pytorch.modules import Modules
from graphcnn.backends.pytorch.sequences import turn_names
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.ir import (
    Body,
    BranchesItem,
    DenseItem,
    ForItem,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    ResidualItem,
    Value,
)
from graphcnn.ops.base import Shape
from graphcnn.program import Statement

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes


class Structure(ABC):
    """How groups, loops, residuals and branches are written; a subclass writes their parts."""

    classes: Classes
    unit: Unit
    numbered: bool
    held: Attributes
    ids: dict[str, Slot]
    near: dict[str, Any]

    @abstractmethod
    def inputs(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]: ...

    @abstractmethod
    def slot_of(self, values: Sequence[Value], where: Where, prev: Slot | None = None) -> Slot: ...

    @abstractmethod
    def is_light(self, op: Any) -> bool: ...

    @abstractmethod
    def body(self, bodies: Sequence[Body], where: Where, prev: Slot | None) -> Slot | None: ...

    @abstractmethod
    def item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None: ...

    @abstractmethod
    def modules(self, where: Where, prev: Slot | None) -> Modules: ...

    @abstractmethod
    def scope(self, prev: Slot | None) -> dict[str, Any]: ...

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
    def new_slot(
        self, values: Sequence[Value], where: Where, shape: Shape, hint: str | None, op: Any = None
    ) -> Slot: ...

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

    def optional(
        self, rows: Sequence[Sequence[Item | None]], where: Where, prev: Slot | None
    ) -> Slot:
        """A statement that only some uses have: a module there, one that does nothing elsewhere.

        Several rows are alternatives under one name, of which a use has one at most.
        """
        entries = [next(filter(present, column), None) for column in zip(*rows, strict=True)]
        items = [item for item in entries if item is not None]
        if prev is None or any(len(item.inputs) != 1 for item in items):
            raise Mismatch
        inner = where.subset([case for case, item in enumerate(entries) if item is not None])
        if self.slot_of([item.inputs[0] for item in items], inner, prev) is not prev:
            raise Mismatch  # elsewhere it is the value before that goes on
        name = item_name(items)
        out = self.any_times(name, rows[0], where, prev) if len(rows) == 1 else None
        if out is not None:
            outs = [out]
        else:
            choices, outs = self.choices(rows, name, where, prev)
            self.held.keep_optional(name, choices)
        results: list[Value] = []
        for case, item in enumerate(entries):
            value = item.result if item is not None else prev.values[where.owners[case]]
            if not isinstance(value, Value):
                raise Mismatch
            results.append(value)
        shape = where.shape([value.shape or () for value in results], *outs, prev.shape)
        slot = self.new_slot(results, where, shape, None)
        op = items[0].node.op if isinstance(items[0], OpItem) else None
        call = Call("", (Input(),))
        keeps = any(map(keeps_weights, items))
        self.step([slot], call, [prev], name, light=self.is_light(op), keeps=keeps)
        return slot

    def choices(
        self, rows: Sequence[Sequence[Item | None]], name: str, where: Where, prev: Slot
    ) -> tuple[list[tuple[str, str]], list[Shape]]:
        """For each alternative its condition and the text of its module; the shapes that result."""
        found, outs = [], []
        for row in rows:
            cases = [case for case, item in enumerate(row) if present(item) is not None]
            items = [item for item in row if item is not None and present(item) is not None]
            truths = [case in cases for case in range(len(row))]
            when = items[0].statement.when
            condition = where.condition(truths, when, self.scope(prev), f"with_{name}")
            modules = self.modules(where.subset(cases), prev)
            text, out = modules.module(items, prev.shape)
            found.append((condition, text))
            outs.append(out)
        return found, outs

    def any_times(
        self, name: str, entries: Sequence[Item | None], where: Where, prev: Slot
    ) -> Shape | None:
        """Hold a repeat that some uses have no times, as a sequence which is empty there."""
        repeats = [item for item in entries if isinstance(item, RepeatItem)]
        if (
            len(repeats) < len(entries)
            or self.numbered
            or not self.classes.chains.is_chain_item(repeats)
        ):
            return None
        modules = self.modules(where, prev)
        try:
            with self.unit.tried():
                text, out = modules.generator(repeats, prev.shape)
        except Mismatch:
            return None
        self.held.keep(name, text)
        return out

    def inline(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None:
        first = items[0]
        begin = self.inputs(items, where, prev)[0]
        statement = first.statement
        if isinstance(first, GroupItem):
            bodies = [item.body for item in items if isinstance(item, GroupItem)]
            return self.body(bodies, where, begin)
        if isinstance(first, ForItem):
            loops = [item for item in items if isinstance(item, ForItem)]
            return self.turns(loops, where, begin)
        if isinstance(first, RepeatItem):
            repeats = [item for item in items if isinstance(item, RepeatItem)]
            return self.unrolled(repeats, where, begin)
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
            self.near.update(turn_names(items, turn, where, self.scope(slot)))
            bodies = [item.iterations[turn][1] for item in items]
            slot = self.body(bodies, where.bound(rows), slot)
            self.near = outer
        return slot

    def unrolled(self, items: Sequence[RepeatItem], where: Where, prev: Slot) -> Slot | None:
        if len({len(item.items) for item in items}) > 1:
            raise Mismatch
        slot: Slot | None = prev
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
            truths, getattr(action, "skip", None), self.scope(prev), "use_skip"
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
            return self.scope_item(paths, where, prev)[0]
        end = self.ended(self.body(bodies, where, prev))
        if end is not prev:
            end.hint = end.hint or name
        return end
