"""Members of an ``nn.Sequential``: statements in a row, loops, repeats as generators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.precedence import shifted
from graphcnn.backends.python.unit import Mismatch, Sized
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.listing import Member, careful, has_id, sequential
from graphcnn.evaluate import Names
from graphcnn.expression import Const, Expr, Index
from graphcnn.ir import Body, ForItem, GroupItem, Item, RepeatItem, Value, present
from graphcnn.ops.base import Shape
from graphcnn.program import Statement
from graphcnn.size import UNKNOWN, Size, Unknown, symbol

if TYPE_CHECKING:
    from typing import Self


class Sequences(ABC):
    """Writes sequences at one place of one unit's `__init__`; what a member is, a subclass says."""

    where: Where
    near: dict[str, Any]

    @abstractmethod
    def at(self, where: Where, **near: Any) -> Self:
        """The same for other cases, with more names known."""

    @abstractmethod
    def module(self, items: Sequence[Item], shape: Shape) -> tuple[str, Shape]:
        """The text of a module for a statement's items, and the shape of what comes out."""

    @abstractmethod
    def held_name(self, item: Item) -> str:
        """Under which name a sequence holds the module of an item."""

    def members_of(self, items: Sequence[Item], shape: Shape) -> tuple[list[Member], Shape]:
        """The members of the ``nn.Sequential`` that a group or repeat is."""
        first = items[0]
        if isinstance(first, GroupItem):
            return self.members([i.body for i in items if isinstance(i, GroupItem)], shape)
        return self.repeated([i for i in items if isinstance(i, RepeatItem)], shape)

    def members(self, bodies: Sequence[Body], shape: Shape) -> tuple[list[Member], Shape]:
        """The members that a body's statements come to, one after the other."""
        found: list[Member] = []
        for number, statement in enumerate(bodies[0].statements):
            entries = [present(body.items[number]) for body in bodies]
            chosen = [n for n, item in enumerate(entries) if item is not None]
            items = [item for item in entries if item is not None]
            if not items:
                continue
            condition = None
            inner = self
            if len(items) < len(entries):
                truths = [item is not None for item in entries]
                near = Names(self.where.loop, {**self.near, "in": Sized(shape)})
                condition = self.where.condition(
                    truths, statement.when, near, "with_" + _hint(statement)
                )
                inner = self.at(self.where.subset(chosen))
            members, out = inner.flat(items, shape)
            if condition is not None:
                members = [replace(member, condition=condition) for member in members]
                results = [_after(body, number) for body in bodies]
                out = self.where.shape(results, out, shape)
            found += members
            shape = out
        return found, shape

    def flat(self, items: Sequence[Item], shape: Shape) -> tuple[list[Member], Shape]:
        """The members of one statement: several for a loop or a repeat without an id."""
        first = items[0]
        if isinstance(first, ForItem):
            return self.turns([item for item in items if isinstance(item, ForItem)], shape)
        if isinstance(first, RepeatItem) and first.id is None:
            return self.repeated([i for i in items if isinstance(i, RepeatItem)], shape)
        if isinstance(first, GroupItem) and not first.name:
            return self.members([i.body for i in items if isinstance(i, GroupItem)], shape)
        text, out = self.module(items, shape)
        return [Member(self.held_name(first), text)], out

    def turns(self, items: Sequence[ForItem], shape: Shape) -> tuple[list[Member], Shape]:
        found: list[Member] = []
        if len({len(item.iterations) for item in items}) > 1:
            raise Mismatch
        for turn in range(len(items[0].iterations)):
            rows = [item.iterations[turn][0] for item in items]
            names = turn_names(items, turn, self.where, self.near)
            inner = self.at(self.where.bound(rows), **names)
            members, shape = inner.members([i.iterations[turn][1] for i in items], shape)
            found += members
        return found, shape

    def repeated(self, items: Sequence[RepeatItem], shape: Shape) -> tuple[list[Member], Shape]:
        """The members of a repeat: written out, or as a generator where they are alike."""
        counts = [len(item.items) for item in items]
        if max(counts) == 0:
            return [], shape
        runs: list[tuple[Member, int]] | None = None
        out = shape
        if len(set(counts)) == 1:
            runs, out = self.runs(items, shape)
            if runs is not None and (len(runs) <= 2 or has_id(runs[0][0])):
                return _written(runs), out
        for begin in (0, 1):
            with suppress(Mismatch), self.where.unit.tried():
                return self.generated(items, shape, begin)
        if runs is None:
            raise Mismatch
        return _written(runs), out

    def runs(
        self, items: Sequence[RepeatItem], shape: Shape
    ) -> tuple[list[tuple[Member, int]] | None, Shape]:
        """Each repetition's text, equal neighbours counted; None where one has no text."""
        found: list[tuple[Member, int]] = []
        try:
            for i in range(len(items[0].items)):
                inner = self.at(self.where.bound([{"i": i}] * len(items)), i=i)
                members, shape = inner.flat([item.items[i] for item in items], shape)
                for member in members:
                    _count(found, member)
        except Mismatch:
            if len(self.where.unit.envs) == 1:
                raise
            return None, shape
        return found, shape

    def generated(
        self, items: Sequence[RepeatItem], shape: Shape, begin: int
    ) -> tuple[list[Member], Shape]:
        """One text for all repetitions from ``begin`` on, over the loop's `i`."""
        counts = [len(item.items) for item in items]
        if min(counts) < begin:
            raise Mismatch
        members: list[Member] = []
        if begin:
            first = self.at(self.where.bound([{"i": 0}] * len(items)), i=0)
            member, shape = first.only([item.items[0] for item in items], shape)
            members.append(member)
        cases = [(n, i) for n, count in enumerate(counts) for i in range(begin, count)]
        where = self.where.subset([n for n, _ in cases]).bound([{"i": i} for _, i in cases])
        where.loop = {**where.loop, "i": symbol("i", begin)}
        turns = [items[n].items[i] for n, i in cases]
        inputs = [turn.inputs[0].shape or () for turn in turns]
        entering = where.shape(inputs, shape, *self.progressions(items, shape, begin))
        member, out = self.at(where).only(turns, entering)
        text = member.text
        number = self.count(items, counts)
        reads = "i" in names_in(text)
        bound = _range(number, begin, reads)
        members.append(Member("", f"*({text} for {'i' if reads else '_'} in range({bound}))"))
        ends = [item.result.shape or () for item in items if isinstance(item.result, Value)]
        return members, self.where.shape(ends, out, shape)

    def only(self, items: Sequence[Item], shape: Shape) -> tuple[Member, Shape]:
        """The one member that a turn of a repeat is; Mismatch where it is several."""
        members, out = self.flat(items, shape)
        if len(members) != 1 or members[0].condition is not None:
            raise Mismatch
        return members[0], out

    def generator(self, items: Sequence[RepeatItem], shape: Shape) -> tuple[str, Shape]:
        """A repeat as a sequence that one generator makes, however often."""
        members, out = self.generated(items, shape, 0)
        return sequential(members, named=False), out

    def progressions(self, items: Sequence[RepeatItem], shape: Shape, begin: int) -> list[Shape]:
        """Shapes that grow by the same amount in every turn, as in a dense block."""
        sample = items[0].items[begin : begin + 2]
        if len(sample) < 2:
            return []
        a, b = (item.inputs[0].shape or () for item in sample)
        i = symbol("i", begin)
        grown: list[Size] = []
        for start, x, y in zip(shape, a, b, strict=True):
            if isinstance(x, int) and isinstance(y, int) and not isinstance(start, Unknown):
                grown.append(start + (i - begin) * (y - x))
            else:
                grown.append(UNKNOWN)
        return [tuple(grown)]

    def count(self, items: Sequence[RepeatItem], counts: list[int]) -> Any:
        """How often, over the unit's names."""
        term = items[0].statement.repeat
        words = None if term is None else self.where.unit.try_evaluate(term, self.near)
        return self.where.value(counts, words, "depth")


