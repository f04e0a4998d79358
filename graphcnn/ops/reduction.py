"""Ops that make one cell out of all those along some axes."""

from __future__ import annotations

from typing import ClassVar

from graphcnn.ops.attributes import AXIS, Boolean, Listing
from graphcnn.ops.base import Free, Op, Shape, Window, attribute, require_known, resolve_axes
from graphcnn.size import Size


class _Reduction(Free, Op):
    """What the reductions have in common: the axes that go."""

    group: ClassVar[str] = "reduction"
    main: ClassVar[str | None] = "axes"

    axes: tuple[int, ...] = attribute(Listing(AXIS), doc="axes that are reduced; 0 is the channels")
    keepdims: bool = attribute(Boolean(), False, doc="keep the reduced axes, with size 1")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        axes = resolve_axes(self.axes, len(x), "axes")
        require_known(self.keepdims, "keepdims")
        if self.keepdims:
            return (tuple(1 if axis in axes else n for axis, n in enumerate(x)),)
        return (tuple(n for axis, n in enumerate(x) if axis not in axes),)

    def window(self, *inputs: Shape) -> Window | None:
        (x,) = inputs
        axes = resolve_axes(self.axes, len(x), "axes")
        if not any(axes):
            return None
        extent: tuple[Size, ...] = tuple(n if axis in axes else 1 for axis, n in enumerate(x))
        # the step is that to the next output, were there one
        return Window(extent[1:], extent[1:])


class Mean(_Reduction):
    """Mean over axes.

    Output: sum(x) / cells over `axes`, which go, or stay with size 1 under `keepdims`.
    The same in PyTorch (`Tensor.mean`) and Keras (`ops.mean`).
    """

    name: ClassVar[str] = "mean"


class Sum(_Reduction):
    """Sum over axes.

    Output: sum(x) over `axes`, which go, or stay with size 1 under `keepdims`.
    The same in PyTorch (`Tensor.sum`) and Keras (`ops.sum`).
    """

    name: ClassVar[str] = "sum"


class Max(_Reduction):
    """Largest cell over axes.

    Output: max(x) over `axes`, which go, or stay with size 1 under `keepdims`.
    PyTorch's `Tensor.amax`, which shares the gradient among equal cells; Keras' `ops.max`.
    The largest of several inputs is `maximum`.
    """

    name: ClassVar[str] = "max"
