"""What a number is held against, as people write it: `< 5M`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from graphcnn.size.bounds import at_least
from graphcnn.size.decision import equal
from graphcnn.size.terms import Size
from graphcnn.size.unknown import Unknown

_Relation = Literal["=", "<", "<=", ">", ">="]

# In so many digits that no number takes a while to write out, as 1e1000000 would.
_WRITTEN = re.compile(r"(<=?|>=?|=) *([0-9]{1,30}(?:\.[0-9]{1,30})?(?:e[0-9]{1,2})?) *([kKMGT]?)")
_SCALE = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


@dataclass(frozen=True)
class Comparison:
    """A relation to an amount; ``text`` is how messages show it."""

    relation: _Relation
    amount: Fraction
    text: str

    def holds(self, found: Size) -> bool | None:
        """Whether it is so of ``found``: yes, no, or None where it depends on symbolic sizes.

        Of a size that an error hides it is: that error is reported where it is made.
        """
        if isinstance(found, Unknown):
            return True
        if isinstance(found, int):
            return {
                "=": found == self.amount,
                "<": found < self.amount,
                "<=": found <= self.amount,
                ">": found > self.amount,
                ">=": found >= self.amount,
            }[self.relation]
        # Sizes are integers, so a bound between two of them is as good as the next one inward.
        floor, ceil = self.amount // 1, -(-self.amount // 1)
        if self.relation == "=":
            return equal(found, floor) if floor == ceil else False
        if self.relation == "<=":
            return at_least(floor, found)
        if self.relation == "<":
            return at_least(ceil - 1, found)
        return at_least(found, ceil if self.relation == ">=" else floor + 1)


def exactly(amount: int) -> Comparison:
    """That a number is ``amount``."""
    return Comparison("=", Fraction(amount), f"{amount:,}")


def read_comparison(text: str) -> Comparison | None:
    """A relation and a number such as `<= 5`, `>0.5M` or `= 1e6`; None for anything else.

    >>> read_comparison("<1.5k").amount
    Fraction(1500, 1)
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    relation, number, suffix = match.groups()
    amount = Fraction(number) * _SCALE[suffix]
    shown = f"{relation} {number}{suffix}"
    for known in ("<=", "<", ">=", ">", "="):
        if relation == known:
            return Comparison(known, amount, shown)
    return None
