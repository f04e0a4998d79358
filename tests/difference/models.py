"""Differences between specs that are written in a test."""

from __future__ import annotations

from graphcnn.compiler import read_spec
from graphcnn.difference.changes import Change, Kind, ModelDiff
from graphcnn.difference.specs import Side, SpecDiff
from graphcnn.source import SourceFile
from tests.inline import spec


def side(text: str, variant: str | None = None) -> Side:
    return Side(read_spec(SourceFile("net.yaml", text)), variant)


def specs(before: str, after: str) -> SpecDiff:
    """The difference between two specs, given as a whole."""
    return SpecDiff("net.yaml", side(before), side(after))


def diff(before: str, after: str, image: str = "[16, 32, 32]") -> ModelDiff:
    """The difference between two models, given by the statements of their graphs."""
    found = specs(spec(before, image=image), spec(after, image=image))
    assert found.diagnostics == []
    (variant,) = found.variants
    assert variant.diff is not None
    return variant.diff


def said(change: Change) -> str:
    """A change in a few words: `+a`, `-a`, `a -> b`, `a: out` or `(a)`, which is affected."""
    before, after = (None if one is None else one.full for one in (change.before, change.after))
    name = f"{before} -> {after}" if change.is_renamed else change.leaf.full
    match change.kind:
        case Kind.CAME:
            return f"+{after}"
        case Kind.WENT:
            return f"-{before}"
        case Kind.AFFECTED:
            return f"({name})"
        case Kind.CHANGED:
            return f"{name}: {', '.join((*change.attributes, *change.notes))}"
        case Kind.RENAMED:
            return name


def changes(before: str, after: str, image: str = "[16, 32, 32]") -> list[str]:
    return [*map(said, diff(before, after, image).changes)]
