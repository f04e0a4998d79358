"""Names for values that nobody asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from graphcnn.diagnostics import Fix
from graphcnn.lint.edits import Step, removal
from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding, ProgramRule
from graphcnn.syntax import Mapping


class UnusedLet(ProgramRule):
    code: ClassVar[str] = "unused-let"
    summary: ClassVar[str] = "nothing reads this `let`"
    explanation: ClassVar[str] = (
        "The value is computed and no expression asks for it. A `let` cannot be set from outside, "
        "so that it can go without anybody noticing."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
parameters: {width: 8}
let: {double: $(2 * width)}
inputs: {image: [3, 32, 32]}
graph:
  - conv: $width
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
parameters: {width: 8}
inputs: {image: [3, 32, 32]}
graph:
  - conv: $width
"""

    @staticmethod
    def check(names: Names) -> Iterator[Finding]:
        for owner, lets in names.lets.items():
            node = names.program.root if owner is None else names.blocks[owner].node
            section = node.get("let") if isinstance(node, Mapping) else None
            if not isinstance(node, Mapping) or not isinstance(section, Mapping):
                continue
            for name, binding in lets.items():
                if binding.read:
                    continue
                edit = removal(Step(node, "let"), Step(section, name))
                yield Finding(
                    binding.key.span,
                    f"nothing reads `{name}`",
                    help="remove it",
                    fix=None if edit is None else Fix((edit,), safe=True),
                )
