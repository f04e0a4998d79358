"""The tree of a YAML text: scalars, sequences and mappings, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from graphcnn.source import SourceFile, Span

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    file: SourceFile
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


@dataclass(frozen=True, slots=True, eq=False)
class Scalar(_Placed):
    """One value. ``quoted`` also holds for block scalars: text by its form, whatever it says."""

    value: Value
    quoted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sequence(_Placed):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mapping(_Placed):
    """Keys to values in the order of the text. Not to be changed, though a dict could be."""

    entries: dict[str, Entry]

    def get(self, name: str) -> Node | None:
        entry = self.entries.get(name)
        return entry.value if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping


class Entry(NamedTuple):
    key: Scalar
    value: Node


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars; nodes shared by aliases become shared objects."""
    made: dict[int, object] = {}

    def convert(node: Node) -> object:
        if isinstance(node, Scalar):
            return node.value
        if id(node) not in made:
            made[id(node)] = (
                [convert(item) for item in node.items]
                if isinstance(node, Sequence)
                else {name: convert(entry.value) for name, entry in node.entries.items()}
            )
        return made[id(node)]

    return convert(node)
