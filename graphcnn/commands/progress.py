"""How far a long command is, on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from graphcnn.commands.shell import is_terminal

WIDTH = 24

_CLEAR = "\r\x1b[K"


@contextmanager
def bar(stream: TextIO) -> Iterator[Callable[[str, float], None]]:
    """A line that says what is done now and which part of all is behind; gone at the end.

    Where ``stream`` is no terminal there is none.
    """
    if not is_terminal(stream):
        yield lambda _what, _part: None
        return

    def tell(what: str, part: float) -> None:
        done = round(part * WIDTH)
        stream.write(f"{_CLEAR}[{'#' * done}{'.' * (WIDTH - done)}] {what}")
        stream.flush()

    try:
        yield tell
    finally:
        stream.write(_CLEAR)
        stream.flush()
