"""Declared ops that no network is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.definitions import unused
from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding, ProgramRule


class UnusedOp(ProgramRule):
    code: ClassVar[str] = "unused-op"
    summary: ClassVar[str] = "nothing uses this declared op"
    explanation: ClassVar[str] = (
        "No statement that the graph leads to uses the op that is declared under `ops`, in any "
        "variant. A library, which has no graph, declares ops for others and is passed over. Its "
        "removal is an unsafe fix, since another file may import it."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
ops:
  half:
    shape: "$([in.channels, in.height // 2, in.width // 2])"
    macs: 0
    pytorch: mylib.Half
graph:
  - relu
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
ops:
  half:
    shape: "$([in.channels, in.height // 2, in.width // 2])"
    macs: 0
    pytorch: mylib.Half
graph:
  - half
"""

    @staticmethod
    def check(names: Names) -> Iterator[Finding]:
        spans = {name: op.span for name, op in names.ops.items()}
        return unused(names, "ops", "op", spans)
