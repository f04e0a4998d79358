"""`# graphcnn: ignore[code]`: warnings that an author has looked at and wants no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graphcnn.source import SourceFile, Span
from graphcnn.syntax import Mapping, Node, Scalar

_MARK = re.compile(r"(?<![^\s])#[ \t]*graphcnn:[ \t]*ignore\b(?:[ \t]*\[([^\]\n]*)\])?")
_CODE = re.compile(r"[^\s,]+")


@dataclass(slots=True)
class Comment:
    """One comment: the lines ``first`` to ``last`` that it is about, and each code with its place.

    ``used`` are the codes that have kept a warning away.
    """

    span: Span
    first: int
    last: int
    codes: dict[str, Span]
    used: set[str] = field(default_factory=set)


def comments(file: SourceFile, root: Node) -> list[Comment]:
    """The comments of a file that say what to ignore, in order."""
    found = [*_MARK.finditer(file.text)]
    if not found:
        return []
    texts = [*_texts(root)]
    return [
        _comment(match, file, root)
        for match in found
        if not any(start < match.start() < end for start, end in texts)
    ]


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


def _comment(match: re.Match[str], file: SourceFile, root: Node) -> Comment:
    line = file.position(match.start()).line
    first = last = line
    if not file.line(line).partition("#")[0].strip():
        first, last = _below(line, file, root)
    inside = match.start(1)
    listed = _CODE.finditer(match[1] or "")
    codes = {one[0]: Span(file, inside + one.start(), inside + one.end()) for one in listed}
    return Comment(Span(file, match.start(), match.end()), first, last, codes)


def _below(line: int, file: SourceFile, root: Node) -> tuple[int, int]:
    """The lines that a comment on its own line is about.

    That is the entry or item which begins below it, with all that is indented deeper; above the
    first entry of the file it is the whole file.
    """
    if file.position(root.start).line > line:
        return 1, file.text.count("\n") + 1
    first = last = 0
    indent = 0
    for number in range(line + 1, file.text.count("\n") + 2):
        text = file.line(number)
        body = text.lstrip(" ")
        if not body or body.startswith("#"):
            continue
        if not first:
            first, indent = number, len(text) - len(body)
        elif len(text) - len(body) <= indent:
            break
        last = number
    return first, last
