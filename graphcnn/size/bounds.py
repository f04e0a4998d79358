"""What lies below and above a size: what every decision about it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product as cartesian
from math import ceil, comb, prod
from typing import Literal

from graphcnn.size.terms import (
    MAX_TERMS,
    Atom,
    Known,
    Monomial,
    Rational,
    Size,
    Symbolic,
    add_to,
    from_atom,
    multiply,
    polynomial,
    split,
)
from graphcnn.size.unknown import Unknown


def bounds(size: Size) -> tuple[int | None, int | None]:
    """A lower and an upper bound, None where there is none; sound, not always tight."""
    if isinstance(size, Symbolic):
        return _bounds(size)
    return (None, None) if isinstance(size, Unknown) else (size, size)


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


def operation(kind: Literal["//", "max", "min"], key: str, *args: Known) -> Known:
    """An atom over sizes; a constant where its bounds leave only one value."""
    low, high = _range(kind, [bounds(arg) for arg in args])
    if low is not None and low == high:
        return low
    inner = [arg for arg in args if isinstance(arg, Symbolic)]
    weight = 1 + sum(arg.weight for arg in inner)
    depth = 1 + max(arg.depth for arg in inner)
    degree = max(arg.degree for arg in inner)
    return from_atom(Atom(key, kind, args, low, high, weight, depth, degree))


def _range(kind: str, args: list[tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    lows, highs = [low for low, _ in args], [high for _, high in args]
    if kind == "max":
        return tightest(max, lows), None if None in highs else tightest(max, highs)
    if kind == "min":
        return None if None in lows else tightest(min, lows), tightest(min, highs)
    (low, high), (least, most) = args
    least = max(1, least or 1)
    if low is not None:
        divisor = most if low >= 0 else least
        low = 0 if divisor is None else low // divisor
    if high is not None:
        divisor = least if high >= 0 else most
        high = -1 if divisor is None else high // divisor
    return low, high


@lru_cache(maxsize=4096)
def _bounds(size: Symbolic) -> tuple[int | None, int | None]:
    low = _lowest(dict(size.terms))
    high = _lowest({monomial: -c for monomial, c in size.terms})
    return low, None if high is None else -high


def _lowest(terms: Mapping[Monomial, int | Fraction], effort: int = 16) -> int | None:
    """A lower bound of a polynomial whose value is an integer: the best of several."""
    low = _shifted(terms)
    found = [None if low is None else ceil(low)]
    extreme = next((a for m in terms for a, _ in m if a.kind in ("max", "min")), None)
    if effort and extreme is not None:
        found.append(_by_cases(terms, extreme, effort))
    elif effort:
        relaxed = _without_floors(terms)
        found.append(None if relaxed is None else _lowest(relaxed, effort - 1))
    return tightest(max, found)


def _shifted(terms: Mapping[Monomial, int | Fraction]) -> int | Fraction | None:
    """A lower bound, each atom rewritten as its own bound plus (or less) what is not negative.

    With `a = 1 + s` and `b = 1 + t`, `a*b - a` becomes `t + s*t`, which is never below 0.
    """
    expanded: Rational = {}
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


def _expansion(atom: Atom, power: int) -> list[tuple[Atom, int, int]]:
    """The powers of the shifted atom, with their coefficients, that make `atom ** power`."""
    if atom.low == 0 or _unbounded(atom):
        return [(atom, power, 1)]
    base, sign = (atom.high or 0, -1) if atom.low is None else (atom.low, 1)
    return [(atom, j, comb(power, j) * base ** (power - j) * sign**j) for j in range(power + 1)]


def _span(atom: Atom, power: int) -> int | None:
    return None if atom.low is None or atom.high is None else (atom.high - atom.low) ** power


def _unbounded(atom: Atom) -> bool:
    return atom.low is None and atom.high is None


def _without_floors(terms: Mapping[Monomial, int | Fraction]) -> Rational | None:
    """Something not above `terms`: each `d * (x // d)` taken as `x`, or as `x - d + 1`.

    None where there is no floor division to replace, or the result is too long.
    """
    result: Rational = {}
    changed = False
    for monomial, c in terms.items():
        addend: Mapping[Monomial, int | Fraction] = {monomial: c}
        for atom, power in monomial:
            if atom.kind != "//" or power != 1:
                continue
            x, d = atom.args
            (lead, q), *others = polynomial(d).items()
            cofactor = split(monomial, ((atom, 1), *lead)) if not others else None
            if cofactor is None or not _natural(cofactor):
                continue
            numerator = polynomial(x)
            if c > 0:
                add_to(numerator, {lead: q}, -1)
                add_to(numerator, {(): 1})
            addend = multiply({cofactor: Fraction(c, q)}, numerator)
            changed = True
            break
        add_to(result, addend)
        if len(result) > 2 * MAX_TERMS:
            return None
    return result if changed else None


def _natural(monomial: Monomial) -> bool:
    return all(atom.low is not None and atom.low >= 0 for atom, _ in monomial)


def _by_cases(terms: Mapping[Monomial, int | Fraction], extreme: Atom, effort: int) -> int | None:
    """A lower bound with a maximum or minimum replaced by each of its arguments in turn."""
    unit = ((extreme, 1),)
    without = {m: c for m, c in terms.items() if split(m, unit) is None}
    cofactors = {part: c for m, c in terms.items() if (part := split(m, unit)) is not None}
    if len(extreme.args) > effort or any(atom == extreme for m in cofactors for atom, _ in m):
        return None
    lows = []
    for arg in extreme.args:
        case = add_to(dict(without), multiply(cofactors, polynomial(arg)))
        if len(case) > 2 * MAX_TERMS:
            return None
        lows.append(_lowest(case, effort // len(extreme.args)))
    # A maximum is not below any of its arguments, so each of them gives a bound by itself;
    # otherwise all that is known is that the extreme is one of them.
    sign = 1 if extreme.kind == "max" else -1
    if all(sign * c > 0 and _natural(m) for m, c in cofactors.items()):
        return tightest(max, lows)
    return None if None in lows else tightest(min, lows)


def tightest(choose: Callable[[list[int]], int], found: Iterable[int | None]) -> int | None:
    bounds = [bound for bound in found if bound is not None]
    return choose(bounds) if bounds else None
