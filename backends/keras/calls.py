"""The right-hand sides of lines: an op's stages, and calls of blocks' functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from graphcnn.backends.keras.arrange import Arrangement
from graphcnn.backends.keras.forms import Groups, OpForms
from graphcnn.backends.keras.lower.activation import activation, is_named
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.lowering import lowering
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.spelling import spelled
from graphcnn.backends.keras.stages import Forms
from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.code import Keyword
from graphcnn.backends.python.merging import is_default
from graphcnn.backends.python.reading import Reader, is_open
from graphcnn.backends.python.unit import Mismatch, Sized, Spelled, Unit
from graphcnn.backends.python.wording import (
    frozen,
    outputs_of,
    reworded,
    size_names,
    size_of,
    substituted,
    terms_of,
)
from graphcnn.ir import Item, Node, Value
from graphcnn.ops.base import Shape
from graphcnn.program import ComputedUse, OpUse, Statement
from graphcnn.size import UNKNOWN, Symbolic, symbol

if TYPE_CHECKING:
    from graphcnn.backends.keras.functions import Functions


@dataclass(frozen=True)
class BlockCall:
    """How a block's function is called here, and what comes out of it."""

    unit: Unit
    arguments: tuple[Any, ...]
    takes: tuple[Layout, ...]
    gives: tuple[Layout, ...]
    shape: Shape | None


