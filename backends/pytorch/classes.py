"""The classes of an emitted file: one for each block, and for scopes that are no plain chain.

A block's class is written for all of its uses at once. Uses that differ in more than values
(another layer here, one less there) cannot share a class; then each distinct form gets its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphcnn.backends.python.code import Call, Lowered
from graphcnn.backends.python.unit import REQUIRED, Mismatch, Sized, Unit, Where, axis_names
from graphcnn.backends.python.uses import Use, Uses, nodes_in, prefixes, present, sizes_of
from graphcnn.backends.pytorch import file
from graphcnn.backends.pytorch.body import Writer
from graphcnn.backends.pytorch.dense import is_dense, write_dense
from graphcnn.backends.pytorch.forward import Slot
from graphcnn.backends.pytorch.modules import Modules, shapes_of
from graphcnn.backends.pytorch.reserved import CODE, safe
from graphcnn.backends.pytorch.sequences import (
    Member,
    can_be_listed,
    free_name,
    layer_lines,
    listed,
)
from graphcnn.ir import (
    BlockItem,
    Body,
    ForItem,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    Value,
)
from graphcnn.ops.base import Op, Shape
from graphcnn.program import Block, Program, Statement, Term
from graphcnn.size import UNKNOWN

Lowering = Callable[[Op, tuple[Shape, ...]], Lowered]


class Classes:
    """Makes units on demand and keeps them in the order in which a file must define them."""

    def __init__(
        self,
        program: Program,
        uses: Uses,
        lowering: Lowering,
        open_parameters: Mapping[str, Any],
        reserved: frozenset[str],
    ) -> None:
        self.program = program
        self.uses = uses
        self.lowering = lowering
        self.open_parameters = dict(open_parameters)
        self.reserved = reserved
        self.units: list[Unit] = []
        self.names: set[str] = set()
        #: what the classes of the author's own ops are imported as
        self.imported: dict[str, str] = {}
        self._made: dict[int, tuple[Unit, int]] = {}
        self._lowered: dict[tuple[int, tuple[Shape, ...]], Lowered] = {}
        self._open: set[frozenset[int]] = set()
        self._forms: dict[int, tuple[Any, ...]] = {}
        self._chains: dict[int, bool] = {}
        self._owners: dict[int, Program] = {}
        for block in uses.blocks:
            for statement in _statements(block):
                self._owners[id(statement)] = block.program

    # lowering

    def lower(self, node: Node) -> Lowered:
        shapes = shapes_of(node)
        key = (id(node.op), shapes)
        found = self._lowered.get(key)
        if found is None:
            found = self._lowered[key] = self.written(node.op, shapes)
        return found

    def written(self, op: Op, shapes: tuple[Shape, ...]) -> Lowered:
        """An op's code, with the author's classes under the names that the file has for them."""
        found = self.lowering(op, shapes)
        if isinstance(found.module, Call) and found.module.target in self.imported:
            module = Call(self.imported[found.module.target], found.module.arguments)
            return Lowered(module, found.forward)
        return found

    def defaults(self, statement: Statement, op: str) -> dict[str, Term]:
        """The file's defaults for an op, of the file that the statement stands in."""
        program = self._owners.get(id(statement), self.program)
        return program.defaults.get(op, {})

    # chains

    def is_chain_item(self, items: Sequence[Item]) -> bool:
        return all(self._is_chain_item(item) for item in items)

    def _is_chain_item(self, item: Item) -> bool:
        found = self._chains.get(id(item))
        if found is None:
            found = self._chains[id(item)] = self._chain_item(item)
        return found

    def _chain_item(self, item: Item) -> bool:
        if isinstance(item, GroupItem):
            return self.is_chain(item.body, item.inputs[0])
        if isinstance(item, RepeatItem):
            value = item.inputs[0] if item.inputs else None
            for inner in item.items:
                if value is None or not self._is_member(inner, value):
                    return False
                value = inner.result if isinstance(inner.result, Value) else None
            return True
        return False

    def is_chain(self, body: Body, begin: Value) -> bool:
        """Whether a body is a pure sequence of modules, each reading the one before."""
        value: Value | None = begin
        found = False
        for item in map(present, body.items):
            if item is None:
                continue
            if value is None or not self._is_member(item, value):
                return False
            if not isinstance(item, (OpItem, BlockItem)) and self._captures(item):
                return False
            value = item.result if isinstance(item.result, Value) else None
            found = True
        return value is not None and found

    @staticmethod
    def _captures(item: Item) -> bool:
        """Whether something inside an item reads a value from outside by its id."""
        inside = {id(value) for value in item.inputs}
        for node in nodes_in(item):
            if any(id(value) not in inside for value in node.inputs):
                return True
            inside.update(id(value) for value in node.outputs)
        return False

    def _is_member(self, item: Item, value: Value) -> bool:
        """Whether an item is a module, or several in a row, that read ``value`` alone."""
        if len(item.inputs) != 1 or item.inputs[0] is not value:
            return False
        if not isinstance(item.result, Value):
            return False
        if isinstance(item, OpItem):
            node = item.node
            shared = node.owner is not None or "" in node.facts.weights
            return not shared and self.lower(node).module is not None
        if isinstance(item, BlockItem):
            return item.owner is None
        if isinstance(item, ForItem):
            return not item.name and self._turns_are_chains(item, value)
        return bool(item.name) or self._is_chain_item(item)

    def _turns_are_chains(self, item: ForItem, begin: Value) -> bool:
        value: Value | None = begin
        for _, body in item.iterations:
            if value is None or not self.is_chain(body, value):
                return False
            value = _end(body, value)
        return True

    # units

    def unit_of(self, items: Sequence[Item]) -> tuple[Unit, list[int]]:
        """The class that serves these items, and which of its uses they are."""
        if id(items[0]) not in self._made:
            self._make(items[0])
        units = {id(self._made[id(item)][0]) for item in items if id(item) in self._made}
        if len(units) != 1 or any(id(item) not in self._made for item in items):
            raise Mismatch
        return self._made[id(items[0])][0], [self._made[id(item)][1] for item in items]

    def _make(self, item: Item) -> None:
        """Write the class of an item's block or scope, for as many uses as it can serve."""
        uses = self._uses_like(item)
        for alike in (lambda _: 0, self._skeleton, self._form):
            wanted = alike(item)
            chosen = [use for use in uses if alike(use.item) == wanted]
            group = frozenset(id(use.item) for use in chosen)
            if group in self._open:  # a block that uses itself: the inner use is another group
                continue
            self._open.add(group)
            saved = list(self.units), set(self.names), dict(self._made)
            try:
                self._write(chosen)
                return
            except Mismatch:
                self.units, self.names, self._made = saved
            finally:
                self._open.remove(group)
        raise Mismatch

    def _uses_like(self, item: Item) -> list[Use]:
        """All uses of an item's block, or of the statement that makes its scope."""
        if isinstance(item, BlockItem):
            return self.uses.blocks[item.block]
        return [use for use in self.uses.scopes[item.statement] if type(use.item) is type(item)]

    def _skeleton(self, item: Item) -> tuple[Any, ...]:
        """An item's layers, their names and connections, whatever their numbers."""
        return tuple((name, type(op), sources) for name, op, _, sources in self._form(item))

    def _form(self, item: Item) -> tuple[Any, ...]:
        """What decides an item's code: its layers, their names and how they are connected."""
        if id(item) in self._forms:
            return self._forms[id(item)]
        numbers: dict[int, int] = {}
        rows = []
        for value in item.inputs:
            numbers.setdefault(id(value), len(numbers))
        for node in nodes_in(item):
            sources = tuple(numbers.setdefault(id(v), len(numbers)) for v in node.inputs)
            for value in node.outputs:
                numbers.setdefault(id(value), len(numbers))
            rows.append((node.name.removeprefix(item.name), node.op, shapes_of(node), sources))
        self._forms[id(item)] = tuple(rows)
        return self._forms[id(item)]

    def _write(self, uses: list[Use]) -> None:
        first = uses[0].item
        block = first.block if isinstance(first, BlockItem) else None
        owner = uses[0].block
        doc, parameters, lets = "", {}, {}
        if block is not None:
            doc = block.doc or ""
            parameters, lets = self._parameters(block), block.let
        elif owner is not None:
            parameters = self._parameters(owner.block, within=True)
            lets = owner.block.let
        sizes = sizes_of(_inputs_of(first))
        unit = Unit(
            name=self.class_name(first),
            doc=doc,
            envs=[use.env for use in uses],
            parameters={**dict.fromkeys(sizes, REQUIRED), **self._opened(uses), **parameters},
            lets=lets,
            sizes=tuple(sizes),
            inputs=prefixes(_inputs_of(first)) if block is not None else {},
        )
        for n, use in enumerate(uses):
            self._made[id(use.item)] = (unit, n)
        self.write(unit, [use.item for use in uses])
        if any(names != tuple(unit.arguments) for names in unit.calls_itself):
            raise Mismatch  # it calls itself with less than it turned out to need
        self.units.append(unit)

    def _opened(self, uses: list[Use]) -> dict[str, Any]:
        return {n: REQUIRED for n in self.open_parameters if all(n in use.env for use in uses)}

    @staticmethod
    def _parameters(block: Block, *, within: bool = False) -> dict[str, Any]:
        """A block's parameters with their defaults; those that are computed have none.

        A scope ``within`` the block takes them all from it.
        """
        found = {}
        for name, parameter in block.parameters.items():
            default = parameter.default
            known = default is not None and not default.computed and not within
            value = default.value if known and default is not None else REQUIRED
            found[name] = tuple(value) if isinstance(value, list) else value
        return found

    def class_name(self, item: Item) -> str:
        """A name for a class: the block's, or after what the author called the scope."""
        if isinstance(item, BlockItem):
            return self.unique(file.camel(item.block.name))
        if is_dense(item):
            return self.unique("DenseBlock")
        text = re.sub(r"\d+$", "", item.name.rpartition(".")[2]) or "Scope"
        return self.unique(file.camel(text))

    def unique(self, name: str) -> str:
        found, number = name, 2
        while found in self.names or found in CODE or found in file.helpers():
            found, number = f"{name}{number}", number + 1
        self.names.add(found)
        return found

    # writing one unit

    def write(self, unit: Unit, items: Sequence[Item]) -> None:
        first = items[0]
        where = Where(unit, list(range(len(items))), list(unit.envs))
        if is_dense(first):
            write_dense(self, unit, items, where)
            return
        inputs = self._slots(items, where)
        bodies = _bodies(items)
        kind = first.block.kind if isinstance(first, BlockItem) else getattr(first, "kind", "")
        chain = (
            len(inputs) == 1
            and bool(bodies)
            and all(
                self.is_chain(body, item.inputs[0])
                for body, item in zip(bodies, items, strict=True)
            )
        )
        if kind == "sequence" and chain and not isinstance(first, RepeatItem):
            near = {"x": Sized(inputs[0].shape)}
            members, unit.result = Modules(self, where, near).members(bodies, inputs[0].shape)
            if can_be_listed(members):
                unit.base = "nn.Sequential"
                unit.init = sequential_init(unit, members)
                return
        numbered = kind == "sequence" or isinstance(first, RepeatItem)
        writer = Writer(self, unit, inputs, numbered=numbered)
        writer.near = {str(slot.name): Sized(slot.shape) for slot in inputs}
        end: Slot | None = inputs[0] if len(inputs) == 1 else None
        if isinstance(first, RepeatItem):
            repeats = [item for item in items if isinstance(item, RepeatItem)]
            end = writer.unrolled(repeats, where, inputs[0])
        elif isinstance(first, (BlockItem, GroupItem)):
            end = writer.body(bodies, where, end)
        else:
            end = writer.inline(items, where, end)
        results = self._results(items, writer, where, end)
        unit.result = results[0].shape if len(results) == 1 else None
        unit.forward = writer.forward.lines([(None, slot, False) for slot in results])
        unit.signature = signature(inputs, len(results))
        if numbered:
            unit.base = "nn.Sequential"
            members = [Member(name, text) for name, text in writer.members.items()]
            unit.init = [*sequential_init(unit, members), *unit.init]

    def _slots(self, items: Sequence[Item], where: Where) -> list[Slot]:
        slots = []
        names = _inputs_of(items[0])
        for k, name in enumerate(names):
            values = [item.inputs[k] for item in items]
            shape = where.shape([value.shape or () for value in values], _symbolic(where, names, k))
            known = dict(zip(where.owners, values, strict=True))
            slots.append(Slot(known, shape, name=safe(name)))
        return slots

    def _results(
        self, items: Sequence[Item], writer: Writer, where: Where, end: Slot | None
    ) -> list[Slot]:
        first = items[0].result
        if isinstance(first, Value):
            values = [i.result for i in items if isinstance(i.result, Value)]
            return [writer.slot_of(values, where, end)]
        keys = list(first or {})
        results = [item.result for item in items if isinstance(item.result, dict)]
        return [writer.slot_of([r[key] for r in results], where) for key in keys]


