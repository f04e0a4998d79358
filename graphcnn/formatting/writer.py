"""The canonical layout of a tree: what goes on one line, and what is broken over several."""

from __future__ import annotations

import re
from enum import Enum, auto

from graphcnn.formatting import order
from graphcnn.formatting.quoting import spelled
from graphcnn.formatting.tree import BLANK, Collection, Comment, Document, Item, Node, Text

WIDTH = 100
_DIGIT = re.compile(r"[1-9]")


class Place(Enum):
    """What a node is part of, which decides on its style."""

    FILE = auto()
    SECTION = auto()
    """A section, or a part of one: flow or block as it is written."""
    ENTRIES = auto()
    """A section whose entries stand on lines of their own, such as `variants`."""
    BLOCKS = auto()
    BLOCK = auto()
    STATEMENTS = auto()
    STATEMENT = auto()
    BODIES = auto()
    """Names to statements, or lists of them: `paths`, and what `residual` and `branches` hold."""
    ATTRIBUTES = auto()


_NAMED: dict[Place, dict[str, Place]] = {
    Place.FILE: {
        "graph": Place.STATEMENTS,
        "blocks": Place.BLOCKS,
        **dict.fromkeys(("variants", "defaults", "init", "ops"), Place.ENTRIES),
    },
    Place.BLOCK: {"graph": Place.STATEMENTS, "sequence": Place.STATEMENTS},
    Place.STATEMENT: {
        **dict.fromkeys(("graph", "sequence", "dense", "do"), Place.STATEMENTS),
        **dict.fromkeys(("residual", "branches"), Place.BODIES),
    },
    Place.BODIES: {
        **dict.fromkeys(("body", "shortcut"), Place.STATEMENTS),
        **dict.fromkeys(("merge", "skip"), Place.ATTRIBUTES),
        "paths": Place.BODIES,
    },
}
"""Where the value of a key is, by where the key is."""
_OTHERS = {
    Place.FILE: Place.SECTION,
    Place.ENTRIES: Place.SECTION,
    Place.BLOCKS: Place.BLOCK,
    Place.BLOCK: Place.SECTION,
    Place.STATEMENTS: Place.STATEMENT,
    Place.STATEMENT: Place.ATTRIBUTES,
}
_BROKEN = {
    Place.FILE, Place.ENTRIES, Place.BLOCKS, Place.BLOCK, Place.STATEMENTS, Place.BODIES,
}  # fmt: skip


def _within(place: Place, item: Item) -> Place:
    """The place of an item's value in a collection at ``place``."""
    name, value = order.name(item), item.value
    if place is Place.BODIES and name not in _NAMED[place]:
        lists = isinstance(value, Collection) and not value.mapping
        return Place.STATEMENTS if lists else Place.STATEMENT
    return _NAMED.get(place, {}).get(name) or _OTHERS.get(place, place)


def write(document: Document) -> str:
    """The text of a document. Its tree is changed where keys are put in order."""
    writer = _Writer(sort=not document.aliases)
    return document.prefix + "\n" * bool(document.prefix) + writer.document(document)


