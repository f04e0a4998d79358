"""An activation of what has just come out of the same activation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View


class RepeatedActivation(GraphRule):
    code: ClassVar[str] = "repeated-activation"
    summary: ClassVar[str] = "the same activation is applied twice in a row"
    explanation: ClassVar[str] = (
        "A second relu right behind a first does nothing at all, and a second sigmoid or softmax "
        "squeezes once more what is squeezed already, which is hardly ever meant. Often one stands "
        "at the end of a block, and the other in front of the next."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3}
  - relu
  - relu
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3}
  - relu
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        for node in view.nodes_in("activation"):
            before = node.inputs[0].node
            if before is not None and type(before.op) is type(node.op) and before.op == node.op:
                yield Finding(
                    node.span,
                    f"this {node.op.name} follows another one, and nothing stands between them",
                    help="leave one of the two out",
                    notes=(f"the other is in line {before.span.begin_position.line}",),
                    origin=node.origin,
                )
