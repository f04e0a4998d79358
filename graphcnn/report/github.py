"""Diagnostics as workflow commands of GitHub Actions, which it shows on the lines of a diff.

The commands and their escapes are those of
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
and of `packages/core/src/command.ts` in https://github.com/actions/toolkit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.report.checked import Checked
from graphcnn.report.places import locate, region, root
from graphcnn.report.terminal import clean

# `%` is first, so that no escape is escaped again.
_IN_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTY = (*_IN_DATA, (":", "%3A"), (",", "%2C"))


def render(
    diagnostics: Sequence[Diagnostic],
    *,
    checked: Sequence[Checked] = (),
    color: bool = False,  # noqa: ARG001 - GitHub colours them
) -> str:
    """A command for each finding and each spec that could not be looked at, one a line."""
    base = root()
    failures = [one.failure for one in checked if one.failure is not None]
    commands = [
        *(_finding(diagnostic, base) for diagnostic in diagnostics),
        *(_command(Severity.ERROR, {"title": "GraphCNN"}, [failure]) for failure in failures),
    ]
    return "".join(f"{command}\n" for command in commands)


def _finding(diagnostic: Diagnostic, base: Path) -> str:
    path = locate(diagnostic.span.file, base)
    title = {"title": f"GraphCNN ({diagnostic.code})"}
    properties = title if path is None else {**title, **_place(diagnostic, path)}
    return _command(diagnostic.severity, properties, _lines(diagnostic, path))


def _command(severity: Severity, properties: dict[str, str], lines: Iterable[str]) -> str:
    listed = ",".join(f"{key}={_escape(text, _IN_PROPERTY)}" for key, text in properties.items())
    message = "\n".join(map(clean, lines))
    return f"::{severity} {listed}::{_escape(message, _IN_DATA)}"


def _place(diagnostic: Diagnostic, path: Path) -> dict[str, str]:
    line, column, end_line, end_column = region(diagnostic.span)
    place = {"file": path.as_posix(), "line": str(line), "endLine": str(end_line)}
    # The runner drops columns where the lines differ.
    columns = {"col": str(column), "endColumn": str(end_column)} if line == end_line else {}
    return place | columns


def _lines(diagnostic: Diagnostic, path: Path | None) -> Iterator[str]:
    """What is read; it begins with the place, since the log of a job shows no properties."""
    line, column, _, _ = region(diagnostic.span)
    name = diagnostic.span.file.name if path is None else path.as_posix()
    yield f"{name}:{line}:{column}: {diagnostic.message}"
    yield from diagnostic.notes
    if diagnostic.help is not None:
        yield f"help: {diagnostic.help}"


def _escape(text: str, escapes: Sequence[tuple[str, str]]) -> str:
    for char, escape in escapes:
        text = text.replace(char, escape)
    return text
