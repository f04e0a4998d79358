"""Pools: the largest or the mean cell of each window."""

from __future__ import annotations

from fractions import Fraction
from math import gcd
from typing import Any, ClassVar

from graphcnn.ops.attributes import Boolean, Integer, Maybe, Padding, PerAxis
from graphcnn.ops.base import (
    Free,
    Op,
    OpError,
    Shape,
    Window,
    attribute,
    per_axis,
    require,
    require_at_least,
    require_known,
)
from graphcnn.ops.sliding import STEP, Sliding, ratio, sliding
from graphcnn.size import UNKNOWN, Size, divides


def _pooled(image: Shape, walk: Sliding, ceil: bool) -> Shape:
    """The shape that comes out of a pool."""
    for axis, (extent, pads) in enumerate(zip(walk.extent, walk.pads, strict=True)):
        for amount in () if walk.same else pads:
            require_at_least(
                extent - 1,
                amount,
                OpError(
                    f"a padding of {amount} along spatial axis {axis} makes windows of {extent} "
                    f"cells that see nothing but padding",
                    code="padding-too-large",
                    attribute="padding",
                ),
            )
    require_known(ceil, "ceil")
    sizes = walk.output_ceil() if ceil else walk.output()
    for axis, (n, step, sees) in enumerate(
        zip(walk.spatial, walk.dilation, walk.sees(sizes), strict=True)
    ):
        require(
            sees,
            OpError(
                f"a window whose cells are {step} apart steps over all {n} cells along spatial "
                f"axis {axis} and sees nothing but padding",
                code="padding-too-large",
                attribute="dilation",
                help="give it a smaller dilation, or less padding",
            ),
            n,
            step,
        )
    return (image[0], *sizes)


