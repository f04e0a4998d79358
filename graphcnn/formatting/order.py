"""The order of keys: of a file's sections, of a block's parts, and of a statement."""

from __future__ import annotations

from collections.abc import Sequence

from graphcnn.formatting.tree import BLANK, Collection, Comment, Item

HEADER = ("graphcnn", "name", "title", "doc", "source", "imports")
SECTIONS = (
    *HEADER, "parameters", "variants", "let", "defaults", "inputs", "ops", "blocks", "graph",
    "outputs", "init", "expect",
)  # fmt: skip
BLOCK = ("doc", "inputs", "parameters", "let", "graph", "sequence", "outputs")
STATEMENT = ("", "with", "do", "repeat", "from", "id", "when", "doc")
"""The empty name stands for the op, whose key can be any."""


def name(item: Item) -> str:
    """What an item's key says; nothing in a list."""
    if item.key is None:
        return ""
    return item.key.source if item.key.value is None else item.key.value


def sort_sections(root: Collection) -> list[Comment]:
    """Put the sections in order; the comments that begin the file stay there, and are returned."""
    before, root.items[0].before = root.items[0].before, []
    _sort(root.items, SECTIONS, len(SECTIONS))
    return before


def sort_block(block: Collection) -> None:
    _sort(block.items, BLOCK, len(BLOCK))


def sort_statement(statement: Collection) -> None:
    _sort(statement.items, STATEMENT, 0)


def _sort(items: list[Item], order: Sequence[str], other: int) -> None:
    ranks = {name: rank for rank, name in enumerate(order)}
    items.sort(key=lambda item: ranks.get(name(item), other))


def separate(item: Item) -> None:
    """A blank line before an item and its comments."""
    if item.before[:1] != [BLANK]:
        item.before.insert(0, BLANK)


def join(item: Item) -> None:
    """No blank line between an item and the one before, unless a comment stands there."""
    if all(comment is BLANK for comment in item.before):
        item.before.clear()
