"""Modules as expressions: what stands to the right of `self.layer1 = `."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphcnn.backends.pytorch.code import Call, Keyword, Lowered
from graphcnn.backends.pytorch.merging import is_default, merge
from graphcnn.backends.pytorch.printer import Printer, Text
from graphcnn.backends.pytorch.unit import REQUIRED, Mismatch, Sized, Spelled, Where
from graphcnn.backends.pytorch.uses import nodes_in
from graphcnn.evaluate import Names
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
from graphcnn.ops.base import OpError, Shape
from graphcnn.program import ComputedUse, OpUse, Statement, Term
from graphcnn.size import UNKNOWN, Symbolic, Unknown, symbol
from graphcnn.size import evaluate as substitute

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes

#: activations that PyTorch can compute in place, and what they may overwrite: the output of an
#: op whose gradient does not need it
IN_PLACE = frozenset({"nn.ReLU", "nn.ReLU6"})
_OVERWRITABLE = frozenset({"convolution", "normalisation", "linear"})
_OVERWRITABLE_OPS = frozenset({"add", "concat"})


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


@dataclass(frozen=True)
class Member:
    """One entry of an ``nn.Sequential``; ``condition`` is the text of when it is there."""

    name: str
    text: str
    condition: str | None = None


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


def local_name(name: str) -> str:
    return name.rpartition(".")[2]


class Modules:
    """Writes modules inside one place of one unit's `__init__`."""

    def __init__(self, classes: Classes, where: Where, near: dict[str, Any]) -> None:
        self.classes = classes
        self.where = where
        self.near = near

    def at(self, where: Where, near: dict[str, Any] | None = None) -> Modules:
        return Modules(self.classes, where, self.near if near is None else near)

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
        try:
            symbolic = replace(op, **changes) if changes else op
            lowered = self.classes.lowering(symbolic, shapes)
        except (OpError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError):
            return None, None
        try:
            return lowered, symbolic.outputs(*shapes)
        except (OpError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError):
            return lowered, None

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
            if all(member.condition is None for member in members):
                return sequential(members, self.is_named(first)), out
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
        first = items[0]
        terms = statement_terms(first.statement) if isinstance(first, BlockItem) else {}
        words: dict[str, Any] = {}
        near = dict(self.near)
        if shapes:
            near["in"] = Sized(shapes[0])
        for name, term in terms.items():
            words[name] = self.where.unit.try_evaluate(term, Names(self.where.loop, near))
        for name, size in _size_names(items[0], shapes).items():
            words[name] = size
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

    # sequences

    def members_of(self, items: Sequence[Item], shape: Shape) -> tuple[list[Member], Shape]:
        """The members of the ``nn.Sequential`` that a group or repeat is."""
        first = items[0]
        if isinstance(first, GroupItem):
            return self.members([i.body for i in items if isinstance(i, GroupItem)], shape)
        return self.repeated([i for i in items if isinstance(i, RepeatItem)], shape)

    def members(self, bodies: Sequence[Body], shape: Shape) -> tuple[list[Member], Shape]:
        """The members that a body's statements come to, one after the other."""
        found: list[Member] = []
        for number, statement in enumerate(bodies[0].statements):
            entries = [body.items[number] for body in bodies]
            present = [n for n, item in enumerate(entries) if item is not None]
            items = [item for item in entries if item is not None]
            if not items:
                continue
            condition = None
            inner = self
            if len(items) < len(entries):
                truths = [item is not None for item in entries]
                near = Names(self.where.loop, {**self.near, "in": Sized(shape)})
                condition = self.where.condition(
                    truths, statement.when, near, "with_" + _hint(statement)
                )  # noqa: E501
                inner = self.at(self.where.subset(present))
            members, out = inner.flat(items, shape)
            if condition is not None:
                members = [replace(member, condition=condition) for member in members]
                results = [_after(body, number) for body in bodies]
                out = self.where.shape(results, out, shape)
            found += members
            shape = out
        return found, shape

    def flat(self, items: Sequence[Item], shape: Shape) -> tuple[list[Member], Shape]:
        """The members of one statement: several for a loop or a repeat without an id."""
        first = items[0]
        if isinstance(first, ForItem):
            return self.turns([item for item in items if isinstance(item, ForItem)], shape)
        if isinstance(first, RepeatItem) and first.id is None:
            return self.repeated([i for i in items if isinstance(i, RepeatItem)], shape)
        if isinstance(first, GroupItem) and not first.name:
            return self.members([i.body for i in items if isinstance(i, GroupItem)], shape)
        text, out = self.module(items, shape)
        return [Member(member_name(first), text)], out

    def turns(self, items: Sequence[ForItem], shape: Shape) -> tuple[list[Member], Shape]:
        found: list[Member] = []
        if len({len(item.iterations) for item in items}) > 1:
            raise Mismatch
        for turn in range(len(items[0].iterations)):
            rows = [item.iterations[turn][0] for item in items]
            inner = self.at(self.where.bound(rows))
            members, shape = inner.members([i.iterations[turn][1] for i in items], shape)
            found += members
        return found, shape

    def repeated(self, items: Sequence[RepeatItem], shape: Shape) -> tuple[list[Member], Shape]:
        """The members of a repeat: written out, or as a generator where they are alike."""
        counts = [len(item.items) for item in items]
        if max(counts) == 0:
            return [], shape
        runs: list[tuple[Member, int]] | None = None
        out = shape
        if len(set(counts)) == 1:
            runs, out = self.runs(items, shape)
            if runs is not None and len(runs) <= 2:
                return _written(runs), out
        for begin in (0, 1):
            saved = copy.copy(self.where.unit.arguments), copy.copy(self.where.unit.locals)
            try:
                return self.generated(items, shape, begin)
            except Mismatch:
                self.where.unit.arguments, self.where.unit.locals = saved
        if runs is None:
            raise Mismatch
        return _written(runs), out

    def runs(
        self, items: Sequence[RepeatItem], shape: Shape
    ) -> tuple[list[tuple[Member, int]] | None, Shape]:
        """Each repetition's text, equal neighbours counted; None where one has no text."""
        found: list[tuple[Member, int]] = []
        try:
            for i in range(len(items[0].items)):
                inner = self.at(self.where.bound([{"i": i}] * len(items)))
                text, shape = inner.module([item.items[i] for item in items], shape)
                name = member_name(items[0].items[i])
                if found and found[-1][0].text == text:
                    found[-1] = (found[-1][0], found[-1][1] + 1)
                else:
                    found.append((Member(name, text), 1))
        except Mismatch:
            if len(self.where.unit.envs) == 1:
                raise
            return None, shape
        return found, shape

    def generated(
        self, items: Sequence[RepeatItem], shape: Shape, begin: int
    ) -> tuple[list[Member], Shape]:
        """One text for all repetitions from ``begin`` on, over the loop's `i`."""
        counts = [len(item.items) for item in items]
        if min(counts) < begin:
            raise Mismatch
        members: list[Member] = []
        if begin:
            first = self.at(self.where.bound([{"i": 0}] * len(items)))
            text, shape = first.module([item.items[0] for item in items], shape)
            members.append(Member(member_name(items[0].items[0]), text))
        cases = [(n, i) for n, count in enumerate(counts) for i in range(begin, count)]
        where = self.where.subset([n for n, _ in cases]).bound([{"i": i} for _, i in cases])
        where.loop = {**where.loop, "i": symbol("i", 0)}
        turns = [items[n].items[i] for n, i in cases]
        inputs = [turn.inputs[0].shape or () for turn in turns]
        entering = where.shape(inputs, shape, *self.progressions(items, shape, begin))
        text, out = self.at(where).module(turns, entering)
        number = self.count(items, counts)
        reads = re.search(r"\bi\b", text) is not None
        bound = _range(number, begin, reads)
        members.append(Member("", f"*({text} for {'i' if reads else '_'} in range({bound}))"))
        ends = [item.result.shape or () for item in items if isinstance(item.result, Value)]
        return members, self.where.shape(ends, out, shape)

    def progressions(self, items: Sequence[RepeatItem], shape: Shape, begin: int) -> list[Shape]:
        """Shapes that grow by the same amount in every turn, as in a dense block."""
        sample = items[0].items[begin : begin + 2]
        if len(sample) < 2:
            return []
        a, b = (item.inputs[0].shape or () for item in sample)
        i = symbol("i", 0)
        grown = []
        for start, x, y in zip(shape, a, b, strict=True):
            if isinstance(x, int) and isinstance(y, int) and not isinstance(start, Unknown):
                grown.append(start + (i - begin) * (y - x))
            else:
                grown.append(UNKNOWN)
        return [tuple(grown)]

    def count(self, items: Sequence[RepeatItem], counts: list[int]) -> Any:
        """How often, over the unit's names."""
        term = items[0].statement.repeat
        words = None if term is None else self.where.unit.try_evaluate(term, self.near)
        return self.where.value(counts, words, "depth")


