"""Adaptive pools whose windows are not known before the model runs."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import call, counted, elementwise, gather, ints, reduce, sizes
from graphcnn.backends.onnx.tensor import Tensor
from graphcnn.size import Size, ceil_div


def pooled_openly(x: Tensor, axis: int, out: Size, *, largest: bool) -> Tensor:
    """Each window's cells gathered on an axis of their own, which is then reduced.

    No window has more than ceil(n / out) + 1 cells. Those that have less repeat their last one,
    which weighs nothing in a mean.
    """
    starts, ends = _ends(x.shape[axis], out)
    one, steps = ints([1], "one"), counted(ceil_div(x.shape[axis], out) + 1)
    last = elementwise("Sub", ends, one)
    places = elementwise("Min", elementwise("Add", starts, steps), last)
    cells = gather(x, places, axis)
    if largest:
        return reduce("ReduceMax", cells, [axis + 1], keepdims=False)
    width = elementwise("Sub", ends, starts)
    left = elementwise("Min", elementwise("Sub", width, steps), one)
    inside = elementwise("Max", left, ints([0], "zero"))
    shares = elementwise("Div", _real(inside), _real(width))
    behind = len(x.shape) - axis - 1
    if behind:
        shape = (*shares.shape, *(1,) * behind)
        shares = call("Unsqueeze", shares, ints(range(2, 2 + behind), "axes"), shape=shape)
    weighed = elementwise("Mul", cells, shares)
    return reduce("ReduceSum", weighed, [axis + 1], keepdims=False)


def _ends(n: Size, out: Size) -> tuple[Tensor, Tensor]:
    """Where windows start and end, one below the other: i * n // out, and up for i + 1."""
    cells, count, one = sizes([n], "cells"), sizes([out], "size"), ints([1], "one")
    windows = counted(out)
    starts = elementwise("Div", elementwise("Mul", windows, cells), count)
    beyond = elementwise("Mul", elementwise("Add", windows, one), cells)
    upward = elementwise("Add", beyond, elementwise("Sub", count, one))
    return _column(starts), _column(elementwise("Div", upward, count))


def _column(x: Tensor) -> Tensor:
    return call("Unsqueeze", x, ints([1], "axes"), shape=(*x.shape, 1))


def _real(x: Tensor) -> Tensor:
    return call("Cast", x, dtype="float32", to=1)
