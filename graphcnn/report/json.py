"""Diagnostics as JSON: a list of records, the contract of `graphcnn validate --format json`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from graphcnn.diagnostics import Diagnostic


def render(diagnostics: Sequence[Diagnostic], *, color: bool = False) -> str:  # noqa: ARG001 - JSON has none
    """A list of the records that :meth:`graphcnn.Diagnostic.as_dict` makes, in ASCII."""
    return json.dumps([diagnostic.as_dict() for diagnostic in diagnostics], indent=2) + "\n"
