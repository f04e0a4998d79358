"""A class to be emitted, for all uses of one block (or of one scope) at once.

It knows what every name means in each use, and which names its code may read: those that differ
between uses become arguments, local variables or symbols of sizes when the code reads them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from graphcnn.backends.python.argument import REQUIRED, Argument
from graphcnn.backends.python.expression import NoText, PythonText, is_ragged
from graphcnn.backends.python.identifiers import names_in, renamed
from graphcnn.backends.python.precedence import operand
from graphcnn.backends.python.printer import Text
from graphcnn.evaluate import Budget, Names, Scope, evaluate
from graphcnn.expression import Expr, ExpressionError
from graphcnn.ops.base import Shape
from graphcnn.program import Term
from graphcnn.size import UNKNOWN, Size, Symbolic, symbol

#: how sizes say `height % 2`
_REMAINDER = re.compile(r"(?<![-*/%] )(?<![-.\w])(\w+) - (\d+) \* \(\1 // \2\)(?! [*/%])")
#: what sizes are written with, which names none of them
_FUNCTIONS = frozenset(["max", "min"])


class Mismatch(Exception):
    """Uses that one class cannot serve; they are given classes of their own."""


@dataclass(frozen=True)
class Spelled:
    """A value that differs between uses and is no integer: its text, and how to check it."""

    text: Text
    expr: Expr


@dataclass(frozen=True)
class Said:
    """An integer as the author said it, and the value that it has in each use."""

    text: Text
    symbol: Symbolic
    values: dict[int, int]


@dataclass(frozen=True)
class Sized:
    """A tensor as expressions see it, its shape in terms of the unit's names."""

    shape: Shape


