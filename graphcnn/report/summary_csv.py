"""A summary as CSV: the layers alone, one a row."""

from __future__ import annotations

import csv
import io

from graphcnn.report.figures import shapes
from graphcnn.summary import Summary

_FIELDS = ("name", "op", "inputs", "outputs", "params", "buffers", "macs", "file", "line")


def render(summary: Summary, *, depth: int | None = None, color: bool = False) -> str:  # noqa: ARG001 - every layer is there, and no colour
    """A heading and a row for each layer; shapes are written as `(64, 56, 56)`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _FIELDS, lineterminator="\n")
    writer.writeheader()
    for layer in summary.layers:
        writer.writerow(
            layer.to_dict() | {"inputs": shapes(layer.inputs), "outputs": shapes(layer.outputs)}
        )
    return text.getvalue()
