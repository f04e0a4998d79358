"""Statements in a row, some of which only some uses have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphcnn.backends.keras.lists import Lists
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.place import Case, Place
from graphcnn.backends.keras.steps import Part, Slot, When, end_of
from graphcnn.backends.python.unit import Mismatch, Unit
from graphcnn.backends.python.uses import local_name
from graphcnn.ir import (
    BlockItem,
    Body,
    Item,
    Node,
    OpItem,
    Value,
)
from graphcnn.ops.base import Shape
from graphcnn.program import Statement

Made = TypeVar("Made")

Layer = tuple[Node | Item, str]
"""What is used again: an op's layer by its key, or the model of a block."""


class Statements(ABC):
    """How statements in a row are written; subclasses write what stands in them."""

    unit: Unit
    parts: list[Part]
    slots: list[Slot]
    ids: dict[str, Slot]
    near: dict[str, Any]
    turned: dict[tuple[Slot, Layout], Slot]
    held: dict[Layer, tuple[str, Case]]
    lists: Lists
    keeps: bool
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

    # in a row

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
        items = [item for item in entries if item is not None]
        inner = place.subset(chosen)
        entry = prev or next(iter(self.inputs(items, inner, prev)), None)
        if entry is None:
            raise Mismatch
        truths = [item is not None for item in entries]
        condition = self.asked(truths) or place.condition(
            truths, statement.when, self.scope(prev), f"with_{_hint(items[0])}"
        )
        if place.inside is None and len(truths) == len(self.unit.envs):
            self.conditions.append((condition, truths))
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
        return self.conditional(condition, truths, entry, found, body, results, place)

    def asked(self, truths: list[bool]) -> str | None:
        """The condition of what was written last, if it holds in just these cases."""
        last = self.parts[-1] if self.parts else None
        return last.condition if isinstance(last, When) and last.truths == truths else None

    def conditional(
        self,
        condition: str,
        truths: list[bool],
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
        result = self.new_slot(results, place, shape, entry.layout, end.hint)
        training = self.whole and all(part.training for part in body)
        for part in body:
            part.training = False
        self.parts.append(
            When(condition, entry, end, result, body, training=training, truths=truths)
        )
        return result

    def hold(self, layers: Sequence[Layer], place: Place, variable: str) -> None:
        """Note the variable that holds each case's layer."""
        for layer, case in zip(layers, place.cases, strict=True):
            self.held[layer] = variable, case

    def holding(self, layers: Sequence[Layer], place: Place) -> str | None:
        """The variable that holds each case's layer, made before in the same turn or around it."""
        found: set[str | None] = set()
        for layer, case in zip(layers, place.cases, strict=True):
            variable, made = self.held.get(layer, (None, ()))
            found.add(variable if case[: len(made)] == made else None)
        return found.pop() if len(found) == 1 else None

    def inside(self, write: Callable[[], Made]) -> tuple[list[Part], Made]:
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


def _present(item: Item | None) -> Item | None:
    return item


def _hint(item: Item) -> str:
    name = local_name(item.node.name if isinstance(item, OpItem) else item.name)
    if isinstance(item, BlockItem) and not name.isidentifier():
        return item.block.name
    return name or "this"
