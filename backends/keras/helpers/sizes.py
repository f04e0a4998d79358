"""What layers do whose sizes are known only where they run."""

from __future__ import annotations

from typing import Any

from keras import KerasTensor, ops


def interpolated(
    x: KerasTensor, size: tuple[Any, ...], mode: str = "bilinear", *, align_corners: bool = False
) -> KerasTensor:
    """An image on a grid of another size, each cell taken or blended from those around it."""
    for axis, out in enumerate(size, start=1):
        cells, at = ops.shape(x)[axis], ops.arange(out, dtype="int32")
        if mode == "nearest":
            x = ops.take(x, at * cells // out, axis=axis)
            continue
        n, count, place = (ops.cast(value, x.dtype) for value in (cells, out, at))
        if align_corners:
            place = place * (n - 1) / ops.maximum(count - 1, 1)
        else:
            place = ops.clip((place + 0.5) * n / count - 0.5, 0, n - 1)
        low = ops.floor(place)
        first = ops.cast(low, "int32")
        lower = ops.take(x, first, axis=axis)
        upper = ops.take(x, ops.minimum(first + 1, cells - 1), axis=axis)
        shape = [-1 if k == axis else 1 for k in range(len(x.shape))]
        x = lower + (upper - lower) * ops.reshape(place - low, shape)
    return x


def pooled_in_parts(x: KerasTensor, size: tuple[Any, ...], how: str) -> KerasTensor:
    """The mean or the largest cell of each of the parts that an image is divided into."""
    for axis, out in enumerate(size, start=1):
        n, at = ops.shape(x)[axis], ops.arange(out, dtype="int32")
        starts = ops.expand_dims(at * n // out, 1)
        ends = ops.expand_dims(((at + 1) * n + out - 1) // out, 1)
        steps = ops.expand_dims(ops.arange((n + out - 1) // out + 1, dtype="int32"), 0)
        cells = ops.take(x, ops.minimum(starts + steps, ends - 1), axis=axis)
        if how == "max":
            x = ops.max(cells, axis=axis + 1)
            continue
        inside = ops.cast(starts + steps < ends, x.dtype)
        share = inside / ops.cast(ends - starts, x.dtype)
        behind = len(x.shape) - axis - 1
        for _ in range(behind):
            share = ops.expand_dims(share, -1)
        x = ops.sum(cells * share, axis=axis + 1)
    return x


def edge_padded(x: KerasTensor, padding: tuple[tuple[Any, Any], ...]) -> KerasTensor:
    """Padding with copies of the outermost cells."""
    for axis, (before, after) in enumerate(padding, start=1):
        n = ops.shape(x)[axis]
        places = ops.arange(before + n + after, dtype="int32") - before
        x = ops.take(x, ops.clip(places, 0, n - 1), axis=axis)
    return x
