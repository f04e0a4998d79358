"""Two sequences beside each other: what of one is what of the other, in order, in bounded time.

Equal ends are set aside first. What is left is aligned by the best sum of scores (Needleman and
Wunsch, 1970) where that is little work. Of long sequences the equal items are found first, by the
shortest edit script (Myers, 1986), or else those that are at least of one kind; the gaps between
them are aligned by score.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

Pairs = list[tuple[int, int]]

CELLS = 40_000
"""Pairs that are scored to align two sequences, at the most."""

EDITS = 400
"""Items that come or go between long sequences, at the most; with more, none is an anchor."""


def align(
    before: Sequence[T],
    after: Sequence[T],
    key: Callable[[T], Hashable],
    kind: Callable[[T], Hashable],
    score: Callable[[T, T], float],
) -> Pairs:
    """The indices of what belongs together, ascending on both sides.

    Items of one ``key`` are the same, and of one ``kind`` alike. ``score`` is how well two items
    fit, 0 where not at all.
    """
    start, end = _ends([*map(key, before)], [*map(key, after)])
    found: Pairs = [(i, i) for i in range(start)]
    old, new = range(start, len(before) - end), range(start, len(after) - end)
    anchors: Pairs = []
    if len(old) * len(new) > CELLS:
        anchors = _anchors([before[i] for i in old], [after[j] for j in new], (key, kind))
        anchors = [(old[i], new[j]) for i, j in anchors]
        found += anchors
    for gap in _gaps(old, new, anchors):
        found += _best(before, after, *gap, score)
    found += zip(
        range(len(before) - end, len(before)), range(len(after) - end, len(after)), strict=True
    )
    return sorted(found)


def _ends(before: list[Hashable], after: list[Hashable]) -> tuple[int, int]:
    """How many items are the same at the beginning and, of the others, at the end."""
    most = min(len(before), len(after))
    start = next((i for i in range(most) if before[i] != after[i]), most)
    most -= start
    end = next((i for i in range(most) if before[-1 - i] != after[-1 - i]), most)
    return start, end


def _anchors(before: list[T], after: list[T], keys: Iterable[Callable[[T], Hashable]]) -> Pairs:
    """What is the same by the first key by which the sequences do not differ too much."""
    for key in keys:
        found = _equal([*map(key, before)], [*map(key, after)])
        if found is not None:
            return found
    return []


def _gaps(old: range, new: range, anchors: Pairs) -> Iterator[tuple[range, range]]:
    """What lies between anchors on both sides."""
    i, j = old.start, new.start
    for a, b in [*anchors, (old.stop, new.stop)]:
        if i < a and j < b:
            yield range(i, a), range(j, b)
        i, j = a + 1, b + 1


def _best(
    before: Sequence[T], after: Sequence[T], old: range, new: range, score: Callable[[T, T], float]
) -> Pairs:
    """The alignment with the best sum of scores; none where that would be too much work."""
    if len(old) * len(new) > CELLS:
        return []
    scores = [[score(before[i], after[j]) for j in new] for i in old]
    # best[i][j] is the best sum from (i, j) to the end
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        row, below, here = best[i], best[i + 1], scores[i]
        for j in reversed(range(len(new))):
            row[j] = max(below[j], row[j + 1], here[j] + below[j + 1] if here[j] else 0.0)
    found: Pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            found.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _equal(before: list[Hashable], after: list[Hashable]) -> Pairs | None:
    """Equal items by a shortest edit script; None where it has more than ``EDITS`` edits."""
    n, m = len(before), len(after)
    reached = {1: 0}  # how far into `before`, by diagonal
    history: list[dict[int, int]] = []
    for edits in range(min(n + m, EDITS) + 1):
        history.append(dict(reached))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
            i = reached[k + 1] if down else reached[k - 1] + 1
            while i < n and 0 <= i - k < m and before[i] == after[i - k]:
                i += 1
            reached[k] = i
            if i >= n and i - k >= m:
                return _walked_back(history, n, m)
    return None


def _walked_back(history: list[dict[int, int]], i: int, j: int) -> Pairs:
    found: Pairs = []
    for edits in reversed(range(len(history))):
        reached, k = history[edits], i - j
        down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
        previous = k + 1 if down else k - 1
        begin = reached[previous] if edits else 0
        stop = begin if down or not edits else begin + 1
        while i > stop:
            i, j = i - 1, j - 1
            found.append((i, j))
        i, j = begin, begin - previous
    return found[::-1]
