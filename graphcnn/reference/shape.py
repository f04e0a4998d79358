"""Ops that arrange cells anew, and those that do nothing outside training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from graphcnn.ops.base import Op
from graphcnn.ops.regularisation import Dropout, DropPath, SpatialDropout
from graphcnn.ops.shape import (
    ChannelShuffle,
    Crop,
    Flatten,
    Identity,
    Pad,
    Permute,
    PixelShuffle,
    Reshape,
    Slice,
    SpaceToDepth,
    Split,
    Tile,
    Upsample,
)
from graphcnn.reference.arrays import Array, Arrays, along, numbers

Inputs = Sequence[Array]
Weights = Mapping[str, Array]


def identity(_op: Op, inputs: Inputs, _: Weights) -> Array:
    return inputs[0]


def reshape(op: Op, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return x.reshape(len(x), *numbers(op.outputs(x.shape[1:])[0]))


def permute(op: Permute, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return x.transpose(0, *(axis % (x.ndim - 1) + 1 for axis in op.axes))


def pad(op: Pad, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    ends = [(0, 0), *map(numbers, op.ends(x.shape[1:]))]
    if op.mode == "constant":
        return np.pad(x, ends, constant_values=op.value)
    return np.pad(x, ends, mode="edge" if op.mode == "replicate" else "reflect")


def crop(op: Crop, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    ends = map(numbers, op.ends(x.shape[1:]))
    cut = (slice(a, n - b) for n, (a, b) in zip(x.shape[1:], ends, strict=True))
    return x[(slice(None), *cut)]


def slice_of(op: Slice, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    axis = op.axis % (x.ndim - 1) + 1
    stop = None if op.stop is None else int(str(op.stop))
    cut = slice(int(str(op.start)), stop, op.step)
    return x[tuple(cut if at == axis else slice(None) for at in range(x.ndim))]


def split(op: Split, inputs: Inputs, _: Weights) -> Arrays:
    (x,) = inputs
    axis = op.axis % (x.ndim - 1) + 1
    sizes = [int(str(shape[axis - 1])) for shape in op.outputs(x.shape[1:])]
    return tuple(np.split(x, np.cumsum(sizes)[:-1], axis))


def tile(op: Tile, inputs: Inputs, _: Weights) -> Array:
    return np.tile(inputs[0], (1, *numbers(op.repeats)))


def upsample(op: Upsample, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    for axis, size in enumerate(numbers(op.outputs(x.shape[1:])[0][1:]), start=2):
        n = x.shape[axis]
        i = np.arange(size)
        if op.mode == "nearest":
            x = np.take(x, i * n // size, axis)
            continue
        if op.align_corners:
            at = i * (n - 1) / max(size - 1, 1)
        else:
            at = np.clip((i + 0.5) * n / size - 0.5, 0, n - 1)
        low = np.minimum(np.floor(at).astype(int), n - 1)
        share = along(at - low, axis, x.ndim)
        high = np.minimum(low + 1, n - 1)
        x = np.take(x, low, axis) * (1 - share) + np.take(x, high, axis) * share
    return x


def channel_shuffle(op: ChannelShuffle, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    groups = int(str(op.groups))
    turned = x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:]).swapaxes(1, 2)
    return turned.reshape(x.shape)


def pixel_shuffle(op: PixelShuffle, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    batch, channels, height, width = x.shape
    f = op.factor
    split_up = x.reshape(batch, channels // f**2, f, f, height, width)
    return split_up.transpose(0, 1, 4, 2, 5, 3).reshape(
        batch, channels // f**2, height * f, width * f
    )


def space_to_depth(op: SpaceToDepth, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    batch, channels, height, width = x.shape
    b = op.block
    split_up = x.reshape(batch, channels, height // b, b, width // b, b)
    return split_up.transpose(0, 1, 3, 5, 2, 4).reshape(
        batch, channels * b**2, height // b, width // b
    )


RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    Dropout: identity,
    SpatialDropout: identity,
    DropPath: identity,
    Identity: identity,
    Flatten: reshape,
    Reshape: reshape,
    Permute: permute,
    Pad: pad,
    Crop: crop,
    Slice: slice_of,
    Split: split,
    Tile: tile,
    Upsample: upsample,
    ChannelShuffle: channel_shuffle,
    PixelShuffle: pixel_shuffle,
    SpaceToDepth: space_to_depth,
}
