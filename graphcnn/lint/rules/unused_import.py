"""Imports of which nothing is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.diagnostics import Fix
from graphcnn.lint.edits import Step, removal
from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding, ProgramRule
from graphcnn.program import Program
from graphcnn.syntax import Sequence


class UnusedImport(ProgramRule):
    code: ClassVar[str] = "unused-import"
    summary: ClassVar[str] = "nothing of this import is used"
    explanation: ClassVar[str] = (
        "The file uses no block and no op of the file that it imports. A library, which has no "
        "graph, may import for those who import it and is passed over."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
imports: [resnet.yaml]
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3}
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
inputs: {image: [3, 32, 32]}
graph:
  - conv: {out: 8, kernel: 3}
"""

    @staticmethod
    def check(names: Names) -> Iterator[Finding]:
        program = names.program
        section = program.root.get("imports")
        if program.body is None or not isinstance(section, Sequence):
            return
        for entry, imported in program.imported:
            if imported is None or _is_used(imported, names):
                continue
            path = Step(program.root, "imports"), Step(section, section.items.index(entry.node))
            edit = removal(*path)
            yield Finding(
                entry.path.span,
                f"nothing of {entry.owner} is used",
                help="remove the import",
                fix=None if edit is None else Fix((edit,), safe=True),
            )


def _is_used(imported: Program, names: Names) -> bool:
    """Whether a name that the file uses means what the import defines."""
    program = names.program
    used = [program.blocks.get(name) or program.ops.get(name) for name in names.asked_for]
    theirs = {id(one) for one in (*imported.blocks.values(), *imported.ops.values())}
    return any(id(one) in theirs for one in used)
