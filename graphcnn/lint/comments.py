"""`# graphcnn: ignore[code]`: warnings that an author has looked at and wants no more."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from graphcnn.source import SourceFile, Span
from graphcnn.syntax import Mapping, Node, Scalar

_MARK = re.compile(r"(?<![^ \t\r\n])#[ \t]*graphcnn:[ \t]*ignore\b(?:[ \t]*\[([^\]\n]*)\])?")
_CODE = re.compile(r"[^\s,]+")

MAX_COMMENTS = 1_000
"""Comments of a file that are read; those that follow ignore nothing."""


class Comment(NamedTuple):
    """One comment: the lines ``first`` to ``last`` that it is about, and each code with its place.

    ``used`` are the codes that have kept a warning away.
    """

    span: Span
    first: int
    last: int
    codes: dict[str, Span]
    used: set[str]


def comments(file: SourceFile, root: Node) -> list[Comment]:
    """The comments of a file that say what to ignore, in order."""
    found = [*islice(_MARK.finditer(file.text), MAX_COMMENTS)]
    if not found:
        return []
    texts, lines = sorted(_texts(root)), _Lines(file, root)
    return [_comment(one, file, lines) for one in found if not _is_within(one.start(), texts)]


def _texts(root: Node) -> Iterator[tuple[int, int]]:
    """Where the values are that can hold a `#` after a space."""
    waiting, seen = [root], set[int]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Scalar):
            if one.quoted:
                yield one.start, one.end
        elif id(one) not in seen:
            seen.add(id(one))
            if isinstance(one, Mapping):
                waiting += (node for entry in one.entries.values() for node in entry)
            else:
                waiting += one.items


def _is_within(at: int, texts: list[tuple[int, int]]) -> bool:
    before = bisect_left(texts, (at,))
    return before > 0 and at < texts[before - 1][1]


def _comment(match: re.Match[str], file: SourceFile, lines: _Lines) -> Comment:
    line = file.position(match.start()).line
    own = not file.line(line).partition("#")[0].strip()
    first, last = lines.below(line) if own else (line, line)
    inside = match.start(1)
    listed = _CODE.finditer(match[1] or "")
    codes = {one[0]: Span(file, inside + one.start(), inside + one.end()) for one in listed}
    return Comment(Span(file, match.start(), match.end()), first, last, codes, set())


class _Lines:
    """The lines of a file by their indents; a blank one, or one of comment, has none."""

    def __init__(self, file: SourceFile, root: Node) -> None:
        self.root = file.position(root.start).line
        self.indents = [_indent(line) for line in file.text.split("\n")]
        self._next = 0

    def below(self, line: int) -> tuple[int, int]:
        """The lines that a comment on line ``line``, which is all its own, is about.

        That is the entry or item which begins below it, with all that is indented deeper; above
        the first entry of the file it is the whole file. To be asked from the top to the bottom.
        """
        if line < self.root:
            return 1, len(self.indents)
        first = max(self._next, line)
        while first < len(self.indents) and self.indents[first] is None:
            first += 1
        self._next = first
        if first == len(self.indents):
            return line, line
        last = first
        for at in range(first + 1, len(self.indents)):
            indent = self.indents[at]
            if indent is not None:
                if indent <= (self.indents[first] or 0):
                    break
                last = at
        return first + 1, last + 1


def _indent(line: str) -> int | None:
    body = line.lstrip(" ")
    return None if not body.strip() or body.startswith("#") else len(line) - len(body)