class _Writer:
    def __init__(self, *, sort: bool) -> None:
        self.sort = sort
        self.lines: list[str] = []
        self.flows: dict[int, str | None] = {}
        self.kept = False
        """Whether the line written last ends text of which blank lines would be a part."""

    def document(self, document: Document) -> str:
        root = document.root
        before = document.before
        if isinstance(root, Collection) and root.items:
            if self.sort and root.mapping:
                before = [*before, *order.sort_sections(root)]
            self.comments(_trimmed(before), 0)
            if before[-1:] == [BLANK]:
                self.blank()
            if root.anchor:
                self.lines.append(root.anchor)
            self.block(root, 0, Place.FILE if root.mapping else Place.SECTION)
        else:
            self.comments(_trimmed(before), 0)
            flow = self.one_line(root, Place.SECTION, 0)
            self.value("", root, 0, Place.SECTION, Item(None, root), flow)
        self.comments(_without_end(document.after), 0)
        while self.lines and not self.lines[-1] and not self.kept:
            self.lines.pop()
        return "\n".join([*self.lines, ""])

    def block(self, collection: Collection, indent: int, place: Place) -> None:
        """Write the items of a collection on lines of their own."""
        self.arrange(collection, place)
        for number, item in enumerate(collection.items):
            if number == 0:
                item.before = _trimmed(item.before, end=False)
            self.item(item, indent, _within(place, item))
        self.comments(collection.after, indent)

    def arrange(self, collection: Collection, place: Place) -> None:
        """Put keys in order, and blank lines between the parts of a file."""
        if self.sort and collection.mapping and place is Place.BLOCK:
            order.sort_block(collection)
        elif self.sort and collection.mapping and place is Place.STATEMENT:
            order.sort_statement(collection)
        if place is Place.FILE:
            header = False
            for item in collection.items:
                join = header and order.name(item) in order.HEADER
                order.join(item) if join else order.separate(item)
                header = order.name(item) in order.HEADER
        elif place is Place.BLOCKS:
            for item in collection.items[1:]:
                order.separate(item)

    def item(self, item: Item, indent: int, place: Place) -> None:
        value = Text("") if item.value is None else item.value
        if item.key is None:
            self.list_item(item, value, indent, place)
            return
        below = indent + 2 if place is Place.SECTION else WIDTH
        flow = self.one_line(value, place, min(indent + len(self.key(item.key)) + 1, below))
        self.settle(item, value, flow)
        self.comments(item.before, indent)
        self.value(" " * indent + self.key(item.key), value, indent, place, item, flow)

    def list_item(self, item: Item, value: Node, indent: int, place: Place) -> None:
        flow = self.one_line(value, place, indent + 2)
        compact = flow is None and isinstance(value, Collection) and not value.anchor
        if compact and isinstance(value, Collection):
            item.before += [item.head] if item.head else []
            item.head = None
            self.arrange(value, place)
            first = value.items[0]
            if len(value.items) == 1 and first.tail is None:
                first.tail, item.tail = item.tail, None
            item.before += [item.tail] if item.tail else []
            item.tail = None
            self.comments(item.before, indent)
            at = len(self.lines)
            self.block(value, indent + 2, place)
            self.dash(at, indent)
            return
        self.settle(item, value, flow)
        self.comments(item.before, indent)
        self.value(" " * indent + "-", value, indent, place, item, flow)

    def dash(self, at: int, indent: int) -> None:
        """Put the dash before what begins at line ``at``, and comments above it."""
        while self.lines[at].lstrip().startswith("#"):
            self.lines[at] = " " * indent + self.lines[at].lstrip()
            at += 1
            if not self.lines[at]:
                del self.lines[at]
        self.lines[at] = " " * indent + "- " + self.lines[at][indent + 2 :]

    def settle(self, item: Item, value: Node, flow: str | None) -> None:
        """One comment behind the key or the value, where the layout has one place; others above."""
        one_line = flow is not None or isinstance(value, Text)
        here, there = (item.tail, item.head) if one_line else (item.head, item.tail)
        if isinstance(value, Text) and value.block:
            here, there = None, None
            item.before += [comment for comment in (item.head, item.tail) if comment]
        elif here is not None and there is not None:
            item.before.append(there)
        else:
            here = here or there
        item.head, item.tail = (None, here) if one_line else (here, None)

    def value(
        self,
        prefix: str,
        value: Node,
        indent: int,
        place: Place,
        item: Item,
        flow: str | None = None,
    ) -> None:
        """Write a value behind its key or dash, or below."""
        deeper = " " * (indent + 2)
        if isinstance(value, Collection) and flow is None:
            anchor = f" {value.anchor}" * bool(value.anchor)
            self.add(prefix + anchor, item.head)
            self.block(value, indent + 2, place)
            return
        if isinstance(value, Text) and value.many_lines:
            self.many_lines(prefix, value, indent, item)
            return
        text = spelled(value, flow=False) if isinstance(value, Text) else flow or ""
        line = f"{prefix} {text}".rstrip() if prefix else text
        if len(line) > WIDTH >= len(deeper) + len(text) and item.key is not None:
            self.lines.append(prefix)
            line = deeper + text
        self.add(line, item.tail)

    def many_lines(self, prefix: str, value: Text, indent: int, item: Item) -> None:
        """Write text over several lines, as they are, under the key."""
        deeper = " " * (indent + 2) if prefix else ""
        anchor = f"{value.anchor} " * bool(value.anchor)
        if value.block:
            header, *lines = value.source.split("\n")
            head, mark, comment = header.partition("#")
            header = _DIGIT.sub("2", head) + mark + comment
            self.lines.append(f"{prefix} {anchor}{header}" if prefix else anchor + header)
            self.lines += [deeper + line if line else "" for line in lines]
            self.kept = "+" in head
            return
        first, *rest = value.source.split("\n")
        text = anchor + first.rstrip(" \t")
        if value.below and not anchor and prefix:
            self.lines.append(prefix)
            line = deeper + text
        else:
            line = f"{prefix} {text}" if prefix else text
        for more in (one.lstrip(" \t") for one in rest):
            line += "\n" + (deeper + more if more else "")
        self.add(line, item.tail)

    def one_line(self, value: Node, place: Place, column: int) -> str | None:
        """A collection as a flow collection from ``column`` on, if it is to be one."""
        if not isinstance(value, Collection):
            return None
        if not value.items and not value.after:
            return f"{value.anchor} " * bool(value.anchor) + ("{}" if value.mapping else "[]")
        if place in _BROKEN or (place is Place.SECTION and not value.flow):
            return None
        if place is Place.STATEMENT and (len(value.items) == 1 or self.has_body(value)):
            return None
        if self.sort and place is Place.STATEMENT:
            order.sort_statement(value)
        text = self.flow(value)
        if text is None:
            return None
        return text if column + len(text) <= WIDTH else None

    def has_body(self, statement: Collection) -> bool:
        return any(
            order.name(item) in _NAMED[Place.STATEMENT] and isinstance(item.value, Collection)
            for item in statement.items
        )

    def flow(self, node: Node) -> str | None:
        """A node on one line, unless it has comments or is too long for any."""
        if isinstance(node, Text):
            return None if node.many_lines else spelled(node, flow=True)
        if id(node) not in self.flows:
            self.flows[id(node)] = self.flow_of(node)
        return self.flows[id(node)]

    def flow_of(self, collection: Collection) -> str | None:
        if collection.after or not collection.items:
            return None if collection.after else self.one_line(collection, Place.SECTION, 0)
        parts: list[str] = []
        for item in collection.items:
            value = self.flow(Text("") if item.value is None else item.value)
            if value is None or item.head or item.tail or _comments(item.before):
                return None
            if item.key is not None and item.key.many_lines:
                return None
            parts.append(value if item.key is None else f"{self.key(item.key, flow=True)} {value}")
            if len(parts) + sum(map(len, parts)) > WIDTH:
                return None
        inner = ", ".join(parts)
        anchor = f"{collection.anchor} " * bool(collection.anchor)
        return f"{anchor}{{{inner}}}" if collection.mapping else f"{anchor}[{inner}]"

    def key(self, key: Text, *, flow: bool = False) -> str:
        text = spelled(key, flow=flow)
        return f"{text} :" if text.startswith("*") else f"{text}:"

    def comments(self, comments: list[Comment], indent: int) -> None:
        for comment in comments:
            if comment is BLANK:
                self.blank()
            else:
                self.lines.append(" " * indent + comment.text)
                self.kept = False

    def blank(self) -> None:
        if self.lines and self.lines[-1] and not self.kept:
            self.lines.append("")

    def add(self, line: str, comment: Comment | None) -> None:
        """A line and what is said behind it, in its column where that is possible."""
        self.kept = False
        if comment is not None:
            width = len(_last_line(line)) + 2
            column = max(width, comment.column)
            if column + len(comment.text) > WIDTH:
                column = width
            line += " " * (column - width + 2) + comment.text
        self.lines.append(line)


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2]


def _comments(comments: list[Comment]) -> bool:
    return any(comment is not BLANK for comment in comments)


def _trimmed(comments: list[Comment], *, end: bool = True) -> list[Comment]:
    """Comments without blank lines before them, and at the end."""
    kept = list(comments)
    while kept and kept[0] is BLANK:
        kept.pop(0)
    return _without_end(kept) if end else kept


def _without_end(comments: list[Comment]) -> list[Comment]:
    kept = list(comments)
    while kept and kept[-1] is BLANK:
        kept.pop()
    return kept
