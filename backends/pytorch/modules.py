"""Modules as expressions: what stands to the right of `self.layer1 = `."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.code import Call, Keyword, Lowered
from graphcnn.backends.python.merging import is_default, merge
from graphcnn.backends.python.printer import Printer, Text
from graphcnn.backends.python.unit import REQUIRED, Mismatch, Sized, Spelled, Where
from graphcnn.backends.python.uses import sizes_of
from graphcnn.backends.pytorch.sequences import Sequences, can_be_listed, sequential
from graphcnn.evaluate import Names
from graphcnn.ir import (
    BlockItem,
    GroupItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    Value,
)
from graphcnn.ops.base import Shape
from graphcnn.program import ComputedUse, OpUse, Statement, Term
from graphcnn.size import UNKNOWN, Symbolic, symbol
from graphcnn.size import evaluate as substitute

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes

#: activations that PyTorch can compute in place, and what they may overwrite: the output of an
#: op whose gradient does not need it
IN_PLACE = frozenset({"nn.ReLU", "nn.ReLU6"})
_OVERWRITABLE = frozenset({"convolution", "normalisation"})
_OVERWRITABLE_OPS = frozenset({"add", "concat", "linear"})


@dataclass(frozen=True)
class Forms:
    """The two forms of an op, each merged over all cases when it is asked for.

    Merging notes which names the code reads, and only one of the forms is written.
    """

    trees: Sequence[Lowered]
    symbolic: Lowered | None
    where: Where

    def has(self, form: str) -> bool:
        found = {getattr(tree, form) is not None for tree in self.trees}
        if len(found) > 1:
            raise Mismatch
        return found.pop()

    def code(self, form: str) -> Any:
        words = None if self.symbolic is None else getattr(self.symbolic, form)
        return merge([getattr(tree, form) for tree in self.trees], words, self.where)


def statement_terms(statement: Statement) -> dict[str, Term]:
    """The attributes or arguments that a statement gives to its op or block."""
    action = statement.action
    if isinstance(action, OpUse):
        return action.attributes
    if isinstance(action, ComputedUse):
        return action.arguments
    return getattr(action, "arguments", {})


def shapes_of(node: Node) -> tuple[Shape, ...]:
    return tuple(value.shape or () for value in node.inputs)


class Modules(Sequences):
    """Writes modules inside one place of one unit's `__init__`."""

    def __init__(self, classes: Classes, where: Where, near: dict[str, Any]) -> None:
        self.classes = classes
        self.where = where
        self.near = near

    def at(self, where: Where) -> Modules:
        """The same for other cases."""
        return Modules(self.classes, where, self.near)

    # ops

    def forms(
        self, nodes: Sequence[Node], statement: Statement, shapes: tuple[Shape, ...]
    ) -> tuple[Forms, tuple[Shape, ...]]:
        """The code of an op in all cases at once, and the shapes that come out."""
        trees = [self.classes.lower(node) for node in nodes]
        symbolic, outputs = self.symbolic(nodes[0], statement, shapes)
        results = [node.facts.outputs for node in nodes]
        if len({len(result) for result in results}) > 1:
            raise Mismatch
        found = tuple(
            self.where.shape(
                [result[port] or () for result in results], outputs[port] if outputs else None
            )
            for port in range(len(results[0]))
        )
        return Forms(trees, symbolic, self.where), found

    def symbolic(
        self, node: Node, statement: Statement, shapes: tuple[Shape, ...]
    ) -> tuple[Lowered | None, tuple[Shape, ...] | None]:
        """The op and its output shapes over the unit's names, where that can be said."""
        op = node.op
        terms = {
            **self.classes.defaults(statement, op.name),
            **statement_terms(statement),
        }
        near = {**self.near}
        if shapes:
            near["in"] = Sized(shapes[0])
        changes: dict[str, Any] = {}
        is_own = isinstance(statement.action, (OpUse, ComputedUse))
        for name, attribute in op.attributes().items() if is_own else ():
            term = terms.get(name)
            if term is not None and term.computed:
                value = self.where.unit.try_evaluate(term, Names(self.where.loop, near))
                if value is UNKNOWN:
                    continue
                changes[name] = value if isinstance(value, Spelled) else _read(attribute, value)
        # Words are only a proposal: rules and lowerings made for numbers may refuse them anyhow.
        try:
            symbolic = replace(op, **changes) if changes else op
            lowered = self.classes.written(symbolic, shapes)
        except Exception:  # noqa: BLE001
            return None, None
        try:
            outputs = symbolic.outputs(*shapes)
        except Exception:  # noqa: BLE001
            return lowered, None
        return lowered, outputs if all(isinstance(shape, tuple) for shape in outputs) else None

    # modules of one statement

    def module(self, items: Sequence[Item], shape: Shape) -> tuple[str, Shape]:
        """The text of a module for a statement's items, and the shape of what comes out."""
        first = items[0]
        if any(type(item) is not type(first) for item in items):
            raise Mismatch
        if isinstance(first, OpItem):
            nodes = [item.node for item in items if isinstance(item, OpItem)]
            forms, outputs = self.forms(nodes, first.statement, (shape,))
            if not forms.has("module"):
                raise Mismatch
            return Printer().text(self.in_place(forms.code("module"), nodes)), outputs[0]
        if isinstance(first, BlockItem):
            return self.use(items, (shape,))
        if isinstance(first, RepeatItem):
            self.no_empty(items)
        if self.classes.is_chain_item(items):
            members, out = self.members_of(items, shape)
            if can_be_listed(members) and not any(member.condition for member in members):
                return sequential(members, named=self.is_named(first)), out
        return self.use(items, (shape,))

    def no_empty(self, items: Sequence[Item]) -> None:
        counts = [len(item.items) for item in items if isinstance(item, RepeatItem)]
        if len(set(counts)) > 1 and 0 in counts:
            raise Mismatch

    @staticmethod
    def is_named(item: Item) -> bool:
        return isinstance(item, GroupItem) and item.kind == "graph"

    def in_place(self, module: Any, nodes: Sequence[Node]) -> Any:
        """An activation that may overwrite its input does so, as torchvision's do."""
        if not isinstance(module, Call) or module.target not in IN_PLACE:
            return module
        if all(self.overwritable(node.inputs[0]) for node in nodes):
            return Call(module.target, (*module.arguments, Keyword("inplace", True)))
        return module

    def overwritable(self, value: Value) -> bool:
        if value.node is None or self.classes.uses.readers.get(id(value), 0) != 1:
            return False
        op = value.node.op
        return op.group in _OVERWRITABLE or op.name in _OVERWRITABLE_OPS

    def use(self, items: Sequence[Item], shapes: tuple[Shape, ...]) -> tuple[str, Shape]:
        """``Bottleneck(256, 64)``: the class of a block or scope, called with its arguments."""
        unit, numbers = self.classes.unit_of(items)
        if unit not in self.classes.units:
            unit.calls_itself.append(tuple(unit.arguments))
        first = items[0]
        terms = statement_terms(first.statement) if isinstance(first, BlockItem) else {}
        words: dict[str, Any] = {}
        near = dict(self.near)
        if shapes:
            near["in"] = Sized(shapes[0])
        for name, term in terms.items():
            words[name] = self.where.unit.try_evaluate(term, Names(self.where.loop, near))
        words.update(_size_names(items[0], shapes))
        arguments: list[Any] = []
        known: dict[str, Any] = {}
        for argument in unit.ordered_arguments():
            values = [_frozen(argument.values[number]) for number in numbers]
            value = self.where.value(values, words.get(argument.name), argument.name)
            known[argument.name] = _size_of(value, words.get(argument.name))
            if argument.default is REQUIRED:
                arguments.append(value)
            else:
                keyword = Keyword(argument.name, value, _frozen(argument.default))
                if not is_default(keyword):
                    arguments.append(keyword)
        text = Printer().text(Call(unit.name, tuple(arguments)))
        return text, self.result(items, unit.result, known)

    def result(self, items: Sequence[Item], result: Shape | None, known: dict[str, Any]) -> Shape:
        shapes = [
            (item.result.shape or ()) if isinstance(item.result, Value) else () for item in items
        ]
        words: Shape | None = None
        if result is not None:
            words = tuple(_substituted(size, known) for size in result)
        sizes = tuple(v for v in known.values() if isinstance(v, Symbolic))
        guesses = [tuple(size for _ in shapes[0]) for size in sizes]
        return self.where.shape(shapes, words, *guesses)


def _read(attribute: Any, value: Any) -> Any:
    try:
        return attribute.kind.read(value)
    except (ValueError, TypeError):
        return value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, (list, tuple)) else value


def _size_of(value: Any, words: Any) -> Any:
    if isinstance(value, Text):
        if isinstance(words, Symbolic) and str(words) == value:
            return words
        return symbol(value, 0) if value.isidentifier() else UNKNOWN
    return value if type(value) is int else UNKNOWN


def _substituted(size: Any, known: dict[str, Any]) -> Any:
    if isinstance(size, Symbolic):
        try:
            return substitute(size, known)
        except (ValueError, ArithmeticError, TypeError):
            return UNKNOWN
    return size


def _size_names(item: Item, shapes: tuple[Shape, ...]) -> dict[str, Any]:
    names = list(item.block.inputs or ("x",)) if isinstance(item, BlockItem) else ["x"]
    values = {name: Value(shape) for name, shape in zip(names, shapes, strict=False)}
    return sizes_of(values)
