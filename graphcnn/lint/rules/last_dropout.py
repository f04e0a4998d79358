"""Values of the output that are dropped at random."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.ir import Value
from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View


class LastDropout(GraphRule):
    code: ClassVar[str] = "last-dropout"
    summary: ClassVar[str] = "a dropout comes after the last layer"
    explanation: ClassVar[str] = (
        "Dropout keeps later layers from relying on single values. Behind the last layer with "
        "weights there is nobody to learn that: it only puts zeros in place of outputs while "
        "training, and the loss is computed from those. It belongs in front of that layer."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {features: [64]}
graph:
  - linear: 10
  - dropout: 0.5
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {features: [64]}
graph:
  - dropout: 0.5
  - linear: 10
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        for name, output in view.graph.outputs.items():
            yield from _dropouts(name, output.value)


def _dropouts(name: str, value: Value) -> Iterator[Finding]:
    """The dropouts between an output and the last layer with weights before it."""
    while (node := value.node) is not None and len(node.inputs) == 1 and not node.facts.weights:
        if node.op.group == "regularisation":
            yield Finding(
                node.span,
                f"no layer comes after this {node.op.name}, which drops values of `{name}` itself",
                help="move it in front of the last layer with weights",
                origin=node.origin,
            )
        value = node.inputs[0]
