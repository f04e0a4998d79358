"""Spec files as text, and spans: the places in them that a diagnostic can point at."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple


class Position(NamedTuple):
    """A place in a file. Lines and columns count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, eq=False)
class SourceFile:
    """The text of one spec under the name that the user knows it by.

    ``path`` is where the file lies on disk, or None for text that came from standard input
    or from a string; imports are then resolved against the shipped specs alone.
    """

    name: str
    text: str = field(repr=False)
    path: Path | None = None

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(i + 1 for i, char in enumerate(self.text) if char == "\n")
        return starts

    def position(self, offset: int) -> Position:
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1), without its end."""
        starts = self._line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a file."""

    file: SourceFile
    start: int
    end: int

    @property
    def begin_position(self) -> Position:
        return self.file.position(self.start)

    @property
    def end_position(self) -> Position:
        return self.file.position(max(self.start, self.end))

    def __str__(self) -> str:
        line, column = self.begin_position
        return f"{self.file.name}:{line}:{column}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Why a place of a spec was being looked at: one step of the chain of uses that led there."""

    description: str
    span: Span
    caller: Origin | None = field(default=None)

    def chain(self) -> list[Origin]:
        """This origin and its callers, the innermost first."""
        steps: list[Origin] = []
        step: Origin | None = self
        while step is not None:
            steps.append(step)
            step = step.caller
        return steps
