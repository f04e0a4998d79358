"""Where a statement stands: the names that it sees, the values before it, the way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphcnn.elaborate.state import State, Stop
from graphcnn.evaluate import Names, evaluate
from graphcnn.expression import Expr, ExpressionError
from graphcnn.ir import Body, Item, Result, Value
from graphcnn.program import Program, Statement, Term, expression_diagnostic
from graphcnn.size import UNKNOWN
from graphcnn.source import Origin, Span


@dataclass(slots=True, eq=False)
class Space:
    """The ids of one scope, within those around it up to the block's edge.

    ``left_out`` are ids of statements that `when` left out. A space is ``blurred`` when an id
    in it fell to an error: any name may then be one of its.
    """

    outer: Space | None = None
    ids: dict[str, Result] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    blurred: bool = False

    def chain(self) -> Iterator[Space]:
        space: Space | None = self
        while space is not None:
            yield space
            space = space.outer

    def find(self, name: str) -> Result | None:
        space: Space | None = self
        while space is not None:
            if name in space.ids:
                return space.ids[name]
            space = space.outer
        return None

    def find_item(self, name: str) -> Item | None:
        return next((space.items[name] for space in self.chain() if name in space.items), None)

    def visible(self) -> list[str]:
        return [name for space in self.chain() for name in space.ids]


class Ids(Mapping[str, Any]):
    """A space seen as names for expressions."""

    __slots__ = ("space",)

    def __init__(self, space: Space) -> None:
        self.space = space

    def __getitem__(self, name: str) -> Any:
        found = self.space.find(name)
        if found is None:
            if any(space.blurred for space in self.space.chain()):
                return UNKNOWN
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.space.visible())

    def __len__(self) -> int:
        return len(self.space.visible())


class Place(NamedTuple):
    """What is the same for all statements of one use of a block, or of the file's graph."""

    state: State
    program: Program
    body: tuple[Statement, ...]
    run: Callable[[tuple[Statement, ...], Frame], Body]
    uses: int  # blocks around it
    doubtful: bool  # whether an error hides if it would be used at all


@dataclass(slots=True, eq=False)
class Frame:
    """Where a statement stands. ``prev`` is the value before it, and moves on with the walk.

    ``local`` holds what is bound in this frame alone: `in`, `i` and the names of loops.
    ``depth`` counts the statements around.
    """

    place: Place
    local: dict[str, Any]
    names: Names
    space: Space
    prev: Result | None
    origin: Origin | None
    depth: int

    @classmethod
    def of_body(
        cls,
        place: Place,
        names: Mapping[str, Any],
        ids: dict[str, Result],
        prev: Result | None,
        origin: Origin | None = None,
        depth: int = 0,
    ) -> Frame:
        """The frame of a block's or file's own statements."""
        local: dict[str, Any] = {}
        space = Space(None, ids)
        return cls(
            place, local, Names(local, Names(names, Ids(space))), space, prev, origin, depth
        )

    def inside(self, prev: Result | None, bound: dict[str, Any], *, scope: bool) -> Frame:
        """A frame for statements within a statement; its ids are its own where it is a scope."""
        space = self.space
        names = Names(bound, self.names)
        if scope:
            space = Space(space)
            names = Names(bound, Names({}, Names(self.names.local, Ids(space))))
        return Frame(self.place, bound, names, space, prev, self.origin, self.depth + 1)
