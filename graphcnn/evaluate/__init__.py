"""Evaluation of expressions, within bounds.

Only what ``graphcnn.expression`` can express is evaluated; nothing of Python is reachable.
Every step is charged to a :class:`Budget`, numbers and lists have limits, so evaluation ends
soon whatever the expression. A size lost to an earlier error (UNKNOWN) makes every result that
depends on it UNKNOWN, in silence: its cause was reported where it arose.
"""

from graphcnn.evaluate.evaluator import evaluate
from graphcnn.evaluate.functions import make_divisible
from graphcnn.evaluate.values import (
    MAX_ITEMS,
    Budget,
    Names,
    Scope,
    kind_of,
    measure,
    name_help,
    said,
)

__all__ = [
    "MAX_ITEMS",
    "Budget",
    "Names",
    "Scope",
    "evaluate",
    "kind_of",
    "make_divisible",
    "measure",
    "name_help",
    "said",
]
