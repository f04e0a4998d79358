"""Axes of a sample as dimensions of a batch, which comes first in PyTorch."""

from __future__ import annotations

from typing import Any

from graphcnn.ops.base import Pads
from graphcnn.size import equal


def batched(axis: int) -> int:
    """The dimension that an axis is; one that counts from the end stays."""
    return axis if axis < 0 else axis + 1


def batched_all(axes: tuple[int, ...]) -> int | tuple[int, ...]:
    """The dimensions that axes are; a single one without its tuple, as a person writes it."""
    dims = tuple(batched(axis) for axis in axes)
    return dims[0] if len(dims) == 1 else dims


def collapsed(values: tuple[Any, ...]) -> Any:
    """One value where all are the same, as PyTorch's modules take it; else the tuple."""
    return values[0] if all(value == values[0] for value in values) else values


def last_first(ends: Pads) -> tuple[Any, ...]:
    """Amounts before and after each axis in the order of `F.pad`: (left, right, top, bottom)."""
    return tuple(amount for pair in reversed(ends) for amount in pair)


def only_spatial(ends: Pads) -> bool:
    """Whether there are spatial axes, and nothing happens to the channels."""
    return len(ends) > 1 and all(equal(end, 0) is True for end in ends[0])
