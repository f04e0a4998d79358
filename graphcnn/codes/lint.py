"""Codes of warnings: what their rules say of themselves."""

from __future__ import annotations

from graphcnn.codes.code import Code
from graphcnn.diagnostics import Severity
from graphcnn.lint import RULES

CODES: dict[str, Code] = {
    rule.code: Code(rule.summary, rule.explanation, rule.example, rule.mend, Severity.WARNING)
    for rule in RULES
}
