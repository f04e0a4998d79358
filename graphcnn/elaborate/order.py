"""Ids that are defined in the wrong place: further down, in a circle, or inside of a group."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphcnn.program import Branches, Group, Reuse, Statement, Term
from graphcnn.program.tree import walk

MAX_CIRCLES: Final = 10
"""How many circles are looked for in one body: each is a search through all of it."""


@dataclass(frozen=True)
class Definition:
    """Where an id is defined, seen from the statement that reads it too early.

    ``circle`` is the way from the reader back to itself, each step waiting for the next;
    ``inner`` the group that keeps the id to itself.
    """

    line: int
    later: bool
    circle: tuple[str, ...] = ()
    inner: str = ""


#: a statement, after those that it is in, each with the list that it is in and its place there
_Step = tuple[tuple[Statement, ...], int]


class Order:
    """Where everything stands in the body of a block or file; made when something is not found."""

    def __init__(self, body: tuple[Statement, ...]) -> None:
        self._ids: dict[str, list[_Step]] = {}
        self._readers: dict[int, list[_Step]] = {}
        self._circles = MAX_CIRCLES
        self._add(body, [])

    def _add(self, body: tuple[Statement, ...], around: list[_Step]) -> None:
        for index, statement in enumerate(body):
            path = [*around, (body, index)]
            for name in _ids(statement):
                self._ids.setdefault(name, path)
            for term in _terms(statement):
                self._readers[id(term.node)] = path
            for inner in statement.bodies():
                self._add(inner, path)

    def definition(self, name: str, reader: Term) -> Definition | None:
        """Where the id ``name`` is defined, if it is at all."""
        defining = self._ids.get(name)
        reading = self._readers.get(id(reader.node))
        if defining is None:
            return None
        owner, index = defining[-1]
        line = owner[index].key.span.begin_position.line
        if reading is None:  # the outputs of a block or a file, which come last
            return Definition(line, later=False, inner=_keeper(defining, []))
        if len(defining) <= len(reading) and reading[len(defining) - 1] == defining[-1]:
            return Definition(line, later=True, circle=(name, name))  # it reads itself
        inner = _keeper(defining, reading)
        siblings, at, wanted = _parting(reading, defining)
        if inner or wanted <= at:
            return Definition(line, later=False, inner=inner)
        self._circles -= 1
        circle = _circle(siblings, at, wanted, name) if self._circles >= 0 else ()
        return Definition(line, later=True, circle=circle)


def _ids(statement: Statement) -> Iterator[str]:
    """The ids that are written out in a statement itself."""
    if statement.id is not None and isinstance(statement.id.value, str):
        yield statement.id.value
    if isinstance(statement.action, Branches):
        yield from (str(path.name.value) for path in statement.action.paths if path.name)


def _terms(statement: Statement) -> Iterator[Term]:
    """What a statement itself reads."""
    source = statement.source
    if source is not None:
        yield from source if isinstance(source, tuple) else (source,)
    if isinstance(statement.action, Reuse):
        yield statement.action.target


def _keeper(defining: list[_Step], reading: list[_Step]) -> str:
    """The scope around the definition, but not around the reader, that hides one from the other."""
    around = {id(siblings[index]) for siblings, index in reading}
    for siblings, index in defining[:-1]:
        statement = siblings[index]
        if id(statement) not in around and _is_scope(statement):
            return _label(statement)
    return ""


def _is_scope(statement: Statement) -> bool:
    action = statement.action
    named = isinstance(action, Branches) and any(path.name for path in action.paths)
    sequence = isinstance(action, Group) and action.kind == "sequence"
    return statement.id is not None or named or sequence


def _parting(reading: list[_Step], defining: list[_Step]) -> tuple[tuple[Statement, ...], int, int]:
    """The last list that holds both statements, and where in it each of them is."""
    siblings, at, wanted = reading[0][0], reading[0][1], defining[0][1]
    for (own, index), (other, other_index) in zip(reading, defining, strict=False):
        if own is not other:
            break
        siblings, at, wanted = own, index, other_index
    return siblings, at, wanted


def _circle(siblings: tuple[Statement, ...], at: int, wanted: int, name: str) -> tuple[str, ...]:
    """The way from the statement ``wanted`` back to ``at``, by what each one reads."""
    defined = {one: k for k, statement in enumerate(siblings) for one in _all_ids(statement)}
    came_from: dict[int, int] = {}
    waiting = deque([wanted])
    while waiting and at not in came_from:
        index = waiting.popleft()
        for before in _reads(siblings[index], index, defined):
            if before not in came_from:
                came_from[before] = index
                waiting.append(before)
    if at not in came_from:
        return ()
    steps = [at]
    while steps[-1] != wanted:
        steps.append(came_from[steps[-1]])
    labels = [_label(siblings[index]) for index in steps]
    labels[-1] = name
    return (labels[0], *reversed(labels))


def _all_ids(statement: Statement) -> Iterator[str]:
    return (name for inner in walk((statement,)) for name in _ids(inner))


def _reads(statement: Statement, index: int, defined: dict[str, int]) -> Iterator[int]:
    """The siblings whose values a statement waits for."""
    if statement.source is None and index:
        yield index - 1
    for inner in walk((statement,)):
        for term in _terms(inner):
            name = term.value.partition(".")[0] if isinstance(term.value, str) else ""
            if name in defined:
                yield defined[name]
            elif name == "prev" and inner is statement and index:
                yield index - 1


def _label(statement: Statement) -> str:
    for name in _ids(statement):
        return name
    span = statement.span
    word = span.file.text[span.start : span.end]
    return f"{word} in line {span.begin_position.line}"
