"""Pools in ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphcnn.backends.onnx.calls import (
    array,
    call,
    elementwise,
    floats,
    gather,
    many,
    numeric,
    reduce,
)
from graphcnn.backends.onnx.lower.sliding import laid_on, listed
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.base import OpError, per_axis
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from graphcnn.ops.sliding import Sliding
from graphcnn.size import equal

_NEVER = float("-inf")


def max_pool(op: MaxPool, use: Use) -> Tensor:
    x = use.x
    walk = op.sliding(x.sample)
    ceil = _ceil(op, walk)
    padded, pads = x, listed(walk.pads)
    kernel = numeric(walk.kernel, "kernel")
    if pads is None or any(amount >= n for amount, n in zip(pads, kernel * 2, strict=True)):
        # A dilated window reaches further than the operator accepts padding.
        padded, pads = laid_on(x, walk, _NEVER, ceil=ceil)
    return call(
        "MaxPool",
        padded,
        shape=(x.shape[0], *op.outputs(x.sample)[0]),
        kernel_shape=kernel,
        strides=numeric(walk.stride, "stride"),
        pads=pads,
        dilations=numeric(walk.dilation, "dilation"),
        ceil_mode=int(ceil),
    )


def avg_pool(op: AvgPool, use: Use) -> Tensor:
    x = use.x
    walk = op.sliding(x.sample)
    ceil = _ceil(op, walk)
    padded, pads = x, listed(walk.pads)
    if pads is None and op.count_padding:
        padded, pads = laid_on(x, walk, ceil=ceil)
    automatic = pads is None and walk.same
    if pads is None and not automatic:
        pads = numeric([amount for pair in walk.pads for amount in pair], "padding")
    return call(
        "AveragePool",
        padded,
        shape=(x.shape[0], *op.outputs(x.sample)[0]),
        kernel_shape=numeric(walk.kernel, "kernel"),
        strides=numeric(walk.stride, "stride"),
        auto_pad="SAME_UPPER" if automatic else None,
        pads=pads,
        ceil_mode=int(ceil),
        count_include_pad=int(op.count_padding),
    )


def _ceil(op: MaxPool | AvgPool, walk: Sliding) -> bool:
    """The padding of `same` already makes every window whole."""
    return op.ceil and not walk.same


def global_avg_pool(op: GlobalAvgPool, use: Use) -> Tensor:
    x = use.x
    if op.keepdims:
        return _whole(x, "AveragePool")
    return reduce("ReduceMean", x, range(2, len(x.shape)), keepdims=False)


def global_max_pool(op: GlobalMaxPool, use: Use) -> Tensor:
    x = use.x
    if op.keepdims:
        return _whole(x, "MaxPool")
    return reduce("ReduceMax", x, range(2, len(x.shape)), keepdims=False)


def _whole(x: Tensor, pool: str) -> Tensor:
    """One cell of each channel."""
    spatial = range(2, len(x.shape))
    if pool == "AveragePool" and many([x.shape[axis] for axis in spatial]):
        return reduce("ReduceMean", x, spatial, keepdims=True)
    return call(f"Global{pool}", x, shape=(*x.shape[:2], *(1 for _ in spatial)))


# adaptive pools


class _Windows(NamedTuple):
    """Along one axis, the cells from ``starts[i]`` up to ``ends[i]`` make output cell i."""

    cells: int
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, cells: int, out: int) -> _Windows:
        starts = [i * cells // out for i in range(out)]
        return cls(cells, starts, [-(-(i + 1) * cells // out) for i in range(out)])

    @property
    def widths(self) -> list[int]:
        return [end - start for start, end in zip(self.starts, self.ends, strict=True)]

    @property
    def step(self) -> int | None:
        """The stride of a pool that has these windows, if one does."""
        steps = {b - a for a, b in zip(self.starts, self.starts[1:], strict=False)} or {self.cells}
        if len(steps) > 1 or len(set(self.widths)) > 1 or 0 in steps:
            return None
        (step,) = steps
        return step if (self.cells - self.widths[0]) // step + 1 == len(self.starts) else None


def adaptive_avg_pool(op: AdaptiveAvgPool, use: Use) -> Tensor:
    return _adaptive(op, use.x, "AveragePool")


def adaptive_max_pool(op: AdaptiveMaxPool, use: Use) -> Tensor:
    return _adaptive(op, use.x, "MaxPool")


def _adaptive(op: AdaptiveAvgPool | AdaptiveMaxPool, x: Tensor, pool: str) -> Tensor:
    spatial = x.sample[1:]
    outs = per_axis(op.size, len(spatial), "size")
    if all(equal(out, 1) for out in outs):
        return _whole(x, pool)
    if all(equal(n, out) for n, out in zip(spatial, outs, strict=True)):
        return x
    pairs = zip(spatial, numeric(outs, "size"), strict=True)
    axes = [_Windows.of(_number(n), out) for n, out in pairs]
    steps = [windows.step for windows in axes]
    known = [step for step in steps if step is not None]
    if len(known) == len(steps):
        kernel = [windows.widths[0] for windows in axes]
        shape = (*x.shape[:2], *outs)
        return call(pool, x, shape=shape, kernel_shape=kernel, strides=known)
    for axis, windows in enumerate(axes, start=2):
        if len(windows.starts) != windows.cells:
            x = _pooled_along(x, axis, windows, pool == "MaxPool")
    return x


def _number(size: object) -> int:
    if isinstance(size, int):
        return size
    raise OpError(
        f"it divides an axis of {size} cells, a number that is not known yet, into windows",
        code="unsupported-op",
        attribute="size",
        help="give the input a fixed size, or pool to a size of 1",
    )


def _pooled_along(x: Tensor, axis: int, windows: _Windows, largest: bool) -> Tensor:
    """Each window's cells gathered on an axis of their own, which is then reduced.

    Narrow windows repeat their last cell; for a mean it then weighs nothing.
    """
    widest = max(windows.widths)
    places = [
        min(start + j, end - 1)
        for start, end in zip(windows.starts, windows.ends, strict=True)
        for j in range(widest)
    ]
    table = (len(windows.starts), widest)
    cells = gather(x, array(places, table, "cells"), axis)
    if largest:
        return reduce("ReduceMax", cells, [axis + 1], keepdims=False)
    shares = [1 / width if j < width else 0.0 for width in windows.widths for j in range(widest)]
    shape = (*table, *(1 for _ in x.shape[axis + 1 :]))
    weighed = elementwise("Mul", cells, floats(shares, "shares", shape))
    return reduce("ReduceSum", weighed, [axis + 1], keepdims=False)