def turn_names(
    items: Sequence[ForItem], turn: int, where: Where, near: Mapping[str, Any]
) -> dict[str, Any]:
    """What the names of a `for` are in one turn: `widths[0]` where the list is an argument."""
    rows = [item.iterations[turn][0] for item in items]
    found = {}
    for key, term in getattr(items[0].statement.action, "names", ()):
        name, values = str(key.value), term.value
        if all(row[name] == rows[0][name] for row in rows):
            found[name] = rows[0][name]
        elif isinstance(values, Expr):
            words = where.proposed(Index(0, 0, values, Const(0, 0, turn)), near)
            if words is not UNKNOWN:
                found[name] = words
    return found


def _count(runs: list[tuple[Member, int]], member: Member) -> None:
    """Add a member to runs of equal ones; those with names of their own stay apart."""
    last, count = runs[-1] if runs else (member, 0)
    apart = has_id(member) or member.condition != last.condition or not last.name
    if not count or not member.name or apart or careful(last.text) != careful(member.text):
        runs.append((member, 1))
        return
    # where one of them must not overwrite its input, none does
    same = member.text if last.text == member.text else careful(member.text)
    runs[-1] = (replace(last, text=same), count + 1)


def _written(runs: list[tuple[Member, int]]) -> list[Member]:
    return [
        member
        if count == 1
        else Member("", f"*({member.text} for _ in range({count}))", member.condition)
        for member, count in runs
    ]


def _range(count: Any, begin: int, reads: bool) -> str:
    if begin == 0:
        return str(count)
    if reads:
        return f"{begin}, {count}"
    return str(count - begin) if isinstance(count, int) else shifted(str(count), -begin)


def _hint(statement: Statement) -> str:
    if statement.id is not None and isinstance(statement.id.value, str):
        return statement.id.value
    value = getattr(statement.key, "value", "")
    return value if isinstance(value, str) and value.isidentifier() else "this"


def _after(body: Body, number: int) -> Shape:
    """The shape after statement ``number`` of a body, whether or not it is there."""
    for item in reversed(body.items[: number + 1]):
        if item is not None and isinstance(item.result, Value):
            return item.result.shape or ()
    for item in body.items[number + 1 :]:
        if item is not None and item.inputs:
            return item.inputs[0].shape or ()
    raise Mismatch
