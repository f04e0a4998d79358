"""The values in a class while it is written, and what is known of each in all of its uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.unit import Mismatch, Sized, Unit
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.attributes import Attributes
from graphcnn.backends.pytorch.cases import same_length
from graphcnn.backends.pytorch.forward import Forward
from graphcnn.backends.pytorch.modules import Modules
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.ir import Item, Value
from graphcnn.ops.base import Shape
from graphcnn.size import Unknown

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes


class Values:
    """One unit in the making; a ``numbered`` one has members `self[0]`, `self[1]` and so on."""

    def __init__(
        self,
        classes: Classes,
        unit: Unit,
        inputs: Sequence[Slot],
        *,
        numbered: bool = False,
        whole: bool = False,
    ) -> None:
        self.classes = classes
        self.unit = unit
        self.numbered = numbered
        #: each value's tensors, one for each use of the class
        self.slots: list[tuple[Mapping[int, Any], Slot]] = [(s.values, s) for s in inputs]
        self.forward = Forward(list(inputs))
        self.ids: dict[str, Slot] = {}
        self.held = Attributes(unit, classes.reserved, numbered=numbered)
        #: the whole model: its lines carry shapes, and it alone knows of training
        self.whole = whole
        self.near: dict[str, Any] = {}
        #: the condition in `forward` behind which steps are added
        self.guard: str | None = None

    def slot_of(self, values: Sequence[Value], where: Where, prev: Slot | None = None) -> Slot:
        """The slot that holds these values, one for each case."""
        first = [] if prev is None else [(prev.values, prev)]
        tensors: Mapping[int, Any]
        slot: Slot
        for tensors, slot in [*first, *reversed(self.slots)]:
            if all(
                tensors.get(owner) is value
                for owner, value in zip(where.owners, values, strict=True)
            ):
                return slot
        raise Mismatch

    def new_slot(
        self, values: Sequence[Value], where: Where, shape: Shape, hint: str | None, op: Any = None
    ) -> Slot:
        slot = Slot(dict(zip(where.owners, values, strict=True)), shape, hint, op)
        self.slots.append((slot.values, slot))
        return slot

    def either(
        self,
        values: Sequence[Value],
        where: Where,
        shapes: Sequence[Shape],
        condition: str | None = None,
    ) -> Slot:
        """A value that has one of these shapes; the first where the condition holds."""
        found = [value.shape or () for value in values]
        shape = where.shape(found, *shapes)
        if condition is not None:
            first, second = shapes
            shape = tuple(
                where.choice([sizes[axis] for sizes in found], first[axis], second[axis], condition)
                if isinstance(size, Unknown)
                else size
                for axis, size in enumerate(shape)
            )
        slot = self.new_slot(values, where, shape, None)
        slot.maybe = tuple(shapes)
        return slot

    def shape_in(self, slot: Slot, where: Where) -> Shape:
        """A value's shape for these cases, of which there may be fewer than it is made for."""
        if not slot.maybe:
            return slot.shape
        shapes = [slot.values[owner].shape or () for owner in where.owners]
        return where.shape(shapes, *slot.maybe, slot.shape)

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Take back what was written where it comes to a Mismatch."""
        init, steps = list(self.unit.init), list(self.forward.steps)
        slots, ids = list(self.slots), dict(self.ids)
        try:
            with self.unit.tried(), self.held.tried():
                yield
        except Mismatch:
            self.unit.init, self.forward.steps = init, steps
            self.slots, self.ids = slots, ids
            raise

    def scope(self, where: Where, prev: Slot | None) -> dict[str, Any]:
        """What expressions can ask for at this place: shapes of values by name."""
        near: dict[str, Any] = {name: Sized(slot.shape) for name, slot in self.ids.items()}
        near.update(self.near)
        if prev is not None:
            near["in"] = Sized(self.shape_in(prev, where))
        return near

    def modules(self, where: Where, prev: Slot | None) -> Modules:
        return Modules(self.classes, where, self.scope(where, prev))

    def inputs(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        rows = zip(*same_length([item.inputs for item in items]), strict=True)
        return [self.slot_of(values, where, prev) for values in rows]
