"""Ops that arrange cells anew, in PyTorch."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.python import code
from graphcnn.backends.python.code import (
    Call,
    Input,
    Keyword,
    Lowered,
    Method,
    Subscript,
    call,
)
from graphcnn.backends.python.cutting import last
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.pytorch.lower.axes import (
    batched,
    collapsed,
    last_first,
    only_spatial,
)
from graphcnn.ops.base import Pads, Shape, per_axis, resolve_axes, resolve_axis
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


def identity(op: Identity, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Identity"), Input())


def flatten(op: Flatten, *inputs: Shape) -> Lowered:
    rank = len(inputs[0])
    start = batched(op.start)
    end = -1 if resolve_axis(op.end, rank, "end") == rank - 1 else batched(op.end)
    return Lowered(
        Call("nn.Flatten", (Keyword("start_dim", start, 1), Keyword("end_dim", end, -1))),
        Method(Input(), "flatten", (start, Keyword("end_dim", end, -1))),
    )


def reshape(op: Reshape, *inputs: Shape) -> Lowered:
    (x,) = inputs
    # a module only unfolds one dimension, which is all that there is to a vector
    module = call("nn.Unflatten", 1, op.shape) if len(x) == 1 else None
    sizes = (Method(Input(), "size", (0,)), *_sizes(op.shape, x))
    return Lowered(module, Method(Input(), "reshape", sizes))


def _sizes(shape: Shape, x: Shape) -> tuple[Any, ...]:
    """The sizes of a reshape: what is symbolic is asked of the input or, once, left to PyTorch."""
    sizes: list[Any] = []
    inferred = False
    for size in shape:
        if isinstance(size, int):
            sizes.append(size)
            continue
        same = [axis for axis, n in enumerate(x) if equal(size, n)]
        if same:
            sizes.append(Method(Input(), "size", (batched(same[0]),)))
        else:
            sizes.append(size if inferred else -1)
            inferred = True
    return tuple(sizes)


def permute(op: Permute, *inputs: Shape) -> Lowered:
    dims = (batched(axis) for axis in resolve_axes(op.axes, len(inputs[0])))
    return Lowered(forward=call_method("permute", 0, *dims))


def call_method(name: str, *arguments: Any) -> Method:
    return Method(Input(), name, arguments)


def pad(op: Pad, *inputs: Shape) -> Lowered:
    ends = op.ends(inputs[0])
    constant = op.mode == "constant"
    module = None
    if only_spatial(ends):
        axes = len(ends) - 1
        amounts = collapsed(last_first(ends[1:]))
        if not constant:
            kind = {"reflect": "Reflection", "replicate": "Replication"}[op.mode]
            module = call(f"nn.{kind}Pad{axes}d", amounts)
        elif op.value == 0:
            module = call(f"nn.ZeroPad{axes}d", amounts)
        else:
            module = call(f"nn.ConstantPad{axes}d", amounts, op.value)

    def padded(ends: Pads) -> Call:
        mode, value = Keyword("mode", op.mode, "constant"), Keyword("value", op.value, 0.0)
        return Call("F.pad", (Input(), last_first(ends), mode, value))

    if module is None:
        return Lowered(None, padded(ends))
    return Lowered(module, padded(ends[1:]), others=(Lowered(None, padded(ends)),) * constant)


def crop(op: Crop, *inputs: Shape) -> Lowered:
    (x,) = inputs
    ends = zip(x, op.ends(x), strict=True)
    parts = (code.Slice(_unless_zero(before), last(n, after)) for n, (before, after) in ends)
    return Lowered(forward=Subscript(Input(), (code.Slice(), *parts)))


def _unless_zero(size: Size) -> Size | None:
    return None if equal(size, 0) else size


def slice_(op: Slice, *inputs: Shape) -> Lowered:
    axis = resolve_axis(op.axis, len(inputs[0]))
    step = None if op.step == 1 else op.step
    part = code.Slice(_unless_zero(op.start), op.stop, step)
    return Lowered(forward=Subscript(Input(), (*(code.Slice(),) * batched(axis), part)))


def split(op: Split, *inputs: Shape) -> Lowered:
    dim = Keyword("dim", batched(op.axis))
    if op.parts is not None:
        return Lowered(forward=call_method("chunk", op.parts, dim))
    return Lowered(forward=call_method("split", op.sizes, dim))


def tile(op: Tile, *inputs: Shape) -> Lowered:
    return Lowered(forward=call_method("repeat", 1, *op.repeats))


_BLENDED = {2: "linear", 3: "bilinear", 4: "trilinear"}


def upsample(op: Upsample, *inputs: Shape) -> Lowered:
    (image,) = inputs
    axes = len(image) - 1
    how = (
        Keyword("mode", "nearest" if op.mode == "nearest" else _BLENDED[len(image)], "nearest"),
        # with `nearest` PyTorch refuses the question itself
        Keyword("align_corners", True if op.align_corners is True else None, None),
    )
    if op.size is None:
        factors = per_axis(op.factor, axes, "factor")
        module = Keyword("scale_factor", collapsed(factors))
        # the function takes no integers when it is scripted
        grid = Keyword("scale_factor", collapsed(tuple(map(_fraction, factors))))
    else:
        size = per_axis(op.size, axes, "size")
        module = grid = Keyword("size", size if is_open(size) else collapsed(size))
    return Lowered(
        Call("nn.Upsample", (module, *how)), Call("F.interpolate", (Input(), grid, *how))
    )


def _fraction(size: Size) -> Any:
    return float(size) if isinstance(size, int) else size


def channel_shuffle(op: ChannelShuffle, *inputs: Shape) -> Lowered:
    return Lowered(
        call("nn.ChannelShuffle", op.groups), call("F.channel_shuffle", Input(), op.groups)
    )


def pixel_shuffle(op: PixelShuffle, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.PixelShuffle", op.factor), call("F.pixel_shuffle", Input(), op.factor))


def space_to_depth(op: SpaceToDepth, *inputs: Shape) -> Lowered:
    return Lowered(
        call("nn.PixelUnshuffle", op.block), call("F.pixel_unshuffle", Input(), op.block)
    )
