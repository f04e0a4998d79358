"""How far a long run is, for someone who waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from graphcnn.commands.checking import Watch

DELAY: Final = 1.0
"""Seconds before anything is shown: what is over by then needs no line."""

PAUSE: Final = 0.1
"""Seconds between two looks at the line."""


@contextmanager
def progress() -> Iterator[Watch | None]:
    """Shows how many are done in a line on standard error, and takes it away in the end.

    None where standard error is no terminal.
    """
    terminal = sys.stderr
    if terminal is None or not terminal.isatty():
        yield None
        return
    due = time.monotonic() + DELAY
    shown = ""

    def show(done: int, total: int) -> None:
        nonlocal due, shown
        now = time.monotonic()
        if now >= due:
            due = now + PAUSE
            shown = f"{done:,} of {total:,} specs checked"
            terminal.write(f"\r{shown}")
            terminal.flush()

    try:
        yield show
    finally:
        if shown:
            terminal.write(f"\r{' ' * len(shown)}\r")
            terminal.flush()
