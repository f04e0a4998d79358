"""Symbols in a size, and values in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphcnn.size.bounds import at_least
from graphcnn.size.division import floor
from graphcnn.size.functions import maximum, minimum
from graphcnn.size.terms import Atom, Known, Size, Symbolic, from_atom
from graphcnn.size.unknown import UNKNOWN, Unknown


def symbols(size: Size) -> frozenset[str]:
    """The names of the unknowns in a size."""
    return frozenset(name_of(atom) for atom in symbol_atoms(size))


def evaluate(size: Size, values: Mapping[str, Size]) -> Size:
    """The size with the named symbols replaced, all at once; the others stay.

    A value below the minimum of its symbol is a ValueError: the normal form relies on it.
    """
    chosen: dict[Atom, Known] = {}
    for atom in symbol_atoms(size):
        value = values.get(name_of(atom))
        if isinstance(value, Unknown):
            return UNKNOWN
        if value is not None:
            if at_least(value, atom.low or 0) is False:
                raise ValueError(f"{name_of(atom)} is at least {atom.low}, got {value}")
            chosen[atom] = value
    return substitute(size, chosen) if isinstance(size, Symbolic) and chosen else size


def symbol_atoms(size: Size) -> Iterator[Atom]:
    if isinstance(size, Symbolic):
        for monomial, _ in size.terms:
            for atom, _ in monomial:
                if atom.kind == "symbol":
                    yield atom
                for arg in atom.args:
                    yield from symbol_atoms(arg)


def name_of(atom: Atom) -> str:
    return atom.key.partition("@")[0]


def substitute(size: Known, values: Mapping[Atom, Known]) -> Known:
    if not isinstance(size, Symbolic):
        return size
    total: Known = 0
    for monomial, c in size.terms:
        term: Known = c
        for atom, power in monomial:
            term = term * _substitute_atom(atom, values) ** power
        total = total + term
    return total


def _substitute_atom(atom: Atom, values: Mapping[Atom, Known]) -> Known:
    if atom.kind == "symbol":
        return values[atom] if atom in values else from_atom(atom)
    args = [substitute(arg, values) for arg in atom.args]
    if atom.kind == "//":
        return floor(*args)  # the divisor is positive, though that may no longer show
    return maximum(*args) if atom.kind == "max" else minimum(*args)
