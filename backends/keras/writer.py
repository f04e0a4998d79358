"""The code of one function: statements become steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.keras.blocks import Blocks, id_of
from graphcnn.backends.keras.folds import folded
from graphcnn.backends.keras.lists import Lists, stem
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.lower.shape import turn
from graphcnn.backends.keras.names import name_text
from graphcnn.backends.keras.place import Case, Place
from graphcnn.backends.keras.reading import reader, reads
from graphcnn.backends.keras.statements import Layer
from graphcnn.backends.keras.steps import Part, Slot, Step, When, trained_only
from graphcnn.backends.python.code import Call, Keyword
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.reading import Reader
from graphcnn.backends.python.unit import Mismatch, Sized, Unit
from graphcnn.backends.python.uses import local_name
from graphcnn.ir import BlockItem, Item, Node, OpItem, Value
from graphcnn.ops.base import Shape
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.shape import Flatten
from graphcnn.program import Statement

if TYPE_CHECKING:
    from graphcnn.backends.keras.functions import Functions


class Writer(Blocks):
    """Writes one unit; ``prefixes`` are what names of layers begin with in each of its uses."""

    def __init__(
        self,
        functions: Functions,
        unit: Unit,
        inputs: Sequence[Slot],
        prefixes: Sequence[str],
        *,
        whole: bool = False,
    ) -> None:
        self.functions = functions
        self.unit = unit
        self.inputs_: list[Slot] = list(inputs)
        self.slots: list[Slot] = list(inputs)
        self.lists = Lists()
        for slot in inputs:
            self.lists.note(slot)
        self.parts: list[Part] = []
        self.ids: dict[str, Slot] = {}
        #: what comes in, by the author's names
        self.tensors = {str(slot.name): slot for slot in inputs}
        #: what the op that is written reads the sizes of
        self.read: list[Slot] = []
        self.near: dict[str, Any] = {str(slot.name): Sized(slot.shape) for slot in inputs}
        self.prefixes = prefixes
        self.whole = whole
        #: layers that are used again: the variable of each, and where that was made
        self.held: dict[Layer, tuple[str, Case]] = {}
        self.turned: dict[tuple[Slot, Layout], Slot] = {}
        self.depth = 0
        #: whether layers are kept by name
        self.keeps = False
        #: when optional statements are there: the text, and whether it holds in each use
        self.conditions: list[tuple[str, list[bool]]] = []

    # values

    def slot_of(self, values: Sequence[Value], place: Place, prev: Slot | None = None) -> Slot:
        """The slot that holds these values, one for each case."""
        for slot in ([prev] if prev else []) + self.slots[::-1]:
            if all(
                slot.value(case) is value for case, value in zip(place.cases, values, strict=True)
            ):
                return slot
        found = self.lists.item(values, place, self.slots)
        self.slots.append(found)
        return found

    def new_slot(
        self,
        values: Sequence[Value],
        place: Place,
        shape: Shape,
        layout: Layout,
        hint: str | None = None,
    ) -> Slot:
        cases: dict[Case, Value] = dict(zip(place.cases, values, strict=True))
        slot = Slot(cases, shape, layout if len(shape) > 1 else Layout.PLAIN, hint)
        self.slots.append(slot)
        self.lists.note(slot, place)
        return slot

    def brought(self, slot: Slot, layout: Layout, why: str | None = None) -> Slot:
        """The same value in a layout, which may take a line of its own, with the reason beside."""
        rank = len(slot.shape)
        stage = turn(rank, slot.layout, layout)
        if stage is None:
            return slot
        known = self.turned.get((slot, layout))
        if known is None:
            known = Slot(dict(slot.values), slot.shape, layout)
            training = trained_only(list(slot.values.values()))
            step = Step([known], stage.code, [slot], stage.fed, training=training and self.whole)
            step.comment = why
            self.parts.append(step)
            self.turned[slot, layout] = known
        return known

    def scope(self, prev: Slot | None) -> dict[str, Any]:
        near: dict[str, Any] = {name: Sized(slot.shape) for name, slot in self.ids.items()}
        near.update(self.near)
        if prev is not None:
            near["in"] = Sized(prev.shape)
        return near

    def inputs(self, items: Sequence[Item], place: Place, prev: Slot | None) -> list[Slot]:
        counts = {len(item.inputs) for item in items}
        if len(counts) > 1:
            raise Mismatch
        values = [[item.inputs[k] for item in items] for k in range(counts.pop())]
        found = [self.slot_of(one, place, prev) for one in values]
        return self.lists.whole(found, values, place) or found

    # statements

    def item(self, items: Sequence[Item], place: Place, prev: Slot | None) -> Slot | None:
        first = items[0]
        if any(type(item) is not type(first) for item in items):
            raise Mismatch
        if isinstance(first, OpItem):
            nodes = [item.node for item in items if isinstance(item, OpItem)]
            sources = self.inputs(items, place, prev)
            slots = self.op(nodes, sources, first.statement, place, id_of(items))
        elif isinstance(first, BlockItem):
            blocks = {item.block for item in items if isinstance(item, BlockItem)}
            write = self.block if len(blocks) == 1 else self.either
            slots = write(items, place, prev)
        else:
            found = self.inline(items, place, prev)
            known = id_of(items)
            if found is not None:
                found.stem = found.stem or stem(items)
            if known is not None and found is not None:
                self.ids[known] = found
                found.hint = found.hint or known
            return found
        if isinstance(first.result, Value):
            known = id_of(items)
            slots[0].stem = stem(items)
            if known is not None:
                self.ids[known] = slots[0]
            return slots[0]
        return prev

    def op(
        self,
        nodes: Sequence[Node],
        sources: list[Slot],
        statement: Statement,
        place: Place,
        hint: str | None,
    ) -> list[Slot]:
        """One op, in as many lines as it has stages."""
        first = nodes[0]
        arrangements = {self.functions.arrangement(node) for node in nodes}
        if len(arrangements) > 1:
            raise Mismatch
        (arrangement,) = arrangements
        if sources and folded(nodes, sources[0], self.parts, self.functions.uses.readers):
            return [self.follow(nodes, place, sources[0])]
        if not isinstance(first.op, Flatten) or arrangement.takes is not Layout.PLAIN:
            sources = [self.brought(slot, arrangement.takes) for slot in sources]
        elif sources[0].layout is not Layout.PLAIN:
            sources = [self.brought(sources[0], Layout.PLAIN, "channels first, as the weights are")]
        calls = self.calls(place, sources[0] if sources else None)
        shapes = tuple(slot.shape for slot in sources)

        def make() -> Reader:
            found, tensors = reader(place, self.readable(sources, place), sources, self.called_by())
            self.read = tensors
            return found

        self.read = []
        forms = calls.forms(nodes, statement, shapes, arrangement, make)
        slots = [
            self.new_slot(
                [node.outputs[port] for node in nodes],
                place,
                shape,
                arrangement.gives,
                hint if len(forms.outputs) == 1 else f"{hint or 'part'}{port}",
            )
            for port, shape in enumerate(forms.outputs)
        ]
        if isinstance(first.op, Parameter):
            sources = [self.any_value()]
        self.written(forms, nodes, sources, slots, place)
        return slots

    def readable(self, sources: Sequence[Slot], place: Place) -> list[Slot]:
        """The tensors whose sizes an op can read; in a loop, none that another one makes."""
        slots = [*sources, *reversed(self.ids.values()), *self.inputs_, *reversed(self.slots)]
        depth = len(place.cases[0])
        return [
            slot
            for slot in slots
            if place.inside is None
            or slot in sources
            or all(len(case) < depth for case in slot.values)
        ]

    def called_by(self) -> dict[Slot, list[str]]:
        """What the author calls the tensors that are there."""
        names: dict[Slot, list[str]] = {}
        for name, slot in (*self.tensors.items(), *self.ids.items()):
            names.setdefault(slot, []).append(name)
        return names

    def follow(self, nodes: Sequence[Node], place: Place, slot: Slot) -> Slot:
        """Another value that a slot now holds instead of the one before."""
        slot.values = dict(zip(place.cases, (n.outputs[0] for n in nodes), strict=True))
        slot.shape = tuple((nodes[0].outputs[0].shape or ())[:1])
        slot.layout = Layout.PLAIN
        return slot

    def any_value(self) -> Slot:
        """A value whose batch a learned tensor is made for."""
        if not self.inputs_:
            raise Mismatch
        return self.inputs_[0]

    def is_training(self, nodes: Sequence[Node]) -> bool:
        return self.whole and all(node.training_only for node in nodes)

    def written(
        self,
        forms: Any,
        nodes: Sequence[Node],
        sources: list[Slot],
        slots: list[Slot],
        place: Place,
    ) -> None:
        """The lines of an op; two ways under a condition where its uses need both."""
        split = forms.split()
        if split is None or (any(node.owner for node in nodes) and not self.keeps):
            self.parts += self.stages(forms.stages(), nodes, sources, slots, place)
            return
        condition, chosen, others = split
        common = forms.common_start(chosen, others)
        if common is not None:
            (padded,) = self.stages([common], nodes, sources, [self.unnamed(slots[0])], place)
            self.parts.append(padded)
            sources = [padded.result if isinstance(padded, When) else padded.targets[0]]
        skip = 0 if common is None else 1
        ends, bodies = [], []
        for one in (chosen, others):
            picked = [nodes[n] for n in one]
            inner = place.subset(one)
            end = self.unnamed(slots[0])
            some = forms.at(one)
            if one is chosen:
                some = some.of_one_group()
            stages = some.stages()[skip:]
            bodies.append(self.stages(stages, picked, sources, [end], inner))
            ends.append(end)
        entry = sources[0]
        self.parts.append(
            When(
                condition, entry, ends[0], slots[0], list(bodies[0]), list(bodies[1]), ends[1],
                training=self.is_training(nodes),
            )
        )  # fmt: skip

    @staticmethod
    def unnamed(slot: Slot) -> Slot:
        return Slot(dict(slot.values), slot.shape, slot.layout)

    def stages(
        self,
        stages: Sequence[Any],
        nodes: Sequence[Node],
        sources: list[Slot],
        slots: list[Slot],
        place: Place,
    ) -> list[Step | When]:
        """A line for each stage; the last one makes the op's outputs."""
        found: list[Step | When] = []
        training = self.is_training(nodes)
        for number, stage in enumerate(stages):
            last = number == len(stages) - 1
            targets = slots if last else [self.unnamed(slots[0])]
            code, fed = stage.code, stage.fed
            if isinstance(code, Call) and code.target in self.functions.imported:
                code = Call(self.functions.imported[code.target], code.arguments)
            if stage.key is not None:
                code, holder = self.layer(code, nodes, stage.key, place)
                if holder is not None:
                    found.append(holder)
            if stage.when is not None:
                end = self.unnamed(targets[0])
                body: list[Part] = [Step([end], code, sources, fed)]
                (entry,), (result,) = sources, targets
                found.append(When(stage.when, entry, end, result, body, training=training))
                sources = targets
                continue
            if fed is None and reads(code):
                layers = self.functions.open_layers
                code, fed, sources = layers.layer(nodes[0].op.name, code, sources, self.read)
            step = Step(targets, code, sources, fed, training=training, comment=stage.why)
            if stage.why is None and last and self.whole and not self.depth and len(slots) == 1:
                step.comment = self.shown(slots[0])
            found.append(step)
            sources = targets
        return found

    def layer(
        self, code: Any, nodes: Sequence[Node], key: str, place: Place
    ) -> tuple[Any, Step | None]:
        """A layer under its name; one that is used again is kept in a variable."""
        owners = [node.owner or node for node in nodes]
        names = [self.functions.layer_names[owner] + key for owner in owners]
        if self.keeps:
            self.functions.takes_layers.add(self.unit)
            return Call(self.functions.shared, (self.named(code, names, place),)), None
        held = self.holding([(owner, key) for owner in owners], place)
        if held is not None:
            return Text(held), None
        shared = [owner in self.functions.again for owner in owners]
        if any(node.owner for node in nodes) or (any(shared) and not all(shared)):
            raise Mismatch
        code = self.named(code, names, place)
        if not any(shared):
            return code, None
        variable = place.free(local_name(names[0].replace(key, "")) + "_layer")
        self.hold([(owner, key) for owner in owners], place, variable)
        return Text(variable), Step([], code, [], holds=variable)

    def named(self, code: Any, names: Sequence[str], place: Place) -> Any:
        text = name_text(list(names), self.prefixes, place, self.conditions)
        if "{name}" in text or text == "name":
            self.functions.reads_name.add(self.unit)
        return Call(code.target, (*code.arguments, Keyword("name", text)))
