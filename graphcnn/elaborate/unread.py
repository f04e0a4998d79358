"""Structures that do not read the value that enters them: each of their statements says `from`."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from graphcnn.elaborate.scope import Frame
from graphcnn.elaborate.structure import rows, unknown_row
from graphcnn.expression import Expr, names_in
from graphcnn.ir import Value
from graphcnn.program import Action, Branches, For, Group, OpUse, Residual, Statement, Term
from graphcnn.size import UNKNOWN

_ENTERING: Final = ("prev", "in")


def stand_in(action: Action, frame: Frame) -> Value | None:
    """A value to enter a structure where there is none, or several; None where it would be read."""
    if not _is_unread(action, frame):
        return None
    around = frame.prev if isinstance(frame.prev, dict) else [*frame.space.chain()][-1].ids
    return next((one for one in around.values() if isinstance(one, Value)), None)


def _is_unread(action: Action, frame: Frame) -> bool:
    """Whether no statement in a structure takes what enters it; False where that is not sure."""
    if isinstance(action, For) and not any(_turns(action, frame)):
        return True  # what entered goes on, and the one who goes through the loop sees to it
    return _inside(action, frame) is Effect.LEAVES


class Effect(Enum):
    """What a statement does with the value before it."""

    READS = auto()
    PASSES = auto()  # it lets the value by, as one that is left out does
    LEAVES = auto()  # what comes out of it does not depend on that value


def _inside(action: Action, frame: Frame) -> Effect:
    """What a structure does with the value that enters it."""
    if isinstance(action, Group):
        return _effect(action.body, frame)
    if isinstance(action, For):
        found = [_effect(action.body, inner) for inner in _turns(action, frame)]
        return next((one for one in found if one is not Effect.PASSES), Effect.PASSES)
    if isinstance(action, Residual):
        bodies = [action.body, action.shortcut or ()]
    elif isinstance(action, Branches):
        bodies = [path.body for path in action.paths]
    else:
        return Effect.READS
    left = all(_effect(body, frame) is Effect.LEAVES for body in bodies)
    return Effect.LEAVES if left else Effect.READS


def _turns(action: For, frame: Frame) -> Iterator[Frame]:
    with frame.place.state.muted():
        turns = rows(action, frame)
        for row in [unknown_row(action)] if turns is None else turns:
            yield frame.inside(None, row)


def _effect(body: tuple[Statement, ...], frame: Frame) -> Effect:
    """What statements in a row do with the value before the first."""
    found = (_of_statement(statement, frame) for statement in body)
    return next((one for one in found if one is not Effect.PASSES), Effect.PASSES)


def _of_statement(statement: Statement, frame: Frame) -> Effect:
    source, action = statement.source, statement.action
    if source is not None:  # what passes by is then a value that is named, too
        terms = source if isinstance(source, tuple) else (source,)
        named = all(_is_named(term, frame) for term in terms)
        return Effect.LEAVES if named else Effect.READS
    with frame.place.state.muted():
        wanted = True if statement.when is None else frame.value(statement.when)
        times = 1 if statement.repeat is None else frame.value(statement.repeat)
    if wanted is False or times == 0:
        return Effect.PASSES
    if wanted is not True or times is UNKNOWN:
        return Effect.READS
    if isinstance(action, OpUse) and action.op.arity[1] == 0:
        return Effect.LEAVES
    return _inside(action, frame)


def _is_named(term: Term, frame: Frame) -> bool:
    """Whether an entry of `from` is sure to name a value, and not the one that enters."""
    if isinstance(term.value, Expr) and "in" in names_in(term.value):
        return False
    with frame.place.state.muted():
        name = frame.value(term)
    names = name if isinstance(name, list) else [name]
    return all(
        one is UNKNOWN
        or isinstance(one, (Value, dict))
        or (isinstance(one, str) and one.partition(".")[0] not in _ENTERING)
        for one in names
    )
