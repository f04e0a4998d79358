"""The functions of an emitted file: one for each block, written for all of its uses at once.

Uses that differ in more than values (another layer here, one less there) cannot share a
function; then each distinct form gets its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from graphcnn.backends.keras.arrange import Arrangement, arrange, boundary
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.lowering import lowering
from graphcnn.backends.keras.names import is_generated, keras_name, layer_names, parts_of
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.positive import positive_values
from graphcnn.backends.keras.reading import OpenLayers
from graphcnn.backends.keras.reuse import Reuses, scope_name
from graphcnn.backends.keras.stages import Forms, buildable
from graphcnn.backends.keras.steps import Slot
from graphcnn.backends.keras.text import write_body
from graphcnn.backends.keras.writer import Writer
from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.copied import helpers
from graphcnn.backends.python.defaults import defaults_of
from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.probes import Probe, relevant
from graphcnn.backends.python.unit import Mismatch, Unit, axis_names
from graphcnn.backends.python.uses import Use, Uses, parts, prefixes, sizes_of
from graphcnn.ir import BlockItem, Graph, Item, Node, Value, nodes_of
from graphcnn.ops.declared import Declared
from graphcnn.program import Block, BlockUse, ComputedUse, For, Program, Statement, Term
from graphcnn.program.tree import walk
from graphcnn.size import UNKNOWN


@dataclass
class Made:
    """A function: its unit, and what callers must know of it."""

    unit: Unit
    takes: tuple[Layout, ...] = ()
    gives: tuple[Layout, ...] = ()
    #: names that stand for sizes of the inputs, which are read and not passed
    sizes: frozenset[str] = frozenset()


class _CallsItself(Mismatch):
    """A function that calls itself with less than the ``arguments`` it turned out to need."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        super().__init__()
        self.arguments = arguments


