"""`graphcnn validate --fix`: warnings mended in the text, all else in it as it was."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from graphcnn import syntax
from graphcnn.commands.output import write
from graphcnn.commands.project import Wanted
from graphcnn.commands.specs import spec_files
from graphcnn.compiler import check
from graphcnn.diagnostics import Diagnostic, Edit, Fix, Severity, SpecError, UsageError
from graphcnn.lint import Selection
from graphcnn.source import SourceFile

MAX_SINGLE = 20
"""Fixes that are tried one by one where all together make an error."""

_MARK = b"\xef\xbb\xbf"


def fix_all(paths: Iterable[str], wanted: Wanted, *, unsafe: bool) -> Iterator[str]:
    """Mend specs at paths of files and folders; yields a line for each that was changed.

    What cannot be read is passed by, since checking it says why.

    Raises:
        UsageError: a path is standard input or no path at all, or a file cannot be written.
    """
    for path in paths:
        for file in _files(path):
            try:
                source = syntax.read(file)
            except (SpecError, UsageError):
                continue
            mended, count = mend(source, wanted.selection(source.path), unsafe=unsafe)
            if count:
                marked = file.read_bytes().startswith(_MARK)
                write(str(file), _MARK * marked + mended.text.encode())
                yield f"{file}: {count} warning{'s' if count > 1 else ''} mended"


def without_tried(found: Iterable[Diagnostic], *, unsafe: bool) -> list[Diagnostic]:
    """What is found after ``fix_all``, without the fixes that it would have made if it could."""
    return [
        replace(one, fix=None) if one.fix is not None and (one.fix.safe or unsafe) else one
        for one in found
    ]


def _files(path: str) -> list[Path]:
    name = path.rpartition(":")[0]  # of a path with a variant
    for one in filter(None, (path, name)):
        # Also of what is no path at all, such as `a\0b`.
        if os.path.isdir(one):  # noqa: PTH112
            return [*map(Path, spec_files(Path(one)))]
        if os.path.isfile(one):  # noqa: PTH113
            return [Path(one)]
    raise UsageError(f"--fix changes files, and `{path}` is none")


def mend(file: SourceFile, warnings: Selection, *, unsafe: bool = False) -> tuple[SourceFile, int]:
    """A spec without the warnings that can be mended, and how many fixes that took.

    Fixes are made together, and one by one if the spec then has an error: those with which it has
    one are left. Where a fix leaves something else unused, that is mended too.
    """
    found, count = check(file, warnings=warnings), 0
    while True:
        fixes = [one.fix for one in found if one.fix is not None and one.span.file is file]
        together = _apart(fix for fix in fixes if fix.safe or unsafe)
        for batch in (together, *([fix] for fix in together[: MAX_SINGLE * (len(together) > 1)])):
            changed = replace(file, text=_edited(file.text, batch))
            left = check(changed, warnings=warnings) if batch else found
            if _is_better(len(changed.text) - len(file.text), left, found):
                file, found, count = changed, left, count + len(batch)
                break
        else:
            return file, count


def _is_better(longer: int, left: list[Diagnostic], found: list[Diagnostic]) -> bool:
    """Whether a change was one for the better; without the first condition it might never end."""
    if longer >= 0 and len(left) >= len(found):
        return False
    return not any(one.severity is Severity.ERROR for one in left)


def _apart(fixes: Iterable[Fix]) -> list[Fix]:
    """Fixes that do not overlap; the others have their turn when those are made."""
    taken: list[Fix] = []
    ends: list[Edit] = []
    for fix in fixes:
        if not any(
            one.start < end.end and end.start < one.end for one in fix.edits for end in ends
        ):
            taken.append(fix)
            ends += fix.edits
    return taken


def _edited(text: str, fixes: Iterable[Fix]) -> str:
    edits = [edit for fix in fixes for edit in fix.edits]
    for start, end, new in sorted(edits, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text
