"""A spec's text as it is laid out: the values with their anchors, quotes, styles and comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True)
class Comment:
    """From its ``#`` to the end of the line; ``column`` counts from 0."""

    text: str
    column: int


BLANK = Comment("", 0)
"""An empty line, or several, among the comments before an item."""


@dataclass(slots=True)
class Text:
    """A scalar or an alias (``*name``) as it is written, its anchor apart.

    ``value`` is what it says where that is text; ``block`` is for ``|`` and ``>``; ``below`` says
    that it starts on a line of its own, under its key.
    """

    source: str
    anchor: str = ""
    value: str | None = None
    block: bool = False
    below: bool = False

    @property
    def many_lines(self) -> bool:
        return self.block or "\n" in self.source


@dataclass(slots=True)
class Item:
    """An entry of a mapping, or with no ``key`` an item of a list.

    Comments stand ``before`` it, behind its key (``head``) or behind its value (``tail``).
    """

    key: Text | None
    value: Node | None = None
    before: list[Comment] = field(default_factory=list)
    head: Comment | None = None
    tail: Comment | None = None


@dataclass(slots=True)
class Collection:
    """A mapping or a list; ``after`` are the comments between its last item and its end."""

    mapping: bool
    flow: bool
    column: int
    anchor: str = ""
    items: list[Item] = field(default_factory=list)
    after: list[Comment] = field(default_factory=list)


Node: TypeAlias = Text | Collection


@dataclass(slots=True)
class Document:
    """``prefix`` holds a ``%YAML`` line up to its ``---``; ``aliases`` whether there are any."""

    prefix: str
    root: Node
    before: list[Comment]
    after: list[Comment]
    aliases: bool
