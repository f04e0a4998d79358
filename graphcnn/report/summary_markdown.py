"""A summary as Markdown, for a README or a pull request."""

from __future__ import annotations

from graphcnn.report.figures import field, shapes
from graphcnn.report.layers import rows
from graphcnn.report.table import Column, markdown
from graphcnn.size.figures import exact, rounded
from graphcnn.summary import Summary

_TOTALS = (Column("figure"), Column("value", "right"))
_COLUMNS = (
    Column("layer"),
    Column("op"),
    Column("output", "right"),
    Column("params", "right"),
    Column("MACs", "right"),
)


def render(summary: Summary, *, depth: int | None = None, color: bool = False) -> str:  # noqa: ARG001 - Markdown has no colour
    """The totals and the tree, each a table."""
    totals = [
        *((f"input `{name}`", shapes((shape,))) for name, shape in summary.inputs.items()),
        *((f"output `{name}`", shapes((shape,))) for name, shape in summary.outputs.items()),
        ("params", exact(summary.params)),
        ("buffers", exact(summary.buffers)),
        ("MACs", rounded(summary.macs)),
        ("activations", rounded(summary.activations)),
        ("receptive field", field(summary.receptive_field)),
    ]
    layers = (
        [
            # Markdown drops leading spaces, so that a scope's members are set in by others.
            "&emsp;" * row.depth + f"`{row.name}`",
            row.label,
            shapes(row.outputs),
            exact(row.params),
            rounded(row.macs),
        ]
        for row in rows(summary, depth)
    )
    return f"## {summary.name}\n\n{markdown(_TOTALS, totals)}\n{markdown(_COLUMNS, layers)}"
