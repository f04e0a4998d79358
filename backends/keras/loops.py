"""Loops: one text for all turns where one serves them, else one turn after the other."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.keras.place import Loop, Place
from graphcnn.backends.keras.spelling import spelled
from graphcnn.backends.keras.statements import Statements
from graphcnn.backends.keras.steps import Repeat, Slot, end_of, slots_read
from graphcnn.backends.python.unit import Mismatch
from graphcnn.ir import (
    ForItem,
    Item,
    RepeatItem,
    Value,
)
from graphcnn.program import For, Statement, Term

if TYPE_CHECKING:
    from graphcnn.backends.keras.functions import Functions


class Loops(Statements):
    """How `repeat` and `for` are written."""

    functions: Functions

    def looped(self, items: Sequence[Item], place: Place, prev: Slot | None) -> Slot | None:
        """A loop if one text serves all turns, or all but the first; else one after the other."""
        counts = [_turns(item) for item in items]
        if max(counts) > 1:
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
            self.lists.state(),
            self.unit in self.functions.takes_layers,
        )

    def restore(self, saved: tuple[Any, ...]) -> None:
        kept, parts, slots, self.turned, self.ids, self.held, lists, takes = saved
        self.lists.restore(lists)
        if not takes:
            self.functions.takes_layers.discard(self.unit)
        unit = self.unit
        unit.arguments, unit.locals, unit.symbols, unit.spelled, unit.taken = kept
        del self.parts[parts:]
        del self.slots[slots:]

    def folded(self, items: Sequence[Item], place: Place, prev: Slot | None, begin: int) -> Slot:
        """A loop over the turns from ``begin`` on."""
        entry = prev
        counts = [_turns(item) for item in items]
        if min(counts) < begin or (begin and max(counts) - begin < 2):
            raise Mismatch
        for turn in range(begin):
            entry = end_of(self.turn(items, turn, place, entry))
        loop = self.loop(items, place, begin)
        loop.number = len(self.lists.made)
        inner = place.looped(loop)
        turns = [
            (item, turn) for item, rows in zip(items, loop.rows, strict=True)
            for turn in range(begin, begin + len(rows))
        ]  # fmt: skip
        parts_of_turns = (part for turn in turns for part in _parts(*turn))
        if not self.keeps and self.functions.again.go_on(parts_of_turns):
            raise Mismatch
        start = None if entry is None else self.entering(turns, inner, entry, begin)
        outer_ids = dict(self.ids)
        parts, end = self.inside(lambda: self.one_turn(turns, inner, start))
        self.ids = outer_ids
        found = end_of(end)
        for case, (item, turn) in zip(inner.cases, turns, strict=True):
            if found.value(case) is not _result(item, turn):
                raise Mismatch
        if start is not None and all(loop.rows) and start not in {found, *slots_read(parts)}:
            start = None  # no turn needs what the one before made
        if start is not None and found.layout is not start.layout:
            raise Mismatch
        results = [
            end_of(entry).value(case) if not _turns(item) else _result(item, _turns(item) - 1)
            for case, item in zip(place.cases, items, strict=True)
        ]
        values = [value for value in results if isinstance(value, Value)]
        if len(values) < len(results):
            raise Mismatch
        shape = place.shape([value.shape or () for value in values], found.shape)
        result = self.new_slot(values, place, shape, found.layout)
        training = self.whole and bool(parts) and all(part.training for part in parts)
        for part in parts:
            if part.training and not training:
                raise Mismatch
            part.training = False
        entry = None if start is None else entry
        self.parts.append(Repeat(loop, entry, start, found, result, parts, training))
        return result

    def entering(
        self, turns: Sequence[tuple[Item, int]], inner: Place, entry: Slot, begin: int
    ) -> Slot:
        """What a turn begins with: ``entry``, or what the turn before made."""
        values: list[Value] = []
        for case, (item, turn) in zip(inner.cases, turns, strict=True):
            value = entry.value(case[:-1]) if turn == begin else _result(item, turn - 1)
            if not isinstance(value, Value):
                raise Mismatch
            values.append(value)
        shape = inner.shape([value.shape or () for value in values], entry.shape)
        start = self.new_slot(values, inner, shape, entry.layout)
        start.is_start = True
        return start

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
            spoken = spelled(name) if spelled(name) not in taken else place.free(name)
            names[name] = spoken
            self.unit.taken.add(spoken)
        counter = next((n for n in terms if _counts(rows, n, begin)), None)
        if begin:
            terms = {}
        found = Loop(place, names, rows, terms, None, begin)
        if counter is not None:
            found.counter = names[counter]
        return found

    def one_turn(
        self, turns: Sequence[tuple[Item, int]], place: Place, start: Slot | None
    ) -> Slot | None:
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


def _parts(item: Item, turn: int) -> list[Item]:
    """What a turn of a loop is made of."""
    if isinstance(item, RepeatItem):
        return [item.items[turn]]
    items = item.iterations[turn][1].items if isinstance(item, ForItem) else []
    return [inner for inner in items if inner is not None]


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
