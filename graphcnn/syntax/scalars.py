"""Plain scalars, by the core schema of YAML 1.2: `no` and `1:30` are text."""

from __future__ import annotations

import math
import re
from typing import Final

from graphcnn.size import MAX_INTEGER
from graphcnn.syntax.tree import Value

MAX_LENGTH: Final = 24
"""Characters of an integer, which any below the limit has; to read very many takes long."""

_WORDS: Final[dict[str, Value]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"""
    (?P<decimal> [-+]?[0-9]+ )
    | (?P<prefixed> 0o[0-7]+ | 0x[0-9a-fA-F]+ )
    | (?P<float> [-+]? (?: \.[0-9]+ | [0-9]+(?:\.[0-9]*)? ) (?: [eE][-+]?[0-9]+ )? )
    | (?P<unreal> [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN) )
    """,
    re.VERBOSE,
)


def resolve(text: str) -> Value:
    """What the YAML 1.2 core schema reads in ``text``; ValueError for a number out of bounds."""
    if text in _WORDS:
        return _WORDS[text]
    # Most scalars are words, and no number begins with a letter.
    if text[0] not in "-+.0123456789" or not (match := _NUMBER.fullmatch(text)):
        return text
    if match.lastgroup == "unreal":
        raise ValueError("infinity and not-a-number have no use in a spec")
    if match.lastgroup == "float":
        number = float(text)
        if math.isinf(number):
            raise ValueError("the number is too large for a float")
        return number
    if len(text) <= MAX_LENGTH:
        integer = int(text) if match.lastgroup == "decimal" else int(text, 0)
        if -MAX_INTEGER < integer < MAX_INTEGER:
            return integer
    raise ValueError("an integer lies between -2^63 and 2^63")
