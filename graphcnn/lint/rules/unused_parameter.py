"""Parameters that change nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import ClassVar

from graphcnn.diagnostics import Edit, Fix
from graphcnn.lint.edits import Step, removal
from graphcnn.lint.names import Names, accepts
from graphcnn.lint.rule import Finding, ProgramRule
from graphcnn.lint.scopes import Binding
from graphcnn.syntax import Mapping


class UnusedParameter(ProgramRule):
    code: ClassVar[str] = "unused-parameter"
    summary: ClassVar[str] = "nothing reads this parameter"
    explanation: ClassVar[str] = (
        "No expression reads the parameter of the file or block, so that setting it changes "
        "nothing, though whoever sets it will think that it does. A parameter of a block is passed "
        "over where a `use` with a computed name gives it: blocks that stand in for one another "
        "take the same arguments. Its removal is an unsafe fix, since others may set it."
    )
    example: ClassVar[str] = """\
graphcnn: 1
name: net
parameters: {width: 8, dropout: 0.5}
inputs: {image: [3, 32, 32]}
graph:
  - conv: $width
"""
    mend: ClassVar[str] = """\
graphcnn: 1
name: net
parameters: {width: 8, dropout: 0.5}
inputs: {image: [3, 32, 32]}
graph:
  - dropout: $dropout
  - conv: $width
"""

    @staticmethod
    def check(names: Names) -> Iterator[Finding]:
        for owner, parameters in names.parameters.items():
            given = () if owner is None else _given(owner, names)
            for name, binding in parameters.items():
                if not binding.read and name not in given:
                    yield _finding(owner, name, binding, names)


def _given(owner: str, names: Names) -> Collection[str]:
    """The parameters of a block that uses with a computed name give to it, as far as they fit."""
    block = names.blocks[owner]
    if names.computed is None:
        return block.parameters
    return {name for use in names.computed if accepts(block, use.given) for name in use.given}


def _finding(owner: str | None, name: str, binding: Binding, names: Names) -> Finding:
    of = "" if owner is None else f" of block `{owner}`"
    edits = _edits(name, names) if owner is None else ()
    return Finding(
        binding.key.span,
        f"nothing reads the parameter `{name}`{of}",
        help="remove it, or use it",
        fix=Fix(edits, safe=False) if edits else None,
    )


def _edits(name: str, names: Names) -> tuple[Edit, ...]:
    """Take a parameter out of the file, and out of the variants that set it; () if that fails."""
    root = names.program.root
    section, variants = root.get("parameters"), root.get("variants")
    if not isinstance(section, Mapping):
        return ()
    edits = [removal(Step(root, "parameters"), Step(section, name))]
    for _, variant in variants.entries.values() if isinstance(variants, Mapping) else ():
        if isinstance(variant, Mapping) and name in variant.entries:
            edits.append(removal(Step(variant, name)))
    return tuple(edit for edit in edits if edit is not None) if None not in edits else ()
