"""Ops that arrange cells anew, in Keras."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.lower.layout import Layout, turned
from graphcnn.backends.keras.lower.sliding import amounts, zero_padding
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer, one
from graphcnn.backends.python import code
from graphcnn.backends.python.code import Call, Input, Keyword, Subscript, call
from graphcnn.backends.python.cutting import last
from graphcnn.backends.python.reading import is_open
from graphcnn.ops.base import Shape, per_axis, resolve_axes, resolve_axis
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
from graphcnn.size import Size, equal


def identity(op: Identity, layout: Layout, *inputs: Shape) -> Forms:
    return one(expression(Input()))


#: what the forms of a reshape are called that leave a size to Keras
LEFT = "left "


def flatten(
    op: Flatten, layout: Layout, *inputs: Shape, after: Layout, words: bool = False
) -> Forms:
    (output,) = op.outputs(*inputs)
    if len(output) == 1:
        return one(layer("layers.Flatten"))
    return _reshaped(after.ordered(output), words=words)


def reshape(
    op: Reshape, layout: Layout, *inputs: Shape, after: Layout, words: bool = False
) -> Forms:
    return _reshaped(after.ordered(op.shape), words=words)


def _reshaped(shape: Shape, *, words: bool) -> Forms:
    """One size may be left to Keras, as one that is symbolic must be where it is not in words."""
    found: dict[str, tuple[Stage, ...]] = {}
    if words or all(isinstance(size, int) for size in shape):
        found["sizes"] = (layer("layers.Reshape", tuple(shape)),)
    for axis in range(len(shape)):
        left = (*shape[:axis], -1, *shape[axis + 1 :])
        if words or all(isinstance(size, int) for size in left):
            found[f"{LEFT}{axis}"] = (layer("layers.Reshape", left),)
    found["read"] = (expression(call("ops.reshape", Input(), (-1, *shape))),)
    return found


def permute(op: Permute, layout: Layout, *inputs: Shape, after: Layout) -> Forms:
    dims = permuted(op, len(inputs[0]), layout, after)
    if dims == tuple(range(1, len(dims) + 1)):
        return one(expression(Input()))
    return one(layer("layers.Permute", dims))


def permuted(op: Permute, rank: int, before: Layout, after: Layout) -> tuple[int, ...]:
    """For each dimension of the output, the one of the input that it was."""
    axes = resolve_axes(op.axes, rank)
    return after.ordered(tuple(before.place(axis, rank) for axis in axes))


def pad(op: Pad, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    rank = len(x)
    ends = op.ends(x)
    ordered = ((0, 0), *layout.ordered(ends))
    if op.mode == "replicate":
        read = (expression(call("edge_padded", Input(), ordered[1:])),)
        return {"layer": (layer("EdgePadding", ordered[1:]),), "read": read}
    if op.mode == "reflect":
        return one(expression(call("ops.pad", Input(), ordered, mode="reflect")))
    found: dict[str, tuple[Stage, ...]] = {}
    spatial = rank > 1 and layout is Layout.LAST and all(equal(e, 0) is not False for e in ends[0])
    if spatial and op.value == 0:
        found["zeros"] = (zero_padding(ends[1:]),)
        found["pairs"] = (layer(f"layers.ZeroPadding{rank - 1}D", ends[1:]),)
    value = Keyword("constant_values", op.value, 0.0)
    found["any"] = (expression(Call("ops.pad", (Input(), ordered, value))),)
    return found


def crop(op: Crop, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    ends = op.ends(x)
    found: dict[str, tuple[Stage, ...]] = {}
    if len(ends) > 1 and layout is Layout.LAST and all(equal(e, 0) is not False for e in ends[0]):
        found["spatial"] = (layer(f"layers.Cropping{len(ends) - 1}D", amounts(ends[1:])),)
    pairs = zip(layout.ordered(x), layout.ordered(ends), strict=True)
    parts = (code.Slice(_unless_zero(a), last(n, b)) for n, (a, b) in pairs)
    found["any"] = (expression(Subscript(Input(), (code.Slice(), *parts))),)
    return found


def _unless_zero(size: Size) -> Size | None:
    return None if equal(size, 0) else size


def slice_(op: Slice, layout: Layout, *inputs: Shape) -> Forms:
    rank = len(inputs[0])
    place = layout.place(op.axis, rank)
    part = code.Slice(_unless_zero(op.start), op.stop, None if op.step == 1 else op.step)
    before = (Ellipsis,) if place == rank > 1 else (code.Slice(),) * place
    return one(expression(Subscript(Input(), (*before, part))))


def split(op: Split, layout: Layout, *inputs: Shape) -> Forms:
    (x,) = inputs
    axis = Keyword("axis", layout.spoken(resolve_axis(op.axis, len(x)), len(x)))
    if op.parts is not None:
        return one(expression(Call("ops.split", (Input(), op.parts, axis))))
    if is_open(op.sizes):
        return _apart(op, layout.place(op.axis, len(x)))
    places = [sum(op.sizes[:k]) for k in range(1, len(op.sizes))]
    if not places:
        return one(expression(Call("ops.split", (Input(), 1, axis))))
    return one(expression(Call("ops.split", (Input(), tuple(places), axis))))


def _apart(op: Split, place: int) -> Forms:
    """Each part by itself, since `ops.split` takes no places that are read."""
    ends = [sum(op.sizes[:k]) for k in range(1, len(op.sizes))]
    parts = zip([None, *ends], [*ends, None], strict=True)
    whole = (code.Slice(),) * place
    return one(expression(tuple(Subscript(Input(), (*whole, code.Slice(*p))) for p in parts)))


def tile(op: Tile, layout: Layout, *inputs: Shape) -> Forms:
    return one(expression(call("ops.tile", Input(), (1, *layout.ordered(op.repeats)))))


def upsample(op: Upsample, layout: Layout, *inputs: Shape) -> Forms:
    """Keras' layer where there is one, and where its cells are those of the op."""
    (image,) = inputs
    rank = len(image) - 1
    factor: Any = None
    if op.size is None:
        factor = per_axis(op.factor, rank, "factor")
    else:
        sizes = per_axis(op.size, rank, "size")
        if all(isinstance(n, int) for n in (*image[1:], *sizes)):
            ratios = [divmod(out, n) for n, out in zip(image[1:], sizes, strict=True)]
            if all(rest == 0 for _, rest in ratios):
                factor = tuple(times for times, _ in ratios)
    (output,) = op.outputs(image)
    mode = Keyword("mode", op.mode, "bilinear")
    corners = Keyword("align_corners", op.align_corners, False)
    read = (expression(Call("interpolated", (Input(), output[1:], mode, corners))),)
    native = op.mode == "nearest" or (rank == 2 and not op.align_corners)
    if factor is not None and native:
        each = factor[0] if all(f == factor[0] for f in factor) else factor
        more = (Keyword("interpolation", op.mode, "nearest"),) if rank == 2 else ()
        native_layer = Stage(Call(f"layers.UpSampling{rank}D", (each, *more)))
        return {"native": (native_layer,), "read": read}
    found: dict[str, tuple[Stage, ...]] = {}
    if all(isinstance(n, int) for n in image[1:]):
        found["grid"] = (Stage(Call("Interpolation", (output[1:], mode, corners))),)
    return {**found, "read": read}


def channel_shuffle(op: ChannelShuffle, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("ChannelShuffle", op.groups))


def pixel_shuffle(op: PixelShuffle, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("PixelShuffle", op.factor))


def space_to_depth(op: SpaceToDepth, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("SpaceToDepth", op.block))


def turn(rank: int, before: Layout, after: Layout) -> Stage | None:
    """The line that changes a value's layout."""
    dims = turned(rank, before, after)
    return None if dims is None else layer("layers.Permute", dims)
