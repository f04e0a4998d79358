"""A spec's text in the canonical layout, with a proof that it says the same as before."""

from __future__ import annotations

import re
from collections import Counter

from graphcnn import syntax
from graphcnn.diagnostics import SpecError
from graphcnn.formatting.reader import read
from graphcnn.formatting.tree import Comment, Document, Item, Node, Text
from graphcnn.formatting.writer import write
from graphcnn.source import SourceFile

_RETURN = re.compile(r"\r\n?")


class Unchangeable(Exception):
    """A text that the formatter cannot lay out without a change of what it says."""


def format_spec(file: SourceFile) -> str:
    """The text of ``file`` in the canonical layout; formatting it again changes nothing.

    Line breaks are those of the first line, and a byte order mark is left out.

    Raises:
        SpecError: the text is no YAML, or uses what a spec may not.
        Unchangeable: the layout would say something else, or lose a comment.
    """
    before = syntax.parse(file)
    text = _RETURN.sub("\n", file.text.removeprefix("\ufeff"))
    document = read(text)
    comments = _comments(document)
    made = write(document)
    _check(file, syntax.plain(before), comments, made)
    first = file.text.find("\n")
    return made.replace("\n", "\r\n") if first > 0 and file.text[first - 1] == "\r" else made


def _check(file: SourceFile, before: object, comments: Counter[str], made: str) -> None:
    try:
        after = syntax.parse(SourceFile(file.name, made, file.path))
    except SpecError as error:
        raise Unchangeable(f"{file.name}: the formatted text is no YAML") from error
    if syntax.plain(after) != before:
        raise Unchangeable(f"{file.name}: the formatted text says something else")
    again = read(made)
    if _comments(again) != comments:
        raise Unchangeable(f"{file.name}: the formatted text has other comments")
    if write(again) != made:
        raise Unchangeable(f"{file.name}: the layout does not settle")


def _comments(document: Document) -> Counter[str]:
    """How often each comment stands in a document."""
    found = Counter(_texts([*document.before, *document.after]))
    nodes: list[Node] = [document.root]
    while nodes:
        node = nodes.pop()
        if isinstance(node, Text):
            if node.block:
                header = node.source.split("\n", 1)[0]
                found.update(["#" + header.partition("#")[2]] if "#" in header else [])
            continue
        found.update(_texts(node.after))
        for item in node.items:
            found.update(_texts(_of(item)))
            if item.value is not None:
                nodes.append(item.value)
    return found


def _of(item: Item) -> list[Comment]:
    return [*item.before, *(comment for comment in (item.head, item.tail) if comment)]


def _texts(comments: list[Comment]) -> list[str]:
    return [comment.text for comment in comments if comment.text]
