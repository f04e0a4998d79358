"""A class to be emitted, and how the values inside it are written.

A unit stands for all uses of one block (or of one scope) at once. Whatever is the same in every
use is written as it is. What differs is written in the author's own words, as an expression over
the block's parameters, and that expression is evaluated for every use and compared: it is kept
only where it gives each use its own value. Where no such expression exists, the value becomes a
constructor argument by itself. So cleverness decides how the code reads and never what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphcnn.backends.python.expression import NoText, PythonText
from graphcnn.backends.python.printer import Text
from graphcnn.evaluate import Budget, Names, Scope, evaluate
from graphcnn.expression import Expr, ExpressionError
from graphcnn.ops.base import Shape
from graphcnn.program import Term
from graphcnn.size import UNKNOWN, Size, Symbolic, symbol, symbols
from graphcnn.size import evaluate as substitute

IDENTIFIER = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
REQUIRED: Any = object()


class Mismatch(Exception):
    """Uses that one class cannot serve; they are given classes of their own."""


@dataclass(frozen=True)
class Spelled:
    """A value that differs between uses and is no integer: its text, and how to check it."""

    text: Text
    expr: Expr


@dataclass(frozen=True)
class Sized:
    """A tensor as expressions see it, its shape in terms of the unit's names."""

    shape: Shape


@dataclass
class Argument:
    """A constructor argument and the value it has in each use."""

    name: str
    values: list[Any]
    default: Any = REQUIRED

    @property
    def annotation(self) -> str:
        return _joined({_annotation(value) for value in self.values})


def _annotation(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, (list, tuple)):
        return f"tuple[{', '.join(_annotation(item) for item in value) or '()'}]"
    return type(value).__name__


