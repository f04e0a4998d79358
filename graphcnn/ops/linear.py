"""Products of matrices: with a trained matrix, or of two values."""

from __future__ import annotations

from typing import ClassVar

from graphcnn.ops.attributes import Boolean, Integer
from graphcnn.ops.base import (
    Op,
    OpError,
    Shape,
    Weight,
    attribute,
    require_known,
    require_same,
    show_shape,
)
from graphcnn.size import Size, product


class Linear(Op):
    """Multiplies the features, the last axis, by a trained matrix.

    Output: (out), or (tokens, out) where each token is multiplied by itself.
    Weights: weight (out, in), bias (out).
    MACs: out * in for each token.
    PyTorch's `nn.Linear`; Keras' `Dense` keeps the matrix transposed. Both would take an image as
    it is and multiply its last axis, the width; here that is an error, since it is never meant.
    """

    name: ClassVar[str] = "linear"
    label: ClassVar[str | None] = "fc"
    group: ClassVar[str] = "linear"
    main: ClassVar[str | None] = "out"

    out: Size = attribute(Integer(1), doc="features that come out")
    bias: bool = attribute(Boolean(), True, doc="add a trained value to each output feature")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        if len(x) not in (1, 2):
            raise OpError(
                f"`linear` takes (features) or (tokens, features), found {show_shape(x)}",
                code="wrong-rank",
                help="put `flatten` before it, or `global_avg_pool` and `flatten`",
            )
        return ((*x[:-1], self.out),)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (x,) = inputs
        weights = {"weight": Weight((self.out, x[-1]))}
        if self.bias is True:  # and not lost to an earlier error
            weights["bias"] = Weight((self.out,))
        return weights

    def macs(self, *inputs: Shape) -> Size:
        return product(inputs[0]) * self.out


class Matmul(Op):
    """Product of two matrices, or of as many pairs as the axes before them hold.

    Output: (…, n, m) of (…, n, k) and (…, k, m), or (…, m, k) with `transpose`.
    The axes before the last two are equal; unlike in PyTorch and Keras, none is repeated.
    MACs: n * k * m for each pair.
    """

    name: ClassVar[str] = "matmul"
    group: ClassVar[str] = "linear"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    transpose: bool = attribute(Boolean(), False, doc="swap the last two axes of the second")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        a, b = inputs
        found = f"{show_shape(a)} and {show_shape(b)}"
        if len(a) != len(b):
            raise OpError(
                f"the inputs of `matmul`, {found}, have {len(a)} and {len(b)} axes",
                help="`reshape` gives them the same number of axes",
            )
        for axis, (m, n) in enumerate(zip(a[:-2], b[:-2], strict=True)):
            require_same(
                m, n, OpError(f"the inputs of `matmul`, {found}, differ along axis {axis}")
            )
        require_known(self.transpose, "transpose")
        columns, inner = (b[-2], b[-1]) if self.transpose else (b[-1], b[-2])
        require_same(
            a[-1],
            inner,
            OpError(
                f"the last axis of {show_shape(a)}, {a[-1]}, is multiplied with axis "
                f"{len(b) - (1 if self.transpose else 2)} of {show_shape(b)}, {inner}",
                help="`transpose` swaps the last two axes of the second, `permute` any",
            ),
        )
        return ((*a[:-1], columns),)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {}

    def macs(self, *inputs: Shape) -> Size:
        (output,) = self.outputs(*inputs)
        return product(output) * inputs[0][-1]
