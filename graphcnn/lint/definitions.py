"""Definitions of a file that no statement leads to: blocks and declared ops alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphcnn.diagnostics import Fix
from graphcnn.lint.edits import Step, removal
from graphcnn.lint.names import Names
from graphcnn.lint.rule import Finding
from graphcnn.source import Span
from graphcnn.syntax import Mapping as MappingNode


def unused(names: Names, key: str, noun: str, spans: Mapping[str, Span]) -> Iterator[Finding]:
    """What nothing uses of the definitions under ``key``, each with its place."""
    root = names.program.root
    section = root.get(key)
    for name, span in spans.items():
        if name in names.used or not isinstance(section, MappingNode):
            continue
        edit = removal(Step(root, key), Step(section, name))
        yield Finding(
            span,
            f"nothing uses the {noun} `{name}`",
            help="remove it, or use it",
            fix=None if edit is None else Fix((edit,), safe=False),
        )
