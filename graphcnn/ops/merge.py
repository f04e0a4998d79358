"""Ops that make one value out of several."""

from __future__ import annotations

from typing import ClassVar

from graphcnn.ops.attributes import AXIS, Number
from graphcnn.ops.base import (
    Elementwise,
    Free,
    Op,
    OpError,
    Shape,
    attribute,
    require,
    require_same,
    resolve_axis,
    show_shape,
)
from graphcnn.size import UNKNOWN, Size, equal, is_known


def _require_rank(op: str, inputs: tuple[Shape, ...]) -> int:
    """The number of axes, which all inputs of a merge share."""
    first = inputs[0]
    for other in inputs[1:]:
        if len(other) != len(first):
            raise OpError(
                f"the inputs of `{op}`, {show_shape(first)} and {show_shape(other)}, have "
                f"{len(first)} and {len(other)} axes",
                help="a gate keeps its axes as 1, such as (64, 1, 1); `reshape` adds them",
            )
    return len(first)


def _differ(op: str, a: Shape, b: Shape, axis: int, help: str | None) -> OpError:
    return OpError(
        f"the inputs of `{op}`, {show_shape(a)} and {show_shape(b)}, differ along axis {axis}: "
        f"{a[axis]} and {b[axis]}",
        help=help,
    )


def _broadcast_axis(op: str, inputs: tuple[Shape, ...], axis: int) -> Size:
    """The size along an axis where all inputs have that size or 1."""
    giver = inputs[0]  # the input that the size is taken from
    size = giver[axis]
    for other in inputs[1:]:
        n = other[axis]
        if equal(size, n) or equal(n, 1):
            continue
        if equal(size, 1):
            giver, size = other, n
            continue
        if not is_known(size, n):
            # one of the two may still say what comes out: all that is not 1 must be equal
            certain = [s for s in (size, n) if equal(s, 1) is False]
            giver, size = other, certain[0] if certain else UNKNOWN
            continue
        never = equal(size, n) is False and equal(size, 1) is False and equal(n, 1) is False
        help = "sizes are equal, or 1 and then repeated"
        if axis == 0 and len(giver) > 1:
            help = f"a 1x1 conv gives one of them the channels of the other, {size} or {n}"
        require(False if never else None, _differ(op, giver, other, axis, help), size, n)
    return size


class _Broadcasting(Free, Op):
    """A merge cell by cell, over inputs of one rank whose sizes are equal or 1."""

    group: ClassVar[str] = "merge"
    arity: ClassVar[tuple[int, int | None]] = (2, None)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        axes = range(_require_rank(self.name, inputs))
        return (tuple(_broadcast_axis(self.name, inputs, axis) for axis in axes),)


class Add(_Broadcasting):
    """Sum of its inputs, cell by cell.

    Output: a + b + …; along each axis the size of the inputs, of which some may have 1.
    The ranks are equal: unlike PyTorch and Keras, which align shapes at their last axis, a vector
    is never taken for a row of pixels.
    """

    name: ClassVar[str] = "add"


class Subtract(_Broadcasting):
    """Difference of two inputs, cell by cell.

    Output: a - b; along each axis the size of the inputs, of which one may have 1.
    The ranks are equal, as for `add`.
    """

    name: ClassVar[str] = "subtract"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)


class Multiply(_Broadcasting):
    """Product of its inputs, cell by cell; a gate of (C, 1, 1) scales each channel.

    Output: a * b * …; along each axis the size of the inputs, of which some may have 1.
    The ranks are equal, as for `add`. Counted as no multiply-accumulates: those are of
    convolutions, linear layers and matrix products alone.
    """

    name: ClassVar[str] = "multiply"


class Maximum(_Broadcasting):
    """Largest of its inputs, cell by cell.

    Output: max(a, b, …); along each axis the size of the inputs, of which some may have 1.
    The ranks are equal, as for `add`. Goodfellow et al., 2013 (maxout).
    """

    name: ClassVar[str] = "maximum"


class Average(_Broadcasting):
    """Mean of its inputs, cell by cell.

    Output: (a + b + …) / inputs; along each axis the size of the inputs, of which some may have 1.
    The ranks are equal, as for `add`. Keras' `layers.Average`; PyTorch has no such op.
    """

    name: ClassVar[str] = "average"


class Concat(Free, Op):
    """Its inputs one behind the other along an axis.

    Output: along `axis` the sum of the sizes; all other sizes are the same in every input.
    The default axis is the channels. Keras' default is the last axis, where its channels are.
    """

    name: ClassVar[str] = "concat"
    group: ClassVar[str] = "merge"
    main: ClassVar[str | None] = "axis"
    arity: ClassVar[tuple[int, int | None]] = (1, None)

    axis: int = attribute(AXIS, 0, doc="axis along which the inputs are joined; 0 is the channels")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        rank = _require_rank(self.name, inputs)
        joined = resolve_axis(self.axis, rank)
        sizes: list[Size] = []
        for axis in range(rank):
            size = inputs[0][axis]
            giver = inputs[0]
            for other in inputs[1:]:
                n = other[axis]
                if axis == joined:
                    size = size + n
                    continue
                require_same(size, n, _differ(self.name, giver, other, axis, _ONLY_ONE_AXIS))
                if not is_known(size):
                    giver, size = other, n
            sizes.append(size)
        return (tuple(sizes),)


_ONLY_ONE_AXIS = "only the axis that is joined may differ; `crop` or `pad` mends the others"


class Scale(Elementwise, Op):
    """Product with a constant.

    Output: factor * x, of the input's shape.
    Not trained: a trained factor is a `parameter` and `multiply`. Keras' `layers.Rescaling`.
    """

    name: ClassVar[str] = "scale"
    group: ClassVar[str] = "merge"
    main: ClassVar[str | None] = "factor"

    factor: float = attribute(Number(), doc="the constant")
