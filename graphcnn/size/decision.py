"""Questions about sizes, with three answers: always, never, and it depends."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as cartesian
from math import gcd, lcm
from typing import Final

from graphcnn.size.bounds import at_least, bounds
from graphcnn.size.substitution import name_of, substitute, symbol_atoms
from graphcnn.size.terms import Known, Size, Symbolic, symbol
from graphcnn.size.unknown import UNKNOWN, Unknown

MAX_CASES: Final = 64  # residues tried before a question is given up


def is_known(*sizes: Size) -> bool:
    """Whether none of the sizes is `UNKNOWN`."""
    for size in sizes:  # noqa: SIM110 - faster than `all`, and this is asked of every shape
        if size is UNKNOWN:
            return False
    return True


def equal(a: Size, b: Size) -> bool | None:
    """Whether two sizes are equal: always (True), never (False), or it depends (None)."""
    if type(a) is int and type(b) is int:
        return a == b
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return None
    return _is_zero(a - b)


def divides(q: Size, a: Size) -> bool | None:
    """Whether `a` is a multiple of `q`: always, never, or None. Zero divides only zero."""
    if type(a) is int and type(q) is int:
        return a % q == 0 if q else a == 0
    if isinstance(a, Unknown) or isinstance(q, Unknown):
        return None
    if isinstance(q, int):
        return equal(a % abs(q) if q else a, 0)
    return equal(a % q, 0) if at_least(q, 1) else None


def _is_zero(size: Known, split: bool = True) -> bool | None:
    if isinstance(size, int):
        return size == 0
    low, high = bounds(size)
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
    atoms = sorted(set(symbol_atoms(size)), key=lambda atom: atom.key)
    if not 1 < period <= MAX_CASES or period ** len(atoms) * size.weight > 16 * MAX_CASES:
        return
    multiples = [(atom, symbol(name_of(atom), minimum=0) * period) for atom in atoms]
    for rests in cartesian(range(period), repeat=len(atoms)):
        pairs = zip(multiples, rests, strict=True)
        yield substitute(size, {atom: m + ((atom.low or 0) + r) for (atom, m), r in pairs})


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
