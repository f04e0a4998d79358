"""Ends of slices, which Python counts from the end where they are negative."""

from __future__ import annotations

from graphcnn.size import Size, Symbolic, equal


def last(n: Size, after: Size) -> Size | None:
    """Where a slice stops that leaves out the last ``after`` of n cells; None at the end.

    `-after` would leave nothing where a size that is read turns out to be 0.
    """
    if isinstance(after, Symbolic):
        return n - after
    return None if equal(after, 0) else -after
