"""Exact symbolic integers for the sizes of tensors.

A size is an `int`, a `Symbolic` or `UNKNOWN`. A `Symbolic` is an integer polynomial over atoms: a
named unknown, a floor division, a maximum or a minimum. It is kept in a normal form, so sizes
computed in different ways compare equal, and its text is a Python expression:

    >>> H = symbol("H")
    >>> (H + 2 * 1 - 3) // 2 + 1
    (H - 1) // 2 + 1
    >>> (H + 2 * 1 - 3) // 2 + 1 == (H + 1) // 2
    True

Questions have three answers. `equal`, `at_least` and `divides` say True or False only when that
holds for every value of the unknowns, and None otherwise. `==` compares normal forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import product as cartesian
from keyword import iskeyword
from math import ceil, comb, gcd, lcm, prod
from typing import Final, Literal, NoReturn, TypeAlias, TypeVar, overload

__all__ = [
    "UNKNOWN",
    "Size",
    "SizeTooComplex",
    "SizeTooLarge",
    "Symbolic",
    "Unknown",
    "at_least",
    "bounds",
    "ceil_div",
    "divides",
    "equal",
    "evaluate",
    "is_known",
    "maximum",
    "minimum",
    "product",
    "symbol",
    "symbols",
]

MAX_TERMS: Final = 200
MAX_ARGUMENTS: Final = 32  # of one maximum or minimum
MAX_DEPTH: Final = 20
MAX_DEGREE: Final = 32
MAX_WEIGHT: Final = 500  # nodes of the expression, written out as a tree
MAX_COEFFICIENT: Final = 2**63
MAX_CASES: Final = 64  # residues tried before a question is given up


class SizeTooComplex(ValueError):
    """The expression of a size grew beyond what is worth computing with."""


class SizeTooLarge(ValueError):
    """A coefficient or a divisor in a size does not fit in 64 bits."""


class Unknown:
    """The size that an earlier error lost; whatever is computed from it is unknown too."""

    __slots__ = ()

    def _absorb(self, _other: Size) -> Unknown:
        return self

    def _same(self) -> Unknown:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _absorb
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _absorb
    __neg__ = __pos__ = __abs__ = _same

    def _unordered(self, _other: object) -> NoReturn:
        raise TypeError("cannot decide the order of an unknown size; use at_least")

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    def __bool__(self) -> bool:
        raise TypeError("cannot decide whether an unknown size is zero; use is_known and equal")

    def __int__(self) -> NoReturn:
        raise TypeError("an unknown size has no integer value")

    def __repr__(self) -> str:
        return "?"

    def __reduce__(self) -> str:
        return "UNKNOWN"  # a copy is the singleton again


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class _Atom:
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
    terms: tuple[tuple[_Monomial, int], ...] = field(compare=False)
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
        return _apply(_times, self, other)

    def __rmul__(self, other: int) -> Known:
        return _apply(_times, self, other)

    def __floordiv__(self, other: Known) -> Known:
        return _apply(_floor_div, self, other)

    def __rfloordiv__(self, other: int) -> Known:
        return _apply(_floor_div, other, self)

    def __mod__(self, other: Known) -> Known:
        return _apply(_modulo, self, other)

    def __rmod__(self, other: int) -> Known:
        return _apply(_modulo, other, self)

    def __pow__(self, exponent: int) -> Known:
        return _apply(_power, self, exponent)

    def __neg__(self) -> Known:
        return _times(self, -1)

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
_Monomial: TypeAlias = tuple[tuple[_Atom, int], ...]  # (atom, power), in the order of the atoms
_Polynomial: TypeAlias = dict[_Monomial, int]
_C = TypeVar("_C", int, int | Fraction)
_Rational: TypeAlias = dict[_Monomial, int | Fraction]


def symbol(name: str, minimum: int = 1) -> Symbolic:
    """An unknown integer that is at least `minimum`, which is not negative.

    Symbols are the same where both the name and the minimum are.
    """
    if not name.isidentifier() or iskeyword(name) or name in ("max", "min"):
        raise ValueError(f"{name!r} cannot name a size: it is not an identifier, or is reserved")
    if minimum < 0:
        raise ValueError(f"the minimum of a size is not negative, got {minimum}")
    key = name if minimum == 1 else f"{name}@{minimum}"
    return _from_atom(_Atom(key, "symbol", low=minimum))


def is_known(*sizes: Size) -> bool:
    """Whether none of the sizes is `UNKNOWN`."""
    for size in sizes:  # noqa: SIM110 - faster than `all`, and this is asked of every shape
        if size is UNKNOWN:
            return False
    return True


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


def equal(a: Size, b: Size) -> bool | None:
    """Whether two sizes are equal: always (True), never (False), or it depends (None)."""
    if type(a) is int and type(b) is int:
        return a == b
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return None
    return _is_zero(a - b)


def at_least(a: Size, b: Size) -> bool | None:
    """Whether `a >= b`: always (True), never (False), or it depends or is not found out (None)."""
    if type(a) is int and type(b) is int:
        return a >= b
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return None
    low, high = bounds(a - b)
    if low is not None and low >= 0:
        return True
    return False if high is not None and high < 0 else None


def divides(q: Size, a: Size) -> bool | None:
    """Whether `a` is a multiple of `q`: always, never, or None. Zero divides only zero."""
    if type(a) is int and type(q) is int:
        return a % q == 0 if q else a == 0
    if isinstance(a, Unknown) or isinstance(q, Unknown):
        return None
    if isinstance(q, int):
        return equal(a % abs(q) if q else a, 0)
    return equal(a % q, 0) if at_least(q, 1) else None


def bounds(size: Size) -> tuple[int | None, int | None]:
    """A lower and an upper bound, None where there is none; sound, not always tight."""
    if isinstance(size, Symbolic):
        return _bounds(size)
    return (None, None) if isinstance(size, Unknown) else (size, size)


def symbols(size: Size) -> frozenset[str]:
    """The names of the unknowns in a size."""
    return frozenset(_name(atom) for atom in _symbol_atoms(size))


def evaluate(size: Size, values: Mapping[str, Size]) -> Size:
    """The size with the named symbols replaced, all at once; the others stay.

    A value below the minimum of its symbol is a ValueError: the normal form relies on it.
    """
    chosen: dict[_Atom, Known] = {}
    for atom in _symbol_atoms(size):
        value = values.get(_name(atom))
        if isinstance(value, Unknown):
            return UNKNOWN
        if value is not None:
            if at_least(value, atom.low or 0) is False:
                raise ValueError(f"{_name(atom)} is at least {atom.low}, got {value}")
            chosen[atom] = value
    return _substitute(size, chosen) if isinstance(size, Symbolic) and chosen else size


# Polynomials and their normal form


def _polynomial(size: Known) -> _Polynomial:
    if isinstance(size, Symbolic):
        return dict(size.terms)
    return {(): int(size)} if size else {}


def _known(terms: _Polynomial) -> Known:
    """The size that a polynomial is; refuses those that are too large to work with."""
    left = [(monomial, c) for monomial, c in terms.items() if c]
    if not left:
        return 0
    if len(left) == 1 and not left[0][0]:
        return left[0][1]
    if len(left) > MAX_TERMS:
        raise SizeTooComplex(f"a size of more than {MAX_TERMS} terms")
    if any(abs(c) > MAX_COEFFICIENT for _, c in left):
        raise SizeTooLarge("a coefficient in a size does not fit in 64 bits")
    left.sort(key=lambda term: _written(*term))
    return _symbolic(left)


def _symbolic(terms: list[tuple[_Monomial, int]]) -> Symbolic:
    weight = sum(1 + sum(atom.weight for atom, _ in monomial) for monomial, _ in terms)
    depth = max(atom.depth for monomial, _ in terms for atom, _ in monomial)
    degree = max(sum(atom.degree * power for atom, power in monomial) for monomial, _ in terms)
    if weight > MAX_WEIGHT or depth > MAX_DEPTH or degree > MAX_DEGREE:
        raise SizeTooComplex("the expression of a size is too long, too deep or of too high degree")
    return Symbolic(_sum_text(terms), tuple(terms), weight, depth, degree)


def _written(monomial: _Monomial, coefficient: int) -> tuple[object, ...]:
    """The order in which a sum is read: as `_order`, but `c + 2 * g` before `2 * c + g`."""
    degree, rest = _order(monomial)
    return degree, abs(coefficient) != 1, rest


def _order(monomial: _Monomial) -> tuple[object, ...]:
    """Graded lexicographic: the higher degree first, the constant last."""
    return -sum(power for _, power in monomial), [(a.order, -power) for a, power in monomial]


def _apply(operation: Callable[[Known, Known], Known], a: object, b: object) -> Known:
    if isinstance(a, (int, Symbolic)) and isinstance(b, (int, Symbolic)):
        return operation(a, b)
    return NotImplemented  # type: ignore[no-any-return]


def _sum(a: Known, b: Known) -> Known:
    return _known(_add_to(_polynomial(a), _polynomial(b)))


def _difference(a: Known, b: Known) -> Known:
    return _known(_add_to(_polynomial(a), _polynomial(b), -1))


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


def _add_to(
    terms: dict[_Monomial, _C], others: Mapping[_Monomial, _C], sign: int = 1
) -> dict[_Monomial, _C]:
    for monomial, c in others.items():
        terms[monomial] = terms.get(monomial, 0) + sign * c
    return terms


def _times(a: Known, b: Known) -> Known:
    return _known(_multiply(_polynomial(a), _polynomial(b)))


def _multiply(a: Mapping[_Monomial, _C], b: Mapping[_Monomial, int]) -> dict[_Monomial, _C]:
    terms: dict[_Monomial, _C] = {}
    for m, c in a.items():
        for n, d in b.items():
            monomial = _join(m, n)
            terms[monomial] = terms.get(monomial, 0) + c * d
    return terms


def _join(a: _Monomial, b: _Monomial) -> _Monomial:
    if not a or not b:
        return a or b
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: item[0].order))


def _split(a: _Monomial, b: _Monomial) -> _Monomial | None:
    """`a / b`, or None where `b` does not divide it."""
    powers = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) - power
        if powers[atom] < 0:
            return None
    return tuple((atom, power) for atom, power in powers.items() if power)


def _from_atom(atom: _Atom) -> Symbolic:
    return _symbolic([(((atom, 1),), 1)])


def _operation(kind: Literal["//", "max", "min"], key: str, *args: Known) -> Known:
    """An atom over sizes; a constant where its bounds leave only one value."""
    low, high = _range(kind, [bounds(arg) for arg in args])
    if low is not None and low == high:
        return low
    inner = [arg for arg in args if isinstance(arg, Symbolic)]
    weight = 1 + sum(arg.weight for arg in inner)
    depth = 1 + max(arg.depth for arg in inner)
    degree = max(arg.degree for arg in inner)
    return _from_atom(_Atom(key, kind, args, low, high, weight, depth, degree))


def _range(kind: str, args: list[tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    lows, highs = [low for low, _ in args], [high for _, high in args]
    if kind == "max":
        return _tightest(max, lows), None if None in highs else _tightest(max, highs)
    if kind == "min":
        return None if None in lows else _tightest(min, lows), _tightest(min, highs)
    (low, high), (least, most) = args
    least = max(1, least or 1)
    if low is not None:
        divisor = most if low >= 0 else least
        low = 0 if divisor is None else low // divisor
    if high is not None:
        divisor = least if high >= 0 else most
        high = -1 if divisor is None else high // divisor
    return low, high


def _name(atom: _Atom) -> str:
    return atom.key.partition("@")[0]


def _symbol_atoms(size: Size) -> Iterator[_Atom]:
    if isinstance(size, Symbolic):
        for monomial, _ in size.terms:
            for atom, _ in monomial:
                if atom.kind == "symbol":
                    yield atom
                for arg in atom.args:
                    yield from _symbol_atoms(arg)


def _substitute(size: Known, values: Mapping[_Atom, Known]) -> Known:
    if not isinstance(size, Symbolic):
        return size
    total: Known = 0
    for monomial, c in size.terms:
        term: Known = c
        for atom, power in monomial:
            term = term * _substitute_atom(atom, values) ** power
        total = total + term
    return total


def _substitute_atom(atom: _Atom, values: Mapping[_Atom, Known]) -> Known:
    if atom.kind == "symbol":
        return values[atom] if atom in values else _from_atom(atom)
    args = [_substitute(arg, values) for arg in atom.args]
    if atom.kind == "//":
        return _floor(*args)  # the divisor is positive, though that may no longer show
    return maximum(*args) if atom.kind == "max" else minimum(*args)


# Division, maximum and minimum


def _floor_div(n: Known, d: Known) -> Known:
    if d != 0 and not at_least(d, 1):
        raise ValueError(f"cannot divide {n} by {d}, which is not known to be positive")
    return _floor(n, d)


@lru_cache(maxsize=4096)
def _floor(n: Known, d: Known) -> Known:
    """`n // d` in normal form, by identities of the floor that hold for every integer.

    - `(g*x + c) // (g*d) = (x + c // g) // d`
    - `(d*x + y) // d = x + y // d`, which also brings every coefficient into `0 .. d - 1` and the
      constant into `1 - d .. 0`: `(H + 1) // 2` becomes `(H - 1) // 2 + 1`
    - `(x // p + y) // d = (x + p*y) // (p*d)`
    """
    if isinstance(n, int) and isinstance(d, int):
        return n // d
    if isinstance(d, int) and d <= 0:
        raise ZeroDivisionError(f"{n} divided by {d}")
    whole, n, d = _reduced(n, d)
    return whole + _quotient(n, d)


def _reduced(n: Known, d: Known) -> tuple[Known, Known, Known]:
    """`(whole, x, y)` with `n // d = whole + x // y` and nothing more to take out of `x // y`."""
    whole: Known = 0
    while True:
        n, d = _cancel(n, d)
        out, n = _divide(n, d)
        whole = whole + out
        nested = _nested(n, d)
        if nested is not None:
            n, d = nested
        elif out == 0:
            return whole, n, d


def _quotient(n: Known, d: Known) -> Known:
    if isinstance(d, Symbolic):
        if at_least(n, 0) and at_least(d - 1, n):
            return 0
        if at_least(-1, n) and at_least(n + d, 0):
            return -1
    elif isinstance(n, int):
        return n // d
    elif d > MAX_COEFFICIENT:
        raise SizeTooLarge("a divisor in a size does not fit in 64 bits")
    return _operation("//", _floor_text(n, d), n, d)


def _modulo(a: Known, q: Known) -> Known:
    return a - q * (a // q)


def _cancel(n: Known, d: Known) -> tuple[Known, Known]:
    """Takes out what numerator and divisor have in common."""
    top, bottom = _polynomial(n), _polynomial(d)
    g = gcd(*(c for monomial, c in top.items() if monomial), *bottom.values())
    if g > 1:
        top = {monomial: c // g for monomial, c in top.items()}
        bottom = {monomial: c // g for monomial, c in bottom.items()}
    for atom, _ in next(iter(bottom)):
        power = min(dict(m).get(atom, 0) for m in (*top, *bottom))
        common = ((atom, power),)
        # Only while the divisor stays positive: an atom may be negative.
        if power and (atom.low or 0) >= 1:
            top = {_split(m, common) or (): c for m, c in top.items()}
            bottom = {_split(m, common) or (): c for m, c in bottom.items()}
    return _known(top), _known(bottom)


def _divide(n: Known, d: Known) -> tuple[Known, Known]:
    """`(x, y)` with `n = d*x + y`: the terms that come out of `n // d`, and what stays."""
    top, bottom = _polynomial(n), _polynomial(d)
    (lead, q), *others = bottom.items()
    if others:
        quotient = _exact_quotient(top, bottom)
        if quotient is None:
            quotient = min(top.get(m, 0) // c for m, c in bottom.items() if m)
        return quotient, n - quotient * d
    out: _Polynomial = {}
    rest: _Polynomial = {}
    for monomial, c in top.items():
        part = _split(monomial, lead)
        k = 0 if part is None else c // q if monomial else -(-c // q)
        rest[monomial] = c - k * q
        if part is not None:
            out[part] = k
    return _known(out), _known(rest)


def _exact_quotient(n: _Polynomial, d: _Polynomial) -> Known | None:
    n = dict(n)
    quotient: _Polynomial = {}
    lead = min(d, key=_order)
    while n:
        first = min(n, key=_order)
        part = _split(first, lead)
        if part is None or n[first] % d[lead] or len(quotient) > MAX_TERMS:
            return None
        quotient[part] = k = n[first] // d[lead]
        n = {m: c for m, c in _add_to(n, _multiply(d, {part: -k})).items() if c}
    return _known(quotient)


def _nested(n: Known, d: Known) -> tuple[Known, Known] | None:
    """`(x // p + y) // d` as one division, where exactly one such `x // p` offers itself."""
    terms = _polynomial(n)
    floors = [m for m, c in terms.items() if c == 1 and _is_floor(m)]
    if len(floors) != 1:
        return None
    ((atom, _),) = floors[0]
    x, p = atom.args
    y = n - _from_atom(atom)
    if isinstance(p, Symbolic) and isinstance(y, Symbolic):
        return None  # right, but the product p*y reads worse
    return x + p * y, p * d


def _is_floor(monomial: _Monomial) -> bool:
    return len(monomial) == 1 and monomial[0][0].kind == "//" and monomial[0][1] == 1


def _extreme(kind: Literal["max", "min"], sizes: tuple[Size, ...]) -> Size:
    unique: dict[Known, None] = {}
    for size in sizes:
        if isinstance(size, Unknown):
            return UNKNOWN
        unique.update(dict.fromkeys(_arguments(kind, size)))
    if len(unique) > MAX_ARGUMENTS:
        raise SizeTooComplex(f"a {kind} of more than {MAX_ARGUMENTS} sizes")
    kept: list[Known] = []
    for size in sorted(unique, key=lambda arg: (isinstance(arg, int), _key(arg))):
        if not any(_dominates(kind, other, size) for other in kept):
            kept = [other for other in kept if not _dominates(kind, size, other)] + [size]
    if len(kept) == 1:
        return kept[0]
    return _operation(kind, f"{kind}({', '.join(map(_key, kept))})", *kept)


def _arguments(kind: str, size: Known) -> tuple[Known, ...]:
    """The arguments of a nested extreme of the same kind; or the size itself."""
    if isinstance(size, Symbolic) and len(size.terms) == 1:
        (monomial, c), *_ = size.terms
        if c == 1 and len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0].kind == kind:
            return monomial[0][0].args
    return (size,)


def _dominates(kind: str, a: Known, b: Known) -> bool:
    return bool(at_least(a, b) if kind == "max" else at_least(b, a))


# Bounds: what the decisions rest on


@lru_cache(maxsize=4096)
def _bounds(size: Symbolic) -> tuple[int | None, int | None]:
    low = _lowest(dict(size.terms))
    high = _lowest({monomial: -c for monomial, c in size.terms})
    return low, None if high is None else -high


def _lowest(terms: Mapping[_Monomial, int | Fraction], effort: int = 16) -> int | None:
    """A lower bound of a polynomial whose value is an integer: the best of several."""
    low = _shifted(terms)
    found = [None if low is None else ceil(low)]
    extreme = next((a for m in terms for a, _ in m if a.kind in ("max", "min")), None)
    if effort and extreme is not None:
        found.append(_by_cases(terms, extreme, effort))
    elif effort:
        relaxed = _without_floors(terms)
        found.append(None if relaxed is None else _lowest(relaxed, effort - 1))
    return _tightest(max, found)


def _shifted(terms: Mapping[_Monomial, int | Fraction]) -> int | Fraction | None:
    """A lower bound, each atom rewritten as its own bound plus (or less) what is not negative.

    With `a = 1 + s` and `b = 1 + t`, `a*b - a` becomes `t + s*t`, which is never below 0.
    """
    expanded: _Rational = {}
    for monomial, c in terms.items():
        if prod(power + 1 for _, power in monomial) > MAX_TERMS or len(expanded) > 4 * MAX_TERMS:
            return None
        for choice in cartesian(*(_expansion(atom, power) for atom, power in monomial)):
            inner = tuple((atom, power) for atom, power, _ in choice if power)
            expanded[inner] = expanded.get(inner, 0) + c * prod(k for _, _, k in choice)
    low = expanded.pop((), 0)
    for monomial, c in expanded.items():
        if c > 0 and any(_unbounded(atom) and power % 2 for atom, power in monomial):
            return None
        if c < 0:
            spans = [_span(atom, power) for atom, power in monomial]
            if None in spans:
                return None
            low += c * prod(span for span in spans if span is not None)
    return low


def _expansion(atom: _Atom, power: int) -> list[tuple[_Atom, int, int]]:
    """The powers of the shifted atom, with their coefficients, that make `atom ** power`."""
    if atom.low == 0 or _unbounded(atom):
        return [(atom, power, 1)]
    base, sign = (atom.high or 0, -1) if atom.low is None else (atom.low, 1)
    return [(atom, j, comb(power, j) * base ** (power - j) * sign**j) for j in range(power + 1)]


def _span(atom: _Atom, power: int) -> int | None:
    return None if atom.low is None or atom.high is None else (atom.high - atom.low) ** power


def _unbounded(atom: _Atom) -> bool:
    return atom.low is None and atom.high is None


def _without_floors(terms: Mapping[_Monomial, int | Fraction]) -> _Rational | None:
    """Something not above `terms`: each `d * (x // d)` taken as `x`, or as `x - d + 1`.

    None where there is no floor division to replace, or the result is too long.
    """
    result: _Rational = {}
    changed = False
    for monomial, c in terms.items():
        addend: Mapping[_Monomial, int | Fraction] = {monomial: c}
        for atom, power in monomial:
            if atom.kind != "//" or power != 1:
                continue
            x, d = atom.args
            (lead, q), *others = _polynomial(d).items()
            cofactor = _split(monomial, ((atom, 1), *lead)) if not others else None
            if cofactor is None or not _natural(cofactor):
                continue
            numerator = _polynomial(x)
            if c > 0:
                _add_to(numerator, {lead: q}, -1)
                _add_to(numerator, {(): 1})
            addend = _multiply({cofactor: Fraction(c, q)}, numerator)
            changed = True
            break
        _add_to(result, addend)
        if len(result) > 2 * MAX_TERMS:
            return None
    return result if changed else None


def _natural(monomial: _Monomial) -> bool:
    return all(atom.low is not None and atom.low >= 0 for atom, _ in monomial)


def _by_cases(terms: Mapping[_Monomial, int | Fraction], extreme: _Atom, effort: int) -> int | None:
    """A lower bound with a maximum or minimum replaced by each of its arguments in turn."""
    unit = ((extreme, 1),)
    without = {m: c for m, c in terms.items() if _split(m, unit) is None}
    cofactors = {part: c for m, c in terms.items() if (part := _split(m, unit)) is not None}
    if len(extreme.args) > effort or any(atom == extreme for m in cofactors for atom, _ in m):
        return None
    lows = []
    for arg in extreme.args:
        case = _add_to(dict(without), _multiply(cofactors, _polynomial(arg)))
        if len(case) > 2 * MAX_TERMS:
            return None
        lows.append(_lowest(case, effort // len(extreme.args)))
    # A maximum is not below any of its arguments, so each of them gives a bound by itself;
    # otherwise all that is known is that the extreme is one of them.
    sign = 1 if extreme.kind == "max" else -1
    if all(sign * c > 0 and _natural(m) for m, c in cofactors.items()):
        return _tightest(max, lows)
    return None if None in lows else _tightest(min, lows)


def _tightest(choose: Callable[[list[int]], int], found: Iterable[int | None]) -> int | None:
    bounds = [bound for bound in found if bound is not None]
    return choose(bounds) if bounds else None


def _is_zero(size: Known, split: bool = True) -> bool | None:
    if isinstance(size, int):
        return size == 0
    low, high = _bounds(size)
    if (low is not None and low > 0) or (high is not None and high < 0):
        return False
    terms = dict(size.terms)
    constant = terms.pop((), 0)
    if constant % gcd(*terms.values()):
        return False
    return _is_zero_by_residues(size) if split else None


def _is_zero_by_residues(size: Symbolic) -> bool | None:
    verdict = None
    try:
        for case in _residues(size):
            found = _is_zero(case, split=False)
            if found is None or verdict not in (None, found):
                return None
            verdict = found
    except ValueError:  # the case is harder than the question
        return None
    return verdict


def _residues(size: Symbolic) -> Iterator[Known]:
    """The size for each remainder of its symbols by the period of its floor divisions.

    Without remainders the divisions come out, so `H // 2 + (H + 1) // 2 - H` is 0 in every case.
    """
    period = _period(size)
    atoms = sorted(set(_symbol_atoms(size)), key=lambda atom: atom.key)
    if not 1 < period <= MAX_CASES or period ** len(atoms) * size.weight > 16 * MAX_CASES:
        return
    multiples = [(atom, symbol(_name(atom), minimum=0) * period) for atom in atoms]
    for rests in cartesian(range(period), repeat=len(atoms)):
        pairs = zip(multiples, rests, strict=True)
        yield _substitute(size, {atom: m + ((atom.low or 0) + r) for (atom, m), r in pairs})


def _period(size: Known) -> int:
    if isinstance(size, int):
        return 1
    result = 1
    for monomial, _ in size.terms:
        for atom, _ in monomial:
            inner = lcm(*map(_period, atom.args))
            if atom.kind == "//" and isinstance(atom.args[1], int):
                inner *= atom.args[1]
            result = lcm(result, inner)
    return result


# Text


def _key(size: Known) -> str:
    return size.key if isinstance(size, Symbolic) else str(size)


def _sum_text(terms: list[tuple[_Monomial, int]]) -> str:
    """The terms as a sum, the positive ones first."""
    text = ""
    for monomial, c in sorted(terms, key=lambda term: term[1] < 0):
        if text:
            text += f" {'-' if c < 0 else '+'} {_term_text(monomial, abs(c))}"
        else:
            text = f"-{_term_text(monomial, -c, tight=True)}" if c < 0 else _term_text(monomial, c)
    return text


def _term_text(monomial: _Monomial, c: int, tight: bool = False) -> str:
    if c == 1 and _is_floor(monomial) and not tight:
        return monomial[0][0].key
    factors = [str(c)] if c != 1 or not monomial else []
    for atom, power in monomial:
        base = f"({atom.key})" if atom.kind == "//" else atom.key
        factors.append(base if power == 1 else f"{base} ** {power}")
    return " * ".join(factors)


def _floor_text(n: Known, d: Known) -> str:
    top, bottom = _key(n), _key(d)
    if isinstance(n, Symbolic) and len(n.terms) > 1:
        top = f"({top})"
    if isinstance(d, Symbolic) and not _binds_tighter(d):
        bottom = f"({bottom})"
    return f"{top} // {bottom}"


def _binds_tighter(size: Symbolic) -> bool:
    """Whether the text is a name, a call or a power, so that it can follow `//` as it is."""
    (monomial, c), *others = size.terms
    return c == 1 and not others and len(monomial) == 1 and not _is_floor(monomial)
