"""Quotients rounded up, products, the largest and the smallest of several sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, overload

from graphcnn.size.bounds import at_least, operation
from graphcnn.size.terms import Known, Size, SizeTooComplex, Symbolic
from graphcnn.size.text import key_of
from graphcnn.size.unknown import UNKNOWN, Unknown

MAX_ARGUMENTS: Final = 32  # of one maximum or minimum


@overload
def ceil_div(a: int, b: int) -> int: ...
@overload
def ceil_div(a: Known, b: Known) -> Known: ...
@overload
def ceil_div(a: Size, b: Size) -> Size: ...
def ceil_div(a: Size, b: Size) -> Size:
    """The quotient of `a` by a positive `b`, rounded up."""
    if type(a) is int and type(b) is int:
        return -(-a // b)
    return (a + (b - 1)) // b


@overload
def maximum(*sizes: int) -> int: ...
@overload
def maximum(*sizes: Known) -> Known: ...
@overload
def maximum(*sizes: Size) -> Size: ...
def maximum(*sizes: Size) -> Size:
    """The largest of the sizes, of which there is at least one."""
    for size in sizes:
        if type(size) is not int:
            return _extreme("max", sizes)
    return max(sizes)


@overload
def minimum(*sizes: int) -> int: ...
@overload
def minimum(*sizes: Known) -> Known: ...
@overload
def minimum(*sizes: Size) -> Size: ...
def minimum(*sizes: Size) -> Size:
    """The smallest of the sizes, of which there is at least one."""
    for size in sizes:
        if type(size) is not int:
            return _extreme("min", sizes)
    return min(sizes)


@overload
def product(sizes: Iterable[int]) -> int: ...
@overload
def product(sizes: Iterable[Known]) -> Known: ...
@overload
def product(sizes: Iterable[Size]) -> Size: ...
def product(sizes: Iterable[Size]) -> Size:
    """The sizes multiplied together; 1 where there are none."""
    result: Size = 1
    for size in sizes:
        result = result * size
    return result


def _extreme(kind: Literal["max", "min"], sizes: tuple[Size, ...]) -> Size:
    unique: dict[Known, None] = {}
    for size in sizes:
        if isinstance(size, Unknown):
            return UNKNOWN
        unique.update(dict.fromkeys(_arguments(kind, size)))
    if len(unique) > MAX_ARGUMENTS:
        raise SizeTooComplex(f"a {kind} of more than {MAX_ARGUMENTS} sizes")
    kept: list[Known] = []
    for size in sorted(unique, key=lambda arg: (isinstance(arg, int), key_of(arg))):
        if not any(_dominates(kind, other, size) for other in kept):
            kept = [other for other in kept if not _dominates(kind, size, other)] + [size]
    if len(kept) == 1:
        return kept[0]
    return operation(kind, f"{kind}({', '.join(map(key_of, kept))})", *kept)


def _arguments(kind: str, size: Known) -> tuple[Known, ...]:
    """The arguments of a nested extreme of the same kind; or the size itself."""
    if isinstance(size, Symbolic) and len(size.terms) == 1:
        (monomial, c), *_ = size.terms
        if c == 1 and len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].kind == kind:
            return monomial[0][0].args
    return (size,)


def _dominates(kind: str, a: Known, b: Known) -> bool:
    return bool(at_least(a, b) if kind == "max" else at_least(b, a))
