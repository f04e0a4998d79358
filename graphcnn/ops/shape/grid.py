"""Ops that trade channels for space, or change the grid of an image."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from graphcnn.ops.attributes import Boolean, Choice, Integer, Maybe, PerAxis
from graphcnn.ops.base import (
    Free,
    Op,
    OpError,
    Shape,
    Window,
    attribute,
    per_axis,
    require,
    require_known,
)
from graphcnn.ops.shape.checks import COUNT, only_one, require_divides
from graphcnn.size import UNKNOWN, Size, divides


def _step(n: Size, out: Size) -> Size | Fraction:
    """How far apart on a grid of n cells the cells of a grid of ``out`` lie."""
    if isinstance(n, int) and isinstance(out, int):
        return Fraction(n, out)
    if divides(out, n):
        return n // out
    if divides(n, out):
        times = out // n
        if isinstance(times, int):
            return Fraction(1, times)
    return UNKNOWN


class Upsample(Free, Op):
    """A finer grid over the same picture, by a factor or to a size.

    Output: (C, n * factor, …), or (C, size…), which may be smaller too.
    Where cell i of `out` lies on the input's grid of n cells:
    `nearest`: floor(i * n / out). The same in Keras where `out` is a multiple of n; elsewhere
    Keras takes floor((i + 0.5) * n / out).
    `bilinear` (linear on a line, trilinear in a volume): (i + 0.5) * n / out - 0.5, kept within
    the grid, as PyTorch, Keras and TensorFlow 2 have it. With `align_corners` i * (n - 1) /
    (out - 1), so that the outermost cells keep their values, which Keras has not. A smaller grid
    is sampled without smoothing (PyTorch's `antialias=False`).
    """

    name: ClassVar[str] = "upsample"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "factor"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    factor: Any = attribute(Maybe(PerAxis(COUNT)), None, doc="how many cells each becomes")
    size: Any = attribute(Maybe(PerAxis(Integer(1))), None, doc="spatial sizes of the output")
    mode: str = attribute(Choice("nearest", "bilinear"), "nearest", doc="how cells are filled")
    align_corners: bool = attribute(
        Boolean(), False, doc="bilinear: outermost cells lie on each other, not their outer edges"
    )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        only_one("factor", self.factor, "size", self.size)
        if self.align_corners is True and self.mode == "nearest":
            raise OpError(
                "`align_corners` is for mode `bilinear`, but the mode is `nearest`",
                code="conflicting-attributes",
                attribute="align_corners",
            )
        axes = len(image) - 1
        if self.factor is None:
            return ((image[0], *per_axis(self.size, axes, "size")),)
        factors = per_axis(self.factor, axes, "factor")
        return ((image[0], *(n * f for n, f in zip(image[1:], factors, strict=True))),)

    def window(self, *inputs: Shape) -> Window | None:
        (image,) = inputs
        (output,) = self.outputs(image)
        blend = 1 if self.mode == "nearest" else 2
        if self.factor is None:
            steps = tuple(_step(n, out) for n, out in zip(image[1:], output[1:], strict=True))
        else:
            factors = per_axis(self.factor, len(image) - 1, "factor")
            steps = tuple(UNKNOWN if f is UNKNOWN else Fraction(1, f) for f in factors)
        # a grid that stays as it is takes each cell from one
        return Window(tuple(1 if step == 1 else blend for step in steps), steps)


class ChannelShuffle(Free, Op):
    """Mixes the channels of groups: the first of each group, then the second of each, and so on.

    Output: of the input's shape; channel i * groups + g is channel g * (C / groups) + i.
    PyTorch's `nn.ChannelShuffle`; Keras has none, a reshape and a transpose do it.
    Zhang et al., 2018 (ShuffleNet).
    """

    name: ClassVar[str] = "channel_shuffle"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "groups"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    groups: Size = attribute(Integer(1), doc="parts of the channels to mix")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        error = OpError(
            f"{self.groups} groups do not divide {image[0]} input channels",
            code="groups-do-not-divide",
            attribute="groups",
        )
        require(divides(self.groups, image[0]), error, self.groups, image[0])
        return (image,)


class PixelShuffle(Free, Op):
    """Channels become space: each cell of `factor` ** 2 channels a square of cells.

    Output: (C / factor ** 2, H * factor, W * factor); cell (c, y, x) is input channel
    c * factor ** 2 + (y % factor) * factor + x % factor at (y / factor, x / factor).
    PyTorch's order, ONNX' `CRD`. TensorFlow's `depth_to_space` takes channel
    ((y % factor) * factor + x % factor) * (C / factor ** 2) + c. Shi et al., 2016.
    """

    name: ClassVar[str] = "pixel_shuffle"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "factor"
    ranks: ClassVar[tuple[int, ...] | None] = (3,)

    factor: int = attribute(COUNT, doc="side of the square that a cell becomes")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        ((channels, height, width),) = inputs
        square = self.factor * self.factor
        require_divides(square, channels, "the number of channels", "factor")
        return ((channels // square, height * self.factor, width * self.factor),)

    def window(self, *inputs: Shape) -> Window | None:
        require_known(self.factor, "factor")
        return Window((1, 1), (Fraction(1, self.factor),) * 2)


class SpaceToDepth(Free, Op):
    """Space becomes channels: each square of cells one cell with `block` ** 2 times the channels.

    Output: (C * block ** 2, H / block, W / block); channel c * block ** 2 + i * block + j is
    channel c at (y * block + i, x * block + j). The inverse of `pixel_shuffle`.
    PyTorch's order, that of `nn.PixelUnshuffle`. TensorFlow's and ONNX' `space_to_depth` put that
    cell into channel (i * block + j) * C + c.
    """

    name: ClassVar[str] = "space_to_depth"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "block"
    ranks: ClassVar[tuple[int, ...] | None] = (3,)

    block: int = attribute(COUNT, doc="side of the square that becomes one cell")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        ((channels, height, width),) = inputs
        require_divides(self.block, height, "the height", "block")
        require_divides(self.block, width, "the width", "block")
        square = self.block * self.block
        return ((channels * square, height // self.block, width // self.block),)

    def window(self, *inputs: Shape) -> Window | None:
        return Window((self.block,) * 2, (self.block,) * 2)
