"""Diagnostics as JSON: a list of records, the contract of `graphcnn validate --format json`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from graphcnn.diagnostics import Diagnostic
from graphcnn.report.checked import Checked


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    checked: Sequence[Checked] = (),  # noqa: ARG001 - a finding says which file it is in
    color: bool = False,  # noqa: ARG001 - JSON has none
) -> str:
    """A list of the records that :meth:`graphcnn.Diagnostic.as_dict` makes, in ASCII."""
    return json.dumps([diagnostic.as_dict() for diagnostic in diagnostics], indent=2) + "\n"
