"""Values of the output that are dropped at random."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.ir import Node, Value
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
        seen: set[Node] = set()
        for name, output in view.graph.outputs.items():
            for node in _behind_weights(output.value, seen):
                if node.op.group == "regularisation" and getattr(node.op, "rate", None) != 0:
                    yield Finding(
                        node.span,
                        f"no layer comes after this {node.op.name}, which drops values of `{name}`",
                        help="move it in front of the last layer with weights",
                        origin=node.origin,
                    )


def _behind_weights(value: Value, seen: set[Node]) -> Iterator[Node]:
    """The nodes between an output and the last layer with weights before it, each once."""
    while (node := value.node) is not None and node not in seen:
        seen.add(node)
        if len(node.inputs) != 1 or node.facts.weights:
            break
        yield node
        value = node.inputs[0]
