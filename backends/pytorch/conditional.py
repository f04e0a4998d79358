"""Statements that only some uses of a class have.

One that is a module is held as a choice between it and one that does nothing, so that `forward`
need not ask. Several in a row under one condition, and those that are no module, stand behind an
`if` in `__init__` and in `forward`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphcnn.backends.python.code import Call, Input
from graphcnn.backends.python.unit import Mismatch, Spelled
from graphcnn.backends.python.uses import borrows, held_names
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.attributes import item_name
from graphcnn.backends.pytorch.cases import is_alternative, keeps_weights
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.backends.pytorch.structure import Structure
from graphcnn.expression import Conditional as Either
from graphcnn.ir import BlockItem, Body, Item, OpItem, RepeatItem, Value, present
from graphcnn.ops.base import Shape
from graphcnn.program import ComputedUse
from graphcnn.size import Unknown

Row = Sequence[Item | None]
"""What one statement came to in each case."""


class Conditional(Structure):
    """Writes the statements of a body, of which some are not there in every case."""

    def body(self, bodies: Sequence[Body], where: Where, prev: Slot | None) -> Slot | None:
        """All statements of a body; the slot of the last value."""
        for item in filter(None, (item for body in bodies for item in body.items)):
            self.held.claimed.update(held_names(item))
        rows = list(_rows(bodies))
        while rows:
            row = rows.pop(0)
            if None not in row:
                prev = self.item([item for item in row if item is not None], where, prev)
                continue
            if not any(row):
                continue
            alike = [row]
            while rows and _truths(rows[0]) == _truths(row):
                alike.append(rows.pop(0))
            if len(alike) > 1:
                try:
                    with self.tried():
                        prev = self.guarded(alike, where, prev)
                    continue
                except Mismatch:
                    rows[:0] = alike[1:]
            found = [row]
            while rows and any(found[-1]) and is_alternative(found, rows[0]):
                found.append(rows.pop(0))
            try:
                with self.tried():
                    prev = self.optional(found, where, prev)
            except Mismatch:
                rows[:0] = found[1:]
                prev = self.guarded([row], where, prev)
        return prev

    def optional(
        self, rows: Sequence[Sequence[Item | None]], where: Where, prev: Slot | None
    ) -> Slot:
        """A statement that only some uses have: a module there, one that does nothing elsewhere.

        Several rows are alternatives under one name, of which a use has one at most. Where no
        value comes before, what enters the statement goes on elsewhere.
        """
        entries = [next(filter(present, column), None) for column in zip(*rows, strict=True)]
        items = [item for item in entries if item is not None]
        if any(len(item.inputs) != 1 or borrows(item) for item in items):
            raise Mismatch
        if not all(isinstance(item.result, Value) for item in items):
            raise Mismatch  # of several outputs, none is what goes on
        inner = where.subset([case for case, item in enumerate(entries) if item is not None])
        source = self.slot_of([item.inputs[0] for item in items], inner, prev)
        hint = items[0].id if prev is None else None
        prev = source if prev is None else prev
        if source is not prev or any(owner not in prev.values for owner in where.owners):
            raise Mismatch  # elsewhere it is the value before that goes on
        name = item_name(items)
        out = self.any_times(name, rows[0], where, prev) if len(rows) == 1 else None
        condition = None
        if out is not None:
            outs = [out]
        else:
            choices, outs = self.choices(rows, name, where, prev)
            self.held.keep_optional(name, choices)
            if len(rows) == 1:  # the last condition is that of the statement as a whole
                made = [item.result for item in items if isinstance(item.result, Value)]
                shapes = [value.shape or () for value in made]
                out = self.chosen(shapes, outs, choices[0][0], inner)
                condition, outs = choices[-1][0], [out]
        results: list[Value] = []
        for case, item in enumerate(entries):
            value = item.result if item is not None else prev.values[where.owners[case]]
            if not isinstance(value, Value):
                raise Mismatch
            results.append(value)
        slot = self.either(results, where, [*outs, prev.shape], condition)
        slot.hint = hint
        op = items[0].node.op if isinstance(items[0], OpItem) else None
        call = Call("", (Input(),))
        keeps = any(map(keeps_weights, items))
        self.step([slot], call, [prev], name, light=self.is_light(op), keeps=keeps)
        return slot

    @staticmethod
    def chosen(
        shapes: Sequence[Shape], outs: Sequence[Shape], condition: str, where: Where
    ) -> Shape:
        """The shape of one of several modules, of which the first is there where it says so."""
        found = where.shape(shapes, *sorted(outs, key=lambda shape: len(str(shape))))
        if len(outs) != 2:
            return found
        return tuple(
            where.choice([shape[axis] for shape in shapes], outs[0][axis], outs[1][axis], condition)
            if isinstance(size, Unknown)
            else size
            for axis, size in enumerate(found)
        )

    def choices(
        self, rows: Sequence[Sequence[Item | None]], name: str, where: Where, prev: Slot
    ) -> tuple[list[tuple[str, str]], list[Shape]]:
        """For each alternative its condition and the text of its module; the shapes that result."""
        found, outs = [], []
        for row in rows:
            *rarer, rest = sorted(_by_block(row), key=lambda cases: len(where.real(cases)))
            for cases in (*rarer, rest):
                items = [item for item in map(row.__getitem__, cases) if item is not None]
                when, hint = items[0].statement.when, f"with_{name}"
                there = list(cases)
                if cases is rest:  # behind the others, that the statement is there says enough
                    there += [case for other in rarer for case in other]
                elif isinstance(items[0], BlockItem):
                    when, hint = None, items[0].block.name
                truths = [case in there for case in range(len(row))]
                condition = where.condition(truths, when, self.scope(where, prev), hint)
                inner = where.subset(cases)
                modules = self.modules(inner, prev)
                text, out = modules.module(items, self.shape_in(prev, inner))
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

    def one_of(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        """A `use` whose name is computed, of two blocks: an argument says which."""
        used = [item for item in items if isinstance(item, BlockItem)]
        blocks = list(dict.fromkeys(item.block for item in used))
        if len(blocks) > 2 or any(item.owner is not None for item in used):
            raise Mismatch
        sources = self.inputs(items, where, prev)
        truths, condition = self.which(used, where, prev)
        choices, outs = [], []
        for there in (True, False):
            cases = [case for case, truth in enumerate(truths) if truth is there]
            inner = where.subset(cases)
            shapes = tuple(self.shape_in(source, inner) for source in sources)
            modules = self.modules(inner, sources[0])
            text, out = modules.use([items[case] for case in cases], shapes)
            choices.append((condition if there else "", text))
            outs.append(out)
        name = item_name(items)
        self.held.keep_optional(name, choices)
        results = [item.result for item in items if isinstance(item.result, Value)]
        if len(results) < len(items):
            raise Mismatch
        slot = self.either(results, where, outs, condition)
        slot.hint = items[0].id or name
        keeps = any(map(keeps_weights, items))
        call = Call("", tuple(Input(number) for number in range(len(sources))))
        self.step([slot], call, sources, name, light=False, keeps=keeps)
        return [slot]

    def which(
        self, items: Sequence[BlockItem], where: Where, prev: Slot | None
    ) -> tuple[list[bool], str]:
        """A question that tells two blocks apart, and where it holds.

        It is the author's, in `use: $(a if … else b)`; else a flag says where the rarer one is.
        """
        action = items[0].statement.action
        asked = action.name.value if isinstance(action, ComputedUse) else None
        if isinstance(asked, Either):
            words = where.unit.said_of(asked.condition, self.scope(where, prev))
            truths = where.evaluated(asked.condition)
            pairs = {(truth, item.block) for truth, item in zip(truths, items, strict=False)}
            known = isinstance(words, Spelled) and not where.unit.asks_for_space(words.text)
            if known and len(truths) == len(items) and len(pairs) == len({*truths}) == 2:
                return truths, where.unit.use(words.text)
        cases = _by_block(items)
        first = min(cases, key=lambda found: len(where.real(found)))
        rarer = items[first[0]].block
        truths = [item.block is rarer for item in items]
        return truths, where.condition(truths, None, {}, rarer.name)

    def guarded(self, rows: Sequence[Row], where: Where, prev: Slot | None) -> Slot:
        """Statements behind an `if`: the value before goes on where the condition does not hold."""
        if prev is None or self.whole or self.numbered or self.guard is not None:
            raise Mismatch
        truths = _truths(rows[0])
        inner = where.subset([case for case, there in enumerate(truths) if there])
        first = next(item for item in rows[0] if item is not None)
        name = f"with_{first.id or 'more'}"
        condition = where.condition(truths, first.statement.when, self.scope(where, prev), name)
        question, self.guard = self.held.question(name, condition)
        begin, steps = len(self.unit.init), len(self.forward.steps)
        end: Slot | None = prev
        try:
            for row in rows:
                end = self.item([item for item in row if item is not None], inner, end)
        finally:
            self.guard = None
        self.held.put_behind(question, begin)
        if end is None:
            raise Mismatch
        results = []
        for owner, there in zip(where.owners, truths, strict=True):
            results.append((end if there else prev).values[owner])
        slot = self.either(results, where, [end.shape, prev.shape], condition)
        self.forward.join(slot, end, prev, steps)
        self.slots = [(tensors, slot if one is end else one) for tensors, one in self.slots]
        return slot


def _rows(bodies: Sequence[Body]) -> Iterator[Row]:
    """For each statement what it came to in each case, without what came to nothing."""
    for number in range(len(bodies[0].statements)):
        yield [present(body.items[number]) for body in bodies]


def _by_block(row: Sequence[Item | None]) -> list[list[int]]:
    """The cases in which a statement is there, those of each block apart."""
    found: dict[Any, list[int]] = {}
    for case, item in enumerate(row):
        if present(item) is not None:
            block = item.block if isinstance(item, BlockItem) else None
            found.setdefault(block, []).append(case)
    return list(found.values())


def _truths(row: Row) -> list[bool]:
    return [item is not None for item in row]
