"""Structures that do not read the value that enters them: each of their statements says `from`."""

from __future__ import annotations

from typing import Final

from graphcnn.elaborate.scope import Frame
from graphcnn.expression import Template
from graphcnn.ir import Value
from graphcnn.program import Action, Branches, For, Group, OpUse, Residual, Statement, Term

_ENTERING: Final = ("prev", "in")


def stand_in(action: Action, frame: Frame) -> Value | None:
    """A value to enter a structure where there is none, or several; None where it would be read."""
    if not _is_unread(action):
        return None
    around = frame.prev if isinstance(frame.prev, dict) else [*frame.space.chain()][-1].ids
    return next((one for one in around.values() if isinstance(one, Value)), None)


def _is_unread(action: Action) -> bool:
    """Whether no statement in a structure takes what enters it; False where that is not sure.

    What a loop of no turn leaves behind is the value that entered, as its caller knows.
    """
    if isinstance(action, (Group, For)):
        return _begins_anew(action.body)
    if isinstance(action, Residual):
        shortcut = action.shortcut
        return shortcut is not None and _begins_anew(action.body) and _begins_anew(shortcut)
    return isinstance(action, Branches) and all(_begins_anew(path.body) for path in action.paths)


def _begins_anew(body: tuple[Statement, ...]) -> bool:
    if not body or body[0].when is not None or body[0].repeat is not None:
        return False
    source, action = body[0].source, body[0].action
    if isinstance(source, tuple):
        return all(map(_is_named, source))
    if source is not None:
        return _is_named(source)
    if isinstance(action, OpUse):
        return action.op.arity[1] == 0
    return not isinstance(action, For) and _is_unread(action)


def _is_named(term: Term) -> bool:
    """Whether an entry of `from` is sure to name a value, and not the one that enters."""
    value = term.value
    if isinstance(value, Template) and isinstance(value.parts[0], str):
        name, dot, _ = value.parts[0].partition(".")
        return not any(word == name if dot else word.startswith(name) for word in _ENTERING)
    return isinstance(value, str) and value.partition(".")[0] not in _ENTERING
