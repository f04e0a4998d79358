"""`graphcnn validate --fix`: warnings mended in the text, all else in it as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from graphcnn import syntax
from graphcnn.commands.output import write
from graphcnn.commands.project import Wanted
from graphcnn.commands.specs import spec_files
from graphcnn.compiler import check
from graphcnn.diagnostics import Edit, Fix, Severity, SpecError, UsageError
from graphcnn.lint import Selection
from graphcnn.source import SourceFile

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


def _files(path: str) -> list[Path]:
    name = path.rpartition(":")[0]  # of a path with a variant
    for one in map(Path, (path, name)):
        if one.is_dir() and one is not Path():
            return [*map(Path, spec_files(one))]
        if one.is_file():
            return [one]
    raise UsageError(f"--fix changes files, and `{path}` is none")


def mend(file: SourceFile, warnings: Selection, *, unsafe: bool = False) -> tuple[SourceFile, int]:
    """A spec without the warnings that can be mended, and how many those were.

    A fix is kept if the spec then has no error and fewer warnings. Fixes are tried together, and
    one by one where that fails; some make room for others.
    """
    found = check(file, warnings=warnings)
    begun = len(found)
    while True:
        fixes = [one.fix for one in found if one.fix is not None and one.span.file is file]
        fixes = [fix for fix in fixes if fix.safe or unsafe]
        for batch in (fixes, *([fix] for fix in fixes if len(fixes) > 1)):
            changed = replace(file, text=_edited(file.text, batch))
            left = check(changed, warnings=warnings) if batch else found
            if len(left) < len(found) and not any(d.severity is Severity.ERROR for d in left):
                file, found = changed, left
                break
        else:
            return file, begun - len(found)


def _edited(text: str, fixes: Iterable[Fix]) -> str:
    """A text with fixes carried out, but for those that overlap others."""
    taken: list[Edit] = []
    for fix in fixes:
        if all(
            one.end <= other.start or other.end <= one.start for one in fix.edits for other in taken
        ):
            taken += fix.edits
    for start, end, new in sorted(taken, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text
