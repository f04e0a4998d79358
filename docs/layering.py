"""Where the boxes of a directed graph stand: in layers, so that all arrows lead down.

The method of Sugiyama, Tagawa and Toda (1981): layers by the longest path, places held free where
an arrow passes a layer by, orders by the mean place of neighbours, and last the horizontal places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SWEEPS = 12
_STRAIGHTENINGS = 40
_GAP = 14.0


@dataclass
class Layout:
    """The middle of each box by its index, its layer, and the middles that each arrow passes."""

    x: list[float]
    layer: list[int]
    paths: dict[tuple[int, int], list[tuple[int, float]]]


def layout(sources: Sequence[Sequence[int]], widths: Sequence[float], passing: float) -> Layout:
    """Places for boxes, each given by the boxes before it and by its width.

    ``passing`` is the width that is held free for an arrow that passes a layer.
    """
    layer = _layers(sources)
    sizes = [*widths]
    rank = [*layer]
    above: list[list[int]] = [[] for _ in sources]
    held: dict[tuple[int, int], list[int]] = {}
    for target, several in enumerate(sources):
        for source in several:
            last, chain = source, []
            for level in range(layer[source] + 1, layer[target]):
                sizes.append(passing)
                rank.append(level)
                above.append([last])
                last = len(sizes) - 1
                chain.append(last)
            above[target].append(last)
            held[source, target] = chain
    rows = _ordered(rank, above)
    x = _placed(rows, above, sizes)
    paths = {ends: [(rank[one], x[one]) for one in chain] for ends, chain in held.items()}
    return Layout(x[: len(sources)], layer, paths)


def _layers(sources: Sequence[Sequence[int]]) -> list[int]:
    """The longest path to each box; what begins one stands right above its first reader."""
    layer: list[int] = []
    for several in sources:
        layer.append(max((layer[one] + 1 for one in several), default=0))
    for index, several in enumerate(sources):
        readers = [layer[target] for target, of in enumerate(sources) if index in of]
        if not several and readers:
            layer[index] = min(readers) - 1
    return layer


def _below(above: Sequence[Sequence[int]]) -> list[list[int]]:
    below: list[list[int]] = [[] for _ in above]
    for target, several in enumerate(above):
        for source in several:
            below[source].append(target)
    return below


def _ordered(rank: list[int], above: list[list[int]]) -> list[list[int]]:
    """The layers from the top, each in an order that makes few arrows cross."""
    rows: list[list[int]] = [[] for _ in range(max(rank) + 1)]
    for index, level in enumerate(rank):
        rows[level].append(index)
    below = _below(above)
    best, fewest = rows, _crossings(rows, above)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        rows = [[*row] for row in rows]
        near = above if down else below
        for level in range(len(rows)) if down else reversed(range(len(rows))):
            place = {one: at for row in rows for at, one in enumerate(row)}
            rows[level].sort(key=lambda one, place=place, near=near: _mean(one, place, near))  # type: ignore[misc]
        crossings = _crossings(rows, above)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _mean(one: int, place: dict[int, int], near: list[list[int]]) -> float:
    several = near[one]
    return sum(place[other] for other in several) / len(several) if several else place[one]


def _crossings(rows: list[list[int]], above: list[list[int]]) -> int:
    place = {one: at for row in rows for at, one in enumerate(row)}
    total = 0
    for row in rows:
        ends = [(place[source], place[one]) for one in row for source in above[one]]
        total += sum(
            (a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[i + 1 :]
        )
    return total


def _placed(rows: list[list[int]], above: list[list[int]], sizes: list[float]) -> list[float]:
    """The middles: each box as near to the mean of its neighbours as its row lets it be."""
    below = _below(above)
    x = [0.0] * len(sizes)
    for row in rows:
        _spread(row, x, sizes, [0.0] * len(row))
    for turn in range(_STRAIGHTENINGS):
        down = turn % 2 == 0
        for row in rows if down else reversed(rows):
            wanted = []
            for one in row:
                near = (above if down else below)[one] or (below if down else above)[one]
                wanted.append(sum(x[other] for other in near) / len(near) if near else x[one])
            _spread(row, x, sizes, wanted)
    left = min(middle - size / 2 for middle, size in zip(x, sizes, strict=True))
    return [middle - left for middle in x]


def _spread(row: list[int], x: list[float], sizes: list[float], wanted: list[float]) -> None:
    """Put a row where it is wanted, in its order and without overlaps, by least squares."""
    offsets: list[float] = []
    at = 0.0
    for before, one in zip([None, *row], row, strict=False):
        at += 0.0 if before is None else (sizes[before] + sizes[one]) / 2 + _GAP
        offsets.append(at)
    # What would overlap moves as one, to the mean of what its members want.
    groups: list[tuple[float, int]] = []
    for middle, offset in zip(wanted, offsets, strict=True):
        total, count = middle - offset, 1
        while groups and groups[-1][0] / groups[-1][1] > total / count:
            more, several = groups.pop()
            total, count = total + more, count + several
        groups.append((total, count))
    moved = [total / count for total, count in groups for _ in range(count)]
    for one, offset, base in zip(row, offsets, moved, strict=True):
        x[one] = base + offset
