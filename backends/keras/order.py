"""The order in which another model has the cells of one axis, as far as it is known.

Two models that compute the same may have an axis in different orders: cell i of one is cell
``order[i]`` of the other. What is computed cell by cell keeps the order; what joins two axes asks
that they have one. A linear layer can bring out its features in any order, so that of an axis may
stay open until something asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphcnn.size import Size

Indices = NDArray[np.intp]


class Order:
    """The order of an axis of ``size`` cells: settled, open, or that of parts in a row."""

    def __init__(
        self,
        size: Size,
        indices: Indices | None = None,
        parts: Sequence[Order] = (),
        *,
        same: bool = False,
    ) -> None:
        self.size = size
        self.indices = indices
        self.parts = tuple(parts)
        self.alike = same  # settled as that of the other model, whatever the size
        self.link: Order | None = None

    def root(self) -> Order:
        found = self
        while found.link is not None:
            found = found.link
        return found

    @property
    def is_open(self) -> bool:
        """Whether any order would do yet."""
        one = self.root()
        return one.indices is None and not one.parts and not one.alike

    def settled(self) -> Indices:
        """The order as indices; what is open is settled as that of the other model."""
        one = self.root()
        if one.indices is None:
            if one.parts:
                starts = accumulate((len(part.settled()) for part in one.parts), initial=0)
                found = [p.settled() + start for p, start in zip(one.parts, starts, strict=False)]
                one.indices = np.concatenate(found)
            else:
                one.alike = True
                one.indices = np.arange(_number(one.size), dtype=np.intp)
        return one.indices

    @property
    def is_same(self) -> bool:
        """Whether both models have the axis in one order; an open one is settled so."""
        one = self.root()
        if one.is_open:
            one.alike = True
        if one.alike or not isinstance(one.size, int):
            return True
        indices = one.settled()
        return bool(np.array_equal(indices, np.arange(len(indices))))

    def agrees(self, other: Order) -> bool:
        """Make this and another one order, if they can be."""
        a, b = self.root(), other.root()
        if a is b:
            return True
        if b.is_open:
            a, b = b, a
        if a.is_open:
            a.link = b
            return True
        if a.alike and b.alike:
            return True
        if b.parts and not a.parts:
            a, b = b, a
        if a.parts:
            return _parts_agree(a.parts, b)
        return bool(np.array_equal(a.settled(), b.settled()))

    def cut(self, ends: Sequence[int]) -> list[Order] | None:
        """The orders of parts that lie in a row, if the other model has the same cells in each."""
        one = self.root()
        if one.parts:
            starts = [0, *accumulate(_number(part.size) for part in one.parts)]
            if set(ends) <= set(starts):
                return [
                    joined(p for p, s in zip(one.parts, starts, strict=False) if a <= s < b)
                    for a, b in pairwise(ends)
                ]
        if one.is_same:
            return [same(b - a) for a, b in pairwise(ends)]
        return _cut(one.settled(), ends)

    def every(self, start: int, stop: int, step: int) -> Order | None:
        """The order of what a slice leaves, if the other model's leaves the same cells."""
        if self.is_same:
            return same(len(range(start, stop, step)))
        place = {cell: at for at, cell in enumerate(range(start, stop, step))}
        found = [place.get(int(cell)) for cell in self.settled()[start:stop:step]]
        if any(at is None for at in found):
            return None
        return Order(len(found), np.array(found, np.intp))


def same(size: Size) -> Order:
    """The order of an axis that is alike in both models."""
    return Order(size, same=True)


def free(size: Size) -> Order:
    """An order that nothing has asked for yet."""
    return Order(size) if isinstance(size, int) else same(size)


def joined(parts: Iterable[Order]) -> Order:
    """The order of axes that are joined in a row."""
    listed = list(parts)
    if len(listed) == 1:
        return listed[0]
    size: Any = sum(part.size for part in listed)
    if not isinstance(size, int):
        return same(size)
    return Order(size, parts=listed)


def _parts_agree(parts: Sequence[Order], other: Order) -> bool:
    ends = [0, *accumulate(_number(part.size) for part in parts)]
    cut = other.cut(ends)
    return cut is not None and all(p.agrees(c) for p, c in zip(parts, cut, strict=True))


def _cut(indices: Indices, ends: Sequence[int]) -> list[Order] | None:
    found = []
    for a, b in pairwise(ends):
        part = indices[a:b]
        if len(part) and (part.min() < a or part.max() >= b):
            return None
        found.append(Order(b - a, part - a))
    return found


def _number(size: Size) -> int:
    if not isinstance(size, int):
        raise TypeError(f"{size} is no number")
    return size
