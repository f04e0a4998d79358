"""A summary for people: the tree of scopes with their costs, and the totals."""

from __future__ import annotations

from graphcnn.report.figures import field, shapes
from graphcnn.report.layers import rows
from graphcnn.report.table import Column, plain
from graphcnn.report.terminal import style
from graphcnn.size.figures import exact, rounded
from graphcnn.summary import Summary

_COLUMNS = (
    Column("layer"),
    Column("op"),
    Column("output", "right"),
    Column("params", "right"),
    Column("MACs", "right"),
    Column("line", "right"),
)


def render(summary: Summary, *, depth: int | None = None, color: bool = False) -> str:
    """A heading, the table, and the totals."""
    cells = [
        [name, "input", shapes((shape,)), "", "", ""] for name, shape in summary.inputs.items()
    ]
    cells += [
        [
            "  " * row.depth + row.name,
            row.label,
            shapes(row.outputs),
            "" if row.params == 0 else exact(row.params),
            "" if row.macs == 0 else rounded(row.macs),
            row.place,
        ]
        for row in rows(summary, depth)
    ]
    family = f", a variant of {summary.model}" if summary.variant else ""
    title = style(summary.name, bold=True, on=color) + family
    return f"{title}\n\n{plain(_COLUMNS, cells, color=color)}\n{_totals(summary)}"


def _totals(summary: Summary) -> str:
    outputs = [
        *((f"output {name}", shape, "") for name, shape in summary.outputs.items()),
        *((f"output {n}", shape, " in training") for n, shape in summary.training_outputs.items()),
    ]
    lines = [
        ("params", exact(summary.params)),
        ("buffers", exact(summary.buffers)),
        ("MACs", rounded(summary.macs)),
        ("activations", rounded(summary.activations)),
        ("receptive field", field(summary.receptive_field)),
        *((label, shapes((shape,)) + when) for label, shape, when in outputs),
    ]
    margin = max(len(label) for label, _ in lines)
    return "".join(f"{label:<{margin}}  {value}\n" for label, value in lines)
