"""What is said about a diagnostic code, and how the examples are written."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

from graphcnn.diagnostics import Severity


@dataclass(frozen=True)
class Code:
    """The documentation of a code.

    ``example`` is a whole spec that has it and ``mend`` the same spec without it; both are None
    where a spec that has it could not be printed.
    """

    summary: str
    explanation: str
    example: str | None = None
    mend: str | None = None
    severity: Severity = Severity.ERROR


def spec(graph: str, *, head: str = "", image: str = "[3, 32, 32]") -> str:
    """A whole spec around the statements of its graph; ``head`` comes before its inputs."""
    return (
        f"graphcnn: 1\nname: net\n{block(head)}"
        f"inputs: {{image: {image}}}\ngraph:\n{indent(block(graph), '  ')}"
    )


def block(text: str) -> str:
    """Lines that stand indented in the source, moved to the margin."""
    stripped = dedent(text).strip("\n")
    return f"{stripped}\n" if stripped else ""