def _joined(kinds: set[str]) -> str:
    """Annotations as a union; tuples of several lengths are of any length."""
    tuples = {kind for kind in kinds if kind.startswith("tuple[")}
    if len(tuples) > 1:
        parts = set(re.findall(r"\b(?:int|float|bool|str)\b", " ".join(tuples)))
        nested = any("tuple" in kind[6:] for kind in tuples)
        inner = "Any" if nested or not parts else _joined(parts)
        kinds = (kinds - tuples) | {f"tuple[{inner}, ...]"}
    if {"int", "float"} <= kinds:
        kinds = kinds - {"int"}
    return " | ".join(sorted(kinds - {"None"}) + ["None"] * ("None" in kinds))


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
    base: str = "nn.Module"
    #: names of the sizes of what comes in
    sizes: tuple[str, ...] = ()
    #: the tensors that come in, each with what the names of its sizes begin with
    inputs: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Argument] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    init: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    signature: str = ""
    #: the shape of what comes out, in terms of the names; for the code that uses the class
    result: Shape | None = None
    symbols: dict[str, Size] = field(default_factory=dict)
    spelled: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    #: the arguments that it had when its own code made one of its kind
    calls_itself: list[tuple[str, ...]] = field(default_factory=list)
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
        return [env[name] for env in self.envs]

    def varies(self, name: str) -> bool:
        return not same(self.values(name))

    def _declare(self, name: str) -> None:
        if self.varies(name):
            values = self.values(name)
            if all(type(value) is int for value in values):
                self.symbols[name] = symbol(name, 0)
            else:
                self.spelled.add(name)

    def _declare_let(self, name: str, term: Term) -> None:
        if not self.varies(name):
            return
        if all(type(value) is int for value in self.values(name)):
            found = self.try_evaluate(term, {})
            plain = isinstance(found, Symbolic) and str(found) in self.symbols
            self.symbols[name] = found if plain else symbol(name, 0)
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

    def try_evaluate(self, term: Term, near: Mapping[str, Any]) -> Any:
        """A term over the unit's names: a size, a constant, Spelled, or UNKNOWN."""
        if not isinstance(term.value, Expr):
            return term.value
        scope = self.scope(near)
        try:
            return evaluate(term.value, scope, Budget(100_000))
        except ExpressionError:
            pass
        try:
            writer = PythonText(scope, frozenset(self.spelled), frozenset(self.symbols))
            return Spelled(Text(writer.text(term.value)), term.value)
        except NoText:
            return UNKNOWN

    def use(self, text: str) -> Text:
        """Note which names a text reads, so that they exist."""
        for name in dict.fromkeys(IDENTIFIER.findall(text)):
            if name in self.lets and (name in self.symbols or name in self.spelled):
                self._use_let(name)
            elif name in self.parameters and (name in self.symbols or name in self.spelled):
                self._use_parameter(name)
        return Text(text)

    def _use_parameter(self, name: str) -> None:
        if name not in self.arguments:
            self.taken.add(name)
            self.arguments[name] = Argument(name, self.values(name), self.parameters[name])

    def _use_let(self, name: str) -> None:
        if name in self.locals or name in self.arguments:
            return
        self.taken.add(name)
        hidden, was_spelled = self.symbols.pop(name, None), name in self.spelled
        self.spelled.discard(name)
        try:
            found = self.try_evaluate(self.lets[name], {})
        finally:
            if hidden is not None:
                self.symbols[name] = hidden
            if was_spelled:
                self.spelled.add(name)
        if isinstance(found, (Symbolic, Spelled)):
            text = str(found) if isinstance(found, Symbolic) else found.text
            self.use(text)
            self.locals[name] = text
        else:
            self.arguments[name] = Argument(name, self.values(name))

    def invent(self, hint: str, values: list[Any]) -> Text:
        """A new argument for a value that the author's words do not give."""
        for argument in self.arguments.values():
            if argument.values == values:
                return Text(argument.name)
        name, number = hint, 2
        while name in self.taken or name in self.parameters or name in self.lets:
            name, number = f"{hint}{number}", number + 1
        self.taken.add(name)
        self.arguments[name] = Argument(name, values)
        if all(type(value) is int for value in values):
            self.symbols.setdefault(name, symbol(name, 0))
        return Text(name)

    def ordered_arguments(self) -> list[Argument]:
        """The arguments as they stand in `__init__`: derived, the author's, those with defaults."""
        order = [*(n for n in self.arguments if n not in self.parameters), *self.parameters]
        found = [self.arguments[name] for name in order if name in self.arguments]
        return sorted(found, key=lambda argument: argument.default is not REQUIRED)


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


