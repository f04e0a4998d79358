"""A normalisation of what has just been normalised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View


class RepeatedNorm(GraphRule):
    code: ClassVar[str] = "repeated-norm"
    summary: ClassVar[str] = "a value is normalised twice in a row"
    explanation: ClassVar[str] = (
        "A batch norm right behind a batch norm finds values that are normalised already, so that "
        "one of the two does nothing that the other could not. The same holds for every norm. "
        "Often one stands at the end of a block, and the other in front of the next. Where "
        "something else reads the first one too, both are needed."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3, bias: false}
  - batch_norm
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
        norms = list(view.nodes_in("normalisation"))
        read = Counter((node.inputs[0], type(node.op)) for node in norms)
        for node in norms:
            value = node.inputs[0]
            before = value.node
            if before is None or type(before.op) is not type(node.op):
                continue
            if read[value, type(node.op)] == view.readers[value]:
                yield Finding(
                    node.span,
                    f"this {node.op.name} follows another one, and nothing stands between them",
                    help="leave one of the two out",
                    notes=(f"the other is in line {before.span.begin_position.line}",),
                    origin=node.origin,
                )
