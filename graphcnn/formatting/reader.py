"""A spec's text to a tree that keeps its comments: libyaml says where values lie.

Comments are what begins with ``#`` between two values, so that none can be missed. The text has
been accepted by `graphcnn.syntax`, which bounds its size and depth.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any

import yaml

from graphcnn.collector import paused
from graphcnn.formatting.tree import BLANK, Collection, Comment, Document, Item, Node, Text
from graphcnn.syntax.breaks import Readable

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_ANCHOR = re.compile(r"&[0-9A-Za-z_-]+")
_SPACE = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_INDICATORS = re.compile(r"^([|>])[-+]?([1-9]?)[-+]?")
_ITEM = re.compile(r"\n[ \t]*-")


def read(text: str) -> Document:
    """The tree of a text with line feeds only, which `graphcnn.syntax.parse` accepts."""
    with paused():
        return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.readable = Readable(text)
        self.lines = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        self.at = 0
        """Up to where the text has been read."""
        self.key_end = 0
        self.pending: list[Comment] = []
        """Lines of comment, and blank ones, that no item has taken yet."""
        self.last: Item | None = None
        """Whose line a comment on the same line belongs to."""
        self.open: list[Collection] = []
        self.root: Node | None = None
        self.before: list[Comment] = []
        self.prefix = ""
        self.aliases = False

    def read(self) -> Document:
        for event in yaml.parse(self.readable.text, _LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                self.document(event)
            elif isinstance(event, yaml.NodeEvent):
                self.node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.end(event)
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        self.gap(len(self.text))
        root = Text("") if self.root is None else self.root
        return Document(self.prefix, root, self.before, self.pending, self.aliases)

    def document(self, event: Any) -> None:
        """Keep a %YAML line; a lone `---` says nothing and goes."""
        if event.version is not None:
            self.at = event.end_mark.index
            self.prefix = self.text[: self.at]

    def node(self, event: Any) -> None:
        start = event.start_mark.index
        self.gap(start)
        below = "\n" in self.text[self.ended() : start]
        item = self.item()
        anchor = ""
        if not isinstance(event, yaml.AliasEvent) and event.anchor is not None:
            found = _ANCHOR.match(self.text, start)
            anchor = found[0] if found else ""
            self.at = start + len(anchor)
            start = self.after_blanks(self.at)
            self.gap(start)
        if isinstance(event, yaml.CollectionStartEvent):
            self.begin(event, start, anchor, item)
        else:
            self.scalar(event, start, anchor, below, item)

    def ended(self) -> int:
        """Where the key before this node ends, or the text that has been read."""
        return self.key_end if self.awaits_value() else self.at

    def item(self) -> Item | None:
        """The item that the next node is the value of, or None for a key and for the root."""
        if not self.open:
            self.before, self.pending = self.pending, []
            return None
        collection = self.open[-1]
        if collection.mapping:
            return collection.items[-1] if self.awaits_value() else None
        collection.items.append(Item(None, before=self.taken()))
        self.last = collection.items[-1]
        return self.last

    def awaits_value(self) -> bool:
        if not self.open or not self.open[-1].mapping or not self.open[-1].items:
            return False
        return self.open[-1].items[-1].value is None

    def begin(self, event: Any, start: int, anchor: str, item: Item | None) -> None:
        flow = bool(event.flow_style)
        mapping = isinstance(event, yaml.MappingStartEvent)
        made = Collection(mapping, flow, self.column(start), anchor)
        self.place(made, item)
        if flow and item is not None:
            self.hoist(item)
        self.open.append(made)
        self.at = event.end_mark.index if flow else start
        self.last = None

    def scalar(self, event: Any, start: int, anchor: str, below: bool, item: Item | None) -> None:
        end = event.end_mark.index
        if isinstance(event, yaml.AliasEvent):
            self.aliases = True
            made = Text(self.text[start:end], anchor)
        else:
            block = event.style in ("|", ">")
            source, text = self.text[start:end], self.readable.original(event.value)
            value = text if source and not block else None
            if block:
                header = source.split("\n", 1)[0]
                if "+" not in header.partition("#")[0]:
                    end = start + len(source.rstrip(" \n"))  # blank lines belong to what follows
                source = _dedented(source, text)
            made = Text(source, anchor, value, block, below)
            # Outside of brackets such a line would be refused: it looks like an item.
            if not event.style and _ITEM.search(source):
                made = Text(_on_one_line(text), anchor, value)
        if item is None and self.open:
            if made.many_lines:
                text = self.readable.original(event.value)
                made = Text(_on_one_line(text), anchor, text)
            self.last = Item(made, before=self.taken())
            self.open[-1].items.append(self.last)
            self.key_end = end
        else:
            self.place(made, item)
            if item is not None:
                self.hoist(item)
                self.last = None if made.block else item
        self.at = max(self.at, end)

    def place(self, node: Node, item: Item | None) -> None:
        if item is None:
            self.root = node
        else:
            item.value = node

    def hoist(self, item: Item) -> None:
        """What stands between a key and a value that goes on the key's line goes above both."""
        item.before += [comment for comment in self.pending if comment is not BLANK]
        self.pending = []

    def end(self, event: Any) -> None:
        collection = self.open[-1]
        start = event.start_mark.index
        self.gap(start)
        if collection.flow:
            self.at = event.end_mark.index
            collection.after, self.pending = self.taken(), []
        else:
            self.keep_within(collection, self.column(start) if self.more(start) else -1)
        self.open.pop()
        holder = self.open[-1].items[-1] if self.open else None
        if not collection.items:
            (self.before if holder is None else holder.before).extend(collection.after)
            collection.after = []
        if collection.flow:
            self.last = holder

    def more(self, at: int) -> bool:
        return self.after_blanks(at) < len(self.text)

    def keep_within(self, collection: Collection, following: int) -> None:
        """Give the end of a block what is indented like it, and deeper than what follows."""
        outer = self.open[-2].column if len(self.open) > 1 else -1
        least = max(collection.column, following + 1, outer + 1)
        count = taken = 0
        for count, comment in enumerate(self.pending, 1):
            if comment is BLANK:
                continue
            if comment.column < least:
                break
            taken = count
        collection.after, self.pending = self.pending[:taken], self.pending[taken:]

    def taken(self) -> list[Comment]:
        taken, self.pending = self.pending, []
        if self.open and self.open[-1].flow:
            return [comment for comment in taken if comment is not BLANK]
        return taken

    def gap(self, end: int) -> None:
        """Read the comments and blank lines from here to ``end``, where something begins."""
        if end <= self.at:
            return
        start = self.at
        lines = self.text[start:end].split("\n")
        for number, line in enumerate(lines):
            mark = line.find("#")
            if mark >= 0:
                comment = Comment(line[mark:].rstrip(" \t"), self.column(start + mark))
                if number or not self.attach(comment):
                    self.pending.append(comment)
            elif not line.strip() and 0 < number < len(lines) - 1:
                self.blank()
            start += len(line) + 1
        if len(lines) > 1:
            self.last = None
        self.at = end

    def blank(self) -> None:
        if not self.pending or self.pending[-1] is not BLANK:
            self.pending.append(BLANK)

    def attach(self, comment: Comment) -> bool:
        """Give a comment to the item on whose line it stands, if that has room for it."""
        item = self.last
        if item is None:
            return False
        if item.key is not None and (item.value is None or _is_open(item.value, self.open)):
            if item.head is not None:
                return False
            item.head = comment
        elif item.value is None or _is_open(item.value, self.open):
            return False
        else:
            if item.tail is not None:
                return False
            item.tail = comment
        return True

    def column(self, at: int) -> int:
        return at - self.lines[bisect_right(self.lines, at) - 1]

    def after_blanks(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at


def _is_open(node: Node, opened: list[Collection]) -> bool:
    return any(node is collection for collection in opened)


def _dedented(source: str, value: str) -> str:
    """A block scalar with its lines at no indentation, and blank ones empty."""
    header, *lines = source.split("\n")
    first = next((line for line in lines if line.strip(" ")), "")
    said = next((line for line in value.split("\n") if line.strip(" ")), "")
    indent = _leading(first) - _leading(said)
    body = [line[indent:] for line in lines]
    if "+" in header.partition("#")[0]:
        body = body[:-1] if body and not body[-1] else body
    else:
        while body and not body[-1]:
            body.pop()
    if value and not value.endswith(
        "\n"
    ):  # strips, be it because the file ends without a line feed
        header = _INDICATORS.sub(r"\1\2-", header)
    return "\n".join([header.rstrip(), *body])


def _on_one_line(key: str) -> str:
    text = json.dumps(key, ensure_ascii=False)
    return text.replace("\x85", "\\N").replace("\u2028", "\\L").replace("\u2029", "\\P")


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
