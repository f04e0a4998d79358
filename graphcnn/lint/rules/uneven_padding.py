"""`padding: same` that cannot be the same on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.ir import Node
from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View
from graphcnn.ops.base import per_axis, resolve_padding
from graphcnn.ops.convolution import Conv, DepthwiseConv, SeparableConv
from graphcnn.ops.pooling import AvgPool, MaxPool
from graphcnn.size import equal


class UnevenPadding(GraphRule):
    code: ClassVar[str] = "uneven-padding"
    summary: ClassVar[str] = "an even kernel with `same` padding shifts what it sees"
    explanation: ClassVar[str] = (
        "With an even kernel, `padding: same` comes to an odd number of cells, of which the extra "
        "one is at the end: every such layer shifts its input by half a cell, and frameworks and "
        "checkpoints differ in where they put it. Take an odd kernel, or write the amounts out, "
        "such as `padding: [[0, 1], [0, 1]]`. Kernels that are no larger than their stride, and "
        "those that the stride pads alike on both sides, are passed over."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 4, padding: same}
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3, padding: same}
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        for node in view.nodes(Conv, DepthwiseConv, SeparableConv, MaxPool, AvgPool):
            uneven = _uneven(node)
            if uneven is not None:
                kernel, before, after = uneven
                yield Finding(
                    node.span,
                    f"`same` pads a kernel of {kernel} with {before} before and {after} after",
                    help="take an odd kernel, or write the padding out",
                    origin=node.origin,
                )


def _uneven(node: Node) -> tuple[int, object, object] | None:
    """An even kernel of one axis, with the cells that `same` puts before and after that axis."""
    op = node.op
    if not isinstance(op, (Conv, DepthwiseConv, SeparableConv, MaxPool, AvgPool)):
        return None
    shape = node.inputs[0].shape
    if op.padding != "same" or shape is None or not _has_even(op.kernel):
        return None
    axes = len(shape) - 1
    kernels = per_axis(op.kernel, axes, "kernel")
    strides = per_axis(op.kernel if op.stride is None else op.stride, axes, "stride")
    dilations = per_axis(1 if isinstance(op, AvgPool) else op.dilation, axes, "dilation")
    pads = resolve_padding("same", shape[1:], kernels, strides, dilations)
    for kernel, stride, (before, after) in zip(kernels, strides, pads, strict=True):
        if _has_even(kernel) and kernel > stride and equal(before, after) is False:
            return kernel, before, after
    return None


def _has_even(kernel: object) -> bool:
    sizes = kernel if isinstance(kernel, tuple) else (kernel,)
    return any(isinstance(size, int) and size % 2 == 0 for size in sizes)
