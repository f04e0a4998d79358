"""Tables of measurements, as Markdown, which reads well in a terminal too."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """What was measured: the first column says of what, the others hold figures.

    ``note`` is what there is to say of where, beside what holds of all tables.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def markdown(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.heads, *self.rows, strict=True)]
        rule = [
            ":" + "-" * (width - 1) if n == 0 else "-" * (width - 1) + ":"
            for n, width in enumerate(widths)
        ]
        lines = [_line(self.heads, widths), f"|{'|'.join(f' {part} ' for part in rule)}|"]
        return "\n".join([*lines, *(_line(row, widths) for row in self.rows)]) + "\n"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [
        cell.rjust(width) if n else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(padded)} |"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.0f} ms"


def megabytes(count: float) -> str:
    return f"{count / 1e6:,.0f} MB"


def times(ratio: float) -> str:
    return f"{ratio:.2f} x"
