"""Warnings: what each rule finds, and what it passes over."""

from __future__ import annotations

from graphcnn.compiler import check
from graphcnn.diagnostics import Diagnostic
from graphcnn.lint import Selection
from graphcnn.source import SourceFile

ALL = Selection()


def warnings(text: str) -> list[Diagnostic]:
    """All that is found in a spec, which has no errors."""
    found = check(SourceFile("net.yaml", text), warnings=ALL)
    assert {one.severity for one in found} <= {"warning"}, found
    return found


def marked(text: str) -> list[tuple[str, str]]:
    """The codes that are found, each with the text that it points at."""
    return [(one.code, text[one.span.start : one.span.end]) for one in warnings(text)]