class Functions:
    """Makes units on demand and keeps them in the order in which a file must define them."""

    def __init__(
        self,
        program: Program,
        graphs: Sequence[Graph],
        probes: Sequence[Probe],
        opened: Mapping[str, Any],
        reserved: frozenset[str],
    ) -> None:
        self.program = program
        self.opened = dict(opened)
        self.made: list[Made] = []
        self.names: set[str] = set(reserved)
        #: what no variable can be called
        self.taken: set[str] = {*reserved, *program.blocks}
        #: what the classes of the author's own ops are imported as
        self.imported: dict[str, str] = {}
        #: layers of the file that read sizes
        self.open_layers = OpenLayers(program.name, self.unique, helpers(__package__))
        self.reads_name: set[Unit] = set()
        #: the functions that are given the layers that are kept by name
        self.takes_layers: set[Unit] = set()
        self.uses = Uses()
        #: variables and arguments, and those that would hide a function which is called beside them
        self.variables: set[str] = set()
        self.hiding: set[str] = set()
        self._hide({*program.inputs, *program.parameters}, program.body or ())
        self.arrangements: dict[Node, Arrangement] = {}
        #: the layouts of what goes into blocks that are used by themselves
        self.entering: dict[int, Layout] = {}
        self.positive: set[int] = set()
        self.again = Reuses()
        #: what nodes with layers are called in Keras
        self.layer_names: dict[Node, str] = {}
        self.named: set[str] = set()
        for graph in graphs:
            self.uses.gather(graph)
            self.arrangements.update(arrange(graph))
            self.positive |= positive_values(graph)
            self.again.gather(graph)
            self.layer_names.update(layer_names(graph))
            self.named |= graph.inputs.keys()
            for node in graph.nodes:
                if isinstance(node.op, Declared):
                    self._import(node.op.declaration.targets["keras"])
        for node, name in self.layer_names.items():
            self.named |= {keras_name(name + part) for part in parts_of(node)}
        for probe in probes:
            self._probe(probe)
        self._made: dict[int, tuple[Made, int]] = {}
        self._forms: dict[Any, Forms] = {}
        self._open: list[Block] = []
        self._programs: dict[int, Program] = {}
        for block in self.uses.blocks:
            self._hide({*block.parameters, *block.let, *block.input_names}, block.body)
            for statement in walk(block.body):
                self._programs[id(statement)] = block.program
        #: what the layers that are kept by name are called as a whole
        known = self.names | self.variables | self.taken
        others = (f"shared{n}" for n in count(2))
        self.shared = next(name for name in chain(["shared"], others) if name not in known)
        self.taken.add(self.shared)

    def _probe(self, probe: Probe) -> None:
        """Add a use of a block that the model does not have, on values like those of another."""
        graph, base = probe.graph, probe.base
        self.uses.gather(graph, probe=True)
        inputs = list(zip(graph.inputs.values(), base.inputs, strict=True))
        outputs = zip(graph.outputs.values(), base.outputs.values(), strict=True)
        leaving = {id(output.value): self.layout_of(like) for output, like in outputs}
        self.entering.update((id(value), self.layout_of(like)) for value, like in inputs)
        self.arrangements.update(arrange(graph, self.entering, leaving))
        self.layer_names.update(layer_names(graph))
        positive = (id(value) for value, like in inputs if id(like) in self.positive)
        self.positive |= positive_values(graph, positive)
        self.again.gather(graph)

    def _hide(self, names: set[str], body: tuple[Statement, ...]) -> None:
        """Note the names in the code that a body becomes."""
        called: set[str] = set()
        for statement in walk(body):
            action = statement.action
            if isinstance(action, For):
                names |= {str(key.value) for key, _ in action.names}
            elif isinstance(action, BlockUse):
                called.add(action.name.rpartition(".")[2])
            elif isinstance(action, ComputedUse):
                called |= self.program.blocks.keys()
        self.variables |= names
        self.hiding |= names & called

    def _import(self, path: str) -> None:
        """A name for a class of the author's, which nothing in the file takes."""
        if path not in self.imported:
            self.imported[path] = self.unique(path.rpartition(".")[2])
            self.taken.add(self.imported[path])

    # ops

    def arrangement(self, node: Node) -> Arrangement:
        return self.arrangements[node]

    def is_positive(self, node: Node) -> bool:
        return bool(node.inputs) and id(node.inputs[0]) in self.positive

    def is_free(self, name: str) -> bool:
        """Whether a model of a block can have its name, of which no layer has the like."""
        found = keras_name(name)
        return found not in self.named and not is_generated(found)

    def forms(self, node: Node) -> Forms:
        shapes = tuple(value.shape or () for value in node.inputs)
        arrangement = self.arrangements[node]
        key = (id(node.op), arrangement, shapes, self.is_positive(node))
        found = self._forms.get(key)
        if found is None:
            positive = self.is_positive(node)
            found = buildable(lowering(node.op, arrangement, shapes, positive=positive))
            self._forms[key] = found
        return found

    def defaults(self, statement: Statement, op: str) -> dict[str, Term]:
        """The file's defaults for an op, of the file that the statement stands in."""
        program = self._programs.get(id(statement), self.program)
        return program.defaults.get(op, {})

    # units

    def unit_of(self, items: Sequence[Item]) -> tuple[Made, list[int]]:
        """The function that serves these blocks, and which of its uses they are."""
        for item in items:
            if id(item) not in self._made and isinstance(item, BlockItem):
                self._make(item)
        found = [self._made[id(item)] for item in items]
        if any(made is not found[0][0] for made, _ in found):
            raise Mismatch
        return found[0][0], [number for _, number in found]

    def _make(self, item: BlockItem) -> None:
        """Write the function of an item's block, for all uses if they let it.

        Probes are left out where the uses that the model has can have a function without them.
        """
        uses = [use for use in self.uses.blocks[item.block] if self.again.is_made(use.item)]
        if self._shared(item, uses):
            return
        real = [use for use in uses if use.real]
        if len(real) == len(uses) or all(use.item is not item for use in real):
            raise Mismatch
        if not self._shared(item, real):
            raise Mismatch

    def _shared(self, item: BlockItem, uses: list[Use]) -> bool:
        """Write one function for a use and as many others as can share it."""
        if item.block not in self._open:
            self._open.append(item.block)
            try:
                outline = self._outline(item)
                like = [use for use in uses if self._outline(use.item) == outline]
                if self._tried(relevant(uses)) or self._tried(relevant(like)):
                    return True
            finally:
                self._open.remove(item.block)
        wanted = self._form(item)
        return self._tried(relevant([use for use in uses if self._form(use.item) == wanted]))

    def _tried(self, uses: list[Use]) -> bool:
        """Write one function for these uses; False if they cannot share it."""
        arguments: tuple[str, ...] = ()
        for _ in range(2):
            noted = set(self.reads_name), set(self.takes_layers)
            saved = list(self.made), set(self.names), dict(self._made)
            try:
                self._write(uses, arguments)
                return True
            except Mismatch as error:
                self.made, self.names, self._made = saved
                self.reads_name, self.takes_layers = noted
                if not isinstance(error, _CallsItself):
                    return False
                arguments = error.arguments
        return False

    def _outline(self, item: Item) -> tuple[Any, ...]:
        """Its layers by name, and how they are connected, whatever their sizes."""
        rows, results = self._form(item)
        return tuple((name, key[0].name, sources) for name, key, sources in rows), results

    def _form(self, item: Item) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What decides an item's code: its layers, their names, how they are connected; its ends.

        Values are numbered as they come in and are made.
        """
        numbers: dict[int, int] = {}
        rows = []
        for value in item.inputs:
            numbers.setdefault(id(value), len(numbers))
        for node in nodes_of(item):
            sources = tuple(numbers.setdefault(id(v), len(numbers)) for v in node.inputs)
            for value in node.outputs:
                numbers.setdefault(id(value), len(numbers))
            shapes = tuple(value.shape for value in node.inputs)
            name = self.layer_names.get(node, node.name).removeprefix(item.name)
            key = (node.op, shapes, self.arrangements[node], self.is_positive(node))
            rows.append((name, key, sources))
        results = item.result if isinstance(item.result, dict) else {"": item.result}
        return tuple(rows), tuple((name, numbers.get(id(v))) for name, v in results.items())

    def _write(self, uses: list[Use], arguments: tuple[str, ...] = ()) -> None:
        """Write the function of these uses, which takes ``arguments`` in any case."""
        items = [use.item for use in uses if isinstance(use.item, BlockItem)]
        first = items[0]
        block = first.block
        sizes = sizes_of(first.values)
        opened = {n: REQUIRED for n in self.opened if all(n in use.env for use in uses)}
        unit = Unit(
            name=self.unique(block.name),
            doc=block.doc or "",
            envs=[use.env for use in uses],
            parameters={**dict.fromkeys(sizes, REQUIRED), **opened, **defaults_of(block, uses)},
            lets=block.let,
            inputs=prefixes(first.values),
            probes=frozenset(n for n, use in enumerate(uses) if not use.real),
        )
        unit.taken |= self.taken
        for name in arguments:
            if name == "name":
                self.reads_name.add(unit)
            elif name == self.shared:
                self.takes_layers.add(unit)
            else:
                unit.use(name)
        made = Made(unit, sizes=frozenset(sizes))
        for n, item in enumerate(items):
            self._made[id(item)] = (made, n)
        self._body(made, items)
        if any(names != self.arguments(unit) for names in unit.calls_itself):
            raise _CallsItself(self.arguments(unit))
        self.made.append(made)

    def arguments(self, unit: Unit) -> tuple[str, ...]:
        """What a function takes beside tensors, as far as it is written."""
        named = ["name"] if unit in self.reads_name else []
        return (*unit.arguments, *named, *([self.shared] if unit in self.takes_layers else []))

    def _body(self, made: Made, items: Sequence[BlockItem]) -> None:
        unit = made.unit
        place = Place(unit, list(range(len(items))), list(unit.envs))
        inputs = []
        for k, name in enumerate(items[0].values):
            values = [item.inputs[k] for item in items]
            layout = self.layout_of(values[0])
            axes = axis_names(prefixes(items[0].values)[name], len(values[0].shape or ()))
            symbolic = tuple(unit.symbols.get(axis, UNKNOWN) for axis in axes)
            shape = place.shape([value.shape or () for value in values], symbolic)
            slot = Slot(dict(zip(place.cases, values, strict=True)), shape, layout, name=name)
            inputs.append(slot)
        made.takes = tuple(slot.layout for slot in inputs)
        # for calls of the function by itself; what it really gives is checked at its end
        made.gives = guessed = tuple(map(self.layout_of, _values(items[0].result)))
        writer = Writer(self, unit, inputs, [scope_name(item) for item in items])
        writer.keeps = any(self.again.keeps(item) for item in items)
        end = writer.body(
            [item.body for item in items], place, inputs[0] if len(inputs) == 1 else None
        )
        results = self._results(items, writer, place, end)
        made.gives = tuple(slot.layout for slot in results)
        if block_calls_itself(items) and made.gives != guessed:
            raise Mismatch
        unit.result = results[0].shape if len(results) == 1 else None
        unit.taken |= {made.unit.name for made in self.made}
        write_body(unit, writer, inputs, results, made.sizes)
        if not any(self.shared in names_in(line) for line in unit.forward):
            self.takes_layers.discard(unit)
        returned = "KerasTensor"
        if len(results) > 1:
            kinds = ["KerasTensor"] * len(results) if len(results) <= 3 else ["KerasTensor", "..."]
            returned = f"tuple[{', '.join(kinds)}]"
        unit.signature = returned

    def layout_of(self, value: Value) -> Layout:
        if value.node is None:
            return self.entering.get(id(value)) or boundary(value)
        gives = self.arrangements[value.node].gives
        return gives if len(value.shape or ()) > 1 else Layout.PLAIN

    @staticmethod
    def _results(
        items: Sequence[BlockItem], writer: Writer, place: Place, end: Slot | None
    ) -> list[Slot]:
        first = items[0].result
        if isinstance(first, Value):
            values = [i.result for i in items if isinstance(i.result, Value)]
            return [writer.slot_of(values, place, end)]
        results = [item.result for item in items if isinstance(item.result, dict)]
        found = {key: writer.slot_of([r[key] for r in results], place) for key in first or {}}
        for key, slot in reversed(found.items()):
            slot.call(key)
        return list(found.values())

    def unique(self, name: str) -> str:
        found, number = name, 2
        made = set(self.open_layers.made.values())
        while found in self.names | made | (self.hiding if found == name else self.variables):
            found, number = f"{name}{number}", number + 1
        self.names.add(found)
        return found


def _values(result: Any) -> list[Value]:
    return list(result.values()) if isinstance(result, dict) else [result]


def block_calls_itself(items: Sequence[BlockItem]) -> bool:
    waiting: list[Item] = list(items)
    while waiting:
        for inner in _inner(waiting.pop()):
            if isinstance(inner, BlockItem) and inner.block is items[0].block:
                return True
            waiting.append(inner)
    return False


def _inner(item: Item) -> list[Item]:
    return [inner for inner, _ in parts(item)]
