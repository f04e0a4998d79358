"""The right-hand sides of lines: an op's stages, and calls of blocks' functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from graphcnn.backends.keras.arrange import Arrangement
from graphcnn.backends.keras.lower.activation import activation, is_named
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.lower.shape import LEFT
from graphcnn.backends.keras.lowering import lowering
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.spelling import spelled
from graphcnn.backends.keras.stages import Forms, Stage
from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.code import Call, Keyword
from graphcnn.backends.python.merging import is_default, merge
from graphcnn.backends.python.precedence import ATOM, binding, infix
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Mismatch, Sized, Spelled, Unit, same
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


#: layers of which one number stands for every axis
_WINDOWS = re.compile(r"layers\.(Depthwise)?Conv|layers\.(Adaptive)?(Average|Max)Pooling")


@dataclass(frozen=True)
class OpForms:
    """The forms of an op in all cases at once."""

    trees: Sequence[Forms]
    symbolic: Forms | None
    place: Place
    outputs: tuple[Shape, ...]
    groups: tuple[list[Any], Any] | None

    def at(self, chosen: Sequence[int]) -> OpForms:
        """The same for some of the cases."""
        trees = [self.trees[n] for n in chosen]
        return replace(self, trees=trees, place=self.place.subset(chosen))

    def form(self) -> str:
        """The first form that all cases have; rather one in which they differ in numbers alone."""
        common = [name for name in self.trees[0] if all(name in tree for tree in self.trees)]
        if not common:
            raise Mismatch
        for name in common:
            if len({_build([stage.code for stage in tree[name]]) for tree in self.trees}) == 1:
                return name
        return common[0]

    def stages(self) -> list[Stage]:
        """The stages, each merged over all cases.

        A size that is computed from those of what comes in, or that there are no words for, is
        rather left to Keras.
        """
        form = self.form()
        left = [
            name for name in self.trees[0] if name.startswith(LEFT) and name != form
            and all(name in tree for tree in self.trees)
        ]  # fmt: skip
        for name, sizes in [(form, False), *((name, False) for name in left), (form, True)]:
            if not left:
                break
            try:
                with self.place.in_words(sizes=sizes):
                    return self._merged(name)
            except Mismatch:
                continue
        return self._merged(form)

    def _merged(self, form: str) -> list[Stage]:
        trees = [tree[form] for tree in self.trees]
        if len({len(tree) for tree in trees}) > 1:
            raise Mismatch
        words = None if self.symbolic is None else self.symbolic.get(form)
        if words is not None and len(words) != len(trees[0]):
            words = None
        found = []
        for k, stage in enumerate(trees[0]):
            others = [tree[k] for tree in trees]
            if any((o.fed, o.key) != (stage.fed, stage.key) for o in others):
                raise Mismatch
            symbolic = None if words is None else words[k].code
            code = merge([o.code for o in others], symbolic, self.place)
            when = _padding_condition([o.code for o in others], code)
            found.append(replace(stage, code=_customary(code), when=when))
        return found

    def without_groups(self) -> OpForms:
        """The same where there is one group in every case."""
        trees = [{name: _ungrouped(stages) for name, stages in t.items()} for t in self.trees]
        words = self.symbolic
        symbolic = None if words is None else {n: _ungrouped(s) for n, s in words.items()}
        return replace(self, trees=trees, symbolic=symbolic)

    def split(self) -> tuple[str, list[int], list[int]] | None:
        """Uses with one group and uses with a group for each channel, which Keras tells apart."""
        if self.groups is None:
            return None
        alone = [any(name.startswith("depthwise") for name in tree) for tree in self.trees]
        if all(alone) or not any(alone):
            return None
        numbers, words = self.groups
        text = self.place.value(numbers, words, "groups")
        if not isinstance(text, Text) or any(
            (n == 1) is a for n, a in zip(numbers, alone, strict=True)
        ):
            return None
        plain = [n for n, a in enumerate(alone) if not a]
        return infix("==", text, "1"), plain, [n for n, a in enumerate(alone) if a]

    def common_start(self, chosen: Sequence[int], others: Sequence[int]) -> Stage | None:
        """A stage that both of two ways begin with."""
        forms = [self.at(part).form().rpartition(" ")[2] for part in (chosen, others)]
        if forms[0] != forms[1] or forms[0] != "padded":
            return None
        first = [tree.get("padded") or tree[f"depthwise {forms[0]}"] for tree in self.trees]
        words = None if self.symbolic is None else self.symbolic.get("padded")
        code = merge(
            [f[0].code for f in first], None if words is None else words[0].code, self.place
        )
        when = _padding_condition([f[0].code for f in first], code)
        return replace(first[0][0], code=code, when=when)


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
    ) -> OpForms:
        trees = [self.functions.forms(node) for node in nodes]
        words = self.op_words(nodes[0], statement, shapes)
        symbolic, outputs, groups = None, None, None
        if words is not None:
            symbolic, outputs = self.symbolic(words, shapes, arrangement, nodes)
        known = self.activation(nodes, statement)
        if known is not None:
            trees, symbolic = [activation(node.op.name) for node in nodes], activation(known)
        if all(hasattr(node.op, "groups") and node.op.name == "conv" for node in nodes):
            numbers = [getattr(node.op, "groups", 1) for node in nodes]
            groups = (numbers, getattr(words, "groups", None))
        results = [node.facts.outputs for node in nodes]
        if len({len(result) for result in results}) > 1:
            raise Mismatch
        found = tuple(
            self.place.shape(
                [result[port] or () for result in results], outputs[port] if outputs else None
            )
            for port in range(len(results[0]))
        )
        return OpForms(trees, symbolic, self.place, found, groups)

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


def _build(tree: Any) -> Any:
    """How a tree of code is put together, whatever its numbers and names are."""
    if isinstance(tree, (tuple, list)):
        return tuple(map(_build, tree))
    if is_dataclass(tree) and not isinstance(tree, (Spelled, type)):
        return tuple(_build(getattr(tree, f.name)) for f in fields(tree))
    return None


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


def _ungrouped(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    def without(code: Any) -> Any:
        if not isinstance(code, Call):
            return code
        kept = (a for a in code.arguments if not (isinstance(a, Keyword) and a.name == "groups"))
        return Call(code.target, tuple(kept))

    return tuple(replace(stage, code=without(stage.code)) for stage in stages)


def _padding_condition(codes: Sequence[Any], merged: Any) -> str | None:
    """When there is something to pad, where some uses pad and others do not: `kernel > 1`."""
    if not isinstance(merged, Call) or not merged.target.startswith("layers.ZeroPadding"):
        return None
    amount, numbers = merged.arguments[0], [code.arguments[0] for code in codes]
    if not isinstance(amount, Text) or 0 not in numbers or all(n == 0 for n in numbers):
        return None
    if not all(type(n) is int for n in numbers):
        return infix("!=", amount, "0") if binding(amount) == ATOM else None
    halved = re.fullmatch(r"(\w+) // 2", amount)
    if halved:
        return infix(">", halved[1], "1")
    return infix(">", amount, "0")


def _customary(code: Any) -> Any:
    """``Conv2D(64, 3, 2)``: equal sizes are one number, and the strides stand third."""
    if not isinstance(code, Call) or not _WINDOWS.match(code.target):
        return code
    arguments = [_uniform(argument) for argument in code.arguments]
    if not code.target.startswith(("layers.Conv", "layers.Max")):
        return Call(code.target, tuple(arguments))
    for n, argument in enumerate(arguments):
        if isinstance(argument, Keyword):
            if argument.name == "strides" and n == (2 if "Conv" in code.target else 1):
                arguments[n] = argument.value
            break
    return Call(code.target, tuple(arguments))


def _uniform(argument: Any) -> Any:
    """`3` for `(3, 3)`."""
    if isinstance(argument, Keyword):
        return replace(argument, value=_uniform(argument.value))
    alike = isinstance(argument, tuple) and len(argument) > 1 and same(argument)
    return argument[0] if alike and type(argument[0]) is int else argument
