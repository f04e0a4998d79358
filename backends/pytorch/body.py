"""The code of one class: statements become lines of `__init__` and steps of `forward`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.code import Call, Input, Keyword, Method, Self, Subscript, rewritten
from graphcnn.backends.python.printer import Printer, Text
from graphcnn.backends.python.unit import IDENTIFIER, Mismatch, Sized, Unit, Where
from graphcnn.backends.python.uses import held_names, local_name, present
from graphcnn.backends.pytorch.forward import Forward, Slot, Step
from graphcnn.backends.pytorch.modules import Forms, Modules
from graphcnn.backends.pytorch.sequences import Member, can_be_listed, free_name, layer_lines
from graphcnn.backends.pytorch.structure import Structure
from graphcnn.ir import (
    BlockItem,
    Body,
    GroupItem,
    Item,
    Node,
    OpItem,
    Value,
)
from graphcnn.naming import label_of
from graphcnn.ops.base import Shape
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.pooling import GlobalAvgPool
from graphcnn.ops.shape import Flatten, Identity
from graphcnn.program import Statement

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes

#: ops that get a line of `forward` to themselves
_HEAVY = frozenset({"convolution", "linear", "pooling"})


class Writer(Structure):
    """Writes one unit. ``numbered`` is a class whose members are `self[0]`, `self[1]` and so on."""

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
        self.attributes: dict[str, str] = {}
        self.members: dict[str, str] = {}
        #: names of layers with weights, which are not free for others
        self.claimed: set[str] = set()
        #: the whole model: its lines carry shapes, and it alone knows of training
        self.whole = whole
        self.near: dict[str, Any] = {}

    # values

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

    def scope(self, prev: Slot | None) -> dict[str, Any]:
        """What expressions can ask for at this place: shapes of values by name."""
        near: dict[str, Any] = {name: Sized(slot.shape) for name, slot in self.ids.items()}
        near.update(self.near)
        if prev is not None:
            near["in"] = Sized(prev.shape)
        return near

    def modules(self, where: Where, prev: Slot | None) -> Modules:
        return Modules(self.classes, where, self.scope(prev))

    # statements

    def body(self, bodies: Sequence[Body], where: Where, prev: Slot | None) -> Slot | None:
        """All statements of a body; the slot of the last value."""
        for item in filter(None, (item for body in bodies for item in body.items)):
            self.claimed.update(held_names(item))
        for number, statement in enumerate(bodies[0].statements):
            entries = [present(body.items[number]) for body in bodies]
            chosen = [n for n, item in enumerate(entries) if item is not None]
            items = [item for item in entries if item is not None]
            if len(items) == len(entries):
                prev = self.item(items, where, prev)
            elif items:
                prev = self.optional(statement, entries, chosen, where, prev)
        return prev

    def optional(
        self,
        statement: Statement,
        entries: Sequence[Item | None],
        chosen: list[int],
        where: Where,
        prev: Slot | None,
    ) -> Slot:
        """A statement that only some uses have: a module there, `nn.Identity` elsewhere."""
        items = [item for item in entries if item is not None]
        if prev is None or any(len(item.inputs) != 1 for item in items):
            raise Mismatch
        inner = where.subset(chosen)
        if self.slot_of([item.inputs[0] for item in items], inner, prev) is not prev:
            raise Mismatch  # elsewhere it is the value before that goes on
        truths = [item is not None for item in entries]
        near = self.scope(prev)
        hint = "with_" + self.attribute_name(items)
        condition = where.condition(truths, statement.when, near, hint)
        text, out = self.modules(inner, prev).module(items, prev.shape)
        name = self.attribute_name(items)
        self.hold_optional(name, text, condition)
        results: list[Value] = []
        for case, item in enumerate(entries):
            value = prev.values[where.owners[case]] if item is None else item.result
            if not isinstance(value, Value):
                raise Mismatch
            results.append(value)
        shape = where.shape([value.shape or () for value in results], out, prev.shape)
        slot = self.new_slot(results, where, shape, None)
        op = items[0].node.op if isinstance(items[0], OpItem) else None
        self.step([slot], Call("", (Input(),)), [prev], name, light=self.is_light(op))
        return slot

    def is_light(self, op: Any) -> bool:
        return op is not None and op.group not in _HEAVY

    def item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None:
        first = items[0]
        if any(type(item) is not type(first) for item in items):
            raise Mismatch
        if isinstance(first, OpItem):
            slots = self.op_item(items, where, prev)
        elif isinstance(first, BlockItem):
            slots = self.block(items, where, prev)
        elif first.name or (isinstance(first, GroupItem) and first.kind == "sequence"):
            slots = self.scope_item(items, where, prev)
        else:
            return self.inline(items, where, prev)
        result = first.result
        if isinstance(result, Value):
            if first.id is not None:
                self.ids[first.id] = slots[0]
            return slots[0]
        return prev

    def inputs(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        counts = {len(item.inputs) for item in items}
        if len(counts) > 1:
            raise Mismatch
        return [
            self.slot_of([item.inputs[k] for item in items], where, prev)
            for k in range(counts.pop())
        ]

    def op_item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        nodes = [item.node for item in items if isinstance(item, OpItem)]
        sources = self.inputs(items, where, prev)
        return self.op(nodes, sources, items[0].statement, where, items[0].id)

    def op(
        self,
        nodes: Sequence[Node],
        sources: list[Slot],
        statement: Statement,
        where: Where,
        hint: str | None,
    ) -> list[Slot]:
        """One op: held by the class where it keeps something, an expression otherwise."""
        first = nodes[0]
        if isinstance(first.op, Identity) and not self.numbered:
            tensors = [node.outputs[0] for node in nodes]
            self.slots.append((dict(zip(where.owners, tensors, strict=True)), sources[0]))
            return sources
        shapes = tuple(slot.shape for slot in sources)
        modules = self.modules(where, sources[0] if sources else None)
        forms, outputs = modules.forms(nodes, statement, shapes)
        slots = [
            self.new_slot(
                [node.outputs[port] for node in nodes],
                where,
                shape,
                hint if len(outputs) == 1 else f"{hint or 'part'}{port}",
                first.op,
            )
            for port, shape in enumerate(outputs)
        ]
        name = ""
        stateful = any(node.facts.weights for node in nodes)
        expression = forms.has("forward") and not self.reads_names(forms)
        if forms.has("module") and self.is_held(expression, stateful, first):
            if first.owner is None:
                code = modules.in_place(forms.code("module"), nodes)
                name = self.hold(nodes, Printer().text(code), stateful=stateful)
            else:
                name = self.owner_name(nodes)
        if isinstance(first.op, Parameter):
            code, sources = self.learned(slots[0], sources)
        elif name:
            code = Call("", tuple(Input(k) for k in range(len(sources))))
        else:
            code = self.pooled(first, sources) or self.kept(forms.code("forward"))
        self.step(
            slots,
            code,
            sources,
            name,
            light=self.is_light(first.op) and len(slots) == 1,
            training=all(node.training_only for node in nodes),
        )
        return slots

    def is_held(self, has_expression: bool, stateful: bool, node: Node) -> bool:
        if self.numbered or stateful or not has_expression:
            return True
        return node.op.group == "activation"

    def learned(self, slot: Slot, sources: list[Slot]) -> tuple[Any, list[Slot]]:
        """A learned tensor for every sample of the batch, whose size another value tells."""
        others = [other for _, other in self.slots if other is not slot]
        if all(self.classes.uses.broadcasts(value) for value in slot.values.values()):
            return Self(), sources
        if not others:
            return Subscript(Self(), (None,)), sources
        size = Method(Input(), "size", (0,))
        return Method(Self(), "expand", (size, *[-1] * len(slot.shape))), [others[-1]]

    @staticmethod
    def reads_names(forms: Forms) -> bool:
        """Whether an op's expression differs between uses; its module is simpler then."""
        first = forms.trees[0].forward
        return any(tree.forward != first for tree in forms.trees)

    def kept(self, code: Any) -> Any:
        """An expression for `forward`: what it reads of the arguments is kept on `self`."""
        return rewritten(code, self.on_self)

    def on_self(self, text: Text) -> Text:
        known = {**self.unit.arguments, **self.unit.locals}

        def keep(match: re.Match[str]) -> str:
            name = match.group()
            if name not in known:
                return name
            held = name
            while held in self.classes.reserved or self.attributes.get(held, name) != name:
                held += "_"
            if held not in self.attributes:
                self.attributes[held] = name
                self.unit.init.append(f"self.{held} = {name}")
            return f"self.{held}"

        return Text(IDENTIFIER.sub(keep, text))

    def pooled(self, node: Node, sources: list[Slot]) -> Any:
        """A global average pool and `flatten`, as one takes the mean by hand."""
        slot = sources[0] if sources else None
        if not isinstance(node.op, Flatten) or slot is None or self.numbered:
            return None
        step = next((s for s in self.forward.steps if s.targets == [slot]), None)
        readers = self.classes.uses.readers.get(id(node.inputs[0]), 0)
        if step is None or not isinstance(slot.op, GlobalAvgPool) or readers != 1:
            return None
        self.forward.steps.remove(step)
        self.release(step.self_)
        sources[0] = step.sources[0]
        dims = tuple(range(2, len(sources[0].shape) + 1))
        return Method(Input(), "mean", (Keyword("dim", dims if len(dims) > 1 else dims[0]),))

    # modules

    def attribute_name(self, items: Sequence[Item]) -> str:
        names = {
            local_name(item.node.name if isinstance(item, OpItem) else item.name) for item in items
        }
        if len(names) != 1 or "" in names:
            raise Mismatch
        return names.pop()

    def hold(self, nodes: Sequence[Node], text: str, *, stateful: bool) -> str:
        """Keep a module; those without weights are shared by all that do the same."""
        names = {local_name(node.name) for node in nodes}
        if stateful or self.numbered:
            if len(names) != 1:
                raise Mismatch
            return self.keep(names.pop(), text)
        label = label_of(nodes[0].op)
        for name, held in self.attributes.items():
            if name.startswith(label) and _careful(held) == _careful(text):
                if held != text:  # one of them must not overwrite its input, so none does
                    self.attributes[name] = _careful(text)
                    line = self.unit.init.index(f"self.{name} = {held}")
                    self.unit.init[line] = f"self.{name} = {_careful(text)}"
                return name
        name, number = label, 2
        while name in self.attributes or name in self.claimed or name in self.classes.reserved:
            name, number = f"{label}{number}", number + 1
        return self.keep(name, text)

    def keep(self, name: str, text: str) -> str:
        if self.numbered:
            self.members[name] = text
            return name
        if name in self.attributes:
            raise Mismatch
        self.attributes[name] = text
        self.unit.init.append(f"self.{name} = {text}")
        return name

    def release(self, path: str) -> None:
        """Forget a module that no step uses any more."""
        name = path.removeprefix("self.")
        if not any(step.self_ == path for step in self.forward.steps):
            text = self.attributes.pop(name, None)
            if text is not None:
                self.unit.init.remove(f"self.{name} = {text}")

    def hold_optional(self, name: str, text: str, condition: str) -> None:
        if self.numbered:
            raise Mismatch
        self.attributes[name] = text
        self.unit.init += [
            f"self.{name}: nn.Module = nn.Identity()",
            f"if {condition}:",
            f"    self.{name} = {text}",
        ]

    def owner_name(self, nodes: Sequence[Node]) -> str:
        names = {local_name(node.owner.name) for node in nodes if node.owner is not None}
        if len(names) != 1:
            raise Mismatch
        return names.pop()

    def path(self, name: str) -> str:
        if not name:
            return "self"
        if self.numbered:
            return f"self[{list(self.members).index(name)}]"
        return f"self.{name}"

    def step(
        self,
        targets: list[Slot],
        code: Any,
        sources: list[Slot],
        name: str = "",
        *,
        light: bool,
        training: bool = False,
    ) -> None:
        """Add a step; a Call without a target is a call of the module ``name``."""
        path = self.path(name)
        if isinstance(code, Call) and not code.target:
            code = Call(path, code.arguments)
        comment = None
        if self.whole and len(targets) == 1 and len(targets[0].shape) > 1:
            sizes = [str(size) for size in targets[0].shape]
            comment = " x ".join(sizes) if all(size.isalnum() for size in sizes) else None
        self.forward.add(
            Step(
                targets,
                code,
                sources,
                path,
                light=light,
                training=training and self.whole,
                comment=comment,
            )
        )

    # blocks and scopes

    def block(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        owner = getattr(items[0], "owner", None)
        sources = self.inputs(items, where, prev)
        shapes = tuple(slot.shape for slot in sources)
        modules = self.modules(where, sources[0] if sources else None)
        text, out = modules.use(items, shapes)
        if isinstance(owner, BlockItem):
            name = local_name(owner.name)
        else:
            name = self.keep(self.attribute_name(items), text)
        return self.called(items, sources, name, where, out)

    def called(
        self, items: Sequence[Item], sources: list[Slot], name: str, where: Where, out: Shape
    ) -> list[Slot]:
        """A call of a module that may have several outputs."""
        first = items[0]
        hint = first.id or (name if name.isidentifier() else None)
        results = [
            item.result if isinstance(item.result, dict) else {"": item.result} for item in items
        ]
        slots = []
        for key in results[0]:
            values = [result[key] for result in results]
            tensors = [value for value in values if isinstance(value, Value)]
            shape = out
            if key:
                shape = where.shape([value.shape or () for value in tensors])
            slots.append(
                self.new_slot(tensors, where, shape, f"{hint or 'part'}_{key}" if key else hint)
            )
        training = all(
            value.node is not None and value.node.training_only
            for slot in slots
            for value in slot.values.values()
        )
        code = Call("", tuple(Input(k) for k in range(len(sources))))
        self.step(slots, code, sources, name, light=False, training=training)
        return slots

    def scope_item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        """A scope with a name: a module of its own."""
        sources = self.inputs(items, where, prev)
        modules = self.modules(where, sources[0])
        shape = sources[0].shape
        name = self.attribute_name(items)
        if self.classes.is_chain_item(items) and not self.numbered:
            members, out = modules.members_of(items, shape)
            if can_be_listed(members) and any(member.condition for member in members):
                self.keep_layers(name, members)
                return self.called(items, sources, name, where, out)
        text, out = modules.module(items, shape)
        return self.called(items, sources, self.keep(name, text), where, out)

    def keep_layers(self, name: str, members: Sequence[Member]) -> None:
        """A sequence with members that only some uses have, made as a list first."""
        layers = free_name(self.unit, "layers")
        lines = layer_lines(members, layers)
        if any(line.startswith(f"{layers}: ") for line in self.unit.init):  # typed by then
            lines[0] = lines[0].replace(": list[nn.Module]", "", 1)
        made = f"nn.Sequential(*{layers})"
        self.attributes[name] = made
        self.unit.init += [*lines, f"self.{name} = {made}"]


def _careful(text: str) -> str:
    """A module's text, without leave to overwrite its input."""
    return text.replace("(inplace=True)", "()")