def _symbolic(where: Where, values: Mapping[str, Value], k: int) -> Shape:
    """The shape of input ``k`` in the words `in_channels`, `in_height` and so on."""
    name = list(values)[k]
    names = axis_names(prefixes(values)[name], len(values[name].shape or ()))
    return tuple(where.unit.symbols.get(axis, UNKNOWN) for axis in names)


def _inputs_of(item: Item) -> dict[str, Value]:
    if isinstance(item, BlockItem):
        return item.values
    return {"x": item.inputs[0]}


def _bodies(items: Sequence[Item]) -> list[Body]:
    return [item.body for item in items if isinstance(item, (BlockItem, GroupItem))]


def _end(body: Body, begin: Value) -> Value | None:
    value: Value | None = begin
    for item in body.items:
        if item is not None:
            value = item.result if isinstance(item.result, Value) else None
    return value


def _statements(block: Block) -> list[Statement]:
    """Every statement of a block, nested ones included."""
    found: list[Statement] = []
    waiting = list(block.body)
    while waiting:
        statement = waiting.pop()
        found.append(statement)
        action = statement.action
        for name in ("body", "shortcut"):
            waiting += getattr(action, name, None) or ()
        for path in getattr(action, "paths", ()):
            waiting += path.body
    return found


def sequential_init(unit: Unit, members: Sequence[Member]) -> list[str]:
    """``super().__init__(…)`` of an ``nn.Sequential``; conditional members make a list first."""
    if any(member.condition for member in members):
        layers = free_name(unit, "layers")
        return [*layer_lines(members, layers), f"super().__init__(*{layers})"]
    return [f"super().__init__({listed(members, named=False)})"]


def signature(inputs: Sequence[Slot], results: int) -> str:
    """The part of `forward`'s header that follows its name."""
    parameters = ", ".join(["self", *(f"{slot.name}: Tensor" for slot in inputs)])
    returned = "Tensor" if results == 1 else f"tuple[{', '.join(['Tensor'] * results)}]"
    return f"({parameters}) -> {returned}"
