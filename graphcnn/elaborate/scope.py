"""Where a statement stands: the names that it sees, the values before it, the way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphcnn.elaborate.state import State, Stop
from graphcnn.evaluate import Names, evaluate
from graphcnn.expression import Expr, ExpressionError
from graphcnn.ir import Body, Item, Result, Value
from graphcnn.program import (
    Block,
    Program,
    Statement,
    Term,
    expression_diagnostic,
    expression_span,
)
from graphcnn.size import UNKNOWN
from graphcnn.source import Origin, Span
from graphcnn.syntax import Mapping as MappingNode

_NOTHING_LISTED = "leave `from` out to take the value before"
LEFT_OUT = "read it under the same `when`, or read a value that is always there"


class Passing(dict[str, Value]):
    """What passes by a statement of several inputs that is left out: one of them, but not which."""

    def __init__(self, values: dict[str, Value], *, line: int) -> None:
        super().__init__(values)
        self.line = line


@dataclass(slots=True, eq=False)
class Space:
    """The ids of one scope, within those around it up to the block's edge.

    ``left_out`` are ids of statements that `when` left out, with what passes by them. ``lost`` are
    names that fell to an error; a space is ``blurred`` once one did that is not known: any name may
    then be that one.
    """

    outer: Space | None = None
    ids: dict[str, Result] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    left_out: dict[str, Result | None] = field(default_factory=dict)
    blurred: bool = False
    lost: frozenset[str] = frozenset()

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
        """The statement whose value `find` finds; None where no statement stands for it."""
        return next((space.items.get(name) for space in self.chain() if name in space.ids), None)

    def is_left_out(self, name: str) -> bool:
        """Whether an id has no value because `when` has left out every statement of it."""
        return self.find(name) is None and any(name in space.left_out for space in self.chain())

    def visible(self) -> list[str]:
        return [name for space in self.chain() for name in space.ids]


class Visible(Mapping[str, Any]):
    """All that an expression can name: values first (`in`, parameters, `let`), then ids."""

    __slots__ = ("bound", "space")

    def __init__(self, bound: Names, space: Space) -> None:
        self.bound = bound
        self.space = space

    def __getitem__(self, name: str) -> Any:
        scope: Any = self.bound
        while scope is not None:
            if name in scope.local:
                return scope.local[name]
            scope = scope.outer
        found = self.space.find(name)
        if found is not None:
            return found
        if any(space.blurred or name in space.lost for space in self.space.chain()):
            return UNKNOWN
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self.bound
        yield from self.space.visible()

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Place(NamedTuple):
    """What is the same for all statements of one use of a block, or of the file's graph."""

    state: State
    run: Callable[[tuple[Statement, ...], Frame], Body]
    program: Program
    body: tuple[Statement, ...]
    block: Block | None = None
    outer: Place | None = None
    blocks: int = 0  # around the statements

    def is_within(self, block: Block) -> bool:
        place: Place | None = self
        while place is not None and place.block is not block:
            place = place.outer
        return place is not None


@dataclass(slots=True, eq=False)
class Frame:
    """Where a statement stands. ``prev`` is the value before it, and moves on with the walk.

    ``local`` holds what is bound in this frame alone: `in`, `i`, the names of a loop. A frame
    is ``doubtful`` where an error hides if its statements count at all. ``idle`` is a ``prev`` that
    stands where there is no value, for structures to have one that enters: nothing may read it.
    """

    place: Place
    local: dict[str, Any]
    values: Names
    space: Space
    prev: Result | None
    origin: Origin | None
    depth: int  # of statements within statements
    doubtful: bool = False
    idle: Value | None = None
    names: Visible = field(init=False)

    def __post_init__(self) -> None:
        self.names = Visible(self.values, self.space)

    def inside(
        self, prev: Result | None, bound: dict[str, Any], space: Space | None = None
    ) -> Frame:
        """A frame for statements within a statement, with a space of their own or this one."""
        return Frame(
            self.place,
            bound,
            Names(bound, self.values),
            self.space if space is None else space,
            prev,
            self.origin,
            self.depth + 1,
            self.doubtful,
            self.idle if prev is self.idle else None,
        )

    def run(self, statements: tuple[Statement, ...]) -> Body:
        return self.place.run(statements, self)

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        help: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.place.state.report(code, message, span, self.origin, help=help, notes=notes)

    def value(self, term: Term) -> Any:
        """A term's value here; UNKNOWN where it has none, which is reported."""
        expr = term.value
        if not isinstance(expr, Expr):
            return expr
        state = self.place.state
        try:
            return evaluate(expr, self.names, state.budget)
        except ExpressionError as error:
            span = expression_span(error, term.node)
            if state.is_new(error.code, span):
                found = expression_diagnostic(error, term.node)
                message, help = found.message, found.help
                name = span.file.text[span.start : span.end]
                if error.code == "unknown-name" and self.space.is_left_out(name):
                    message, help = f"`{name}` was left out by its `when`", LEFT_OUT
                state.report(found.code, message, span, self.origin, help=help)
            if state.budget.steps < 0:
                state.halt(error.code, error.message, span, self.origin)
            return UNKNOWN


def frame_of(
    place: Place,
    values: Names,
    ids: dict[str, Result] | None = None,
    prev: Result | None = None,
    origin: Origin | None = None,
    depth: int = 0,
    doubtful: bool = False,
) -> Frame:
    """The frame of the statements of a block or a file."""
    local: dict[str, Any] = {}
    space = Space(None, {} if ids is None else ids, lost=place.program.lost)
    return Frame(place, local, Names(local, values), space, prev, origin, depth, doubtful)


class Use(NamedTuple):
    """One application of a statement: under which id, to which values, in which frame."""

    statement: Statement
    id: str | None
    inputs: tuple[Value, ...]
    frame: Frame

    @property
    def span(self) -> Span:
        return self.statement.span

    @property
    def listed(self) -> Span:
        """Where the inputs are listed: under `from`, else the op takes what is there."""
        node = self.statement.node
        source = node.get("from") if isinstance(node, MappingNode) else None
        return self.span if source is None else source.span

    def report(
        self, code: str, message: str, *, help: str | None = None, notes: tuple[str, ...] = ()
    ) -> None:
        self.frame.report(code, message, self.span, help=help, notes=notes)

    def only(self) -> Value:
        """The one input of a structure."""
        if len(self.inputs) != 1:
            help = "join them first, with `add` or `concat`" if self.inputs else _NOTHING_LISTED
            message = f"this takes one input, found {len(self.inputs)}"
            self.frame.report("wrong-arity", message, self.listed, help=help)
            raise Stop
        return self.inputs[0]
