"""Groups, loops, residuals and branches: lines among those around them."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.place import Loop, Place
from graphcnn.backends.keras.steps import Part, Repeat, Slot, When, end_of
from graphcnn.backends.python.unit import Mismatch, Unit
from graphcnn.backends.python.uses import local_name
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
from graphcnn.program import For, Statement, Term


class Structure(ABC):
    """How structure is written; a subclass writes ops and blocks."""

    unit: Unit
    parts: list[Part]
    slots: list[Slot]
    ids: dict[str, Slot]
    near: dict[str, Any]
    turned: dict[tuple[Slot, Layout], Slot]
    held: dict[Any, str]
    depth: int
    whole: bool
    conditions: list[tuple[str, list[bool]]]

    @abstractmethod
    def inputs(self, items: Sequence[Item], place: Place, prev: Slot | None) -> list[Slot]: ...

    @abstractmethod
    def item(self, items: Sequence[Item], place: Place, prev: Slot | None) -> Slot | None: ...

    @abstractmethod
    def slot_of(self, values: Sequence[Value], place: Place, prev: Slot | None = None) -> Slot: ...

    @abstractmethod
    def scope(self, prev: Slot | None) -> dict[str, Any]: ...

    @abstractmethod
    def brought(self, slot: Slot, layout: Layout) -> Slot: ...

    @abstractmethod
    def new_slot(
        self,
        values: Sequence[Value],
        place: Place,
        shape: Shape,
        layout: Layout,
        hint: str | None = None,
    ) -> Slot: ...

    @abstractmethod
    def op(
        self,
        nodes: Sequence[Node],
        sources: list[Slot],
        statement: Statement,
        place: Place,
        hint: str | None,
    ) -> list[Slot]: ...

    # statements in a row

    def body(self, bodies: Sequence[Body], place: Place, prev: Slot | None) -> Slot | None:
        """All statements of a body; the slot of the last value."""
        for number, statement in enumerate(bodies[0].statements):
            entries = [_present(body.items[number]) for body in bodies]
            chosen = [n for n, item in enumerate(entries) if item is not None]
            items = [item for item in entries if item is not None]
            if len(items) == len(entries):
                prev = self.item(items, place, prev)
            elif items:
                prev = self.optional(statement, entries, chosen, place, prev)
        return prev

    def optional(
        self,
        statement: Statement,
        entries: Sequence[Item | None],
        chosen: list[int],
        place: Place,
        prev: Slot | None,
    ) -> Slot:
        """A statement that only some uses have."""
        entry = end_of(prev)
        items = [item for item in entries if item is not None]
        truths = [item is not None for item in entries]
        condition = place.condition(
            truths, statement.when, self.scope(prev), f"with_{_hint(items[0])}"
        )
        if place.inside is None and len(truths) == len(self.unit.envs):
            self.conditions.append((condition, truths))
        inner = place.subset(chosen)
        outer_ids = dict(self.ids)
        body, end = self.inside(lambda: self.item(items, inner, entry))
        self.ids = outer_ids
        found = end_of(end)
        results: list[Value] = []
        for case, item in zip(place.cases, entries, strict=True):
            value = entry.value(case) if item is None else item.result
            if not isinstance(value, Value):
                raise Mismatch
            results.append(value)
        return self.conditional(condition, entry, found, body, results, place)

    def conditional(
        self,
        condition: str,
        entry: Slot,
        end: Slot,
        body: list[Part],
        results: Sequence[Value],
        place: Place,
    ) -> Slot:
        """``entry``, or under a condition what the body makes of it."""
        if end is not entry and end.layout is not entry.layout:
            saved, self.parts = self.parts, body
            turned = dict(self.turned)
            end = self.brought(end, entry.layout)
            self.parts, self.turned = saved, turned
        shape = place.shape([value.shape or () for value in results], end.shape, entry.shape)
        result = self.new_slot(results, place, shape, entry.layout)
        training = self.whole and all(part.training for part in body)
        for part in body:
            part.training = False
        self.parts.append(When(condition, entry, end, result, body, training=training))
        return result

    def inside(self, write: Callable[[], Slot | None]) -> tuple[list[Part], Slot | None]:
        """What is written in a body of its own: its steps, and the value at its end."""
        outer, slots, turned = self.parts, len(self.slots), dict(self.turned)
        self.parts, self.depth = [], self.depth + 1
        held = dict(self.held)
        try:
            end = write()
            return self.parts, end
        finally:
            self.parts, self.turned, self.held = outer, turned, held
            self.depth -= 1
            del self.slots[slots:]

    def inline(self, items: Sequence[Item], place: Place, prev: Slot | None) -> Slot | None:
        first = items[0]
        statement = first.statement
        if isinstance(first, (RepeatItem, ForItem)):
            begin: Slot | None = prev
            if first.inputs:
                (begin,) = self.inputs(items, place, prev)
            return self.looped(items, place, begin)
        (begin,) = self.inputs(items, place, prev)
        if isinstance(first, GroupItem):
            bodies = [item.body for item in items if isinstance(item, GroupItem)]
            return self.body(bodies, place, begin)
        if isinstance(first, ResidualItem):
            residuals = [item for item in items if isinstance(item, ResidualItem)]
            return self.residual(residuals, place, begin)
        if isinstance(first, DenseItem):
            dense = [item for item in items if isinstance(item, DenseItem)]
            end = end_of(self.body([item.body for item in dense], place, begin))
            return self.join([item.merge for item in dense], [begin, end], statement, place)
        branches = [item for item in items if isinstance(item, BranchesItem)]
        return self.branches(branches, place, begin)

    def join(
        self,
        merges: Sequence[Node | None],
        slots: list[Slot],
        statement: Statement,
        place: Place,
    ) -> Slot:
        nodes = [node for node in merges if node is not None]
        return self.op(nodes, slots, statement, place, None)[0]

    # loops

    def looped(self, items: Sequence[Item], place: Place, prev: Slot | None) -> Slot | None:
        """A loop if one text serves all turns, or all but the first; else one after the other."""
        counts = [_turns(item) for item in items]
        if max(counts) > 1 and prev is not None:
            for begin in (0, 1):
                saved = self.state()
                try:
                    return self.folded(items, place, prev, begin)
                except Mismatch:
                    self.restore(saved)
        if len(set(counts)) > 1:
            raise Mismatch
        slot = prev
        for turn in range(counts[0]):
            slot = self.turn(items, turn, place, slot)
        return slot

    def state(self) -> tuple[Any, ...]:
        unit = self.unit
        kept = (unit.arguments, unit.locals, unit.symbols, unit.spelled, unit.taken)
        return (
            [copy.copy(part) for part in kept],
            len(self.parts),
            len(self.slots),
            dict(self.turned),
            dict(self.ids),
            dict(self.held),
        )

    def restore(self, saved: tuple[Any, ...]) -> None:
        kept, parts, slots, self.turned, self.ids, self.held = saved
        unit = self.unit
        unit.arguments, unit.locals, unit.symbols, unit.spelled, unit.taken = kept
        del self.parts[parts:]
        del self.slots[slots:]

    def folded(self, items: Sequence[Item], place: Place, prev: Slot, begin: int) -> Slot:
        """A loop over the turns from ``begin`` on."""
        entry = prev
        counts = [_turns(item) for item in items]
        if min(counts) < begin or (begin and max(counts) - begin < 2):
            raise Mismatch
        for turn in range(begin):
            entry = end_of(self.turn(items, turn, place, entry))
        loop = self.loop(items, place, begin)
        inner = place.looped(loop)
        turns = [
            (item, turn) for item, rows in zip(items, loop.rows, strict=True)
            for turn in range(begin, begin + len(rows))
        ]  # fmt: skip
        entering: list[Value] = []
        for case, (item, turn) in zip(inner.cases, turns, strict=True):
            value = entry.value(case[:-1]) if turn == begin else _result(item, turn - 1)
            if not isinstance(value, Value):
                raise Mismatch
            entering.append(value)
        shape = inner.shape([value.shape or () for value in entering], entry.shape)
        start = self.new_slot(entering, inner, shape, entry.layout)
        outer_ids = dict(self.ids)
        parts, end = self.inside(lambda: self.one_turn(turns, inner, start))
        self.ids = outer_ids
        found = end_of(end)
        for case, (item, turn) in zip(inner.cases, turns, strict=True):
            if found.value(case) is not _result(item, turn):
                raise Mismatch
        if found is not start and found.layout is not start.layout:
            raise Mismatch
        results = [
            entry.value(case) if not _turns(item) else _result(item, _turns(item) - 1)
            for case, item in zip(place.cases, items, strict=True)
        ]
        values = [value for value in results if isinstance(value, Value)]
        if len(values) < len(results):
            raise Mismatch
        shape = place.shape([value.shape or () for value in values], found.shape)
        result = self.new_slot(values, place, shape, entry.layout)
        training = self.whole and bool(parts) and all(part.training for part in parts)
        for part in parts:
            if part.training and not training:
                raise Mismatch
            part.training = False
        self.parts.append(Repeat(loop, entry, start, found, result, parts, training))
        return result

    def loop(self, items: Sequence[Item], place: Place, begin: int) -> Loop:
        """The names that a loop binds, without those that loops around it have."""
        taken = {*place.loop_names(), *self.unit.lets, *self.unit.parameters, *self.unit.inputs}
        first = items[0]
        if isinstance(first, RepeatItem):
            name = next(n for n in ("i", "j", "k", "l", "m", "n") if n not in taken)
            repeats = [item for item in items if isinstance(item, RepeatItem)]
            rows: list[list[Mapping[str, Any]]] = [
                [{"i": i} for i in range(begin, len(item.items))] for item in repeats
            ]
            self.unit.taken.add(name)
            times = first.statement.repeat
            return Loop(place, {"i": name}, rows, {}, times, begin, counter=name)
        terms: dict[str, Term | None]
        terms = _for_names(first.statement)
        loops = [item for item in items if isinstance(item, ForItem)]
        rows = [[dict(row) for row, _ in item.iterations[begin:]] for item in loops]
        names = {}
        for name in terms:
            spoken = name if name not in taken else place.free(name)
            names[name] = spoken
            self.unit.taken.add(spoken)
        counter = next((n for n in terms if _counts(rows, n, begin)), None)
        if begin:
            terms = {}
        found = Loop(place, names, rows, terms, None, begin)
        if counter is not None:
            found.counter = names[counter]
        return found

    def one_turn(self, turns: Sequence[tuple[Item, int]], place: Place, start: Slot) -> Slot | None:
        first, _ = turns[0]
        if isinstance(first, RepeatItem):
            items = [item.items[turn] for item, turn in turns if isinstance(item, RepeatItem)]
            return self.item(items, place, start)
        bodies = [item.iterations[turn][1] for item, turn in turns if isinstance(item, ForItem)]
        return self.body(bodies, place, start)

    def turn(
        self, items: Sequence[Item], turn: int, place: Place, prev: Slot | None
    ) -> Slot | None:
        """One turn by itself, where there is no loop."""
        outer = dict(self.near)
        rows: list[dict[str, Any]]
        if isinstance(items[0], RepeatItem):
            repeats = [item for item in items if isinstance(item, RepeatItem)]
            rows = [{"i": turn}] * len(items)
            self.near["i"] = turn
            slot = self.item([item.items[turn] for item in repeats], place.bound(rows), prev)
        else:
            loops = [item for item in items if isinstance(item, ForItem)]
            rows = [item.iterations[turn][0] for item in loops]
            for name in _for_names(items[0].statement):
                if all(row[name] == rows[0][name] for row in rows):
                    self.near[name] = rows[0][name]
            bodies = [item.iterations[turn][1] for item in loops]
            slot = self.body(bodies, place.bound(rows), prev)
        self.near = outer
        return slot

    # paths

    def residual(self, items: Sequence[ResidualItem], place: Place, prev: Slot) -> Slot:
        joined = [item.merge is not None for item in items]
        end = end_of(self.body([item.body for item in items], place, prev))
        if not any(joined):
            return end
        if not all(joined):
            return self.maybe_joined(items, joined, place, prev, end)
        shortcut = prev
        bodies = [item.shortcut for item in items if item.shortcut is not None]
        if bodies:
            if len(bodies) < len(items):
                raise Mismatch
            shortcut = end_of(self.body(bodies, place, prev))
        return self.join([item.merge for item in items], [end, shortcut], items[0].statement, place)

    def maybe_joined(
        self,
        items: Sequence[ResidualItem],
        joined: list[bool],
        place: Place,
        prev: Slot,
        end: Slot,
    ) -> Slot:
        """`skip` differs between uses."""
        if any(item.shortcut is not None for item in items):
            raise Mismatch
        skip = getattr(items[0].statement.action, "skip", None)
        condition = place.condition(joined, skip, self.scope(prev), "use_skip")
        chosen = [n for n, yes in enumerate(joined) if yes]
        merges = [items[n].merge for n in chosen]
        inner = place.subset(chosen)
        body, added = self.inside(lambda: self.join(merges, [end, prev], items[0].statement, inner))
        results = [item.result for item in items]
        values = [value for value in results if isinstance(value, Value)]
        return self.conditional(condition, end, end_of(added), body, values, place)

    def branches(self, items: Sequence[BranchesItem], place: Place, prev: Slot) -> Slot | None:
        first = items[0]
        if any(len(item.paths) != len(first.paths) for item in items):
            raise Mismatch
        ends: list[Slot] = []
        for k, (name, _) in enumerate(first.paths):
            end = end_of(self.body([item.paths[k][1] for item in items], place, prev))
            if name is not None:
                self.ids[name] = end
                if end is not prev:
                    end.hint = name
            ends.append(end)
        merges = [item.merge for item in items]
        if all(merge is None for merge in merges):
            return prev
        if any(merge is None for merge in merges):
            raise Mismatch
        return self.join(merges, ends, first.statement, place)


def _present(item: Item | None) -> Item | None:
    return item


def _turns(item: Item) -> int:
    if isinstance(item, RepeatItem):
        return len(item.items)
    return len(item.iterations) if isinstance(item, ForItem) else 0


def _result(item: Item, turn: int) -> Any:
    """The value after a turn of a loop."""
    if isinstance(item, RepeatItem):
        return item.items[turn].result
    if not isinstance(item, ForItem):
        raise Mismatch
    for at in range(turn, -1, -1):
        for inner in reversed(item.iterations[at][1].items):
            if inner is not None:
                return inner.result
    return item.inputs[0] if item.inputs else None


def _counts(rows: Sequence[Sequence[Mapping[str, Any]]], name: str, begin: int) -> bool:
    """Whether a name is just the number of the turn."""
    return all(
        type(row[name]) is int and row[name] == n + begin
        for found in rows
        for n, row in enumerate(found)
    )


def _for_names(statement: Statement) -> dict[str, Term | None]:
    """The names that a `for` binds, with what they go through."""
    action = statement.action
    return {str(key.value): term for key, term in action.names} if isinstance(action, For) else {}


def _hint(item: Item) -> str:
    if isinstance(item, OpItem):
        return local_name(item.node.name)
    return local_name(item.name) or "this"
