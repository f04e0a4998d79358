"""Layers whose values nobody reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.ir import Node
from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View


class UnusedValue(GraphRule):
    code: ClassVar[str] = "unused-value"
    summary: ClassVar[str] = "nobody reads what a layer makes"
    explanation: ClassVar[str] = (
        "The value is computed, with all the weights behind it, and then neither read by a layer "
        "nor an output of the model. Such weights get no gradient, and training on several devices "
        "may stop over them. Often a `from` names the wrong value, or an output was forgotten. A "
        "statement that is used several times is passed over if one of its values is read, and so "
        "are the statements of imported files."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - {conv: 8, id: stem}
  - {conv: 8, id: side}
  - {conv: 8, from: stem}
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - {conv: 8, id: stem}
  - {conv: 8, id: side}
  - {conv: 8, from: side}
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        readers, file = view.readers, view.program.file
        unread = [
            (node, value.port)
            for node in view.graph.nodes
            for value in node.outputs
            if value not in readers and node.span.file is file
        ]
        if not unread:
            return
        read = {
            (node.span.start, value.port)
            for node in view.graph.nodes
            for value in node.outputs
            if value in readers and node.span.file is file
        }
        for node, port in unread:
            if (node.span.start, port) not in read:
                yield _finding(node, port)


def _finding(node: Node, port: int) -> Finding:
    one = len(node.outputs) == 1
    return Finding(
        node.span,
        f"nobody reads {'the value' if one else f'part {port}'} of this {node.op.name}",
        help="read it with `from`, name it under `outputs`, or leave it out"
        if one
        else "a `slice` makes one part alone",
        origin=node.origin,
    )
