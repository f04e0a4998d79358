"""Pools: the largest or the mean cell of each window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from graphcnn.ops.base import Op, per_axis
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from graphcnn.reference.arrays import Array, Arrays, fitted, numbers, windows

Inputs = Sequence[Array]
Weights = Mapping[str, Array]


def max_pool(op: MaxPool, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    channels, *spatial = numbers(op.outputs(x.shape[1:])[0])
    walk = op.sliding(x.shape[1:])
    y = np.full((len(x), channels, *spatial), -np.inf)
    for _place, seen in windows(fitted(x, walk, spatial, -np.inf), walk, spatial):
        np.maximum(y, seen, out=y)
    return y


def avg_pool(op: AvgPool, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    channels, *spatial = numbers(op.outputs(x.shape[1:])[0])
    walk = op.sliding(x.shape[1:])
    counted = np.ones((1, 1, *x.shape[2:]))
    if op.count_padding:
        counted = np.pad(counted, [(0, 0), (0, 0), *map(numbers, walk.pads)], constant_values=1)
        walk_of_ones = walk._replace(
            spatial=counted.shape[2:], pads=tuple((0, 0) for _ in walk.pads)
        )
    else:
        walk_of_ones = walk
    y, cells = np.zeros((len(x), channels, *spatial)), np.zeros((1, 1, *spatial))
    for _place, seen in windows(fitted(x, walk, spatial, 0.0), walk, spatial):
        y += seen
    for _place, seen in windows(fitted(counted, walk_of_ones, spatial, 0.0), walk_of_ones, spatial):
        cells += seen
    return y / cells


def global_avg_pool(op: GlobalAvgPool, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return np.asarray(x.mean(axis=tuple(range(2, x.ndim)), keepdims=op.keepdims))


def global_max_pool(op: GlobalMaxPool, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return np.asarray(x.max(axis=tuple(range(2, x.ndim)), keepdims=op.keepdims))


def _adaptive(x: Array, sizes: Sequence[int], reduce: Callable[..., Array]) -> Array:
    """One axis after the other: the windows along one do not depend on those along another."""
    for axis, size in enumerate(sizes, start=2):
        n = x.shape[axis]
        parts = [
            reduce(np.take(x, range(i * n // size, -(-(i + 1) * n // size)), axis), axis=axis)
            for i in range(size)
        ]
        x = np.stack(parts, axis)
    return x


def adaptive_avg_pool(op: AdaptiveAvgPool, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return _adaptive(x, numbers(per_axis(op.size, x.ndim - 2, "size")), np.mean)


def adaptive_max_pool(op: AdaptiveMaxPool, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return _adaptive(x, numbers(per_axis(op.size, x.ndim - 2, "size")), np.max)


RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    MaxPool: max_pool,
    AvgPool: avg_pool,
    GlobalAvgPool: global_avg_pool,
    GlobalMaxPool: global_max_pool,
    AdaptiveAvgPool: adaptive_avg_pool,
    AdaptiveMaxPool: adaptive_max_pool,
}
