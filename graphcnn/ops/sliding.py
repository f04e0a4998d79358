"""The arithmetic of windows that slide over the spatial axes, for convolutions and pools."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from graphcnn.ops.attributes import Integer
from graphcnn.ops.base import (
    OpError,
    Pads,
    Shape,
    Window,
    per_axis,
    require_at_least,
    resolve_padding,
)
from graphcnn.size import UNKNOWN, Size, ceil_div, divides, minimum

#: A stride or a dilation.
STEP = Integer(1, fixed=True)


class Sliding(NamedTuple):
    """A window and its walk over ``spatial`` cells: everything has one value per axis."""

    spatial: Shape
    kernel: Shape
    stride: Shape
    dilation: Shape
    pads: Pads
    #: the amounts follow from `same`, so the output is ceil(input / stride) by definition
    same: bool

    @property
    def extent(self) -> Shape:
        """Cells from the window's first to its last: dilation * (kernel - 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def window(self) -> Window:
        return Window(self.extent, self.stride)

    def output(self) -> Shape:
        """floor((n + before + after - extent) / stride) + 1, for each axis."""
        if self.same:
            return self._reduced()
        sizes = []
        for axis, (n, s, extent, (before, after)) in enumerate(self._axes()):
            padded = n + before + after
            size = (padded - extent) // s + 1
            require_at_least(padded, extent, _too_large(axis, extent, padded, size))
            sizes.append(size)
        return tuple(sizes)

    def output_ceil(self) -> Shape:
        """ceil((n + before + min(after + stride - extent, 0)) / stride), for each axis.

        That is ceil((n + before + after - extent) / stride) + 1 windows, or one less where the
        last would start in the padding at the end.
        """
        if self.same:
            return self._reduced()
        sizes = []
        for axis, (n, s, extent, (before, after)) in enumerate(self._axes()):
            size = ceil_div(n + before + minimum(after + s - extent, 0), s)
            require_at_least(size, 1, _too_large(axis, extent, n + before + after, size))
            sizes.append(size)
        return tuple(sizes)

    def _reduced(self) -> Shape:
        return tuple(ceil_div(n, s) for n, s in zip(self.spatial, self.stride, strict=True))

    def _axes(self) -> zip[tuple[Size, Size, Size, tuple[Size, Size]]]:
        return zip(self.spatial, self.stride, self.extent, self.pads, strict=True)


def sliding(image: Shape, *, kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> Sliding:
    """The window that these attributes describe, over an image of channels and spatial axes."""
    spatial = image[1:]
    axes = len(spatial)
    kernels = per_axis(kernel, axes, "kernel")
    strides = per_axis(stride, axes, "stride")
    dilations = per_axis(dilation, axes, "dilation")
    pads = resolve_padding(padding, spatial, kernels, strides, dilations)
    return Sliding(spatial, kernels, strides, dilations, pads, padding == "same")


def ratio(a: Size, b: Size) -> Size | Fraction:
    """``a / b`` exactly; UNKNOWN where symbols leave no exact form."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b if a % b == 0 else Fraction(a, b)
    return a // b if divides(b, a) else UNKNOWN


def _too_large(axis: int, extent: Size, padded: Size, size: Size) -> OpError:
    return OpError(
        f"the kernel covers {extent} cells but the padded input has {padded} "
        f"along spatial axis {axis}, an output of {size}",
        code="kernel-too-large",
        attribute="kernel",
    )
