"""Structures that do not read the value that enters them: each of their statements says `from`."""

from __future__ import annotations

from typing import Final

from graphcnn.elaborate.scope import Frame
from graphcnn.elaborate.structure import rows, unknown_row
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
    """Whether no statement in a structure takes what enters it; False where that is not sure.

    What a loop of no turn leaves behind is the value that entered, as its caller knows.
    """
    if isinstance(action, Group):
        return _begins_anew(action.body, frame)
    if isinstance(action, For):
        with frame.place.state.muted():
            turns = rows(action, frame) or [unknown_row(action)]
            return all(_begins_anew(action.body, frame.inside(None, row)) for row in turns)
    if isinstance(action, Residual):
        bodies = [action.body, action.shortcut or ()]
    elif isinstance(action, Branches):
        bodies = [path.body for path in action.paths]
    else:
        return False
    return all(_begins_anew(body, frame) for body in bodies)


def _begins_anew(body: tuple[Statement, ...], frame: Frame) -> bool:
    if not body or body[0].when is not None or body[0].repeat is not None:
        return False
    source, action = body[0].source, body[0].action
    if source is not None:
        terms = source if isinstance(source, tuple) else (source,)
        return all(_is_named(term, frame) for term in terms)
    if isinstance(action, OpUse):
        return action.op.arity[1] == 0
    return not isinstance(action, For) and _is_unread(action, frame)


def _is_named(term: Term, frame: Frame) -> bool:
    """Whether an entry of `from` is sure to name a value, and not the one that enters."""
    with frame.place.state.muted():
        name = frame.value(term)
    return name is UNKNOWN or (isinstance(name, str) and name.partition(".")[0] not in _ENTERING)
