"""How things are shown: diagnostics, summaries and differences, in text and in forms for machines.

``DIAGNOSTICS``, ``SUMMARIES`` and ``COMPARISONS`` are the tables; each format has a module, which
is loaded when it is used. A new format is a module with ``render`` and a line here.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from graphcnn.diagnostics import Diagnostic
from graphcnn.report.checked import Checked

if TYPE_CHECKING:
    from graphcnn.difference import Comparison
    from graphcnn.summary import Summary

#: formats of `graphcnn validate`, by the module that writes each
DIAGNOSTICS = {
    "text": "graphcnn.report.text",
    "json": "graphcnn.report.json",
    "github": "graphcnn.report.github",
    "sarif": "graphcnn.report.sarif",
    "junit": "graphcnn.report.junit",
}

#: formats of `graphcnn summary`
SUMMARIES = {
    "text": "graphcnn.report.summary_text",
    "json": "graphcnn.report.summary_json",
    "csv": "graphcnn.report.summary_csv",
    "markdown": "graphcnn.report.summary_markdown",
}

#: formats of `graphcnn diff`
COMPARISONS = {
    "text": "graphcnn.report.diff_text",
    "markdown": "graphcnn.report.diff_markdown",
    "json": "graphcnn.report.diff_json",
}


class DiagnosticsFormat(Protocol):
    """A module of ``DIAGNOSTICS``."""

    def render(
        self,
        diagnostics: Sequence[Diagnostic],
        *,
        checked: Sequence[Checked] = (),
        color: bool = False,
    ) -> str:
        """The findings, as text that ends its last line."""


class SummaryFormat(Protocol):
    """A module of ``SUMMARIES``."""

    def render(self, summary: Summary, *, depth: int | None = None, color: bool = False) -> str:
        """The summary, as text that ends its last line."""


class ComparisonFormat(Protocol):
    """A module of ``COMPARISONS``."""

    def render(self, comparison: Comparison, *, color: bool = False) -> str:
        """The differences, as text that ends its last line."""


def render_diagnostics(
    diagnostics: Sequence[Diagnostic],
    format: str = "text",
    *,
    checked: Sequence[Checked] = (),
    color: bool = False,
) -> str:
    """The findings in one of the ``DIAGNOSTICS`` formats.

    ``checked`` says which specs they are from, for the formats that list those without any too.
    """
    module: DiagnosticsFormat = import_module(DIAGNOSTICS[format])
    return module.render(diagnostics, checked=checked, color=color)


def render_summary(
    summary: Summary, format: str = "text", *, depth: int | None = None, color: bool = False
) -> str:
    """The summary in one of the ``SUMMARIES`` formats; ``depth`` folds what lies deeper."""
    module: SummaryFormat = import_module(SUMMARIES[format])
    return module.render(summary, depth=depth, color=color)


def render_comparison(comparison: Comparison, format: str = "text", *, color: bool = False) -> str:
    """The differences in one of the ``COMPARISONS`` formats."""
    module: ComparisonFormat = import_module(COMPARISONS[format])
    return module.render(comparison, color=color)
