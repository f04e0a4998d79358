"""Floor division and remainder, reduced to a normal form."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from graphcnn.size.bounds import at_least, operation
from graphcnn.size.terms import (
    MAX_INTEGER,
    MAX_TERMS,
    Known,
    Polynomial,
    SizeTooLarge,
    Symbolic,
    add_to,
    from_atom,
    known,
    multiply,
    order,
    polynomial,
    split,
)
from graphcnn.size.text import floor_text, is_floor


def floor_div(n: Known, d: Known) -> Known:
    if d != 0 and not at_least(d, 1):
        raise ValueError(f"cannot divide {n} by {d}, which is not known to be positive")
    return floor(n, d)


def modulo(a: Known, q: Known) -> Known:
    return a - q * (a // q)


@lru_cache(maxsize=4096)
def floor(n: Known, d: Known) -> Known:
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
    elif d > MAX_INTEGER:
        raise SizeTooLarge("a divisor in a size does not fit in 64 bits")
    return operation("//", floor_text(n, d), n, d)


def _cancel(n: Known, d: Known) -> tuple[Known, Known]:
    """Takes out what numerator and divisor have in common."""
    top, bottom = polynomial(n), polynomial(d)
    g = gcd(*(c for monomial, c in top.items() if monomial), *bottom.values())
    if g > 1:
        top = {monomial: c // g for monomial, c in top.items()}
        bottom = {monomial: c // g for monomial, c in bottom.items()}
    for atom, _ in next(iter(bottom)):
        power = min(dict(m).get(atom, 0) for m in (*top, *bottom))
        common = ((atom, power),)
        # Only while the divisor stays positive: an atom may be negative.
        if power and (atom.low or 0) >= 1:
            top = {split(m, common) or (): c for m, c in top.items()}
            bottom = {split(m, common) or (): c for m, c in bottom.items()}
    return known(top), known(bottom)


def _divide(n: Known, d: Known) -> tuple[Known, Known]:
    """`(x, y)` with `n = d*x + y`: the terms that come out of `n // d`, and what stays."""
    top, bottom = polynomial(n), polynomial(d)
    (lead, q), *others = bottom.items()
    if others:
        quotient = _exact_quotient(top, bottom)
        if quotient is None:
            quotient = min(top.get(m, 0) // c for m, c in bottom.items() if m)
        return quotient, n - quotient * d
    out: Polynomial = {}
    rest: Polynomial = {}
    for monomial, c in top.items():
        part = split(monomial, lead)
        k = 0 if part is None else c // q if monomial else -(-c // q)
        rest[monomial] = c - k * q
        if part is not None:
            out[part] = k
    return known(out), known(rest)


def _exact_quotient(n: Polynomial, d: Polynomial) -> Known | None:
    n = dict(n)
    quotient: Polynomial = {}
    lead = min(d, key=order)
    while n:
        first = min(n, key=order)
        part = split(first, lead)
        if part is None or n[first] % d[lead] or len(quotient) > MAX_TERMS:
            return None
        quotient[part] = k = n[first] // d[lead]
        n = {m: c for m, c in add_to(n, multiply(d, {part: -k})).items() if c}
    return known(quotient)


def _nested(n: Known, d: Known) -> tuple[Known, Known] | None:
    """`(x // p + y) // d` as one division, where exactly one such `x // p` offers itself."""
    terms = polynomial(n)
    floors = [m for m, c in terms.items() if c == 1 and is_floor(m)]
    if len(floors) != 1:
        return None
    ((atom, _),) = floors[0]
    x, p = atom.args
    y = n - from_atom(atom)
    if isinstance(p, Symbolic) and isinstance(y, Symbolic):
        return None  # right, but the product p*y reads worse
    return x + p * y, p * d
