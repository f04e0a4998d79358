"""`graphcnn ops --support`: how each backend has each op."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from graphcnn.backends import Level, Support, find, names
from graphcnn.ops import OPS
from graphcnn.ops.base import Op
from graphcnn.report.table import Column, markdown, plain


class Row(NamedTuple):
    """An op, and what each backend says of it, by name."""

    op: type[Op]
    support: dict[str, Support]


def rows(ops: Sequence[type[Op]] = OPS, backends: Sequence[str] | None = None) -> list[Row]:
    """What backends say of ops, by default all that are installed of all that there are.

    Raises:
        UsageError: a backend needs something that is not installed.
    """
    found = {name: find(name) for name in (names() if backends is None else backends)}
    return [Row(op, {name: one.support(op) for name, one in found.items()}) for op in ops]


def render(found: Sequence[Row], format: str = "text", *, color: bool = False) -> str:
    """The table, then how or why for what is not native, in a word of `--format`."""
    if format == "json":
        return json.dumps([*map(_record, found)], indent=2) + "\n"
    backends = [*found[0].support]
    levels = [Column("op"), *map(Column, backends)]
    cells = [[_name(row, format), *(one.level for one in row.support.values())] for row in found]
    reasons = [Column("op"), Column("backend"), Column("support"), Column("how, or why not")]
    remarks = [*_remarks(found, format)]
    if format == "markdown":
        tables = [markdown(levels, cells), *([markdown(reasons, remarks)] if remarks else [])]
    else:
        tables = [plain(levels, cells, color=color)]
        tables += [plain(reasons, remarks, color=color)] if remarks else []
    return "\n".join(tables)


def _record(row: Row) -> dict[str, object]:
    support = {
        name: {"level": str(one.level), "reason": one.reason or None}
        for name, one in row.support.items()
    }
    return {"op": row.op.name, "group": row.op.group, "support": support}


def _name(row: Row, format: str) -> str:
    return f"`{row.op.name}`" if format == "markdown" else row.op.name


def _remarks(found: Sequence[Row], format: str) -> Iterator[list[str]]:
    for row in found:
        for backend, (level, reason) in row.support.items():
            if level is not Level.NATIVE:
                yield [_name(row, format), backend, level, reason]
