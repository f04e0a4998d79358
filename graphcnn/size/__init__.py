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

from graphcnn.size.bounds import at_least, bounds
from graphcnn.size.decision import divides, equal, is_known
from graphcnn.size.functions import ceil_div, maximum, minimum, product
from graphcnn.size.line import line
from graphcnn.size.substitution import evaluate, symbols
from graphcnn.size.terms import (
    MAX_INTEGER,
    Size,
    SizeTooComplex,
    SizeTooLarge,
    Symbolic,
    symbol,
)
from graphcnn.size.unknown import UNKNOWN, Unknown

__all__ = [
    "MAX_INTEGER",
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
    "line",
    "maximum",
    "minimum",
    "product",
    "symbol",
    "symbols",
]
