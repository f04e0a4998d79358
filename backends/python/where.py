"""A place in a class to be emitted, and how values are written there.

Whatever is the same in every use is written as it is. What differs is written in the author's own
words, as an expression over the block's parameters, and that expression is evaluated for every use
and compared: it is kept only where it gives each use its own value. Where no such expression
exists, the value becomes a constructor argument by itself. So cleverness decides how the code reads
and never what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.code import Formula
from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.precedence import conditional, infix
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.reading import Reader, is_open
from graphcnn.backends.python.unit import (
    Mismatch,
    Spelled,
    Unit,
    alike,
    axis_names,
    same,
)
from graphcnn.evaluate import Budget, Names, evaluate
from graphcnn.expression import Expr, ExpressionError
from graphcnn.ops.base import Shape
from graphcnn.program import Term
from graphcnn.size import UNKNOWN, Size, Symbolic, Unknown, symbols
from graphcnn.size import evaluate as substitute

_ITEM = re.compile(r"\w+\[\d+\]")


def is_fraction(words: Any, values: Sequence[Any]) -> bool:
    """Whether words say what a fraction was computed from."""
    return isinstance(words, Spelled) and isinstance(values[0], float)


def _part(wholes: Sequence[Any], values: Sequence[Any]) -> int:
    """Which even part of ``wholes`` the values are, 0 where they are none."""
    if not all(type(size) is int and size > 0 for size in (*wholes, *values)):
        return 0
    part: int = wholes[0] // values[0]
    return part if list(wholes) == [value * part for value in values] else 0


@dataclass(eq=False)
class Where:
    """A place in a unit's code: the uses that reach it, and what names mean in each.

    In a loop, every turn of every use is a case of its own; ``loop`` holds the loop's names.
    """

    #: what positional arguments are called, for values that become arguments of a class
    hints: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Conv": ("in_channels", "out_channels", "kernel_size"),
        "Linear": ("in_features", "out_features"),
        "BatchNorm": ("features",),
        "LayerNorm": ("features",),
        "GroupNorm": ("groups", "channels"),
        "Dropout": ("rate",),
        "DropPath": ("rate",),
        "Pad": ("padding",),
    }

    unit: Unit
    owners: list[int]
    envs: Sequence[Mapping[str, Any]]
    loop: dict[str, Size] = field(default_factory=dict)
    #: what reads sizes where the code runs; without it nothing can depend on such
    reader: Reader | None = None

    def reading(self, reader: Reader) -> Self:
        """The same place, where sizes can be read."""
        found = copy(self)
        found.reader = reader
        return found

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
        agree, and where all agree in one item of a list that differs: the class should be right for
        others too. So they do where the value is a fraction, which has words only where its digits,
        or those of others like it, say nothing.
        """
        if self.is_late(values):
            return self.read(values, candidate, hint)
        said = self.is_some() or self.is_item(candidate) or is_fraction(candidate, values)
        text = self.matching(values, candidate) if said else None
        if text is None and same(values):
            return values[0]
        text = text or self.matching(values, candidate) or self._pool(values)
        if text is not None:
            return text
        return self.unit.invent(hint, self._by_use(values))

    def read(self, values: Sequence[Any], candidate: Any, hint: str) -> Any:
        """A size that is known only where the code runs.

        Raises:
            Mismatch: nothing that is there tells it, and it cannot be handed on.
        """
        reader = self.reader
        if reader is None or any(isinstance(value, tuple) for value in values):
            raise Mismatch
        for size in (candidate, *reader.found(values)):
            if self.fits(size, values):
                return reader.formula(size, self._use)
        return Formula(self.unit.hand(hint, self._by_use(values)), ())

    def is_late(self, values: Sequence[Any]) -> bool:
        """Whether values are known only where the code runs.

        Such are symbols, and what differs where one module is used again.
        """
        return is_open(values) or self.unit.differs_in_one(self.owners, values)

    def fits(self, size: Any, values: Sequence[Any]) -> bool:
        """Whether a size has these values, and the code each of its names."""
        known = isinstance(size, Symbolic) and all(map(self.is_named, symbols(size)))
        return known and alike(self.sizes(size), values)

    def is_named(self, name: str) -> bool:
        """Whether the code can read a name of a size where it runs."""
        if self.reader is not None and self.reader.is_read(name):
            return True
        if name in self.loop:
            return True
        if name in self.unit.said:
            return not self.is_late([self.unit.said[name].values.get(n) for n in self.owners])
        own = self.unit.author(name) or name
        return own in self.unit.symbols and not self.is_late([env.get(own) for env in self.envs])

    def together(self, values: Sequence[Any], words: Any) -> Any:
        """The code of several sizes at once, where one tensor has them; None where none has."""
        if self.reader is None or not all(isinstance(value, tuple) for value in values):
            return None
        said = isinstance(words, tuple) and any(
            self.fits(word, column)
            for word, column in zip(words, zip(*values, strict=True), strict=False)
        )
        return self.reader.together(words if said else None, values)

    def matching(self, values: Sequence[Any], candidate: Any) -> Text | None:
        """The candidate's text, if it has the right value in every case."""
        if isinstance(candidate, Symbolic) and alike(self.sizes(candidate), values):
            return self._use(str(candidate))
        if isinstance(candidate, Spelled) and alike(self.evaluated(candidate.expr), values):
            return self._use(candidate.text)
        return None

    def real(self, cases: Iterable[int] | None = None) -> list[int]:
        """Those of the cases that the model has."""
        found = range(len(self.owners)) if cases is None else cases
        return [case for case in found if self.owners[case] not in self.unit.probes]

    def is_some(self) -> bool:
        """Whether only some uses reach this place."""
        return len(set(self.owners)) < len(self.unit.envs)

    def is_item(self, candidate: Any) -> bool:
        """Whether words name an item of a list: it comes as an argument whatever is in it."""
        if isinstance(candidate, Spelled):
            return _ITEM.fullmatch(candidate.text) is not None
        said = isinstance(candidate, Symbolic) and any(
            name in self.unit.said for name in symbols(candidate)
        )
        return said and "[" in self.unit.written(str(candidate))

    def proposed(self, value: Any, near: Mapping[str, Any], *, by_operands: bool = False) -> Any:
        """What an expression or constant is here: a constant, a size, Spelled, or UNKNOWN."""
        if not isinstance(value, Expr):
            return value
        found = self.unit.said_of(value, Names(self.loop, near), by_operands=by_operands)
        return self.sized(found) if isinstance(found, Spelled) else found

    def sized(self, words: Spelled) -> Spelled | Symbolic:
        """Words as a size, where each use has one integer for them."""
        if not self.loop.keys().isdisjoint(names_in(words.text)):
            return words  # which says nothing outside of the loop
        by_use: dict[int, int] = {}
        for owner, value in zip(self.owners, self.evaluated(words.expr), strict=False):
            if type(value) is not int or by_use.setdefault(owner, value) != value:
                return words
        return self.unit.size(words.text, by_use) if by_use else words

    def sizes(self, size: Size) -> list[Any]:
        """What a size is in each case; UNKNOWN where a name has no value yet."""
        found = []
        names = symbols(size)
        for case, (owner, env) in enumerate(zip(self.owners, self.envs, strict=True)):
            values = {} if self.reader is None else dict(self.reader.known(case))
            for name in names:
                if name in values:
                    continue
                own = self.unit.author(name) or name
                argument = self.unit.arguments.get(own)
                if name in self.unit.said:
                    if owner in self.unit.said[name].values:
                        values[name] = self.unit.said[name].values[owner]
                elif own in env:
                    values[name] = env[own]
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
            if name not in own and all(name in env for env in self.envs):
                sizes = [env[name] for env in self.envs]
                code = self.unit.spell(name)
                if alike(sizes, values):
                    return self._use(code)
                part = _part(sizes, values)
                if part > 1:
                    return self._use(infix("//", code, str(part)))
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
        rank = len(shapes[0])
        endings = axis_names("", rank)
        return tuple(
            self._size([shape[axis] for shape in shapes], axis, endings, candidates)
            for axis in range(rank)
        )

    def choice(self, values: Sequence[Size], then: Size, otherwise: Size, condition: str) -> Size:
        """A size that is one or the other: `width if depth > 1 else out`."""
        known = not any(isinstance(size, Unknown) for size in (then, otherwise))
        numbers = [value for value in values if isinstance(value, int)]
        if not known or len(numbers) < len(values):
            return UNKNOWN
        texts = [self.unit.written(str(size)) for size in (then, otherwise)]
        words = Text(conditional(texts[0], condition, texts[1]))
        return self.unit.size(words, dict(zip(self.owners, numbers, strict=True)))

    def _size(
        self,
        values: list[Size],
        axis: int,
        endings: Sequence[str],
        candidates: tuple[Shape | None, ...],
    ) -> Size:
        words = [shape[axis] for shape in candidates if shape is not None and axis < len(shape)]
        if same(values) and not self.is_some() and not any(map(self.is_item, words)):
            return values[0]
        for size in words:
            if isinstance(size, Symbolic) and self.sizes(size) == values:
                return size
            if type(size) is int and set(values) == {size}:
                return size
        names = {**self.loop, **self.unit.symbols}
        same_axis = tuple(endings[axis : axis + 1])  # a height is rather said as one
        for name, size in sorted(names.items(), key=lambda item: not item[0].endswith(same_axis)):
            known = isinstance(size, Symbolic) and all(name in env for env in self.envs)
            if known and [env[name] for env in self.envs] == values:
                return size
        return values[0] if same(values) else UNKNOWN
