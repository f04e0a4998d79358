"""An expression's text, cut into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphcnn.expression.tree import ExpressionError

MAX_LENGTH = 2_000

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<string>"[^"\n]*"|'[^'\n]*')
      | (?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],:.])""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is number, name, string, operator or end; the places are those in the file."""

    kind: str
    text: str
    start: int
    end: int

    def is_operator(self, text: str) -> bool:
        return self.text == text and self.kind == "operator"

    def is_word(self, text: str) -> bool:
        return self.text == text and self.kind == "name"


def scan(text: str, at: int, offset: int) -> Iterator[Token]:
    """The tokens of ``text`` from ``at`` on; ``offset`` is the place of ``text`` in the file.

    Raises:
        ExpressionError: at a character that no token begins with, or after ``MAX_LENGTH``.
    """
    begin = at
    limit = min(len(text), begin + MAX_LENGTH)
    while at < limit:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at, offset)
        if match.lastgroup != "space":
            yield Token(match.lastgroup or "", match[0], offset + at, offset + match.end())
        at = match.end()
    if at < len(text):
        message = f"an expression of more than {MAX_LENGTH:,} characters"
        raise ExpressionError("too-long", message, offset + begin, offset + begin + 1)
    end = offset + len(text)
    yield Token("end", "", end, end)


_MEANT = {
    "=": "write `==` to compare",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or `!=` to compare",
    "^": "write `**` for a power",
    "$": "inside `$(…)` a name needs no `$`",
    "{": "lists are written in brackets, `[…]`",
}


def _unreadable(text: str, at: int, offset: int) -> ExpressionError:
    message = f"`{text[at]}` has no meaning in an expression"
    help = _MEANT.get(text[at])
    if text[at] in "\"'":
        message, help = f"this {text[at]} is never closed", None
    return ExpressionError("expression-syntax", message, offset + at, offset + at + 1, help)
