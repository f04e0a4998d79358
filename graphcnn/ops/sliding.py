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
from graphcnn.size import UNKNOWN, Size, at_least, ceil_div, divides, maximum, minimum

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

    def trimmed(self) -> Pads:
        """The padding, at the end no more than the last window of :meth:`output_ceil` comes to.

        Where it is added beforehand, rounding up would find a window that starts in the rest.
        """
        ends = zip(self.pads, self.reached(), strict=True)
        return tuple((before, minimum(after, end)) for (before, after), (_, end) in ends)

    def reached(self) -> Pads:
        """The padding, at the end as far as the last window of :meth:`output_ceil` reaches."""
        return tuple(
            (before, maximum((out - 1) * s + extent - n - before, 0))
            for (n, s, extent, (before, _)), out in zip(
                self._axes(), self.output_ceil(), strict=True
            )
        )

    def sees(self, sizes: Shape) -> tuple[bool | None, ...]:
        """Whether every one of ``sizes`` windows has a cell of the input, for each axis.

        None where that depends on symbols. Padding is taken to be less than the window, so that one
        without such a cell steps over all of them: a dilated one that begins before the input.
        """
        return tuple(
            _sees(n, kernel, s, d, pads, windows)
            for n, kernel, s, d, pads, windows in zip(
                self.spatial, self.kernel, self.stride, self.dilation, self.pads, sizes, strict=True
            )
        )

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


def _sees(
    n: Size, kernel: Size, stride: Size, dilation: Size, pads: tuple[Size, Size], windows: Size
) -> bool | None:
    before, _ = pads
    if kernel == 1 or before == 0 or at_least(n, dilation):
        return True
    if not isinstance(before, int) or not isinstance(dilation, int) or not isinstance(stride, int):
        return None
    if stride == 1 and before % dilation == 0 and at_least(n, windows):
        return True  # window i looks at cell i
    if not isinstance(n, int) or not isinstance(windows, int):
        return None
    # The first place of window i that is not in the padding before is (i * stride - before) modulo
    # the dilation, so those are sought for which it lies behind the input.
    low, high = (before + n) % dilation, (before - 1) % dilation
    first = 0 if low > high else _first_between(stride, dilation, low, high)
    return first is None or first >= min(windows, -(-before // stride))


def _first_between(step: int, modulus: int, low: int, high: int) -> int | None:
    """The least i of which i * step, modulo ``modulus``, is from ``low`` to ``high``, or None."""
    step %= modulus
    if low == 0:
        return 0
    if step == 0:
        return None
    i = -(-low // step)
    if i * step <= high:
        return i
    # else i * step = low + something + j * modulus, and no multiple of the step lies in between
    j = _first_between(modulus, step, -high % step, -low % step)
    return None if j is None else -(-(low + j * modulus) // step)


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
