"""The code of one class: statements become lines of `__init__` and steps of `forward`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.code import Call, Input, Keyword, Method, Self, Subscript, rewritten
from graphcnn.backends.python.printer import Printer
from graphcnn.backends.python.unit import Mismatch
from graphcnn.backends.python.uses import borrows, captured, is_scope, local_name
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.attributes import item_name, the_name
from graphcnn.backends.pytorch.cases import keeps_weights, same_length, tells_batch
from graphcnn.backends.pytorch.conditional import Conditional
from graphcnn.backends.pytorch.listing import can_be_listed
from graphcnn.backends.pytorch.modules import Forms, Modules
from graphcnn.backends.pytorch.steps import Slot, Step
from graphcnn.ir import (
    BlockItem,
    Item,
    Node,
    OpItem,
    Value,
)
from graphcnn.ops.base import Shape
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.pooling import GlobalAvgPool
from graphcnn.ops.shape import Flatten, Identity
from graphcnn.program import Statement

if TYPE_CHECKING:
    pass

#: ops that get a line of `forward` to themselves
_HEAVY = frozenset({"convolution", "linear", "pooling"})


class Writer(Conditional):
    """Writes one unit. ``numbered`` is a class whose members are `self[0]`, `self[1]` and so on."""

    # statements

    def is_light(self, op: Any) -> bool:
        return op is not None and op.group not in _HEAVY

    def item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None:
        first = items[0]
        if any(type(item) is not type(first) for item in items):
            raise Mismatch
        if isinstance(first, OpItem):
            slots = self.op_item(items, where, prev)
        elif isinstance(first, BlockItem):
            blocks = {item.block for item in items if isinstance(item, BlockItem)}
            write = self.block if len(blocks) == 1 else self.one_of
            slots = write(items, where, prev)
        elif is_scope(first) and not any(map(borrows, items)):
            slots = self.scope_item(items, where, prev)
        else:
            return self.lines_here(items, where, prev)
        result = first.result
        if isinstance(result, Value):
            if first.id is not None:
                self.ids[first.id] = slots[0]
            return slots[0]
        return prev

    def lines_here(self, items: Sequence[Item], where: Where, prev: Slot | None) -> Slot | None:
        """What is no module of its own: a scope's ids are not known behind it."""
        outer = dict(self.ids)
        slot = self.inline(items, where, prev)
        first = items[0]
        if is_scope(first):
            self.ids = outer
        if first.id is not None and slot is not None and isinstance(first.result, Value):
            self.ids[first.id] = slot
        return slot

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
        shapes = tuple(self.shape_in(slot, where) for slot in sources)
        modules = self.modules(where, sources[0] if sources else None)
        given = len(sources)
        sources = [*sources]
        forms, outputs = modules.forms(
            nodes,
            statement,
            shapes,
            lambda: self.reader(where, sources, training=first.training_only),
        )
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
            if first.owner is None or not stateful:
                code = modules.in_place(forms.code("module"), nodes)
                text = Printer().text(code)
                if isinstance(first.op, Parameter):
                    name = self.held.keep_parameter(nodes, text)
                else:
                    name = self.held.keep_module(nodes, text, stateful=stateful)
            else:
                name = the_name(
                    local_name(node.owner.name) for node in nodes if node.owner is not None
                )
        if isinstance(first.op, Parameter):
            code, sources = self.learned(slots[0], sources)
        elif name:
            code = Call("", tuple(Input(k) for k in range(given)))
        else:
            code = self.pooled(first, sources) or self.kept(forms.code("forward"))
        self.step(
            slots,
            code,
            sources,
            name,
            light=self.is_light(first.op) and len(slots) == 1,
            keeps=stateful and not isinstance(first.op, Parameter),
            training=all(node.training_only for node in nodes),
        )
        return slots

    def is_held(self, has_expression: bool, stateful: bool, node: Node) -> bool:
        if self.numbered or stateful or not has_expression:
            return True
        return node.op.group == "activation"

    def learned(self, slot: Slot, sources: list[Slot]) -> tuple[Any, list[Slot]]:
        """A learned tensor for every sample of the batch, whose size another value tells."""
        others = [
            other
            for _, other in self.slots
            if tells_batch(other) and other.values.keys() >= slot.values.keys()
        ]
        if all(map(self.classes.uses.lacks_batch, slot.values.values())):
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
        return rewritten(code, self.held.on_self)

    def pooled(self, node: Node, sources: list[Slot]) -> Any:
        """A global average pool and `flatten`, as one takes the mean by hand."""
        slot = sources[0] if sources else None
        if not isinstance(node.op, Flatten) or slot is None or self.numbered:
            return None
        step = next(
            (s for s in self.forward.steps if s.targets == [slot] and s.guard == self.guard), None
        )
        readers = self.classes.uses.readers.get(id(node.inputs[0]), 0)
        if step is None or not isinstance(slot.op, GlobalAvgPool) or readers != 1:
            return None
        self.forward.steps.remove(step)
        if not any(other.self_ == step.self_ for other in self.forward.steps):
            self.held.release(step.self_)
        sources[0] = step.sources[0]
        dims = tuple(range(2, len(sources[0].shape) + 1))
        return Method(Input(), "mean", (Keyword("dim", dims if len(dims) > 1 else dims[0]),))

    def step(
        self,
        targets: list[Slot],
        code: Any,
        sources: list[Slot],
        name: str = "",
        *,
        light: bool,
        keeps: bool = False,
        training: bool = False,
    ) -> None:
        """Add a step; a Call without a target is a call of the module ``name``."""
        path = self.held.path(name)
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
                keeps=keeps,
                training=training and self.whole,
                comment=comment,
                guard=self.guard,
            )
        )

    def lines(self, results: Sequence[tuple[str | None, Slot, bool]]) -> list[str]:
        """The body of `forward`, without what comes to nothing."""
        for step in self.forward.drop_unread([slot for _, slot, _ in results]):
            used = any(step.self_ == other.self_ for other in self.forward.steps)
            if not used and not isinstance(step.targets[0].op, Parameter):
                self.held.release(step.self_)
        return self.forward.lines(results)

    # blocks and scopes

    def block(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        owner = getattr(items[0], "owner", None)
        sources = self.inputs(items, where, prev)
        shapes = tuple(self.shape_in(slot, where) for slot in sources)
        modules = self.modules(where, sources[0] if sources else None)
        text, out = modules.use(items, shapes, hand=True)
        if isinstance(owner, BlockItem):
            name = local_name(owner.name)
        else:
            name = self.held.keep(item_name(items), text)
        return self.called(items, sources, name, where, out, modules.handed)

    def called(
        self,
        items: Sequence[Item],
        sources: list[Slot],
        name: str,
        where: Where,
        out: Shape,
        handed: Mapping[str, list[Any]] | None = None,
    ) -> list[Slot]:
        """A call of a module that may have several outputs; it may be ``handed`` sizes."""
        first = items[0]
        hint = first.id or (name if name.isidentifier() else None)
        results = [
            item.result
            if isinstance(item.result, dict)
            else {"": item.result, **self.classes.uses.seen_outside(item)}
            for item in items
        ]
        training = all(
            value.node is not None and value.node.training_only
            for result in results
            for value in result.values()
            if isinstance(value, Value)
        )
        fed: tuple[Any, ...] = tuple(Input(k) for k in range(len(sources)))
        if handed:
            sources = [*sources]
            reader, read = self.reader(where, sources, training=training)
            fed += self.kept(Modules.sizes(handed, items, where.reading(reader), read))
        slots = []
        for key in results[0]:
            values = [result[key] for result in results]
            tensors = [value for value in values if isinstance(value, Value)]
            shape = out
            if key:
                shape = where.shape([value.shape or () for value in tensors])
            slot = self.new_slot(tensors, where, shape, f"{hint or 'part'}_{key}" if key else hint)
            if len(results[0]) > 1:
                slot.key = key if key.isidentifier() else slot.hint
            slots.append(slot)
        keeps = any(keeps_weights(item) for item in items)
        self.step(slots, Call("", fed), sources, name, light=False, keeps=keeps, training=training)
        return slots

    def scope_item(self, items: Sequence[Item], where: Where, prev: Slot | None) -> list[Slot]:
        """A scope with a name: a module of its own."""
        sources = self.inputs(items, where, prev)
        outside = zip(*same_length([captured(item) for item in items]), strict=True)
        sources += [self.slot_of(values, where) for values in outside]
        modules = self.modules(where, sources[0])
        shape = self.shape_in(sources[0], where)
        name = item_name(items)
        if len(sources) > 1:
            shapes = tuple(self.shape_in(source, where) for source in sources)
            text, out = modules.use(items, shapes, hand=True)
            held = self.held.keep(name, text)
            return self.called(items, sources, held, where, out, modules.handed)
        if self.classes.chains.is_chain_item(items) and not self.numbered:
            members, out = modules.members_of(items, shape)
            listed = can_be_listed(members, named=modules.is_named(items[0]))
            if listed and any(member.condition for member in members):
                self.held.keep_listed(name, members)
                return self.called(items, sources, name, where, out)
        text, out = modules.module(items, shape, hand=True)
        held = self.held.keep(name, text)
        return self.called(items, sources, held, where, out, modules.handed)
