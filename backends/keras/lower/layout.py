"""The order of axes: where the axes of a sample stand in a Keras tensor.

A sample's axes are channels first. Keras' images are channels last, its tokens are not turned:
(tokens, features) is what a dense layer multiplies. So each value of rank two or more is either
``LAST``, with axis 0 moved to the end, or ``PLAIN``, in the order of the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from graphcnn.ops.base import Shape, resolve_axis

T = TypeVar("T")


class Layout(StrEnum):
    PLAIN = "plain"
    LAST = "last"

    def place(self, axis: int, rank: int) -> int:
        """The dimension of the tensor that an axis of the sample is; the batch is 0."""
        index = resolve_axis(axis, rank)
        if self is Layout.PLAIN:
            return index + 1
        return rank if index == 0 else index

    def spoken(self, axis: int, rank: int) -> int:
        """The same as a person writes it: -1 for the last."""
        place = self.place(axis, rank)
        return -1 if place == rank else place

    def ordered(self, parts: Sequence[T]) -> tuple[T, ...]:
        """One part for each axis of a sample, in the tensor's order."""
        if self is Layout.PLAIN or len(parts) < 2:
            return tuple(parts)
        return (*parts[1:], parts[0])


def turned(rank: int, before: Layout, after: Layout) -> tuple[int, ...] | None:
    """The dimensions that ``layers.Permute`` names to change a layout; None if it stays."""
    if rank < 2 or before is after:
        return None
    if before is Layout.LAST:
        return (rank, *range(1, rank))
    return (*range(2, rank + 1), 1)


def is_loose(shape: Shape) -> bool:
    """Whether cells lie in one order, be the channels first or last: one channel, or one cell."""
    return shape[:1] == (1,) or all(size == 1 for size in shape[1:])
