"""Blocks that no network is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.lint.definitions import unused
from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding, ProgramRule


class UnusedBlock(ProgramRule):
    code: ClassVar[str] = "unused-block"
    summary: ClassVar[str] = "nothing uses this block"
    explanation: ClassVar[str] = (
        "No statement that the graph leads to uses the block, in any variant. A `use` with a "
        "computed name counts for every block that it could come to. A library, which has no "
        "graph, defines blocks for others and is passed over; where a file with a graph does so "
        "too, say it: `# graphcnn: ignore[unused-block]`. Its removal is an unsafe fix, since "
        "another file may import it."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
blocks:
  stem:
    graph:
      - conv: {out: 8, kernel: 3}
graph:
  - conv: {out: 8, kernel: 3}
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
blocks:
  stem:
    graph:
      - conv: {out: 8, kernel: 3}
graph:
  - stem
"""

    @staticmethod
    def check(names: Names) -> Iterator[Finding]:
        spans = {name: block.key.span for name, block in names.blocks.items()}
        return unused(names, "blocks", "block", spans)
