"""Joining parallel paths: the sum of a residual, the concatenation of branches."""

from __future__ import annotations

from typing import Final

from graphcnn.diagnostics import did_you_mean
from graphcnn.elaborate.nodes import add, producer, producers
from graphcnn.elaborate.scope import Use
from graphcnn.elaborate.state import Stop
from graphcnn.evaluate import said
from graphcnn.ir import Node, Value
from graphcnn.ops import BY_NAME
from graphcnn.ops.base import OpError, Shape, Undecided, show_shape
from graphcnn.program import Residual, Term
from graphcnn.size import UNKNOWN, is_known

MERGES: Final = ("add", "multiply", "maximum", "average", "concat")
_VERBS = {"add": "adds", "multiply": "multiplies", "concat": "concatenates"}


def chosen_merge(use: Use, merge: Term | None, default: str) -> str | None:
    """The op that joins; None for `none`."""
    name = default if merge is None else use.frame.value(merge)
    if name is UNKNOWN:
        raise Stop
    residual = isinstance(use.statement.action, Residual)
    if name in MERGES or (name is None and not residual):
        return None if name is None else str(name)
    words = MERGES if residual else (*MERGES, "none")
    use.frame.report(
        "bad-value",
        f"`merge` is one of {', '.join(words)}, found {said(name)}",
        use.span if merge is None else merge.node.span,
        help=did_you_mean(str(name), words),
    )
    raise Stop


def join(use: Use, name: str, values: tuple[Value, ...], *, quiet: bool = False) -> Node:
    """The node that joins ``values``; what does not fit is reported unless ``quiet``."""
    op = use.frame.place.state.inference.op(BY_NAME[name], {})
    inference = use.frame.place.state.inference
    shapes = tuple(value.shape for value in values if value.shape is not None)
    if len(shapes) < len(values):
        facts = inference.guessed(op, tuple(value.shape for value in values))
    else:
        try:
            facts = inference.facts(op, shapes)
        except OpError as error:
            if not (quiet or use.frame.doubtful):
                _report(error, use, name, values)
            facts = inference.recovered(op, shapes, error)
    return add(op, values, facts, use.span, use.frame)


def _report(error: OpError, use: Use, name: str, values: tuple[Value, ...]) -> None:
    if not use.frame.place.state.is_new(error.code, use.span):
        return
    action = use.statement.action
    if not isinstance(action, Residual) or isinstance(error, Undecided):
        use.report(error.code, error.message, help=error.help, notes=producers(values))
        return
    body, shortcut = (value.shape or () for value in values)
    verb = _VERBS.get(name, f"takes the {name} of")
    kept = "the residual's input" if action.shortcut is None else "shortcut"
    use.report(
        error.code,
        f"residual {verb} {show_shape(body)} and {show_shape(shortcut)}",
        help=_mend(action, body, shortcut) or error.help,
        notes=(f"body is {producer(values[0])}", f"{kept} is {producer(values[1])}"),
    )


def _mend(action: Residual, body: Shape, shortcut: Shape) -> str | None:
    """How the shortcut could be made to fit."""
    if not body or len(body) != len(shortcut) or not is_known(body[0]):
        return None
    stride = ", with the body's stride" if body[1:] != shortcut[1:] else ""
    if action.shortcut is None:
        return f"give `shortcut` a 1x1 conv to {body[0]} channels{stride}"
    if body[0] != shortcut[0]:
        return f"bring both to the same channels: body has {body[0]}, shortcut {shortcut[0]}"
    return "bring both to the same size: give them the same strides and paddings"
