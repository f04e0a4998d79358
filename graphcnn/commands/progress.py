"""How far a long run is, for someone who waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from graphcnn.commands.shell import is_terminal

DELAY: Final = 1.0
"""Seconds before anything is shown, by default: what is over by then needs no line."""

PAUSE: Final = 0.1
"""Seconds between two looks at the line."""

WIDTH: Final = 24

_CLEAR: Final = "\r\x1b[K"


@contextmanager
def progress(delay: float | None = None) -> Iterator[Callable[[str, float], None]]:
    """A line on standard error that is told what is done now and which part of all is behind.

    It is gone in the end. Where standard error is no terminal there is none.
    """
    terminal = sys.stderr
    if not is_terminal(terminal):
        yield lambda _what, _part: None
        return
    due = time.monotonic() + (DELAY if delay is None else delay)
    shown = False

    def tell(what: str, part: float) -> None:
        nonlocal due, shown
        now = time.monotonic()
        if now >= due:
            due, shown = now + PAUSE, True
            done = round(part * WIDTH)
            terminal.write(f"{_CLEAR}[{'#' * done}{'.' * (WIDTH - done)}] {what}")
            terminal.flush()

    try:
        yield tell
    finally:
        if shown:
            terminal.write(_CLEAR)
            terminal.flush()
