"""Spec files by the paths that a user gives: files, folders, `-`, and names of shipped models."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from graphcnn import syntax
from graphcnn.commands.project import Wanted
from graphcnn.compiler import check, locate
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.report.checked import Checked
from graphcnn.source import SourceFile

SUFFIXES = (".yaml", ".yml")
STDIN = "<stdin>"


def spec_files(folder: Path) -> list[str | Path]:
    """The specs below a folder, in a fixed order; hidden folders are passed by.

    Raises:
        UsageError: there are none.
    """
    found: list[str | Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (Path(parent, name) for name in sorted(files) if name.endswith(SUFFIXES))
    if not found:
        raise UsageError(f"{folder} holds no specs (*.yaml, *.yml)")
    return found


def validate(path: str | Path) -> list[Diagnostic]:
    """Every finding in a spec, or in all specs of a folder; `-` is standard input.

    The name of a shipped model stands for its file. All variants are checked.

    Raises:
        UsageError: there is nothing to check there, or it cannot be read.
    """
    findings = validate_all([str(path)])
    if findings.failed:
        raise findings.failed[0]
    return findings.diagnostics


class Findings(NamedTuple):
    """What was found, which paths could not be looked at, and the same for each by itself."""

    diagnostics: list[Diagnostic]
    failed: list[UsageError]
    checked: list[Checked]

    @property
    def specs(self) -> int:
        """How many could be looked at."""
        return len(self.checked) - len(self.failed)


def validate_all(paths: Iterable[str], wanted: Wanted | None = None) -> Findings:
    """The findings at all paths, whatever is wrong with one of them.

    ``wanted`` says which warnings are among them, by default those that the project wants.
    """
    wanted = wanted or Wanted()
    found: list[Diagnostic] = []
    failed: list[UsageError] = []
    checked: list[Checked] = []
    done: set[str] = set()

    def fail(name: str, error: UsageError, seconds: float = 0.0) -> None:
        failed.append(error)
        checked.append(Checked(name, failure=str(error), seconds=seconds))

    for path in dict.fromkeys(paths):
        try:
            # Also of what is no path at all, such as `a\0b`.
            folder = os.path.isdir(path)  # noqa: PTH112
            files = spec_files(Path(path)) if folder else [path]
        except UsageError as error:
            fail(path, error)
            continue
        for file in files:
            name = STDIN if file == "-" else str(file)
            if name in done:
                continue
            done.add(name)
            begin = time.perf_counter()
            try:
                source, variant = (_standard_input(), None) if file == "-" else locate(file)
                here = check(source, variant, wanted.selection(source.path))
            except SpecError as error:
                here = [*error.diagnostics]
            except UsageError as error:
                fail(name, error, time.perf_counter() - begin)
                continue
            found += here
            checked.append(Checked(name, tuple(here), seconds=time.perf_counter() - begin))
    return Findings(_distinct(found), failed, checked)


def _distinct(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once; what several specs import is looked at for each of them."""
    seen: dict[object, Diagnostic] = {}
    for diagnostic in diagnostics:
        span = diagnostic.span
        place = span.file.path or span.file.name
        seen.setdefault((place, span.start, diagnostic.code, diagnostic.message), diagnostic)
    return list(seen.values())


def _standard_input() -> SourceFile:
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return syntax.decode(sys.stdin.buffer.read(syntax.LIMIT + 1), STDIN)
