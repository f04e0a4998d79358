"""A bias whose effect the batch norm behind it takes away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.ops.linear import Linear
from graphcnn.ops.normalisation import BatchNorm


class BiasBeforeNorm(GraphRule):
    code: ClassVar[str] = "bias-before-norm"
    summary: ClassVar[str] = "a bias is taken away again by the batch norm behind it"
    explanation: ClassVar[str] = (
        "A batch norm subtracts the mean of each channel, and with it whatever a bias has added. "
        "The bias is trained, stored and added for nothing; the norm has a shift of its own. "
        "Where published weights have that bias, say so: `# graphcnn: ignore[bias-before-norm]`. "
        "A frozen batch norm is passed over, since its mean does not follow the bias."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3}
  - batch_norm
  - relu
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3, bias: false}
  - batch_norm
  - relu
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        for norm in view.nodes(BatchNorm):
            (value,) = norm.inputs
            layer, op = value.node, norm.op
            if layer is None or not isinstance(op, BatchNorm) or op.frozen:
                continue
            if (
                isinstance(layer.op, (Conv, DepthwiseConv, SeparableConv, ConvTranspose, Linear))
                and layer.op.bias
                and view.readers[value] == 1
                and layer not in view.shared
            ):
                yield Finding(
                    layer.span,
                    f"the batch norm behind this {layer.op.name} takes its bias away again",
                    help="`bias: false`, here or under `defaults`",
                    notes=(f"the batch norm is in line {norm.span.begin_position.line}",),
                    origin=layer.origin,
                )
