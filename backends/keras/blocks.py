"""Calls of blocks' functions, and the models of those whose layers are used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphcnn.backends.keras.calls import Calls
from graphcnn.backends.keras.names import name_text
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.reuse import scope_name
from graphcnn.backends.keras.steps import Part, Slot, Step, When, trained_only
from graphcnn.backends.keras.structure import Structure
from graphcnn.backends.python.code import Call, Input, Keyword
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.python.unit import Mismatch, Sized
from graphcnn.backends.python.uses import local_name
from graphcnn.expression import Conditional
from graphcnn.ir import BlockItem, Item, Value, nodes_of
from graphcnn.program import ComputedUse

if TYPE_CHECKING:
    from graphcnn.backends.keras.functions import Functions


class Blocks(Structure):
    """How a block is called."""

    functions: Functions
    prefixes: Sequence[str]
    tensors: dict[str, Slot]

    def calls(self, place: Place, prev: Slot | None) -> Calls:
        return Calls(self.functions, place, self.scope(prev))

    def shown(self, slot: Slot) -> str | None:
        """A shape as it stands in the tensor, beside the line that makes it."""
        if len(slot.shape) < 2:
            return None
        return " x ".join(str(size) for size in slot.layout.ordered(slot.shape))

    def block(self, items: Sequence[Item], place: Place, prev: Slot | None) -> list[Slot]:
        """A call of a block's function."""
        first = items[0]
        sources = self.inputs(items, place, prev)
        shapes = tuple(slot.shape for slot in sources)
        owners = [self.functions.again.owner(item) for item in items]
        calls = self.calls(place, sources[0] if sources else None)
        try:
            call = calls.use(owners, shapes, items)
        except Mismatch:
            if owners != list(items) or not any(map(depends_on_sizes, items)):
                raise
            return self.written_out(items, place, sources)
        sources = [
            self.brought(slot, layout) for slot, layout in zip(sources, call.takes, strict=True)
        ]
        hint = id_of(items) or ("part" if isinstance(first.result, dict) else None)
        results = [
            item.result if isinstance(item.result, dict) else {"": item.result} for item in items
        ]
        slots = []
        for number, key in enumerate(results[0]):
            tensors = [value for r in results if isinstance(value := r.get(key), Value)]
            shape = call.shape
            if key or shape is None:
                shape = place.shape([value.shape or () for value in tensors])
            slot = self.new_slot(tensors, place, shape, call.gives[number], self.known(hint, key))
            slot.kept = len(results[0]) > 2
            slots.append(slot)
        training = self.whole and trained_only([v for s in slots for v in s.values.values()])
        names = [scope_name(owner) for owner in owners]
        code = self.called(call, items, owners, names, sources, place)
        step = Step(slots, code, sources, training=training)
        if self.whole and not self.depth and len(slots) == 1:
            step.comment = self.shown(slots[0])
        self.parts.append(step)
        return slots

    def written_out(
        self, items: Sequence[Item], place: Place, sources: Sequence[Slot]
    ) -> list[Slot]:
        """The lines of a block that is given sizes, which a function cannot be: there are none yet.

        What its sizes are read off is in reach of the lines around it.
        """
        blocks = [item for item in items if isinstance(item, BlockItem)]
        outer = self.ids, self.near, self.tensors
        self.ids = {}
        self.tensors = dict(zip(blocks[0].values, sources, strict=True))
        self.near = {name: Sized(slot.shape) for name, slot in self.tensors.items()}
        try:
            inner = place.bound([item.scope for item in blocks])
            begin = sources[0] if len(sources) == 1 else None
            end = self.body([item.body for item in blocks], inner, begin)
            results = [
                item.result if isinstance(item.result, dict) else {"": item.result}
                for item in blocks
            ]
            slots = []
            for key in results[0]:
                values = [found[key] for found in results]
                tensors = [value for value in values if isinstance(value, Value)]
                slots.append(self.slot_of(tensors, inner, None if key else end))
            return slots
        finally:
            self.ids, self.near, self.tensors = outer

    def either(self, items: Sequence[Item], place: Place, prev: Slot | None) -> list[Slot]:
        """One of two blocks, as the spec's `a if … else b` says: an `if` and its `else`."""
        action = items[0].statement.action
        asked = action.name.value if isinstance(action, ComputedUse) else None
        results = [item.result for item in items if isinstance(item.result, Value)]
        if not isinstance(action, ComputedUse) or not isinstance(asked, Conditional):
            raise Mismatch
        if len(results) < len(items):
            raise Mismatch
        truths = place.evaluated(asked.condition)
        entry, *_ = self.inputs(items, place, prev)
        term = replace(action.name, value=asked.condition)
        if place.is_first_turn(truths):
            raise Mismatch  # which is written before the loop
        condition = place.condition(truths, term, self.scope(entry), "with_first")

        def written(truth: bool) -> tuple[list[Part], Slot]:
            chosen = [n for n, found in enumerate(truths) if found is truth]
            some, inner = [items[n] for n in chosen], place.subset(chosen)
            body, (end,) = self.inside(lambda: self.block(some, inner, entry))
            return body, end

        (body, end), (otherwise, other) = written(True), written(False)
        if end.layout is not other.layout:
            raise Mismatch
        shape = place.shape([value.shape or () for value in results], end.shape, other.shape)
        result = self.new_slot(results, place, shape, end.layout, id_of(items))
        training = self.whole and trained_only(results)
        for part in (*body, *otherwise):
            part.training = False
        self.parts.append(
            When(condition, entry, end, result, body, otherwise, other, training=training)
        )
        return [result]

    def known(self, hint: str | None, key: str) -> str | None:
        """What to call a result: as the block does; after the call too if another is so."""
        short = key.isidentifier() and all(slot.hint != key for slot in self.slots)
        return key if short else f"{hint}_{key}" if key else hint

    def called(
        self,
        call: Any,
        items: Sequence[Item],
        owners: Sequence[Item],
        names: list[str],
        sources: list[Slot],
        place: Place,
    ) -> Any:
        """``block(x, 64, name="layer1")``, or a call of a model that was made of it before."""
        fed = tuple(Input(k) for k in range(len(sources)))
        held = self.holding([(owner, "") for owner in owners], place)
        entering = fed if len(fed) == 1 else (fed,)  # a model takes several values as one tuple
        if held is not None:
            return Call(held, entering)
        if any(item is not owner for item, owner in zip(items, owners, strict=True)):
            raise Mismatch
        named: tuple[Any, ...] = ()
        if call.unit in self.functions.reads_name:
            text = name_text(names, self.prefixes, place, self.conditions)
            if "{name}" in text or text == "name":
                self.functions.reads_name.add(self.unit)
            named = (Keyword("name", text),)
        if call.unit in self.functions.takes_layers:
            self.functions.takes_layers.add(self.unit)
            named = (*named, Keyword(self.functions.shared, Text(self.functions.shared)))
        again = self.functions.again
        if all(owner not in again or self.keeps or again.keeps(owner) for owner in owners):
            return Call(call.unit.name, (*fed, *call.arguments, *named))
        return Call(self.share(call, owners, sources, named, place), entering)

    def share(
        self,
        call: Any,
        owners: Sequence[Item],
        sources: list[Slot],
        named: tuple[Any, ...],
        place: Place,
    ) -> str:
        """The variable of a model of a block whose layers are used again."""
        first, *others = [[value.shape for value in owner.inputs] for owner in owners]
        if any(other != first for other in others):
            raise Mismatch
        base = local_name(owners[0].name)
        entries = []
        for k, slot in enumerate(sources):
            entry = place.free(f"{base}_input" if len(sources) == 1 else f"{base}_input{k}")
            shape = tuple(
                size if isinstance(size, int) else None
                for size in slot.layout.ordered(first[k] or ())
            )
            self.parts.append(Step([], Call("keras.Input", (shape,)), [], holds=entry))
            entries.append(entry)
        given = tuple(Text(entry) for entry in entries)
        inner = Call(call.unit.name, (*given, *call.arguments, *named))
        model = place.free(f"{base}_model")
        fed = given[0] if len(given) == 1 else given
        free = all(self.functions.is_free(owner.name) for owner in owners)
        made = Call("keras.Model", (fed, inner, *(named if free else ())))
        self.parts.append(Step([], made, [], holds=model))
        self.hold([(owner, "") for owner in owners], place, model)
        return model


def depends_on_sizes(item: Item) -> bool:
    """Whether an attribute of something in a block comes to sizes that are not known."""
    return any(
        is_open(getattr(node.op, name, None))
        for node in nodes_of(item)
        for name in node.op.attributes()
    )


def id_of(items: Sequence[Item]) -> str | None:
    """The author's name for a statement, where it is one and the same in all cases."""
    names = {item.id or local_name(item.name) for item in items}
    name = names.pop()
    return name if not names and name.isidentifier() else None
