"""Places as programs of a repository know them: paths from its root, and lines that exist."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from graphcnn.source import SourceFile, Span


class Region(NamedTuple):
    """Lines and columns from 1, in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def root() -> Path:
    """The folder that paths are relative to.

    That is the git repository around the working folder, without one the folder around it that
    GITHUB_WORKSPACE names, and else the working folder itself. The repository comes first, since
    `actions/checkout` can put it into a folder of the workspace.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return folder
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or here)
    return workspace if here.is_relative_to(workspace) else here


def locate(file: SourceFile, base: Path) -> Path | None:
    """Where a file lies: relative to ``base`` if it is below it, else absolute.

    None for text that is no file, such as standard input.
    """
    if file.path is None:
        return None
    # As it was named first: a link in the repository is what the author sees there.
    path = Path(os.path.abspath(file.path))  # noqa: PTH100 - `resolve` follows links
    for inner, outer in ((path, base), (path.resolve(), base.resolve())):
        if inner.is_relative_to(outer):
            return inner.relative_to(outer)
    return path


def region(span: Span) -> Region:
    """What is marked, on lines that an editor numbers.

    The end of a line is a place on that line, and so is what follows the last line of a file.
    """
    file, begin, end = span.file, span.begin_position, span.end_position
    line, column = begin
    if column == 1 and line > 1 and span.start >= len(file.text):
        line, column = _line_end(file, line - 1)
    end_line, end_column = end
    if end_column == 1 and end_line > line:
        end_line, end_column = _line_end(file, end_line - 1)
    return Region(line, column, *max((line, column), (end_line, end_column)))


def _line_end(file: SourceFile, line: int) -> tuple[int, int]:
    return line, len(file.line(line)) + 1
