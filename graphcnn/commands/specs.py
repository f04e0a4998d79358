"""Spec files by the paths that a user gives: files, folders, `-`, and names of shipped models."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from graphcnn.commands.checking import Outcome, Watch, check_all, check_one
from graphcnn.commands.project import Wanted
from graphcnn.diagnostics import Diagnostic, UsageError
from graphcnn.report.checked import Checked

SUFFIXES = (".yaml", ".yml")


def spec_files(folder: Path) -> list[str | Path]:
    """The specs below a folder, in a fixed order; hidden folders are passed by.

    So are links that lead out of the folder, and what is no plain file.

    Raises:
        UsageError: there are none.
    """
    root = folder.resolve()
    found: list[str | Path] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = [Path(parent, name) for name in sorted(files) if name.endswith(SUFFIXES)]
        found += (path for path in paths if _is_inside(path, root))
    if not found:
        raise UsageError(f"{folder} holds no specs (*.yaml, *.yml)")
    return found


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a link to itself
        return False


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


def validate_all(
    paths: Iterable[str],
    wanted: Wanted | None = None,
    *,
    only_specs: bool = False,
    jobs: int = 1,
    watch: Watch | None = None,
) -> Findings:
    """The findings at all paths, whatever is wrong with one of them.

    ``wanted`` says which warnings are among them, by default those that the project wants.

    With ``only_specs`` YAML that does not claim to be a spec is passed by. Up to ``jobs``
    processes are used where they pay, and ``watch`` is told how far it is.
    """
    expanded = _expanded(paths)
    files = [path for path, failure in expanded.items() if failure is None]
    check = partial(check_one, wanted=wanted or Wanted(), only_specs=only_specs)
    found = check_all(files, check, jobs=jobs, watch=watch)
    outcomes = [
        found[path] if failure is None else Outcome(Checked(path, failure=str(failure)), failure)
        for path, failure in expanded.items()
    ]
    looked_at = [one for one in outcomes if one is not None]
    return Findings(
        _distinct(diagnostic for one in looked_at for diagnostic in one.checked.diagnostics),
        [one.failure for one in looked_at if one.failure is not None],
        [one.checked for one in looked_at],
    )


def _expanded(paths: Iterable[str]) -> dict[str, UsageError | None]:
    """Each path once, folders by the specs in them; a folder without any with what to say of it."""
    found: dict[str, UsageError | None] = {}
    for path in paths:
        try:
            # Also of what is no path at all, such as `a\0b`.
            folder = os.path.isdir(path)  # noqa: PTH112
            files = spec_files(Path(path)) if folder else [path]
        except UsageError as error:
            found.setdefault(path, error)
        else:
            found |= dict.fromkeys(map(str, files))
    return found


def _distinct(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once; what several specs import is looked at for each of them."""
    seen: dict[object, Diagnostic] = {}
    for diagnostic in diagnostics:
        span = diagnostic.span
        place = span.file.path.resolve() if span.file.path else span.file.name
        seen.setdefault((place, span.start, diagnostic.code, diagnostic.message), diagnostic)
    return list(seen.values())
