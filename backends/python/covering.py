"""Pools whose windows cover whole axes of symbolic size, which no framework takes as a kernel."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from graphcnn.ops.base import Shape
from graphcnn.ops.pooling import AvgPool, MaxPool
from graphcnn.size import equal

Pool = TypeVar("Pool", AvgPool, MaxPool)


def covered(op: Pool, image: Shape) -> tuple[tuple[int, ...], Pool | None]:
    """The axes that a pool makes one cell of, and the pool that is left to do after that.

    Axes of which the size is a number are left to the pool. It is None where all cells that it
    makes are those that it takes.
    """
    walk = op.sliding(image)
    pairs = zip(walk.spatial, walk.kernel, walk.pads, walk.dilation, strict=True)
    axes = tuple(
        axis
        for axis, (n, kernel, (before, after), step) in enumerate(pairs, start=1)
        if not isinstance(kernel, int)
        and step == 1
        and all(equal(*pair) is True for pair in ((n, kernel), (before, 0), (after, 0)))
    )
    if not axes:
        return (), op
    kernel: Shape = tuple(1 if axis in axes else k for axis, k in enumerate(walk.kernel, start=1))
    stride: Shape = tuple(1 if axis in axes else s for axis, s in enumerate(walk.stride, start=1))
    rest = replace(op, kernel=kernel, stride=stride, padding=walk.pads)
    idle = all(k == 1 for k in (*kernel, *stride)) and not any(map(any, walk.pads))
    return axes, None if idle else rest
