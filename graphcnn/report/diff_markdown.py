"""Differences as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from graphcnn.difference import Comparison
from graphcnn.report.diff_page import Block, Errors, Heading, Sentence, Table, page
from graphcnn.report.table import markdown
from graphcnn.report.terminal import clean

MAX_ROWS = 40
"""Rows of one table of layers; there are more in the other formats."""

MAX_CHARACTERS = 60_000
"""Characters of the whole; GitHub takes no comment of more than 65,536."""

_MAX_ERRORS = 5
_MEANS_SOMETHING = re.compile(r"[`*\[\]<>|\\@#!&~]|\b_|_\b")
_CUT = "The rest is left out here; `graphcnn diff` shows it.\n"


def render(comparison: Comparison, *, color: bool = False) -> str:  # noqa: ARG001 - Markdown has no colour
    """The page, as much of it as a comment takes."""
    parts: list[str] = []
    left = MAX_CHARACTERS
    for block in page(comparison):
        text = _shown(block)
        if len(text) > left:
            parts.append(_CUT)
            break
        parts.append(text)
        left -= len(text) + 1
    return "\n".join(parts)


def _shown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"### {_code(block.text)}\n"
    if isinstance(block, Sentence):
        return f"{_sentence(block.text)}\n"
    if isinstance(block, Table):
        return "\n".join(_table(block))
    if isinstance(block, Errors):
        return _errors(block)
    inner = "\n".join(map(_shown, block.blocks))
    title = f"<details{' open' * block.is_only}>\n<summary>{escape(block.title)}</summary>\n"
    return f"{title}\n{inner}\n</details>\n"


def _table(table: Table) -> Iterator[str]:
    rows = (
        [_code(cell) if i in table.code else _words(cell) for i, cell in enumerate(row)]
        for row in table.rows[:MAX_ROWS]
    )
    yield markdown(table.columns, rows)
    if len(table.rows) > MAX_ROWS:
        yield f"… and {len(table.rows) - MAX_ROWS} more rows\n"


def _errors(block: Errors) -> str:
    shown = block.diagnostics[:_MAX_ERRORS]
    lines = [f"    {clean(str(one))}\n" for one in shown]
    rest = len(block.diagnostics) - len(shown)
    return "".join([*lines, f"    and {rest} more\n"] if rest else lines)


def _code(text: str) -> str:
    """A name, which could be anything: nothing in it is read as Markdown."""
    return f"`{clean(text).replace('`', chr(39))}`" if text else ""


def _words(text: str) -> str:
    """Words as they are where nothing in them means anything to GitHub, and else as a name."""
    return _code(text) if _MEANS_SOMETHING.search(text) else clean(text)


def _sentence(text: str) -> str:
    """A sentence in which names stand in backticks."""
    parts = text.split("`")
    return "".join(_code(part) if i % 2 else _words(part) for i, part in enumerate(parts))
