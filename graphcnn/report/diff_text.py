"""Differences for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphcnn.difference import Comparison
from graphcnn.report.diff_page import Block, Errors, Heading, Part, Sentence, Table, page
from graphcnn.report.table import plain
from graphcnn.report.terminal import clean, style


def render(comparison: Comparison, *, color: bool = False) -> str:
    """The page as plain text; what does not compile is shown on standard error."""
    parts: list[str] = []
    last: Block | None = None
    for block in _flat(page(comparison)):
        if parts and not (isinstance(block, Sentence) and isinstance(last, Sentence)):
            parts.append("\n")
        parts.append(_shown(block, color))
        last = block
    return "".join(parts)


def _flat(blocks: Iterable[Block]) -> Iterator[Heading | Sentence | Table]:
    for block in blocks:
        if isinstance(block, Part):
            yield Heading(block.title)
            yield from _flat(block.blocks)
        elif not isinstance(block, Errors):
            yield block


def _shown(block: Heading | Sentence | Table, color: bool) -> str:
    if isinstance(block, Table):
        return plain(block.columns, block.rows, color=color)
    return style(clean(block.text), bold=isinstance(block, Heading), on=color) + "\n"
