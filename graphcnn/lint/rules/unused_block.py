"""Blocks that no network is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.diagnostics import Fix
from graphcnn.lint.edits import Step, removal
from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding, ProgramRule
from graphcnn.syntax import Mapping


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
        root = names.program.root
        section = root.get("blocks")
        for name, block in names.blocks.items():
            if name in names.used or not isinstance(section, Mapping):
                continue
            edit = removal(Step(root, "blocks"), Step(section, name))
            yield Finding(
                block.key.span,
                f"nothing uses the block `{name}`",
                help="remove it, or use it",
                fix=None if edit is None else Fix((edit,), safe=False),
            )
