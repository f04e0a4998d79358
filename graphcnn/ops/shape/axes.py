"""Ops on whole axes: joined, reordered, repeated."""

from __future__ import annotations

from typing import Any, ClassVar

from graphcnn.ops.attributes import AXIS, Integer, Listing
from graphcnn.ops.base import (
    Elementwise,
    Free,
    Lost,
    Op,
    OpError,
    Shape,
    attribute,
    require_same,
    resolve_axes,
    resolve_axis,
    show_shape,
)
from graphcnn.size import UNKNOWN, product


class Identity(Elementwise, Op):
    """Its input, unchanged.

    Output: x.
    `nn.Identity`, `layers.Identity`.
    """

    name: ClassVar[str] = "identity"
    group: ClassVar[str] = "shape"


class Flatten(Free, Op):
    """Several neighbouring axes as one; by default all of them.

    Output: the sizes before `start`, the product of those from `start` to `end`, those after.
    The last axis runs fastest, and the channels come first: PyTorch's order. Keras' `Flatten` of
    channels-last data has another order, which its backend puts right. `start` and `end` count
    the axes of a sample; PyTorch's count the batch axis too.
    """

    name: ClassVar[str] = "flatten"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "start"

    start: int = attribute(AXIS, 0, doc="first axis that is joined")
    end: int = attribute(AXIS, -1, doc="last axis that is joined")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        start = resolve_axis(self.start, len(x), "start")
        end = resolve_axis(self.end, len(x), "end")
        if start > end:
            raise OpError(
                f"`start` is axis {start}, behind `end`, axis {end}",
                code="out-of-range",
                attribute="start",
            )
        return ((*x[:start], product(x[start : end + 1]), *x[end + 1 :]),)


class Reshape(Free, Op):
    """The same cells in the same order, under another shape.

    Output: of shape `shape`, which holds as many cells as the input.
    The order is that of channels-first data, the last axis fastest, as PyTorch has it; Keras'
    `Reshape` of channels-last data has another, which its backend puts right. Every size is
    written out: there is no -1, but an expression can ask for the sizes of the input.
    """

    name: ClassVar[str] = "reshape"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "shape"

    shape: Any = attribute(Listing(Integer(1)), doc="sizes of the output, channels first")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        if self.shape is UNKNOWN:
            raise Lost("shape")
        before, after = product(x), product(self.shape)
        require_same(
            before,
            after,
            OpError(
                f"{show_shape(x)} of {before} cells does not fit into {show_shape(self.shape)} "
                f"of {after} cells",
                attribute="shape",
            ),
        )
        return (self.shape,)


class Permute(Free, Op):
    """The axes in another order.

    Output: axis i is axis `axes[i]` of the input.
    `axes` names the axes of a sample, from 0, each once. PyTorch's `Tensor.permute` counts the
    batch axis too; Keras' `layers.Permute` leaves it out but counts from 1.
    """

    name: ClassVar[str] = "permute"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "axes"

    axes: tuple[int, ...] = attribute(Listing(AXIS), doc="for each axis, where it comes from")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        axes = resolve_axes(self.axes, len(x))
        if len(axes) != len(x):
            raise OpError(
                f"`axes` names {len(axes)} of the {len(x)} axes of {show_shape(x)}",
                code="wrong-length",
                attribute="axes",
            )
        return (tuple(x[axis] for axis in axes),)


class Tile(Free, Op):
    """The input several times over along each axis.

    Output: n * repeats along each axis.
    `repeats` names every axis, the channels first. `torch.tile`, `keras.ops.tile`.
    """

    name: ClassVar[str] = "tile"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "repeats"

    repeats: Any = attribute(Listing(Integer(1)), doc="how often, for each axis")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        if self.repeats is UNKNOWN:
            return ((UNKNOWN,) * len(x),)
        if len(self.repeats) != len(x):
            raise OpError(
                f"`repeats` has {len(self.repeats)} values for the {len(x)} axes of "
                f"{show_shape(x)}",
                code="wrong-length",
                attribute="repeats",
            )
        return (tuple(n * times for n, times in zip(x, self.repeats, strict=True)),)
