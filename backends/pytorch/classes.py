"""The classes of an emitted file: one for each block, and for scopes that are no plain chain.

A block's class is written for all of its uses at once. Uses that differ in more than values
(another layer here, one less there) cannot share a class; then each distinct form gets its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.code import Call, Lowered
from graphcnn.backends.python.defaults import defaults_of
from graphcnn.backends.python.probes import relevant
from graphcnn.backends.python.text import camel
from graphcnn.backends.python.unit import Mismatch, Sized, Unit, axis_names
from graphcnn.backends.python.uses import (
    Use,
    Uses,
    held_names,
    inputs_of,
    parts,
    prefixes,
    sizes_of,
)
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch.body import Writer
from graphcnn.backends.pytorch.cases import same_length
from graphcnn.backends.pytorch.chains import Chains
from graphcnn.backends.pytorch.dense import is_dense, write_dense
from graphcnn.backends.pytorch.likeness import Likeness
from graphcnn.backends.pytorch.listing import (
    Member,
    are_counted,
    can_be_listed,
    sequential_init,
)
from graphcnn.backends.pytorch.modules import Modules
from graphcnn.backends.pytorch.reserved import Held, is_taken, safe, spellings
from graphcnn.backends.pytorch.shared import Lowering, Shared
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.backends.pytorch.tidy import tidy
from graphcnn.backends.pytorch.turns import loop_lines, module_list
from graphcnn.ir import (
    BlockItem,
    Body,
    GroupItem,
    Item,
    Node,
    RepeatItem,
    Value,
    nodes_of,
)
from graphcnn.ops.base import Op, Shape
from graphcnn.program import Block, Program, Statement, Term
from graphcnn.size import UNKNOWN


class TooFewArguments(Mismatch):
    """A class that calls itself with less than it ``needed`` in the end."""

    def __init__(self, needed: Sequence[str]) -> None:
        super().__init__()
        self.needed = needed


class Classes:
    """Makes units on demand and keeps them in the order in which a file must define them."""

    def __init__(
        self,
        program: Program,
        uses: Uses,
        lowering: Lowering,
        open_parameters: Mapping[str, Any],
        held: Held,
        handed: Collection[Block | Statement] = (),
    ) -> None:
        self.program = program
        self.uses = uses
        self.lowering = lowering
        self.open_parameters = dict(open_parameters)
        self.held = held
        self.units: list[Unit] = []
        self.names: set[str] = set()
        #: what the classes of the author's own ops are imported as
        self.imported: dict[str, str] = {}
        self._made: dict[int, tuple[Unit, int]] = {}
        self._lowered = Shared(uses, self.written)
        self._open: set[frozenset[int]] = set()
        self.likeness = Likeness(self.lower)
        self.chains = Chains(self.lower, uses.seen_outside, handed)
        self._owners: dict[int, Program] = {}
        for block in uses.blocks:
            for statement in _statements(block):
                self._owners[id(statement)] = block.program

    # lowering

    def lower(self, node: Node) -> Lowered:
        return self._lowered.of(node)

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
        """Write the class of an item's block or scope, for as many uses as it can serve.

        Probes are left out where the uses that the model has can have a class without them.
        """
        uses = self._uses_like(item)
        if self._shared(item, uses):
            return
        real = [use for use in uses if use.real]
        if len(real) == len(uses) or all(use.item is not item for use in real):
            raise Mismatch
        if not self._shared(item, real):
            raise Mismatch

    def _shared(self, item: Item, uses: Sequence[Use]) -> bool:
        """Write one class for a use and as many others as can share it."""
        kinds = (True, False) if is_dense([item]) else (True,)
        for looped, alike in product(kinds, self.likeness.levels):
            wanted = alike(item)
            chosen = relevant([use for use in uses if alike(use.item) == wanted])
            group = frozenset(id(use.item) for use in chosen)
            if group in self._open:  # a block that uses itself: the inner use is another group
                continue
            self._open.add(group)
            found = self._tried(chosen, looped=looped)
            self._open.remove(group)
            if found:
                return True
        return False

    def _tried(self, uses: list[Use], *, looped: bool) -> bool:
        """Write the class of these uses, unless it cannot serve them all."""
        asked: Sequence[str] = ()
        while True:
            saved = list(self.units), set(self.names), dict(self._made)
            try:
                self._write(uses, asked, looped=looped)
                return True
            except Mismatch as error:
                self.units, self.names, self._made = saved
                if asked or not isinstance(error, TooFewArguments):
                    return False
                asked = error.needed

    def _uses_like(self, item: Item) -> list[Use]:
        """All uses of an item's block, or of the statement that makes its scope."""
        if isinstance(item, BlockItem):
            return self.uses.blocks[item.block]
        return [
            use
            for use in self.uses.scopes[item.statement]
            if type(use.item) is type(item) and not self._is_left_out(use.block)
        ]

    def _is_left_out(self, block: BlockItem | None) -> bool:
        """Whether no class is written for a use of a block, since the model does not have it."""
        return id(block) in self.uses.probes and id(block) not in self._made

    def _write(self, uses: list[Use], asked: Sequence[str], *, looped: bool) -> None:
        """Write a class that has the arguments which are ``asked`` for, and those that it needs."""
        first = uses[0].item
        block = first.block if isinstance(first, BlockItem) else None
        owner = uses[0].block
        doc, parameters, lets = "", {}, {}
        if block is not None:
            doc = block.doc or ""
            parameters, lets = defaults_of(block, uses), block.let
        elif owner is not None:
            parameters = dict.fromkeys(owner.block.parameters, REQUIRED)  # all come from the block
            lets = owner.block.let
        sizes = sizes_of(inputs_of(first))
        unit = Unit(
            name=self.class_name(first),
            doc=doc,
            envs=[use.env for use in uses],
            parameters={**dict.fromkeys(sizes, REQUIRED), **self._opened(uses), **parameters},
            lets=lets,
            spelling=spellings([*sizes, *parameters, *lets]),
            sizes=tuple(sizes),
            inputs=prefixes(inputs_of(first)) if block is not None else {},
            modules=[self._module_of(use.item) for use in uses],
            handed={},
            probes=frozenset(n for n, use in enumerate(uses) if not use.real),
        )
        for n, use in enumerate(uses):
            self._made[id(use.item)] = (unit, n)
        for name in asked:
            unit.use(unit.spell(name))
        self.write(unit, [use.item for use in uses], looped=looped)
        tidy(unit)
        if any(set(names) != set(unit.arguments) for names in unit.calls_itself):
            raise TooFewArguments([name for name in unit.arguments if name in unit.parameters])
        self.units.append(unit)

    @staticmethod
    def _module_of(item: Item) -> int:
        """Which module an item is: where it is used again, that of its first use."""
        node = next(nodes_of(item), None)
        return id(item if node is None else node.owner or node)

    def _opened(self, uses: list[Use]) -> dict[str, Any]:
        return {n: REQUIRED for n in self.open_parameters if all(n in use.env for use in uses)}

    def class_name(self, item: Item) -> str:
        """A name for a class: the block's, or after what the author called the scope."""
        if isinstance(item, BlockItem):
            return self.unique(camel(item.block.name))
        if is_dense([item]):
            return self.unique("DenseBlock")
        text = re.sub(r"\d+$", "", item.name.rpartition(".")[2]) or "Scope"
        return self.unique(camel(text))

    def unique(self, name: str) -> str:
        found, number = name, 2
        while found in self.names or is_taken(found):
            found, number = f"{name}{number}", number + 1
        self.names.add(found)
        return found

    # writing one unit

    def write(self, unit: Unit, items: Sequence[Item], *, looped: bool) -> None:
        """The code of a class; a dense block that is not ``looped`` is written out."""
        first = items[0]
        where = Where(unit, list(range(len(items))), list(unit.envs))
        if looped and is_dense(items):
            write_dense(self, unit, items, where)
            return
        inputs = self._slots(items, where)
        bodies = _bodies(items)
        kind = first.block.kind if isinstance(first, BlockItem) else getattr(first, "kind", "")
        chain = (
            len(inputs) == 1
            and bool(bodies)
            and all(
                self.chains.is_chain(body, item.inputs[0], item.result)
                for body, item in zip(bodies, items, strict=True)
            )
        )
        if kind == "sequence" and chain and not isinstance(first, RepeatItem):
            near = {"x": Sized(inputs[0].shape)}
            members, unit.result = Modules(self, where, near).members(bodies, inputs[0].shape)
            if can_be_listed(members, named=False):
                unit.base = "nn.Sequential"
                unit.init = sequential_init(unit, members)
                return
        numbered = kind == "sequence" or isinstance(first, RepeatItem)
        kept = {name for item in items for inner, _ in parts(item) for name in held_names(inner)}
        numbered = numbered and not (kept and all(name.isidentifier() for name in kept))
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
        unit.forward = writer.lines([(None, slot, False) for slot in results])
        unit.signature = signature(inputs, len(results), unit.handed or {})
        if writer.held.members:
            unit.base = "nn.Sequential"
            members = [Member(name, text) for name, text in writer.held.members.items()]
            unit.init = [*sequential_init(unit, members), *unit.init]
            if len(inputs) > 1 and are_counted(members):
                unit.base = "nn.ModuleList"  # a sequence takes one value
                unit.init[0] = module_list(members)
                unit.forward = loop_lines(writer.forward.steps, inputs) or unit.forward

    def _slots(self, items: Sequence[Item], where: Where) -> list[Slot]:
        slots = []
        names = inputs_of(items[0])
        rows = same_length([list(inputs_of(item).values()) for item in items])
        for k, (name, values) in enumerate(zip(names, zip(*rows, strict=True), strict=True)):
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
            seen = same_length([list(self.uses.seen_outside(i).values()) for i in items])
            others = [writer.slot_of(row, where) for row in zip(*seen, strict=True)]
            return [writer.slot_of(values, where, end), *others]
        keys = list(first or {})
        results = [item.result for item in items if isinstance(item.result, dict)]
        slots = []
        for key in keys:
            slot = writer.slot_of([result[key] for result in results], where)
            if slot.key is not None:
                slot.comes_out_as(key)
            slots.append(slot)
        return slots


def _symbolic(where: Where, values: Mapping[str, Value], k: int) -> Shape:
    """The shape of input ``k`` in the words `in_channels`, `in_height` and so on."""
    name = list(values)[k]
    names = axis_names(prefixes(values)[name], len(values[name].shape or ()))
    return tuple(where.unit.symbols.get(axis, UNKNOWN) for axis in names)


def _bodies(items: Sequence[Item]) -> list[Body]:
    return [item.body for item in items if isinstance(item, (BlockItem, GroupItem))]


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


def signature(inputs: Sequence[Slot], results: int, handed: Iterable[str] = ()) -> str:
    """The part of `forward`'s header that follows its name; sizes ``handed`` on come last."""
    tensors = [f"{slot.name}: Tensor" for slot in inputs]
    parameters = ", ".join(["self", *tensors, *(f"{name}: int" for name in handed)])
    kinds = ", ".join(["Tensor"] * results if results <= 4 else ["Tensor", "..."])
    returned = "Tensor" if results == 1 else f"tuple[{kinds}]"
    return f"({parameters}) -> {returned}"
