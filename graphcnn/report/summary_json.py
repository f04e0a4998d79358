"""A summary as JSON: one object, the contract of `graphcnn summary --format json`."""

from __future__ import annotations

import json

from graphcnn.summary import Summary


def render(summary: Summary, *, depth: int | None = None, color: bool = False) -> str:  # noqa: ARG001 - every layer is there, and no colour
    """What :meth:`graphcnn.Summary.to_dict` makes, in ASCII."""
    return json.dumps(summary.to_dict(), indent=2) + "\n"