@dataclass(eq=False)
class Unit:
    """One class: its uses, the names that its code may read, and the code."""

    name: str
    doc: str
    #: for each use, what every name means there
    envs: Sequence[Mapping[str, Any]]
    #: names that may become arguments, with the default that the author gave
    parameters: dict[str, Any]
    #: names that the author computed from them
    lets: dict[str, Term]
    #: how the code writes those of the author's names that mean something else in it
    spelling: Mapping[str, str] = field(default_factory=dict)
    base: str = "nn.Module"
    #: the uses that the model does not have
    probes: frozenset[int] = frozenset()
    #: names of the sizes of what comes in
    sizes: tuple[str, ...] = ()
    #: the tensors that come in, each with what the names of its sizes begin with
    inputs: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Argument] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    init: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    signature: str = ""
    #: attributes that never change, in order
    constants: dict[str, None] = field(default_factory=dict)
    #: the shape of what comes out, in terms of the names; for the code that uses the class
    result: Shape | None = None
    symbols: dict[str, Size] = field(default_factory=dict)
    spelled: set[str] = field(default_factory=set)
    #: the words that symbols of sizes stand for
    said: dict[str, Said] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    #: the arguments that it had when its own code made one of its kind
    calls_itself: list[tuple[str, ...]] = field(default_factory=list)
    #: which module each use is: what is used again is the same one
    modules: Sequence[int] = ()
    #: sizes that `forward` is handed, since nothing that comes in tells them: in each use; None
    #: where it cannot be handed any
    handed: dict[str, list[Size]] | None = None
    #: the tensors that come in, for expressions such as `x.channels`
    tensors: dict[str, Sized] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.parameters:
            self._declare(name)
        for name, prefix in self.inputs.items():
            shape = self.envs[0][name].shape or () if self.envs else ()
            axes = axis_names(prefix, len(shape))
            self.tensors[name] = Sized(
                tuple(self.symbols.get(axis, self.envs[0].get(axis, UNKNOWN)) for axis in axes)
            )
        for name, term in self.lets.items():
            self._declare_let(name, term)

    def values(self, name: str) -> list[Any]:
        """What a name means in each use.

        Raises:
            Mismatch: one use has no such name, as an input of another rank has none for an axis.
        """
        try:
            return [env[name] for env in self.envs]
        except KeyError:
            raise Mismatch from None

    def differs_in_one(self, owners: Sequence[int], values: Sequence[Any]) -> bool:
        """Whether a value differs between uses of one module; in a loop, within a turn."""
        if len(set(self.modules)) == len(self.modules):
            return False
        turns: Counter[int] = Counter()
        known: dict[tuple[int, int], Any] = {}
        for owner, value in zip(owners, values, strict=True):
            place = (self.modules[owner], turns[owner])
            turns[owner] += 1
            if not alike([known.setdefault(place, value)], [value]):
                return True
        return False

    def varies(self, name: str) -> bool:
        return not same(self.values(name))

    def spell(self, name: str) -> str:
        """An author's name as the code has it."""
        return self.spelling.get(name, name)

    def code_names(self) -> dict[str, str]:
        """The names that differ between uses, each as the code has it."""
        return {name: self.spell(name) for name in (*self.spelled, *self.symbols)}

    def asks_for_space(self, text: str) -> bool:
        """Whether a text reads a size of what comes in, its channels aside."""
        sizes = {name for name in self.sizes if not name.endswith("_channels")}
        return not sizes.isdisjoint(names_in(text))

    def author(self, name: str) -> str | None:
        """The author's word for a name in the code; None where it is none of the author's."""
        for own, code in self.spelling.items():
            if code == name:
                return own
        return None if name in self.spelling else name

    def _declare(self, name: str) -> None:
        if self.varies(name):
            values = self.values(name)
            if name not in _FUNCTIONS and all(type(value) is int for value in values):
                self.symbols[name] = _symbol(self.spell(name), values)
            else:
                self.spelled.add(name)

    def _declare_let(self, name: str, term: Term) -> None:
        if not self.varies(name):
            return
        if name not in _FUNCTIONS and all(type(value) is int for value in self.values(name)):
            found = self.try_evaluate(term, {})
            plain = isinstance(found, Symbolic) and self.author(str(found)) in self.symbols
            known = found if plain else _symbol(self.spell(name), self.values(name))
            self.symbols[name] = known
        else:
            self.spelled.add(name)

    def scope(self, near: Mapping[str, Any]) -> Scope:
        """What names mean in the code: symbols, or the value they have in every use."""
        known: dict[str, Any] = dict(self.symbols)
        if self.envs:
            for name, value in self.envs[0].items():
                if name not in known and name not in self.spelled and plain(value):
                    known[name] = value
        return Names(near, Names(self.tensors, Names(known)))

    def near_lets(self, near: Mapping[str, Any]) -> dict[str, Any]:
        """What is near, and the author's computed names where they come to sizes of that."""
        found = dict(near)
        for name, term in self.lets.items():
            late = self.differs_in_one(range(len(self.envs)), self.values(name))
            if late or name not in self.symbols:
                value = self.try_evaluate(term, found)
                if isinstance(value, (Symbolic, list)):
                    found[name] = value
        return found

    def try_evaluate(
        self, term: Term, near: Mapping[str, Any], *, by_operands: bool = False
    ) -> Any:
        """A term over the unit's names: a size, a constant, Spelled, or UNKNOWN."""
        value = term.value
        return (
            self.said_of(value, near, by_operands=by_operands) if isinstance(value, Expr) else value
        )

    def said_of(self, expr: Expr, near: Mapping[str, Any], *, by_operands: bool = False) -> Any:
        """An expression over the unit's names: a size, a constant, Spelled, or UNKNOWN.

        A fraction is said as it was computed where its digits say nothing, or others like it are
        said so (``by_operands``).
        """
        scope = self.scope(near)
        found: Any = UNKNOWN
        try:
            found = evaluate(expr, scope, Budget(100_000))
            asked = by_operands and isinstance(found, float) and found != 0
            if not asked and not is_ragged(found):
                return found
        except ExpressionError:
            pass
        words = self.worded(expr, scope, by_operands=by_operands)
        return found if words is UNKNOWN or words.text == repr(found) else words

    def worded(self, expr: Expr, scope: Scope, *, by_operands: bool = False) -> Any:
        """An expression as text, whatever it comes to; UNKNOWN where it has none."""
        writer = PythonText(scope, self.code_names())
        try:
            return Spelled(Text(writer.text(expr, by_operands=by_operands)), expr)
        except NoText:
            return UNKNOWN

    def size(self, words: Text, values: Mapping[int, int]) -> Symbolic:
        """A symbol for an integer that only ``words`` can say; ``values`` are by use."""
        for known in self.said.values():
            if known.text == words:
                known.values.update(values)
                return known.symbol
        name = f"__size{len(self.said)}"  # which no author can write
        self.said[name] = Said(words, _symbol(name, list(values.values())), dict(values))
        return self.said[name].symbol

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Take back what was noted of names where code comes to a Mismatch."""
        saved = dict(self.arguments), dict(self.locals), set(self.taken), dict(self.constants)
        handed = None if self.handed is None else dict(self.handed)
        try:
            yield
        except Mismatch:
            self.arguments, self.locals, self.taken, self.constants = saved
            self.handed = handed
            raise

    def written(self, text: str) -> str:
        """A text with what its sizes stand for."""

        def words(name: str) -> str:
            known = self.said.get(name)
            if known is None:
                return name
            return known.text if name == text else operand(known.text)

        return renamed(text, words)

    def use(self, text: str) -> Text:
        """The text as it is written; the names that it reads are noted, so that they exist."""
        text = _REMAINDER.sub(r"\1 % \2", self.written(text))
        for name in map(self.author, dict.fromkeys(names_in(text))):
            if name is None:
                continue
            if name in self.lets and (name in self.symbols or name in self.spelled):
                self._use_let(name)
            elif name in self.parameters and (name in self.symbols or name in self.spelled):
                self._use_parameter(name)
        return Text(text)

    def _use_parameter(self, name: str) -> None:
        if name not in self.arguments:
            self.taken.add(name)
            self.arguments[name] = Argument(
                self.spell(name), self.values(name), self.parameters[name]
            )

    def _use_let(self, name: str) -> None:
        if self.spell(name) in self.locals or name in self.arguments:
            return
        self.taken.add(name)
        hidden, was_spelled = self.symbols.pop(name, None), name in self.spelled
        self.spelled.discard(name)
        try:
            found = self.try_evaluate(self.lets[name], {})
            if isinstance(found, list):  # with sizes in it
                found = self.worded(self.lets[name].value, self.scope({}))
        finally:
            if hidden is not None:
                self.symbols[name] = hidden
            if was_spelled:
                self.spelled.add(name)
        if isinstance(found, (Symbolic, Spelled)):
            text = str(found) if isinstance(found, Symbolic) else found.text
            self.use(text)
            self.locals[self.spell(name)] = text
        else:
            self.arguments[name] = Argument(self.spell(name), self.values(name))

    def invent(self, hint: str, values: list[Any]) -> Text:
        """A new argument for a value that the author's words do not give."""
        for argument in self.arguments.values():
            if argument.values == values:
                return Text(argument.name)
        name, number = hint, 2
        known = {*self.taken, *self.parameters, *self.lets, *self.spelling.values()}
        while name in known:
            name, number = f"{hint}{number}", number + 1
        self.taken.add(name)
        self.arguments[name] = Argument(name, values)
        if all(type(value) is int for value in values):
            self.symbols.setdefault(name, _symbol(name, values))
        return Text(name)

    def hand(self, hint: str, values: list[Size]) -> Text:
        """The name of a size that `forward` is handed.

        Raises:
            Mismatch: it cannot be handed any.
        """
        if self.handed is None:
            raise Mismatch
        name, number = hint, 2
        known = {*self.taken, *self.parameters, *self.lets, *self.spelling.values(), *self.inputs}
        while name in known or self.handed.get(name, values) != values:
            name, number = f"{hint}{number}", number + 1
        self.handed[name] = values
        return Text(name)

    def ordered_arguments(self) -> list[Argument]:
        """The arguments as they stand in `__init__`: the author's, derived, those with defaults."""
        order = [*self.parameters, *(n for n in self.arguments if n not in self.parameters)]
        found = [self.arguments[name] for name in order if name in self.arguments]
        return sorted(found, key=lambda argument: argument.default is not REQUIRED)


def _symbol(name: str, values: Sequence[int]) -> Symbolic:
    """A symbol for a number that differs; the rules of ops ask whether it is positive."""
    return symbol(name, 1 if min(values) > 0 else 0)


_AXES = {1: (), 2: ("length",), 3: ("height", "width"), 4: ("depth", "height", "width")}


def axis_names(prefix: str, rank: int) -> list[str]:
    """Names for the sizes of an input: `in_channels`, `in_height`, …, or `cur_channels`."""
    axes = ("channels", *_AXES.get(rank, tuple(f"axis{k}" for k in range(1, 9))))
    return [f"{prefix}_{axis}" for axis in axes[:rank]]


def plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, list))


def alike(a: Sequence[Any], b: Sequence[Any]) -> bool:
    """Whether two lists of values are the same, and no `true` stands for a 1."""
    return len(a) == len(b) and all(
        type(x) is type(y) and (alike(x, y) if isinstance(x, tuple) else x == y)
        for x, y in zip(a, b, strict=True)
    )


def same(values: Sequence[Any]) -> bool:
    return alike(values, [values[0]] * len(values))
