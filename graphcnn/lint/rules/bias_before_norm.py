"""A bias whose effect the batch norm behind it takes away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.diagnostics import Fix
from graphcnn.ir import Node
from graphcnn.lint.edits import setting
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
        "A frozen batch norm is passed over, since its mean does not follow the bias. The fix is "
        "unsafe: weights that are trained already have the bias."
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
        norms = {norm.inputs[0].node: norm for norm in view.nodes(BatchNorm) if _counts(norm, view)}
        if not norms:
            return
        layers = [*view.nodes(Conv, DepthwiseConv, SeparableConv, ConvTranspose, Linear)]
        needed = {layer.span.start for layer in layers if layer not in norms}
        first = {layer.span: layer for layer in reversed(layers) if layer in norms}
        for span, layer in first.items():
            yield Finding(
                span,
                f"the batch norm behind this {layer.op.name} takes its bias away again",
                help="`bias: false`, here or under `defaults`",
                notes=(f"the batch norm is in line {norms[layer].span.begin_position.line}",),
                origin=layer.origin,
                fix=None if span.start in needed else _fix(layer, view),
            )


def _counts(norm: Node, view: View) -> bool:
    """Whether a norm takes away a bias that nobody else sees."""
    value = norm.inputs[0]
    layer = value.node
    return (
        layer is not None
        and getattr(norm.op, "frozen", False) is False
        and getattr(layer.op, "bias", False) is True
        and view.readers[value] == 1
        and layer not in view.shared
    )


def _fix(layer: Node, view: View) -> Fix | None:
    """Unsafe: weights that are there already have the bias."""
    statement = view.statements.get(layer.span)
    edit = None if statement is None else setting(statement, "bias", "false")
    return None if edit is None else Fix((edit,), safe=False)