class Calls:
    """Writes calls at one place of one function."""

    def __init__(self, functions: Functions, place: Place, near: dict[str, Any]) -> None:
        self.functions = functions
        self.place = place
        self.near = near

    # ops

    def forms(
        self,
        nodes: Sequence[Node],
        statement: Statement,
        shapes: tuple[Shape, ...],
        arrangement: Arrangement,
        reader: Callable[[], Reader],
    ) -> OpForms:
        trees = [self.functions.forms(node) for node in nodes]
        words = self.op_words(nodes[0], statement, shapes)
        symbolic, outputs, groups = None, None, None
        if words is not None:
            symbolic, outputs = self.symbolic(words, shapes, arrangement, nodes)
        place = self.place
        if any(is_open(stage.code) for t in trees for stages in t.values() for stage in stages):
            found_reader = reader()
            place = place.reading(found_reader)
            symbolic = self.read(place, found_reader, nodes, statement, arrangement)
        known = self.activation(nodes, statement)
        if known is not None:
            trees, symbolic = [activation(node.op.name) for node in nodes], activation(known)
        if all(hasattr(node.op, "groups") and node.op.name == "conv" for node in nodes):
            numbers = [getattr(node.op, "groups", 1) for node in nodes]
            channels = [(value.shape or (0,))[0] for value in (n.inputs[0] for n in nodes)]
            groups = Groups(numbers, getattr(words, "groups", None), channels, shapes[0][0])
        results = [node.facts.outputs for node in nodes]
        if len({len(result) for result in results}) > 1:
            raise Mismatch
        found = tuple(
            self.place.shape(
                [result[port] or () for result in results], outputs[port] if outputs else None
            )
            for port in range(len(results[0]))
        )
        return OpForms(trees, symbolic, place, found, groups)

    def read(
        self,
        place: Place,
        reader: Reader,
        nodes: Sequence[Node],
        statement: Statement,
        arrangement: Arrangement,
    ) -> Forms | None:
        """The forms of an op over sizes that are read."""
        inner = Calls(self.functions, place, {**self.near, **place.unit.near_lets(reader.near())})
        shapes = tuple(reader.words(one) for one in reader.seen[: len(nodes[0].inputs)])
        words = inner.op_words(nodes[0], statement, shapes)
        return None if words is None else inner.symbolic(words, shapes, arrangement, nodes)[0]

    def activation(self, nodes: Sequence[Node], statement: Statement) -> Any:
        """The words of `use: $act`, where they differ between uses and Keras has all such names."""
        action = statement.action
        if not isinstance(action, ComputedUse) or not all(is_named(node.op) for node in nodes):
            return None
        words = self.place.words(action.name, self.near, "act")
        names = [node.op.name for node in nodes]
        return words if self.place.matching(names, words) is not None else None

    def op_words(self, node: Node, statement: Statement, shapes: tuple[Shape, ...]) -> Any:
        """The op with its attributes in the author's words; None where that cannot be."""
        op = node.op
        terms = {**self.functions.defaults(statement, op.name), **terms_of(statement)}
        near = {**self.near}
        if shapes:
            near["in"] = Sized(shapes[0])
        is_own = isinstance(statement.action, (OpUse, ComputedUse))
        return reworded(
            op, terms if is_own else {}, lambda name, term: self.place.words(term, near, name)
        )

    def symbolic(
        self,
        op: Any,
        shapes: tuple[Shape, ...],
        arrangement: Arrangement,
        nodes: Sequence[Node],
    ) -> tuple[Forms | None, tuple[Shape, ...] | None]:
        positive = all(self.functions.is_positive(node) for node in nodes)
        spelled_ones = {
            symbol(f"__{name}", 1): words
            for name in op.attributes()
            if isinstance(words := getattr(op, name, None), Spelled)
        }
        for hidden in ({}, spelled_ones):  # as a size, words may lead to others: `kernel // 2`
            try:
                names = {str(size)[2:]: size for size in hidden}
                spoken = replace(op, **names)
                forms = lowering(spoken, arrangement, shapes, positive=positive, words=True)
            except Exception:  # noqa: BLE001, S112 - rules made for numbers refuse words anyhow
                continue
            if not hidden:
                return forms, outputs_of(op, shapes)
            found = {name: _revealed(stages, hidden) for name, stages in forms.items()}
            return found, outputs_of(replace(op, **names), shapes)
        return None, None

    # blocks

    def use(
        self, owners: Sequence[Item], shapes: tuple[Shape, ...], items: Sequence[Item]
    ) -> BlockCall:
        """``bottleneck(x, 64, stride=2)``: the function of a block, with its arguments."""
        made, numbers = self.functions.unit_of(owners)
        unit = made.unit
        if made not in self.functions.made:
            unit.calls_itself.append(self.functions.arguments(unit))
        terms = terms_of(_written(items[0])) if items[0] is owners[0] else {}
        near = dict(self.near)
        if shapes:
            near["in"] = Sized(shapes[0])
        words: dict[str, Any] = {}
        for name, term in terms.items():
            if name in unit.arguments:
                ragged = unit.arguments[name].is_ragged
                words[name] = self.place.words(term, near, name, by_operands=ragged)
        words.update(size_names(owners[0], shapes))
        for name in self.functions.opened:
            words.setdefault(name, self.place.unit.symbols.get(name))
        arguments: list[Any] = []
        known: dict[str, Any] = {}
        for argument in unit.ordered_arguments():
            if argument.name in made.sizes:
                values = [frozen(argument.values[number]) for number in numbers]
                known[argument.name] = words.get(argument.name, UNKNOWN)
                continue
            values = [frozen(argument.values[number]) for number in numbers]
            value = self.place.value(values, words.get(argument.name), argument.name)
            known[argument.name] = size_of(value, words.get(argument.name))
            if argument.default is REQUIRED:
                arguments.append(value)
            else:
                keyword = Keyword(spelled(argument.name), value, frozen(argument.default))
                if not is_default(keyword):
                    arguments.append(keyword)
        shape = self.result(items, unit.result, known)
        return BlockCall(unit, tuple(arguments), made.takes, made.gives, shape)

    def result(
        self, items: Sequence[Item], result: Shape | None, known: dict[str, Any]
    ) -> Shape | None:
        if not all(isinstance(item.result, Value) for item in items):
            return None
        shapes = [
            (item.result.shape or ()) if isinstance(item.result, Value) else () for item in items
        ]
        words: Shape | None = None
        if result is not None:
            words = tuple(substituted(size, known) for size in result)
        sizes = tuple(v for v in known.values() if isinstance(v, Symbolic))
        guesses = [tuple(size for _ in shapes[0]) for size in sizes]
        return self.place.shape(shapes, words, *guesses)


def _written(item: Item) -> Statement:
    """The statement that gives a block its arguments."""
    return (getattr(item, "owner", None) or item).statement


def _revealed(tree: Any, hidden: Mapping[Any, Spelled]) -> Any:
    """Code with words again where a size stands for them."""
    if isinstance(tree, Symbolic):
        return hidden.get(tree, tree)
    if isinstance(tree, tuple):
        return tuple(_revealed(part, hidden) for part in tree)
    if is_dataclass(tree) and not isinstance(tree, (Spelled, type)):
        parts = {f.name: _revealed(getattr(tree, f.name), hidden) for f in fields(tree)}
        return type(tree)(**parts)
    return tree
