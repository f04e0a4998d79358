"""The text of a size, a Python expression; it is the key of the normal form too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphcnn.size.terms import Known, Monomial, Symbolic


def key_of(size: Known) -> str:
    return str(size) if isinstance(size, int) else size.key


def sum_text(terms: list[tuple[Monomial, int]]) -> str:
    """The terms as a sum, the positive ones first."""
    text = ""
    for monomial, c in sorted(terms, key=lambda term: term[1] < 0):
        if text:
            text += f" {'-' if c < 0 else '+'} {_term_text(monomial, abs(c))}"
        else:
            text = f"-{_term_text(monomial, -c, tight=True)}" if c < 0 else _term_text(monomial, c)
    return text


def _term_text(monomial: Monomial, c: int, tight: bool = False) -> str:
    if c == 1 and is_floor(monomial) and not tight:
        return monomial[0][0].key
    factors = [str(c)] if c != 1 or not monomial else []
    for atom, power in monomial:
        base = f"({atom.key})" if atom.kind == "//" else atom.key
        factors.append(base if power == 1 else f"{base} ** {power}")
    return " * ".join(factors)


def floor_text(n: Known, d: Known) -> str:
    top, bottom = key_of(n), key_of(d)
    if not isinstance(n, int) and len(n.terms) > 1:
        top = f"({top})"
    if not isinstance(d, int) and not _binds_tighter(d):
        bottom = f"({bottom})"
    return f"{top} // {bottom}"


def _binds_tighter(size: Symbolic) -> bool:
    """Whether the text is a name, a call or a power, so that it can follow `//` as it is."""
    (monomial, c), *others = size.terms
    return c == 1 and not others and len(monomial) == 1 and not is_floor(monomial)


def is_floor(monomial: Monomial) -> bool:
    return len(monomial) == 1 and monomial[0][0].kind == "//" and monomial[0][1] == 1
