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
    pad,
    reduce,
)
from graphcnn.backends.onnx.lower.open_windows import pooled_openly
from graphcnn.backends.onnx.lower.sliding import laid_on, listed
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.backends.python.covering import covered
from graphcnn.ops.base import per_axis
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from graphcnn.ops.sliding import Sliding
from graphcnn.size import Size, at_least, divides, equal

_NEVER = float("-inf")


def max_pool(op: MaxPool, use: Use) -> Tensor:
    axes, rest = covered(op, use.x.sample)
    x = _along(use.x, axes, "ReduceMax")
    return x if rest is None else _max_pool(rest, x)


def _along(x: Tensor, axes: Sequence[int], operator: str) -> Tensor:
    """One cell of each of these axes of a sample."""
    return reduce(operator, x, [axis + 1 for axis in axes], keepdims=True) if axes else x


def _max_pool(op: MaxPool, x: Tensor) -> Tensor:
    walk, ceil = _walk(op, x)
    if ceil and _may_start_beyond(walk):
        walk, ceil = walk._replace(pads=walk.reached()), False
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


def _may_start_beyond(walk: Sliding) -> bool:
    """Whether a window could start behind the input; onnxruntime before 1.21 makes one."""
    return any(
        not (equal(after, 0) and at_least(extent, step))
        for (_, after), extent, step in zip(walk.pads, walk.extent, walk.stride, strict=True)
    )


def avg_pool(op: AvgPool, use: Use) -> Tensor:
    axes, rest = covered(op, use.x.sample)
    x = _along(use.x, axes, "ReduceMean")
    return x if rest is None else _avg_pool(rest, x)


def _avg_pool(op: AvgPool, x: Tensor) -> Tensor:
    """Cells that only rounding up lets a window see never count, whatever padding does.

    Before 1.21 onnxruntime counts them where it rounds up itself and counts padding. So padding
    that counts is added beforehand, and those cells are padding that does not.
    """
    given = op.sliding(x.sample)
    walk, ceil = _walk(op, x)
    counted = op.count_padding and any(listed(given.pads) or [1])
    padded, pads = x, listed(walk.pads)
    if counted and walk is not given:
        padded = pad(x, given.trimmed())
        ends = zip(given.trimmed(), walk.pads, strict=True)
        pads = listed(tuple((0, reached - after) for (_, after), (_, reached) in ends))
        counted = False
    elif counted and pads is None:
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
        count_include_pad=int(counted),
    )


def _walk(op: MaxPool | AvgPool, x: Tensor) -> tuple[Sliding, bool]:
    """How windows walk, and whether the operator is to round up; `same` makes all of them whole.

    Where sizes are known, padding up to the end of the last window says the same as `ceil_mode`,
    whose meaning depends on the opset: before 22 a window may start in the padding at the end.
    """
    walk = op.sliding(x.sample)
    if not op.ceil or walk.same:
        return walk, False
    if listed(walk.reached()) is None:
        return walk, True
    return walk._replace(pads=walk.reached()), False


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
    pairs = list(zip(spatial, outs, strict=True))
    alike = [_alike(n, out) for n, out in pairs]
    known = [window for window in alike if window is not None]
    if len(known) == len(alike):
        kernel, strides = ([window[k] for window in known] for k in (0, 1))
        shape = (*x.shape[:2], *outs)
        return call(pool, x, shape=shape, kernel_shape=kernel, strides=strides)
    for axis, (n, out) in enumerate(pairs, start=2):
        if isinstance(n, int) and isinstance(out, int):
            if n != out:
                x = _pooled_along(x, axis, _Windows.of(n, out), pool == "MaxPool")
        elif not equal(n, out):
            x = pooled_openly(x, axis, out, largest=pool == "MaxPool")
    return x


def _alike(n: Size, out: Size) -> tuple[int, int] | None:
    """The kernel and stride of a pool whose windows these are, if there is one."""
    if isinstance(n, int) and isinstance(out, int):
        windows = _Windows.of(n, out)
        return None if windows.step is None else (windows.widths[0], windows.step)
    times = n // out if divides(out, n) else None
    return (times, times) if isinstance(times, int) else None


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
