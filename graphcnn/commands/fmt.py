"""`graphcnn fmt`: specs in one layout."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from graphcnn import syntax
from graphcnn.commands.output import write
from graphcnn.commands.specs import spec_files
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.formatting import Unchangeable, format_spec
from graphcnn.source import SourceFile

_MARK = b"\xef\xbb\xbf"


class Result(NamedTuple):
    """A spec as it is and as it is to be."""

    file: SourceFile
    before: str
    after: str

    @property
    def changes(self) -> bool:
        return self.before != self.after

    def diff(self) -> str:
        """A unified diff, whose file names are followed by what they stand for."""
        name = self.file.name
        lines = difflib.unified_diff(
            _lines(self.before),
            _lines(self.after),
            name,
            name,
            "as it is",
            "formatted",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends; `splitlines` knows ends that YAML does not."""
    return StringIO(text, newline="\n").readlines()


@dataclass
class Run:
    """What became of all files: those that ``failed`` are left as they are."""

    results: list[Result] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def changed(self) -> list[Result]:
        return [result for result in self.results if result.changes]


def format_all(paths: Iterable[str], *, rewrite: bool, only_specs: bool = False) -> Run:
    """Format files, the specs in folders, and standard input for `-`.

    With ``rewrite``, what changes is written back; a file whose layout is right is not touched.
    With ``only_specs`` other YAML is passed by also where it is named.
    """
    run = Run()
    for path, named in _files(paths, run):
        try:
            result = _format(path, wanted=named and not only_specs)
            if result is None:
                continue
            if rewrite and path == "-":
                write("-", result.after)
            elif rewrite and result.changes:
                write(path, result.after.encode())
        except SpecError as error:
            run.diagnostics += error.diagnostics
        except UsageError as error:
            run.failed.append(str(error))
        except Unchangeable as error:
            run.failed.append(f"{error}; it is left as it is, and this is a bug in graphcnn")
        else:
            run.results.append(result)
    return run


def _files(paths: Iterable[str], run: Run) -> Iterator[tuple[str, bool]]:
    """Each file once, and whether it was named itself."""
    seen: set[str] = set()
    for path in paths:
        try:
            # Also of what is no path at all, such as `a\0b`.
            folder = os.path.isdir(path)  # noqa: PTH112
            found = [str(file) for file in spec_files(Path(path))] if folder else [path]
        except UsageError as error:
            run.failed.append(str(error))
            continue
        for file in found:
            place = file if file == "-" else os.path.abspath(file)  # noqa: PTH100 - of any text
            if place not in seen:
                seen.add(place)
                yield file, not folder


def _format(path: str, *, wanted: bool) -> Result | None:
    """The result for a file, or None for one in a folder that is some other YAML."""
    if path == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        data = sys.stdin.buffer.read(syntax.LIMIT + 1)
        file, marked = syntax.decode(data, "<stdin>"), data.startswith(_MARK)
    else:
        file = syntax.read(Path(path))
        with Path(path).open("rb") as stream:
            marked = stream.read(len(_MARK)) == _MARK
    if not wanted and not syntax.is_spec(file):
        return None
    return Result(file, "\ufeff" * marked + file.text, format_spec(file))


def summary(run: Run, *, rewrite: bool) -> str:
    """How many files changed, or would, and how many did not."""
    changed = len(run.changed)
    same = len(run.results) - changed
    verb, rest = ("", "left unchanged") if rewrite else ("would be ", "already formatted")
    parts = [f"{_files_of(changed)} {verb}reformatted"] if changed else []
    parts += [f"{_files_of(same)} {rest}"] if same else []
    return ", ".join(parts)


def _files_of(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