def sequential(members: Sequence[Member], named: bool) -> str:
    """``nn.Sequential(…)``; with names where they are not just counted."""
    if named and all(member.name for member in members):
        pairs = ", ".join(f'("{member.name}", {member.text})' for member in members)
        return f"nn.Sequential(OrderedDict([{pairs}]))"
    return f"nn.Sequential({', '.join(member.text for member in members)})"


def layer_lines(members: Sequence[Member]) -> list[str]:
    """Lines that gather members in a list `layers`, some of them under a condition."""
    lines: list[str] = []
    texts: list[str] = []

    def flush() -> None:
        if not lines:
            lines.append(f"layers: list[nn.Module] = [{', '.join(texts)}]")
        elif texts:
            lines.append(_added(texts))
        texts.clear()

    for member in members:
        if member.condition is None:
            texts.append(member.text)
        else:
            flush()
            lines.extend([f"if {member.condition}:", f"    {_added([member.text])}"])
    flush()
    return lines


def _added(texts: Sequence[str]) -> str:
    if len(texts) == 1 and not texts[0].startswith("*"):
        return f"layers.append({texts[0]})"
    return f"layers += [{', '.join(texts)}]"


def member_name(item: Item) -> str:
    if isinstance(item, OpItem):
        return local_name(item.node.name)
    return local_name(item.name)


