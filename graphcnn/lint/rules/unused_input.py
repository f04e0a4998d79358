"""Inputs that nothing depends on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.rule import Finding, GraphRule
from graphcnn.lint.view import View


class UnusedInput(GraphRule):
    code: ClassVar[str] = "unused-input"
    summary: ClassVar[str] = "no layer reads this input of the model"
    explanation: ClassVar[str] = (
        "Every call of the model has to bring the input, and nothing comes of it. A graph with "
        "several inputs names the one that enters with `from`."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32], mask: [1, 32, 32]}
graph:
  - {conv: 8, from: image}
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32], mask: [1, 32, 32]}
graph:
  - {multiply: {}, from: [image, mask]}
  - conv: 8
"""

    @staticmethod
    def check(view: View) -> Iterator[Finding]:
        for name, value in view.graph.inputs.items():
            if value not in view.readers:
                key, _ = view.program.inputs[name]
                yield Finding(
                    key.span,
                    f"no layer reads the input `{name}`",
                    help="remove it, or read it with `from`",
                )
