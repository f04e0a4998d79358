"""The normal form: polynomials over atoms, and what adds and multiplies them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from keyword import iskeyword
from typing import Final, Literal, NoReturn, TypeAlias, TypeVar

from graphcnn.size.text import sum_text
from graphcnn.size.unknown import Unknown

MAX_TERMS: Final = 200
MAX_DEPTH: Final = 20
MAX_DEGREE: Final = 32
MAX_WEIGHT: Final = 500  # nodes of the expression, written out as a tree
MAX_INTEGER: Final = 2**63  # what integers of a spec stay below


class SizeTooComplex(ValueError):
    """The expression of a size grew beyond what is worth computing with."""


class SizeTooLarge(ValueError):
    """A coefficient or a divisor in a size does not fit in 64 bits."""


@dataclass(frozen=True, slots=True)
class Atom:
    """What a polynomial treats as one variable. `low` and `high` bound its value."""

    key: str
    kind: Literal["symbol", "//", "max", "min"] = field(compare=False)
    args: tuple[Known, ...] = field(compare=False, default=())
    low: int | None = field(compare=False, default=None)
    high: int | None = field(compare=False, default=None)
    weight: int = field(compare=False, default=1)
    depth: int = field(compare=False, default=0)
    degree: int = field(compare=False, default=1)

    @property
    def order(self) -> tuple[bool, str]:
        return self.kind != "symbol", self.key


@dataclass(frozen=True, slots=True, repr=False)
class Symbolic:
    """An integer that depends on unknowns, in normal form; never a constant.

    Made by `symbol` and by arithmetic, not by hand. `key` is the text of the size with the minimum
    of each symbol, where it is not 1, noted as `name@minimum`: equal keys mean equal normal forms.
    """

    key: str
    terms: tuple[tuple[Monomial, int], ...] = field(compare=False)
    weight: int = field(compare=False)
    depth: int = field(compare=False)
    degree: int = field(compare=False)

    def __add__(self, other: Known) -> Known:
        return _apply(_sum, self, other)

    def __radd__(self, other: int) -> Known:
        return _apply(_sum, self, other)

    def __sub__(self, other: Known) -> Known:
        return _apply(_difference, self, other)

    def __rsub__(self, other: int) -> Known:
        return _apply(_difference, other, self)

    def __mul__(self, other: Known) -> Known:
        return _apply(times, self, other)

    def __rmul__(self, other: int) -> Known:
        return _apply(times, self, other)

    # Division rests on bounds, and those on this normal form.

    def __floordiv__(self, other: Known) -> Known:
        from graphcnn.size.division import floor_div

        return _apply(floor_div, self, other)

    def __rfloordiv__(self, other: int) -> Known:
        from graphcnn.size.division import floor_div

        return _apply(floor_div, other, self)

    def __mod__(self, other: Known) -> Known:
        from graphcnn.size.division import modulo

        return _apply(modulo, self, other)

    def __rmod__(self, other: int) -> Known:
        from graphcnn.size.division import modulo

        return _apply(modulo, other, self)

    def __pow__(self, exponent: int) -> Known:
        return _apply(_power, self, exponent)

    def __neg__(self) -> Known:
        return times(self, -1)

    def __pos__(self) -> Symbolic:
        return self

    def __bool__(self) -> bool:
        raise TypeError(f"cannot decide whether {self} is zero; use equal or at_least")

    def _unordered(self, other: object) -> NoReturn:
        raise TypeError(f"cannot decide the order of {self} and {other}; use at_least")

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    def __int__(self) -> NoReturn:
        raise TypeError(f"{self} is symbolic and has no integer value; use evaluate")

    def __repr__(self) -> str:
        return re.sub("@[0-9]+", "", self.key)


Known: TypeAlias = int | Symbolic

Size: TypeAlias = int | Symbolic | Unknown
Monomial: TypeAlias = tuple[tuple[Atom, int], ...]  # (atom, power), in the order of the atoms
Polynomial: TypeAlias = dict[Monomial, int]

C = TypeVar("C", int, int | Fraction)

Rational: TypeAlias = dict[Monomial, int | Fraction]


def symbol(name: str, minimum: int = 1) -> Symbolic:
    """An unknown integer that is at least `minimum`, which is not negative.

    Symbols are the same where both the name and the minimum are.
    """
    if not name.isidentifier() or iskeyword(name) or name in ("max", "min"):
        raise ValueError(f"{name!r} cannot name a size: it is not an identifier, or is reserved")
    if minimum < 0:
        raise ValueError(f"the minimum of a size is not negative, got {minimum}")
    key = name if minimum == 1 else f"{name}@{minimum}"
    return from_atom(Atom(key, "symbol", low=minimum))


def polynomial(size: Known) -> Polynomial:
    if isinstance(size, Symbolic):
        return dict(size.terms)
    return {(): int(size)} if size else {}


def known(terms: Polynomial) -> Known:
    """The size that a polynomial is; refuses those that are too large to work with."""
    left = [(monomial, c) for monomial, c in terms.items() if c]
    if not left:
        return 0
    if len(left) == 1 and not left[0][0]:
        return left[0][1]
    if len(left) > MAX_TERMS:
        raise SizeTooComplex(f"a size of more than {MAX_TERMS} terms")
    if any(abs(c) > MAX_INTEGER for _, c in left):
        raise SizeTooLarge("a coefficient in a size does not fit in 64 bits")
    left.sort(key=lambda term: _written(*term))
    return symbolic(left)


def symbolic(terms: list[tuple[Monomial, int]]) -> Symbolic:
    weight = sum(1 + sum(atom.weight for atom, _ in monomial) for monomial, _ in terms)
    depth = max(atom.depth for monomial, _ in terms for atom, _ in monomial)
    degree = max(sum(atom.degree * power for atom, power in monomial) for monomial, _ in terms)
    if weight > MAX_WEIGHT or depth > MAX_DEPTH or degree > MAX_DEGREE:
        raise SizeTooComplex("the expression of a size is too long, too deep or of too high degree")
    return Symbolic(sum_text(terms), tuple(terms), weight, depth, degree)


def from_atom(atom: Atom) -> Symbolic:
    return symbolic([(((atom, 1),), 1)])


def _written(monomial: Monomial, coefficient: int) -> tuple[object, ...]:
    """The order in which a sum is read: as `order`, but `c + 2 * g` before `2 * c + g`."""
    degree, rest = order(monomial)
    return degree, abs(coefficient) != 1, rest


def order(monomial: Monomial) -> tuple[object, ...]:
    """Graded lexicographic: the higher degree first, the constant last."""
    return -sum(power for _, power in monomial), [(a.order, -power) for a, power in monomial]


def _apply(operation: Callable[[Known, Known], Known], a: object, b: object) -> Known:
    if isinstance(a, (int, Symbolic)) and isinstance(b, (int, Symbolic)):
        return operation(a, b)
    return NotImplemented  # type: ignore[no-any-return]


def _sum(a: Known, b: Known) -> Known:
    return known(add_to(polynomial(a), polynomial(b)))


def _difference(a: Known, b: Known) -> Known:
    return known(add_to(polynomial(a), polynomial(b), -1))


def times(a: Known, b: Known) -> Known:
    return known(multiply(polynomial(a), polynomial(b)))


def _power(base: Known, exponent: Known) -> Known:
    if isinstance(exponent, Symbolic):
        raise TypeError(f"the power of a size is a number, got {exponent}")
    if exponent < 0:
        raise ValueError(f"cannot raise {base} to a negative power")
    if exponent > MAX_DEGREE:
        raise SizeTooComplex(f"a size to the power {exponent}")
    result: Known = 1
    for _ in range(exponent):
        result = base * result
    return result


def add_to(
    terms: dict[Monomial, C], others: Mapping[Monomial, C], sign: int = 1
) -> dict[Monomial, C]:
    for monomial, c in others.items():
        terms[monomial] = terms.get(monomial, 0) + sign * c
    return terms


def multiply(a: Mapping[Monomial, C], b: Mapping[Monomial, int]) -> dict[Monomial, C]:
    terms: dict[Monomial, C] = {}
    for m, c in a.items():
        for n, d in b.items():
            monomial = _join(m, n)
            terms[monomial] = terms.get(monomial, 0) + c * d
    return terms


def _join(a: Monomial, b: Monomial) -> Monomial:
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].order))


def split(a: Monomial, b: Monomial) -> Monomial | None:
    """`a / b`, or None where `b` does not divide it."""
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) - power
        if powers[atom] < 0:
            return None
    return tuple((atom, power) for atom, power in powers.items() if power)