class MaxPool(Free, Op):
    """The largest cell of each window.

    Output: (C, floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1, …), with
    `ceil` the same rounded up, less a window that would start in the padding at the end; with
    `same` padding (C, ceil(n / stride), …).
    Padding never wins: it counts as -infinity. That and the rounding are PyTorch's
    (`nn.MaxPool2d`, its `ceil_mode`), but any padding smaller than the window may be given, where
    PyTorch allows half of it, as long as each window sees a cell of the input. Keras'
    `MaxPooling2D` knows `same` and `valid` alone.
    Where several cells of a window are the largest, the gradient goes to the first of them; in a
    volume TensorFlow gives all of it to each.
    """

    name: ClassVar[str] = "max_pool"
    label: ClassVar[str | None] = "maxpool"
    group: ClassVar[str] = "pooling"
    main: ClassVar[str | None] = "kernel"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    kernel: Any = attribute(PerAxis(Integer(1)), doc="size of the window")
    stride: Any = attribute(
        Maybe(PerAxis(STEP)), None, doc="step of the window; by default its size"
    )
    padding: Any = attribute(Padding(), 0, doc="cells added around the input; they never win")
    dilation: Any = attribute(PerAxis(STEP), 1, doc="distance between cells of the window")
    ceil: bool = attribute(Boolean(), False, doc="round the size of the output up")

    def sliding(self, image: Shape) -> Sliding:
        """The window over this input."""
        return sliding(
            image,
            kernel=self.kernel,
            stride=self.kernel if self.stride is None else self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        return (_pooled(image, self.sliding(image), self.ceil),)

    def window(self, *inputs: Shape) -> Window | None:
        return self.sliding(inputs[0]).window


class AvgPool(Free, Op):
    """The mean of each window.

    Output: (C, floor((n + before + after - kernel) / stride) + 1, …), with `ceil` the same
    rounded up, less a window that would start in the padding at the end; with `same` padding
    (C, ceil(n / stride), …).
    By default padding counts as zeros, as PyTorch has it (`nn.AvgPool2d`, `count_include_pad`);
    with `count_padding: false` the mean is over the cells of the input alone, as Keras'
    `AveragePooling2D` has it. What `ceil` lets a window see beyond the padding never counts.
    """

    name: ClassVar[str] = "avg_pool"
    label: ClassVar[str | None] = "avgpool"
    group: ClassVar[str] = "pooling"
    main: ClassVar[str | None] = "kernel"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    kernel: Any = attribute(PerAxis(Integer(1)), doc="size of the window")
    stride: Any = attribute(
        Maybe(PerAxis(STEP)), None, doc="step of the window; by default its size"
    )
    padding: Any = attribute(Padding(), 0, doc="cells added around the input")
    ceil: bool = attribute(Boolean(), False, doc="round the size of the output up")
    count_padding: bool = attribute(Boolean(), True, doc="padding counts, as zeros, in the mean")

    def sliding(self, image: Shape) -> Sliding:
        """The window over this input."""
        return sliding(
            image,
            kernel=self.kernel,
            stride=self.kernel if self.stride is None else self.stride,
            padding=self.padding,
        )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        return (_pooled(image, self.sliding(image), self.ceil),)

    def window(self, *inputs: Shape) -> Window | None:
        return self.sliding(inputs[0]).window


class _GlobalPool(Free, Op):
    """What pools over whole images have in common."""

    group: ClassVar[str] = "pooling"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    keepdims: bool = attribute(Boolean(), True, doc="keep the spatial axes, with size 1")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        require_known(self.keepdims, "keepdims")
        return ((image[0], *((1,) * (len(image) - 1) if self.keepdims else ())),)

    def window(self, *inputs: Shape) -> Window | None:
        (image,) = inputs
        # the step is that to the next output, were there one
        return Window(image[1:], image[1:])


class GlobalAvgPool(_GlobalPool):
    """The mean of each channel.

    Output: (C, 1, …), or (C) with `keepdims: false`.
    PyTorch's `nn.AdaptiveAvgPool2d(1)`; Keras' `GlobalAveragePooling2D`, whose `keepdims` is
    false unless given.
    """

    name: ClassVar[str] = "global_avg_pool"
    label: ClassVar[str | None] = "avgpool"


class GlobalMaxPool(_GlobalPool):
    """The largest cell of each channel.

    Output: (C, 1, …), or (C) with `keepdims: false`.
    PyTorch's `nn.AdaptiveMaxPool2d(1)`; Keras' `GlobalMaxPooling2D`, whose `keepdims` is false
    unless given.
    """

    name: ClassVar[str] = "global_max_pool"


def _adaptive_extent(n: Size, out: Size) -> Size:
    """Cells of the widest window: window i runs from floor(i * n / out) to ceil((i + 1) * n / out).

    With n = q * out + r, the fractions of i * n / out are the multiples of gcd(r, out) / out. A
    window reaches into one more cell where r is not 0, and into two where its two ends both lie
    inside a cell.
    """
    if isinstance(n, int) and isinstance(out, int):
        q, r = divmod(n, out)
        return q if r == 0 else q + 1 + (r > gcd(r, out))
    return n // out if divides(out, n) else UNKNOWN


class _AdaptivePool(Free, Op):
    """What pools to a given size have in common."""

    group: ClassVar[str] = "pooling"
    main: ClassVar[str | None] = "size"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    size: Any = attribute(PerAxis(Integer(1)), doc="spatial sizes of the output")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        return ((image[0], *per_axis(self.size, len(image) - 1, "size")),)

    def window(self, *inputs: Shape) -> Window | None:
        (image,) = inputs
        sizes = per_axis(self.size, len(image) - 1, "size")
        extents: list[Size] = []
        strides: list[Size | Fraction] = []
        for n, out in zip(image[1:], sizes, strict=True):
            extents.append(_adaptive_extent(n, out))
            strides.append(ratio(n, out))
        return Window(tuple(extents), tuple(strides))


class AdaptiveAvgPool(_AdaptivePool):
    """The mean of windows that divide the image into a given number of parts.

    Output: (C, size…); window i runs from floor(i * n / size) up to ceil((i + 1) * n / size), so
    that windows overlap where size does not divide n, and cells are repeated where it is larger.
    PyTorch's `nn.AdaptiveAvgPool2d`, and Keras' `AdaptiveAveragePooling2D` where it has it.
    """

    name: ClassVar[str] = "adaptive_avg_pool"


class AdaptiveMaxPool(_AdaptivePool):
    """The largest cell of windows that divide the image into a given number of parts.

    Output: (C, size…); window i runs from floor(i * n / size) up to ceil((i + 1) * n / size), so
    that windows overlap where size does not divide n, and cells are repeated where it is larger.
    PyTorch's `nn.AdaptiveMaxPool2d`, and Keras' `AdaptiveMaxPooling2D` where it has it.
    """

    name: ClassVar[str] = "adaptive_max_pool"
