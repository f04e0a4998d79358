"""Specs checked one after the other, or by several processes where those pay.

To start processes takes as long as to check dozens of specs, so every run begins without. Only
where much is left after a moment is it shared out. The outcomes are the same either way.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from graphcnn import syntax
from graphcnn.commands.project import Wanted
from graphcnn.compiler import check, locate
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.imports import Library
from graphcnn.report.checked import Checked
from graphcnn.source import SourceFile

STDIN: Final = "<stdin>"

LEAD: Final = 0.5
"""Seconds after which it is known how long the specs of a run take."""

WORTH: Final = 2.0
"""Seconds of work for which processes are started: they take a third of one to be ready."""


class Outcome(NamedTuple):
    """What came of one spec; ``failure`` says why it could not be looked at."""

    checked: Checked
    failure: UsageError | None = None


#: how one path is checked; None where there is nothing to check at it
Check = Callable[[str, Library], Outcome | None]

#: is told how many specs are done, and of how many
Watch = Callable[[int, int], None]


def check_one(
    path: str, library: Library, *, wanted: Wanted, only_specs: bool = False
) -> Outcome | None:
    """Check one spec, or standard input for `-`; with ``only_specs``, pass other YAML by."""
    name = STDIN if path == "-" else path
    begin = time.perf_counter()
    try:
        file, variant = (_standard_input(), None) if path == "-" else locate(path)
        if only_specs and not syntax.is_spec(file):
            return None
        found = tuple(check(file, variant, wanted.selection(file.path), library))
    except SpecError as error:
        found = error.diagnostics
    except UsageError as error:
        seconds = time.perf_counter() - begin
        return Outcome(Checked(name, failure=str(error), seconds=seconds), error)
    return Outcome(Checked(name, found, seconds=time.perf_counter() - begin))


def check_all(
    paths: Sequence[str], check: Check, *, jobs: int = 1, watch: Watch | None = None
) -> dict[str, Outcome | None]:
    """The outcome for each path, by at most ``jobs`` processes."""
    found: dict[str, Outcome | None] = {}

    def done(path: str, outcome: Outcome | None) -> None:
        found[path] = outcome
        if watch is not None:
            watch(len(found), len(paths))

    library = Library()
    begin = time.perf_counter()
    # Standard input is read by this process, so it comes first.
    ordered = sorted(paths, key=lambda path: path != "-")
    for number, path in enumerate(ordered):
        each = (time.perf_counter() - begin) / max(number, 1)
        if jobs > 1 and each * number > LEAD and each * (len(ordered) - number) > WORTH:
            from graphcnn.commands.processes import share_out

            share_out(ordered[number:], check, jobs, each, done)
            jobs = 1  # what they have not done is done here
        if path not in found:
            done(path, check(path, library))
    return found


def cores() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _standard_input() -> SourceFile:
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return syntax.decode(sys.stdin.buffer.read(syntax.LIMIT + 1), STDIN)