def _written(runs: list[tuple[Member, int]]) -> list[Member]:
    return [
        member if count == 1 else Member("", f"*({member.text} for _ in range({count}))")
        for member, count in runs
    ]


def _range(count: Any, begin: int, reads: bool) -> str:
    if begin == 0:
        return str(count)
    if reads:
        return f"{begin}, {count}"
    return str(count - begin) if isinstance(count, int) else f"{count} - {begin}"


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
            return substitute(size, {k: v for k, v in known.items()})
        except (ValueError, ArithmeticError, TypeError):
            return UNKNOWN
    return size


def _size_names(item: Item, shapes: tuple[Shape, ...]) -> dict[str, Any]:
    from graphcnn.backends.pytorch.uses import sizes_of

    names = list(item.block.inputs or ("x",)) if isinstance(item, BlockItem) else ["x"]
    values = {name: Value(shape) for name, shape in zip(names, shapes, strict=False)}
    return sizes_of(values)


def _hint(statement: Statement) -> str:
    if statement.id is not None and isinstance(statement.id.value, str):
        return statement.id.value
    value = getattr(statement.key, "value", "")
    return value if isinstance(value, str) and value.isidentifier() else "this"


def _after(body: Body, number: int) -> Shape:
    """The shape after statement ``number`` of a body, whether or not it is there."""
    for item in reversed(body.items[: number + 1]):
        if item is not None and isinstance(item.result, Value):
            return item.result.shape or ()
    for item in body.items[number + 1 :]:
        if item is not None and item.inputs:
            return item.inputs[0].shape or ()
    raise Mismatch


__all__ = ["Member", "Modules", "local_name", "nodes_in", "sequential", "shapes_of"]