@dataclass(eq=False)
class Where:
    """A place in a unit's code: the uses that reach it, and what names mean in each.

    In a loop, every turn of every use is a case of its own; ``loop`` holds the loop's names.
    """

    unit: Unit
    owners: list[int]
    envs: Sequence[Mapping[str, Any]]
    loop: dict[str, Size] = field(default_factory=dict)

    def subset(self, chosen: Iterable[int]) -> Where:
        """Only some of the cases."""
        chosen = list(chosen)
        return Where(
            self.unit,
            [self.owners[c] for c in chosen],
            [self.envs[c] for c in chosen],
            self.loop,
        )

    def bound(self, rows: Sequence[Mapping[str, Any]]) -> Where:
        """The same cases with more names bound, one row for each."""
        envs = [Names(row, env) for row, env in zip(rows, self.envs, strict=True)]
        return Where(self.unit, self.owners, envs, self.loop)

    def value(self, values: Sequence[Any], candidate: Any, hint: str) -> Any:
        """A leaf of the code: the value where it is one, else text that gives each case its own.

        The author's words come first also where only some uses reach this place and happen to
        agree: the class should be right for others too.
        """
        some = len(self.owners) < len(self.unit.envs) and not self.loop
        text = self.matching(values, candidate) if some else None
        if text is None and same(values):
            return values[0]
        text = text or self.matching(values, candidate) or self._pool(values)
        if text is not None:
            return text
        return self.unit.invent(hint, self._by_use(values))

    def matching(self, values: Sequence[Any], candidate: Any) -> Text | None:
        """The candidate's text, if it has the right value in every case."""
        if isinstance(candidate, Symbolic) and alike(self.sizes(candidate), values):
            return self._use(str(candidate))
        if isinstance(candidate, Spelled) and alike(self.evaluated(candidate.expr), values):
            return self._use(candidate.text)
        return None

    def sizes(self, size: Size) -> list[Any]:
        """What a size is in each case; UNKNOWN where a name has no value yet."""
        found = []
        names = symbols(size)
        for owner, env in zip(self.owners, self.envs, strict=True):
            values = {}
            for name in names:
                argument = self.unit.arguments.get(name)
                if name in env:
                    values[name] = env[name]
                elif argument is not None:
                    values[name] = argument.values[owner]
            try:
                found.append(substitute(size, values))
            except (ValueError, ZeroDivisionError, TypeError):
                found.append(UNKNOWN)
        return found

    def evaluated(self, expr: Expr) -> list[Any]:
        found = []
        for env in self.envs:
            try:
                value = evaluate(expr, env, Budget(100_000))
            except ExpressionError:
                return []
            found.append(tuple(value) if isinstance(value, list) else value)
        return found

    def _pool(self, values: Sequence[Any]) -> Text | None:
        """A size of what comes in, or a loop's name, that has these values.

        The author's own names are left out: that one has the right values here says nothing,
        unless the author wrote it.
        """
        own = {*self.unit.parameters, *self.unit.lets} - set(self.unit.sizes)
        for name in [*self.loop, *self.unit.symbols]:
            known = name not in own and all(name in env for env in self.envs)
            if known and alike([env[name] for env in self.envs], values):
                return self._use(name)
        return None

    def _use(self, text: str) -> Text:
        return self.unit.use(text)

    def _by_use(self, values: Sequence[Any]) -> list[Any]:
        """One value for each use of the unit; a Mismatch where a loop's turns differ."""
        by_use: list[Any] = [REQUIRED] * len(self.unit.envs)
        for owner, value in zip(self.owners, values, strict=True):
            if by_use[owner] is not REQUIRED and by_use[owner] != value:
                raise Mismatch
            by_use[owner] = value
        known = next(value for value in by_use if value is not REQUIRED)
        return [known if value is REQUIRED else value for value in by_use]

    def condition(self, truths: Sequence[bool], term: Term | None, near: Any, hint: str) -> str:
        """Python source of a condition that holds in just the cases where ``truths`` says so."""
        if term is not None:
            found = self.unit.try_evaluate(term, near)
            if isinstance(found, Spelled) and self.evaluated(term.value) == list(truths):
                return self._use(found.text)
        return str(self.value(list(truths), None, hint))

    def shape(self, shapes: Sequence[Shape], *candidates: Shape | None) -> Shape:
        """A shape in terms of the unit's names; UNKNOWN sizes where there are no words for it."""
        if len({len(shape) for shape in shapes}) > 1:
            raise Mismatch
        return tuple(
            self._size([shape[axis] for shape in shapes], axis, candidates)
            for axis in range(len(shapes[0]))
        )

    def _size(self, values: list[Size], axis: int, candidates: tuple[Shape | None, ...]) -> Size:
        some = len(self.owners) < len(self.unit.envs) and not self.loop
        if same(values) and not some:
            return values[0]
        for candidate in candidates:
            if candidate is not None and axis < len(candidate):
                size = candidate[axis]
                if isinstance(size, Symbolic) and self.sizes(size) == values:
                    return size
        for name, size in {**self.loop, **self.unit.symbols}.items():
            known = isinstance(size, Symbolic) and all(name in env for env in self.envs)
            if known and [env[name] for env in self.envs] == values:
                return size
        return values[0] if same(values) else UNKNOWN
