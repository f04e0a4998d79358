"""Tables in plain text and in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from graphcnn.report.terminal import clean, style, width

Align = Literal["left", "right"]


class Column(NamedTuple):
    title: str
    align: Align = "left"


def plain(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, color: bool = False) -> str:
    """Columns of aligned text under their titles."""
    cells = [[clean(cell) for cell in row] for row in rows]
    titles = [column.title for column in columns]
    widths = [max(map(width, column)) for column in zip(titles, *cells, strict=True)]
    head = _line(columns, titles, widths)
    lines = [style(head, bold=True, on=color), *(_line(columns, row, widths) for row in cells)]
    return "\n".join(lines) + "\n"


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (size - width(cell)) if column.align == "left" else _right(cell, size)
        for column, cell, size in zip(columns, cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _right(cell: str, size: int) -> str:
    return " " * (size - width(cell)) + cell


def markdown(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    """A table as GitHub renders it."""
    rule = ["---:" if column.align == "right" else "---" for column in columns]
    lines = [[column.title for column in columns], rule, *(map(_escape, row) for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _escape(cell: str) -> str:
    return clean(cell).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
