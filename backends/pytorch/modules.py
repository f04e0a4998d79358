"""Modules as expressions: what stands to the right of `self.layer1 = `."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.code import Call, Keyword, Lowered
from graphcnn.backends.python.expression import presence
from graphcnn.backends.python.merging import form_of, is_default, merge
from graphcnn.backends.python.printer import Printer
from graphcnn.backends.python.reading import Reader
from graphcnn.backends.python.unit import Mismatch, Sized, Spelled
from graphcnn.backends.python.uses import inputs_of, local_name
from graphcnn.backends.python.where import Where
from graphcnn.backends.python.wording import (
    frozen,
    outputs_of,
    reworded,
    size_names,
    size_of,
    substituted,
    terms_of,
)
from graphcnn.backends.pytorch.attributes import full_name
from graphcnn.backends.pytorch.handed import Handed, made_of
from graphcnn.backends.pytorch.listing import can_be_listed, sequential
from graphcnn.backends.pytorch.sequences import Sequences
from graphcnn.expression import Name
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
from graphcnn.program import ComputedUse, OpUse, Statement
from graphcnn.size import Symbolic

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
        """Whether all cases have a form; Mismatch where they have none in common."""
        found = [one for one in ("module", "forward") if all(getattr(t, one) for t in self.trees)]
        if not found:
            raise Mismatch
        return form in found

    def code(self, form: str) -> Any:
        words = None if self.symbolic is None else getattr(self.symbolic, form)
        return even(merge([getattr(tree, form) for tree in self.trees], words, self.where))


def in_one_way(
    trees: Sequence[Lowered], symbolic: Lowered | None, real: Sequence[int]
) -> tuple[Sequence[Lowered], Lowered | None]:
    """Code that is written alike in all cases, plainest for those that are ``real``.

    It stays as it was where there is none.
    """
    if not any(tree.others for tree in trees):
        return trees, symbolic
    ways = {id(tree): {_build(one): one for one in (tree, *tree.others)} for tree in trees}
    common = [form for form in ways[id(trees[0])] if all(form in one for one in ways.values())]
    if not common:
        return trees, symbolic
    places = [list(ways[id(trees[case])]) for case in real]
    form = min(reversed(common), key=lambda one: max((w.index(one) for w in places), default=0))
    words = () if symbolic is None else (symbolic, *symbolic.others)
    found = next((one for one in words if _build(one) == form), symbolic)
    return [ways[id(tree)][form] for tree in trees], found


def _build(code: Lowered) -> Any:
    """How code is put together, whatever its values are."""
    return form_of(code.module), form_of(code.forward), _lengths(code.forward)


def _lengths(code: Any) -> Any:
    """How many values an expression of `forward` is handed where it takes several."""
    arguments = code.arguments if isinstance(code, Call) else ()
    return tuple(len(one) for one in arguments if isinstance(one, tuple))


def even(code: Any) -> Any:
    """A layer with sizes that are the same on every axis as one number: 3 for (3, 3, 3)."""
    if not isinstance(code, Call):
        return code
    rank = re.search(r"(?:Conv|ConvTranspose|Pool)(\d)d$", code.target)

    def one(argument: Any) -> Any:
        if isinstance(argument, Keyword):
            return Keyword(argument.name, one(argument.value), argument.default)
        alike = isinstance(argument, tuple) and len(set(argument)) == 1
        if rank and alike and len(argument) == int(rank[1]):
            return argument[0]
        return even(argument)

    arguments = tuple(map(one, code.arguments))
    return Call(code.target, tuple(a for a in arguments if not is_default(a)))


class Modules(Sequences):
    """Writes modules inside one place of one unit's `__init__`."""

    def __init__(self, classes: Classes, where: Where, near: dict[str, Any]) -> None:
        self.classes = classes
        self.where = where
        self.near = near
        #: the sizes that the class of the last `use` is handed, here
        self.handed: dict[str, list[Any]] = {}

    def at(self, where: Where, **near: Any) -> Modules:
        """The same for other cases, with more names known."""
        return Modules(self.classes, where, {**self.near, **near})

    def held_name(self, item: Item) -> str:
        """The last part of an item's name, unless modules have that for something else."""
        return self.classes.held.name(local_name(full_name(item)))

    # ops

    def forms(
        self,
        nodes: Sequence[Node],
        statement: Statement,
        shapes: tuple[Shape, ...],
        reader: Callable[[], tuple[Reader, tuple[Shape, ...]]] | None = None,
    ) -> tuple[Forms, tuple[Shape, ...]]:
        """The code of an op in all cases at once, and the shapes that come out.

        ``reader`` makes what reads sizes here, and says what the inputs' are in its terms.
        """
        trees: Sequence[Lowered] = [self.classes.lower(node) for node in nodes]
        symbolic, outputs = self.symbolic(nodes[0], statement, shapes)
        where = self.where
        if reader is not None and where.is_late([tree.forward for tree in trees]):
            found_reader, read = reader()
            where = where.reading(found_reader)
            inner = self.at(where, **where.unit.near_lets(found_reader.near()))
            symbolic, _ = inner.symbolic(nodes[0], statement, read)
        trees, symbolic = in_one_way(trees, symbolic, self.where.real())
        results = [node.facts.outputs for node in nodes]
        if len({len(result) for result in results}) > 1:
            raise Mismatch
        found = tuple(
            self.where.shape(
                [result[port] or () for result in results], outputs[port] if outputs else None
            )
            for port in range(len(results[0]))
        )
        return Forms(trees, symbolic, where), found

    def symbolic(
        self, node: Node, statement: Statement, shapes: tuple[Shape, ...]
    ) -> tuple[Lowered | None, tuple[Shape, ...] | None]:
        """The op and its output shapes over the unit's names, where that can be said."""
        op = node.op
        terms = {
            **self.classes.defaults(statement, op.name),
            **terms_of(statement),
        }
        near = {**self.near}
        if shapes:
            near["in"] = Sized(shapes[0])
        is_own = isinstance(statement.action, (OpUse, ComputedUse))
        symbolic = reworded(
            op, terms if is_own else {}, lambda _, term: self.where.proposed(term.value, near)
        )
        if symbolic is None:
            return None, None
        # Words are only a proposal: lowerings made for numbers may refuse them anyhow.
        try:
            lowered = self.classes.written(symbolic, shapes)
        except Exception:  # noqa: BLE001
            return None, None
        # sizes that only words know may leave a rule undecided that asks for no more than channels
        numbers = [value.shape or () for value in node.inputs]
        flat = tuple((*a[:1], *b[1:]) for a, b in zip(shapes, numbers, strict=True))
        outputs = outputs_of(symbolic, shapes) or outputs_of(symbolic, flat)
        if outputs is None and "out" in terms:  # the rule fails at a kernel or stride in words
            channels = self.where.proposed(terms["out"].value, near)
            outputs = tuple((channels,) for _ in node.outputs)
        return lowered, outputs

    # modules of one statement

    @staticmethod
    def sizes(
        handed: Mapping[str, Sequence[Any]],
        items: Sequence[Item],
        where: Where,
        read: tuple[Shape, ...],
    ) -> tuple[Any, ...]:
        """The code of sizes that a class is handed, in the words of its arguments if they fit."""
        words: list[Any] = []
        if where.reader is not None:
            near = {**where.reader.near(), **({"in": Sized(read[0])} if read else {})}
            for term in terms_of(items[0].statement).values():
                found = where.proposed(term.value, near)
                words += found if isinstance(found, list) else [found]
        codes = []
        for name, values in handed.items():
            fits = [size for size in words if where.fits(size, values)]
            codes.append(where.value(values, fits[0] if fits else None, name))
        return tuple(codes)

    def module(
        self, items: Sequence[Item], shape: Shape, *, hand: bool = False
    ) -> tuple[str, Shape]:
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
            return self.use(items, (shape,), hand=hand)
        if isinstance(first, RepeatItem):
            self.no_empty(items)
        if self.classes.chains.is_chain_item(items):
            members, out = self.members_of(items, shape)
            named = self.is_named(first)
            listed = can_be_listed(members, named=named)
            if listed and not any(member.condition for member in members):
                return sequential(members, named=named), out
        if any(len(inputs_of(item)) > 1 for item in items):
            raise Mismatch  # nothing is there to hand it what it reads from outside
        if not hand and any(map(self.classes.uses.seen_outside, items)):
            raise Mismatch  # nor to take what is read of it
        return self.use(items, (shape,), hand=hand)

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
        uses, values = self.classes.uses, [node.inputs[0] for node in nodes]
        told = [value for value in values if id(value) not in uses.entering]
        alone = all(uses.readers.get(id(value)) == 1 for value in values)
        if alone and told and all(map(self.overwritable, told)):
            return Call(module.target, (*module.arguments, Keyword("inplace", True)))
        return module

    def overwritable(self, value: Value) -> bool:
        if value.node is None or self.classes.uses.readers.get(id(value), 0) != 1:
            return False
        op = value.node.op
        return op.group in _OVERWRITABLE or op.name in _OVERWRITABLE_OPS

    def use(
        self, items: Sequence[Item], shapes: tuple[Shape, ...], *, hand: bool = False
    ) -> tuple[str, Shape]:
        """``Bottleneck(256, 64)``: the class of a block or scope, called with its arguments.

        With ``hand`` its `forward` may be handed sizes: they are left in ``handed``.
        """
        unit, numbers = self.classes.unit_of(items)
        handed = unit.handed or {}
        if unit not in self.classes.units:
            unit.calls_itself.append(tuple(unit.arguments))
            if handed:
                raise Mismatch  # there may be more to come
        if handed and not hand:
            if made_of(items[0]) in self.classes.chains.handed:
                raise Mismatch
            raise Handed(made_of(items[0]))
        self.handed = {name: [values[n] for n in numbers] for name, values in handed.items()}
        first = items[0]
        terms = terms_of(first.statement) if isinstance(first, BlockItem) else {}
        words: dict[str, Any] = {}
        near = dict(self.near)
        if shapes:
            near["in"] = Sized(shapes[0])
        for name, term in terms.items():
            by_operands = name in unit.arguments and unit.arguments[name].is_ragged
            words[name] = self.where.proposed(term.value, near, by_operands=by_operands)
        words.update(size_names(items[0], shapes))
        # what the class takes from around it is called the same there
        shared = self.classes.open_parameters if isinstance(first, BlockItem) else unit.parameters
        for name in shared:
            words.setdefault(name, self.where.proposed(Name(0, 0, name), {}))
        arguments: list[Any] = []
        known: dict[str, Any] = {}
        named = False  # all that come after the numbers
        for argument in unit.ordered_arguments():
            named = named or any(type(value) is not int for value in argument.values)
            values = [frozen(argument.values[number]) for number in numbers]
            said = self.asked(words.get(unit.author(argument.name) or ""), values, near)
            value = self.where.value(values, said, argument.name)
            is_said = isinstance(said, Symbolic) and value == self.where.unit.written(str(said))
            found = (
                said
                if is_said
                else self.where.unit.symbols.get(self.where.unit.author(str(value)) or "")
            )
            known[argument.name] = size_of(value, said) if found is None else found
            if argument.default is REQUIRED:
                arguments.append(Keyword(argument.name, value) if named else value)
            else:
                keyword = Keyword(argument.name, value, frozen(argument.default))
                if not is_default(keyword):
                    arguments.append(keyword)
        text = Printer().text(Call(unit.name, tuple(arguments)))
        return text, self.result(items, unit.result, known)

    def asked(self, said: Any, values: Sequence[Any], near: dict[str, Any]) -> Any:
        """Words for an argument: for a flag, whether there is what the author would hand on."""
        if not isinstance(said, Spelled) or not all(isinstance(value, bool) for value in values):
            return said
        if all(isinstance(value, bool) for value in self.where.evaluated(said.expr)):
            return said
        return self.where.proposed(presence(said.expr), near)

    def result(self, items: Sequence[Item], result: Shape | None, known: dict[str, Any]) -> Shape:
        shapes = [
            (item.result.shape or ()) if isinstance(item.result, Value) else () for item in items
        ]
        words: Shape | None = None
        if result is not None:
            words = tuple(substituted(size, known) for size in result)
        sizes = tuple(v for v in known.values() if isinstance(v, Symbolic))
        guesses = [tuple(size for _ in shapes[0]) for size in sizes]
        return self.where.shape(shapes, words, *guesses)
