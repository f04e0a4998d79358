"""Calls of the operators that several lowerings need, each with the shape that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from graphcnn.backends.onnx.tensor import Call, Constant, Dtype, Result, Sizes, Tensor
from graphcnn.ops.base import OpError, Pads, Shape
from graphcnn.size import Size, ceil_div, equal

#: the end of a slice that goes to the end
END = 2**63 - 1

#: The sum of more cells than these is taken along one axis after another. onnxruntime adds cell by
#: cell in float32: the mean of 300 x 300 that are nearly equal was off by 7e-4, and by 4e-7 so.
_MANY = 2**14
_SUMS = ("ReduceMean", "ReduceSum")


def call(
    operator: str,
    first: Tensor,
    *others: Tensor | None,
    shape: Shape | None = None,
    dtype: Dtype | None = None,
    label: str = "",
    **attributes: Any,
) -> Tensor:
    """An operator with one output, by default of the shape and type of its first input.

    Attributes that are None are left out, and so are optional inputs at the end.
    """
    while others and others[-1] is None:
        others = others[:-1]
    given = {name: value for name, value in attributes.items() if value is not None}
    return Result(
        shape=first.shape if shape is None else shape,
        dtype=dtype or first.dtype,
        call=Call(operator, (first, *others), given, label=label),
    )


def several(
    operator: str, *inputs: Tensor, shapes: Sequence[Shape], **attributes: Any
) -> tuple[Tensor, ...]:
    """An operator with an output for each of the shapes."""
    one = Call(operator, inputs, attributes, outputs=len(shapes))
    return tuple(Result(shape=shape, call=one, port=port) for port, shape in enumerate(shapes))


def elementwise(operator: str, *inputs: Tensor) -> Tensor:
    """An operator that repeats axes of size 1, over inputs of which some may have fewer axes."""
    rank = max(len(x.shape) for x in inputs)
    shapes = [(1,) * (rank - len(x.shape)) + x.shape for x in inputs]
    return call(operator, *inputs, shape=tuple(map(_broadcast, zip(*shapes, strict=True))))


def _broadcast(sizes: tuple[Size, ...]) -> Size:
    return next((size for size in sizes if not equal(size, 1)), 1)


# numbers


def ints(values: Sequence[int], label: str) -> Tensor:
    """A vector of integers."""
    return Constant(shape=(len(values),), dtype="int64", values=tuple(values), label=label)


def array(values: Sequence[int], shape: tuple[int, ...], label: str) -> Tensor:
    """Integers in a shape of their own."""
    return Constant(shape=shape, dtype="int64", values=tuple(values), label=label)


def floats(values: Sequence[float], label: str, shape: tuple[int, ...] | None = None) -> Tensor:
    """Numbers, as a vector unless a shape is given."""
    sizes = (len(values),) if shape is None else shape
    return Constant(shape=sizes, values=tuple(values), label=label)


def number(value: float, label: str) -> Tensor:
    """One number, without an axis."""
    return floats([value], label, ())


def sizes(values: Sequence[Size], label: str) -> Tensor:
    """A vector of sizes, computed at run time where they are symbolic."""
    known = [size for size in values if isinstance(size, int)]
    if len(known) == len(values):
        return ints(known, label)
    return Sizes(shape=(len(values),), dtype="int64", sizes=tuple(values), label=label)


def counted(size: Size) -> Tensor:
    """The numbers from 0 up to a size that may be symbolic."""
    limit = call("Squeeze", sizes([size], "size"), shape=())
    zero, one = array([0], (), "zero"), array([1], (), "one")
    return call("Range", zero, limit, one, shape=(size,))


def numeric(values: Sequence[Size], attribute: str) -> list[int]:
    """Sizes where ONNX takes nothing but numbers.

    Raises:
        OpError: one is symbolic.
    """
    known = [size for size in values if isinstance(size, int)]
    if len(known) == len(values):
        return known
    one = next(size for size in values if not isinstance(size, int))
    raise OpError(
        f"its `{attribute}` depends on the size of the input, {one}, which ONNX has no form for",
        code="unsupported-op",
        attribute=attribute,
        help="give the input a fixed size",
    )


# arrangement


def reshape(x: Tensor, shape: Shape, label: str = "") -> Tensor:
    """The same cells under another shape; sizes that stay need not be known."""
    target: list[Size] = []
    for axis, size in enumerate(shape):
        kept = axis < len(x.shape) and not isinstance(size, int) and equal(size, x.shape[axis])
        target.append(0 if kept else size)
    if sum(not isinstance(size, int) for size in target) == 1:
        target = [size if isinstance(size, int) else -1 for size in target]
    return call("Reshape", x, sizes(target, "shape"), shape=shape, label=label)


def transpose(x: Tensor, axes: Sequence[int], label: str = "") -> Tensor:
    """The axes in another order, the batch axis included."""
    shape = tuple(x.shape[axis] for axis in axes)
    return call("Transpose", x, shape=shape, perm=list(axes), label=label)


def swap_last(x: Tensor) -> Tensor:
    """The last two axes exchanged."""
    rank = len(x.shape)
    return transpose(x, (*range(rank - 2), rank - 1, rank - 2))


def gather(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """The cells at these places of an axis, whose place the axes of the indices take."""
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    return call("Gather", x, indices, shape=shape, axis=axis)


def pad(x: Tensor, ends: Pads, mode: str = "constant", value: float = 0.0) -> Tensor:
    """Cells before and after each axis; ``ends`` leaves out the axes at the front that get none.

    All axes are there and named, for the sake of onnxruntime: zeros without named axes it moves
    into the padding of a max pool behind them, where they count as -infinity, and where it moves a
    Transpose behind them it takes any amounts for those of all axes.
    """
    whole = ((0, 0),) * (len(x.shape) - len(ends)) + ends
    axes = ints(range(len(whole)), "axes")
    shape = tuple(before + n + after for n, (before, after) in zip(x.shape, whole, strict=True))
    amounts = sizes([*(before for before, _ in whole), *(after for _, after in whole)], "pads")
    constant = number(value, "value") if mode == "constant" and value else None
    return call("Pad", x, amounts, constant, axes, shape=shape, mode=mode)


def cut(
    x: Tensor, axes: Sequence[int], starts: Sequence[Size], ends: Sequence[Size], step: int = 1
) -> Tensor:
    """The cells from ``starts`` up to ``ends``, both from 0 and within the axes."""
    shape = list(x.shape)
    for axis, start, end in zip(axes, starts, ends, strict=True):
        shape[axis] = ceil_div(end - start, step)
    stops = [
        END if equal(end, x.shape[axis]) else end for axis, end in zip(axes, ends, strict=True)
    ]
    steps = None if step == 1 else ints([step] * len(axes), "steps")
    where = ints(axes, "axes")
    limits = sizes(starts, "starts"), sizes(stops, "ends")
    return call("Slice", x, *limits, where, steps, shape=tuple(shape))


def reduce(operator: str, x: Tensor, axes: Sequence[int], *, keepdims: bool) -> Tensor:
    """One cell of all those along some axes."""
    if operator in _SUMS and many([x.shape[axis] for axis in axes]):
        for axis in sorted(axes, reverse=True):
            x = _reduced(operator, x, [axis], keepdims=keepdims)
        return x
    return _reduced(operator, x, axes, keepdims=keepdims)


def many(sizes: Sequence[Size]) -> bool:
    """Whether there are so many cells that a sum of them is better taken axis by axis."""
    known = [size for size in sizes if isinstance(size, int)]
    return len(known) == len(sizes) and prod(known) > _MANY


def _reduced(operator: str, x: Tensor, axes: Sequence[int], *, keepdims: bool) -> Tensor:
    kept = [1 if axis in axes else n for axis, n in enumerate(x.shape)]
    left = [n for axis, n in enumerate(x.shape) if axis not in axes]
    shape = tuple(kept if keepdims else left)
    return call(operator, x, ints(axes, "axes"), shape=shape, keepdims=int(keepdims))


def batched(x: Tensor, batch: Size) -> Tensor:
    """A tensor that is the same for every sample, once for each of them."""
    if equal(x.shape[0], batch):
        return x
    shape = (batch, *(1,) * len(x.sample))
    return call("Expand", x, sizes(shape, "shape"), shape=(batch, *x.sample))


def aligned(x: Tensor, axes: Sequence[int], rank: int) -> Tensor:
    """A tensor whose axes are these of a value of ``rank`` axes, ready to be repeated along others.

    Axes at the front are left out: operators that repeat align shapes at their end.
    """
    first = axes[0]
    added = [axis - first for axis in range(first, rank) if axis not in axes]
    if not added:
        return x
    given = iter(x.shape)
    shape = tuple(1 if at in added else next(given) for at in range(rank - first))
    return call("Unsqueeze", x, ints(added, "axes"), shape=shape)
