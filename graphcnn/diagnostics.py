"""What can be wrong with a spec: the record that every error and warning is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from graphcnn.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Edit(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of a file, and what is to stand there."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """A mend as edits of the finding's file, which do not overlap.

    It is ``safe`` where the model stays the same, and so does what others can ask of the spec.
    """

    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True)
class Diagnostic:
    """One finding: a stable code, where, what, and where it helps a way out.

    ``notes`` add facts (who produced which shape, through which block uses the place was
    reached); ``help`` is one concrete mend, and ``fix`` one that can be carried out. The codes are
    explained in ``graphcnn.codes``.
    """

    code: str
    message: str
    span: Span
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: Severity = Severity.ERROR
    fix: Fix | None = None

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code}]: {self.message}"

    def as_dict(self) -> dict[str, object]:
        """The record of ``validate --format json``."""
        line, column = self.span.begin_position
        end_line, end_column = self.span.end_position
        return {
            "file": self.span.file.name,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "severity": str(self.severity),
            "code": self.code,
            "message": self.message,
            "notes": list(self.notes),
            "help": self.help,
        }


class SpecError(Exception):
    """A spec that cannot be compiled; carries every diagnostic that was found."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


class UsageError(Exception):
    """A request that is wrong in itself: an unknown model, a bad option, an unwritable path.

    ``details`` are lines of their own below the message.
    """

    def __init__(self, message: str, details: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)

    def __str__(self) -> str:
        return "\n  ".join((str(self.args[0]), *self.details))


MAX_COMPARED = 400
MAX_COMPARED_LENGTH = 100


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that ``name`` is most likely a misspelling or a longer form of, in any case.

    Of very many candidates the first are looked at, so that the answer is quick.
    """
    if len(name) > MAX_COMPARED_LENGTH:
        return None
    name, written = name.lower(), dict[str, str]()
    for candidate in islice(candidates, MAX_COMPARED):
        written.setdefault(candidate.lower(), candidate)
    found = _nearest(name, list(written))
    return None if found is None else written[found]


def _nearest(name: str, few: list[str]) -> str | None:
    # Texts whose lengths differ by more than this are less than 0.7 alike.
    near = [x for x in few if 10 * abs(len(x) - len(name)) <= 3 * (len(x) + len(name))]
    found = difflib.get_close_matches(name, near, n=1, cutoff=0.7)
    if found:
        return found[0]
    shorter = max((x for x in few if _begins(x, name)), key=len, default=None)
    return shorter or next((x for x in few if _begins(name, x)), None)


def _begins(short: str, long: str) -> bool:
    """Whether a name is the beginning of another: `out` of `out_channels`."""
    return len(short) >= 3 and long.startswith(short)


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A ready ``help`` line for a misspelt name, or None where nothing comes near."""
    found = suggest(name, candidates)
    return f"did you mean `{found}`?" if found else None
