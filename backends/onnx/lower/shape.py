"""Ops that arrange cells anew, in ONNX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphcnn.backends.onnx.calls import (
    call,
    counted,
    cut,
    elementwise,
    floats,
    gather,
    ints,
    numeric,
    pad,
    reshape,
    several,
    sizes,
    transpose,
)
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.base import resolve_axes, resolve_axis
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
from graphcnn.size import Size, at_least, divides, equal


def identity(op: Identity, use: Use) -> Tensor:
    return call("Identity", use.x)


def flatten(op: Flatten, use: Use) -> Tensor:
    shape = _shape(op, use)
    if len(shape) == 2:
        return call("Flatten", use.x, shape=shape, axis=1)
    return reshape(use.x, shape)


def reshape_(op: Reshape, use: Use) -> Tensor:
    return reshape(use.x, _shape(op, use))


def _shape(op: Flatten | Reshape | Tile | Upsample, use: Use) -> tuple[Size, ...]:
    (sample,) = op.outputs(*use.samples)
    return (use.x.shape[0], *sample)


def permute(op: Permute, use: Use) -> Tensor:
    axes = resolve_axes(op.axes, len(use.x.sample))
    return transpose(use.x, (0, *(axis + 1 for axis in axes)))


_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}


def pad_(op: Pad, use: Use) -> Tensor:
    return pad(use.x, op.ends(use.x.sample), _MODES[op.mode], op.value)


def crop(op: Crop, use: Use) -> Tensor:
    x = use.x
    cropped = [
        (axis, before, x.sample[axis] - after)
        for axis, (before, after) in enumerate(op.ends(x.sample))
        if not (equal(before, 0) and equal(after, 0))
    ]
    if not cropped:
        return call("Identity", x)
    axes, starts, ends = zip(*cropped, strict=True)
    return cut(x, [axis + 1 for axis in axes], starts, ends)


def slice_(op: Slice, use: Use) -> Tensor:
    axis = resolve_axis(op.axis, len(use.x.sample))
    n = use.x.sample[axis]
    start = _from_zero(op.start, n)
    stop = n if op.stop is None else _from_zero(op.stop, n)
    return cut(use.x, [axis + 1], [start], [stop], op.step)


def _from_zero(index: Size, n: Size) -> Size:
    return index if at_least(index, 0) else n + index


def split(op: Split, use: Use) -> tuple[Tensor, ...]:
    x = use.x
    samples = op.outputs(x.sample)
    axis = resolve_axis(op.axis, len(x.sample))
    shapes = [(x.shape[0], *sample) for sample in samples]
    if op.parts is not None:
        return several("Split", x, shapes=shapes, axis=axis + 1, num_outputs=op.parts)
    lengths = sizes([sample[axis] for sample in samples], "split")
    return several("Split", x, lengths, shapes=shapes, axis=axis + 1)


def tile(op: Tile, use: Use) -> Tensor:
    return call("Tile", use.x, sizes([1, *op.repeats], "repeats"), shape=_shape(op, use))


def upsample(op: Upsample, use: Use) -> Tensor:
    x, shape = use.x, _shape(op, use)
    if op.mode == "bilinear":
        return _blended(x, shape, "align_corners" if op.align_corners else "half_pixel")
    changed = [axis for axis in range(2, len(shape)) if not equal(x.shape[axis], shape[axis])]
    if all(_is_times(x.shape[axis], shape[axis]) for axis in changed):
        return _repeated(x, shape)
    for axis in changed:
        x = gather(x, _nearest(x.shape[axis], shape[axis]), axis)
    return x


def _is_times(n: Size, out: Size) -> bool:
    """Whether each cell of n becomes a number of cells that is known."""
    return bool(divides(n, out)) and isinstance(out // n, int)


def _blended(x: Tensor, shape: Sequence[Size], coordinates: str) -> Tensor:
    """Between cells. All axes have their size, or their factor where that is a whole number.

    Where onnxruntime moves a Transpose behind it, it takes any sizes for those of all axes.
    """
    whole = all(isinstance(n, int) and _is_times(n, out) for n, out in _sides(x, shape))
    return call(
        "Resize",
        x,
        None,
        _factors(x, shape) if whole else None,
        None if whole else sizes(shape, "sizes"),
        shape=tuple(shape),
        mode="linear",
        coordinate_transformation_mode=coordinates,
    )


def _sides(x: Tensor, shape: Sequence[Size]) -> Iterable[tuple[Size, Size]]:
    return zip(x.shape[2:], shape[2:], strict=True)


def _factors(x: Tensor, shape: Sequence[Size]) -> Tensor:
    factors = numeric([out // n for n, out in _sides(x, shape)], "size")
    return floats([1.0, 1.0, *map(float, factors)], "scales")


def _repeated(x: Tensor, shape: Sequence[Size]) -> Tensor:
    """Each cell as many times as its axis grows; exact, since the factor is a whole number."""
    return call(
        "Resize",
        x,
        None,
        _factors(x, shape),
        shape=tuple(shape),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _nearest(n: Size, out: Size) -> Tensor:
    """Cell i * n // out for each i, in integers: the operator's floats miss some by one."""
    if isinstance(n, int) and isinstance(out, int):
        return ints([i * n // out for i in range(out)], "cells")
    scaled = elementwise("Mul", counted(out), sizes([n], "cells"))
    return elementwise("Div", scaled, sizes([out], "size"))


def channel_shuffle(op: ChannelShuffle, use: Use) -> Tensor:
    channels, groups = numeric([use.x.sample[0], op.groups], "groups")
    each = channels // groups
    places = [g * each + i for i in range(each) for g in range(groups)]
    return gather(use.x, ints(places, "channels"), 1)


def pixel_shuffle(op: PixelShuffle, use: Use) -> Tensor:
    (sample,) = op.outputs(*use.samples)
    shape = (use.x.shape[0], *sample)
    return call("DepthToSpace", use.x, shape=shape, blocksize=op.factor, mode="CRD")


def space_to_depth(op: SpaceToDepth, use: Use) -> Tensor:
    """The operator puts the place within the square before the channel, this op behind it."""
    x = use.x
    (sample,) = op.outputs(x.sample)
    channels, square = numeric(x.sample[:1], "channels")[0], op.block**2
    moved = call("SpaceToDepth", x, shape=(x.shape[0], *sample), blocksize=op.block)
    if channels == 1 or square == 1:
        return moved
    places = [place * channels + channel for channel in range(channels) for place in range(square)]
    return gather(moved, ints(places, "channels"), 1)
