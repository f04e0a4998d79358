"""What an expression is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

FUNCTIONS = (
    "min", "max", "abs", "sum", "len", "range", "ceil", "floor", "round", "int",
    "make_divisible",
)  # fmt: skip
PROPERTIES = ("channels", "height", "width", "depth", "length", "shape")


class ExpressionError(Exception):
    """What is wrong with an expression, at characters ``start`` to ``end`` of the file.

    ``help`` may be given as a function: what is slow to work out is then worked out only for
    an error that someone reads.
    """

    def __init__(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        help: str | Callable[[], str | None] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self._help = help

    @property
    def help(self) -> str | None:
        return self._help() if callable(self._help) else self._help


@dataclass(frozen=True, slots=True)
class Expr:
    """A node of an expression; ``start`` and ``end`` are offsets in the file."""

    start: int
    end: int

    def children(self) -> tuple[Expr, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Const(Expr):
    value: Any


@dataclass(frozen=True, slots=True)
class Name(Expr):
    name: str


@dataclass(frozen=True, slots=True)
class Property(Expr):
    """``value.channels``; on a dotted id (`half.0`) the name is a number."""

    value: Expr
    name: str

    def children(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    operator: str
    operand: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """Arithmetic, and the lazy `and`, `or`."""

    operator: str
    left: Expr
    right: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """``a < b <= c``."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]

    def children(self) -> tuple[Expr, ...]:
        return (self.first, *(right for _, right in self.rest))


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """``then if condition else otherwise``."""

    condition: Expr
    then: Expr
    otherwise: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class ListOf(Expr):
    items: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Index(Expr):
    value: Expr
    index: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.value, self.index)


@dataclass(frozen=True, slots=True)
class SliceOf(Expr):
    value: Expr
    bounds: tuple[Expr | None, Expr | None, Expr | None]

    def children(self) -> tuple[Expr, ...]:
        return (self.value, *(bound for bound in self.bounds if bound is not None))


@dataclass(frozen=True, slots=True)
class Comprehension(Expr):
    """``[element for name, … in source if condition]``."""

    element: Expr
    names: tuple[str, ...]
    source: Expr
    condition: Expr | None

    def children(self) -> tuple[Expr, ...]:
        found = (self.element, self.source)
        return found if self.condition is None else (*found, self.condition)


@dataclass(frozen=True, slots=True)
class CallOf(Expr):
    function: str
    arguments: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class Template(Expr):
    """Text with expressions in it: `layer$(stage + 1)`."""

    parts: tuple[str | Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return tuple(part for part in self.parts if isinstance(part, Expr))


def free_names(expr: Expr) -> Iterator[Name]:
    """The names that an expression reads from its scope, each where it stands."""
    if isinstance(expr, Name):
        yield expr
    elif isinstance(expr, Comprehension):
        yield from free_names(expr.source)
        inner = (expr.element,) if expr.condition is None else (expr.element, expr.condition)
        for part in inner:
            yield from (name for name in free_names(part) if name.name not in expr.names)
    else:
        for child in expr.children():
            yield from free_names(child)


def names_in(expr: Expr) -> frozenset[str]:
    """The names that an expression reads from its scope."""
    return frozenset(name.name for name in free_names(expr))
