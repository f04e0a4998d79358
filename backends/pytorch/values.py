"""The values in a class while it is written, and what is known of each in all of its uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.code import Attribute, Input, Slice, Subscript
from graphcnn.backends.python.reading import Reader, Seen
from graphcnn.backends.python.unit import Mismatch, Sized, Unit
from graphcnn.backends.python.uses import is_learned
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


def shapes_at(slot: Slot, where: Where, *, training: bool) -> list[Shape] | None:
    """A tensor's shape in each case; None where it is not there, or has no batch axis."""
    values = [slot.values[owner] for owner in where.owners if owner in slot.values]
    if len(values) < len(where.owners) or any(map(is_learned, values)):
        return None
    late = any(value.node is not None and value.node.training_only for value in values)
    return None if late and not training else [value.shape or () for value in values]


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
        self.held = Attributes(unit, classes.held, numbered=numbered)
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

    def reader(
        self, where: Where, sources: list[Slot], *, training: bool
    ) -> tuple[Reader, tuple[Shape, ...]]:
        """What reads sizes off the tensors that are there, and the inputs in its terms.

        A tensor that is read is added to the ``sources`` of the step.
        """
        given = tuple(sources)
        slots = [*sources, *reversed(self.ids.values()), *self.forward.inputs]
        slots += [slot for _, slot in reversed(self.slots)]
        names: dict[Slot, list[str]] = {}
        for name, slot in (*self.tensors.items(), *self.ids.items()):
            names.setdefault(slot, []).append(name)
        seen = [
            Seen(
                slot,
                tuple(shapes),
                self.shape_in(slot, where),
                tuple(names.get(slot, ())),
                slot in given or slot in self.forward.inputs,
            )
            for slot in dict.fromkeys(slots)
            if (shapes := shapes_at(slot, where, training=training)) is not None
        ]

        def read(one: Seen) -> Attribute:
            if one.source not in sources:
                sources.append(one.source)
            return Attribute(Input(sources.index(one.source)), "shape")

        reader = Reader(
            seen,
            lambda one, axis: Subscript(read(one), (axis + 1,)),
            lambda one: Subscript(read(one), (Slice(start=1 - len(one.shape)),)),
            where.is_late,
        )
        by_slot = {one.source: one for one in seen}
        return reader, tuple(
            reader.words(by_slot[slot]) if slot in by_slot else slot.shape for slot in given
        )

    @property
    def tensors(self) -> dict[str, Slot]:
        """What comes in, by the author's names."""
        names = self.unit.inputs or [str(slot.name) for slot in self.forward.inputs]
        return dict(zip(names, self.forward.inputs, strict=False))

    def modules(self, where: Where, prev: Slot | None) -> Modules:
        return Modules(self.classes, where, self.scope(where, prev))

    def inputs(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        rows = zip(*same_length([item.inputs for item in items]), strict=True)
        return [self.slot_of(values, where, prev) for values in rows]
