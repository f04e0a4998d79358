"""What a rule is, and what it finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from graphcnn.diagnostics import Diagnostic, Fix, Severity
from graphcnn.elaborate.state import described
from graphcnn.lint.names import Names
from graphcnn.lint.view import View
from graphcnn.source import Origin, Span


class Finding(NamedTuple):
    """A place that a rule warns of; ``origin`` is the way there, through blocks and repeats."""

    span: Span
    message: str
    help: str | None = None
    notes: tuple[str, ...] = ()
    origin: Origin | None = None
    fix: Fix | None = None

    def diagnostic(self, code: str) -> Diagnostic:
        notes = (*self.notes, *described(self.origin))
        return Diagnostic(
            code, self.message, self.span, notes, self.help, Severity.WARNING, self.fix
        )


class Rule:
    """One kind of warning, and all that is said of it.

    ``example`` is a whole spec that has it, ``mend`` the same spec without it.
    """

    code: ClassVar[str]
    summary: ClassVar[str]
    explanation: ClassVar[str]
    example: ClassVar[str]
    mend: ClassVar[str]


class ProgramRule(Rule, ABC):
    """A rule about the text of one file, whatever its parameters are set to."""

    @staticmethod
    @abstractmethod
    def check(names: Names) -> Iterator[Finding]:
        """What it finds in a file without errors."""


class GraphRule(Rule, ABC):
    """A rule about the graph of one variant."""

    @staticmethod
    @abstractmethod
    def check(view: View) -> Iterator[Finding]:
        """What it finds in a graph without errors; one place may come several times."""
