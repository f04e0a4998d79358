"""Python's cycle collector, out of the way while something grows that is needed whole."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LARGE: Final = 100_000
"""Objects; a walk over fewer takes no time worth mentioning."""

BOUND: Final = 2_000_000
"""Objects that have become old without a look at them, and are now looked at."""

_unseen = 0


@contextmanager
def paused(*, kept: bool = False) -> Iterator[None]:
    """Collect no cycles for a while, also as a decorator: ``@paused()``.

    A syntax tree, or a graph, becomes garbage at once and not by parts. Until then the collector
    only walks over it, again and again as it grows: that takes longer than making it. Where nearly
    all that was made is ``kept``, it is not walked over afterwards either.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if kept:
                _settle()
            gc.enable()


def _settle() -> None:
    """Count what has been made as old, if it is much.

    As new objects all of it would be walked over once more right now, to find that it is in use.
    Objects that are counted as old do not bring about a collection, so after ``BOUND`` of them
    there is one. Where a program has frozen objects itself, it is left to its own ways.
    """
    global _unseen  # noqa: PLW0603 - the collector is one for the process
    made = gc.get_count()[0]
    if made < LARGE or gc.get_freeze_count():
        return
    if _unseen > BOUND:
        _unseen = 0
        gc.collect()
    else:
        _unseen += made
        gc.freeze()
        gc.unfreeze()
