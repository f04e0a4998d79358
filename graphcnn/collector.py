"""Python's cycle collector, out of the way while something grows that is needed whole."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Collect no cycles for a while, also as a decorator: ``@paused()``.

    A syntax tree, or a graph, becomes garbage at once and not by parts. Until then the collector
    only walks over it, again and again as it grows: that takes longer than making it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
