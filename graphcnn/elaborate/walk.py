"""The walk over statements, in the source's order: `when`, `id`, `from`, `repeat`, then the op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from graphcnn.elaborate import nodes, structure
from graphcnn.elaborate.blocks import block
from graphcnn.elaborate.ids import read_id
from graphcnn.elaborate.lookup import lookup, single, sources
from graphcnn.elaborate.passing import passing
from graphcnn.elaborate.resolve import resolve
from graphcnn.elaborate.reuse import reuse
from graphcnn.elaborate.scope import Frame, Space, Use
from graphcnn.elaborate.state import MANY, Stop
from graphcnn.elaborate.unknown import either, lost, truth
from graphcnn.elaborate.unread import stand_in
from graphcnn.evaluate import said
from graphcnn.ir import Body, GroupItem, Item, OpItem, RepeatItem, Value, present
from graphcnn.program import (
    BlockUse,
    Branches,
    Broken,
    ComputedUse,
    Dense,
    For,
    Group,
    OpUse,
    Residual,
    Reuse,
    Statement,
    Term,
)
from graphcnn.size import UNKNOWN, Unknown
from graphcnn.source import Origin

MAX_DEPTH: Final = 100
"""Statements within statements, blocks that use blocks included: the walk is recursive."""

_HANDLERS: dict[type[Any], Callable[[Use, Any], Item]] = {
    OpUse: nodes.op,
    BlockUse: block,
    Group: structure.group,
    Residual: structure.residual,
    Branches: structure.branches,
    Dense: structure.dense,
    For: structure.loop,
    Reuse: reuse,
}


def run(statements: tuple[Statement, ...], frame: Frame) -> Body:
    """Elaborate statements one after the other; ``frame`` moves on with them."""
    if frame.depth > MAX_DEPTH and statements:
        message = f"more than {MAX_DEPTH} statements lie in one another"
        frame.report("too-deep", message, statements[0].span)
        raise Stop
    begin = frame.prev
    items = [_statement(statement, frame) for statement in statements]
    last = next((item for item in map(present, reversed(items)) if item is not None), None)
    end = begin if last is None else last.result
    if items and isinstance(frame.prev, Value) and frame.prev is not end:
        items[-1] = _bypass(statements[-1], frame.prev)
    return Body(statements, items)


def _bypass(statement: Statement, value: Value) -> Item:
    """A group of nothing, for a last statement that is left out and lets another value pass."""
    item = GroupItem(statement, None, (value,), "graph", Body((), []))
    item.result = value
    return item


def _statement(statement: Statement, frame: Frame) -> Item | None:
    frame.place.state.step(statement, frame.origin)
    before = frame.prev
    if before is None or before is frame.idle:
        frame.local.pop("in", None)
    else:
        frame.local["in"] = before
    doubtful = frame.doubtful
    wanted: bool | Unknown = True
    name: str | None = None
    try:
        if statement.when is not None:
            wanted = truth(statement.when, "when", frame)
            if wanted is False:
                _leave_out(statement, frame)
                return None
            frame.doubtful = doubtful or wanted is UNKNOWN
        if statement.id is not None:
            name = read_id(statement.id, frame)
        if statement.repeat is None:
            item = _once(statement, name, frame)
        else:
            item = _repeat(statement, statement.repeat, name, frame)
    except Stop:
        _lose(statement, name, frame)
        return None
    finally:
        frame.doubtful = doubtful
    if wanted is UNKNOWN:
        item.result = either(before, item.result)
    frame.prev = item.result
    if name is not None and item.result is not None:
        frame.space.ids[name] = item.result
        frame.space.items[name] = item
    return item


def _leave_out(statement: Statement, frame: Frame) -> None:
    """The value passes by, and the id has none."""
    frame.prev = passing(statement, frame)
    if statement.source is not None:
        frame.idle = None
    if statement.id is not None:
        with frame.place.state.muted():
            name = frame.value(statement.id)
        if isinstance(name, str):
            frame.space.left_out[name] = frame.prev


def _lose(statement: Statement, name: str | None, frame: Frame) -> None:
    """Go on after a statement with an error: its value, and what its id names, are unknown."""
    frame.prev = Value(None)
    if name is None and statement.id is not None:
        name = statement.id.value if isinstance(statement.id.value, str) else None
        frame.space.blurred = frame.space.blurred or name is None
    if name is not None:
        frame.space.ids.setdefault(name, frame.prev)


def _once(statement: Statement, name: str | None, frame: Frame, *, again: bool = False) -> Item:
    """One application; ``again`` where it follows itself, and takes what it left behind."""
    action: Any = statement.action
    inputs: tuple[Value, ...] | None = None
    if statement.source is not None:
        frame.idle = None
        inputs = tuple([lookup(term, frame) for term in sources(statement.source, frame)])
        if len(inputs) > MANY:
            frame.place.state.step(statement, frame.origin, len(inputs))
        if again:
            inputs = (single(frame.prev, frame, statement.span), *inputs[1:])
        if inputs:
            frame.local["in"] = inputs[0]
    if type(action) is ComputedUse:
        action = resolve(action, frame)
    if inputs is None:
        prev = frame.prev
        if type(prev) is Value:
            inputs = (prev,)
        if _takes_nothing(action, frame):
            inputs = ()
        elif inputs is None:
            frame.idle = stand_in(action, frame)
            inputs = (frame.idle or single(prev, frame, statement.span),)
    use = Use(statement, name, inputs, frame)
    item = _guess(use, action) if type(action) is Broken else _HANDLERS[type(action)](use, action)
    frame.idle = None
    return item


def _takes_nothing(action: Any, frame: Frame) -> bool:
    """Whether an op has no inputs, or what is used again is such an op."""
    if type(action) is OpUse:
        return action.op.arity[1] == 0
    if type(action) is not Reuse or not isinstance(action.target.value, str):
        return False
    first = frame.space.find_item(action.target.value)
    return isinstance(first, OpItem) and first.node.op.arity[1] == 0


def _guess(use: Use, action: Broken) -> Item:
    """Go on after a statement that was refused, as if it had said what it probably means.

    Only the rank of what comes out is kept, so that a wrong guess makes no errors of its own.
    """
    if action.meant is None:
        raise Stop
    with use.frame.place.state.muted():
        item = _HANDLERS[type(action.meant)](use, action.meant)
    item.result = lost(item.result)
    return item


def _repeat(statement: Statement, times: Term, name: str | None, frame: Frame) -> RepeatItem:
    """A statement several times, each on what the one before it left."""
    count = _count(times, frame)
    begin = passing(statement, frame) if count == 0 else frame.prev
    inner = frame.inside(begin, {}, None if name is None else Space(frame.space))
    items: list[Item] = []
    line = statement.span.begin_position.line
    for i in range(1 if count is None else count):
        frame.place.state.step(statement, inner.origin)
        inner.local["i"] = i
        if inner.prev is not None and inner.prev is not inner.idle:
            inner.local["in"] = inner.prev
        if i:
            where = f"in repetition {i + 1} (i = {i}) of line {line}"
            inner.origin = Origin(where, statement.span, frame.origin)
        item = _once(statement, None, inner, again=i > 0)
        inner.prev = item.result
        items.append(item)
    repeated = RepeatItem(statement, name, items[0].inputs if items else (), items)
    repeated.result = inner.prev if count is not None else either(begin, inner.prev)
    return repeated


def _count(times: Term, frame: Frame) -> int | None:
    """How often a statement is repeated; None where an error hides it."""
    count = frame.value(times)
    if count is UNKNOWN:
        return None
    span = times.node.span
    if type(count) is not int or count < 0:
        message = f"`repeat` is an integer of at least 0, found {said(count)}"
        frame.report("bad-value", message, span)
        return None
    frame.place.state.foresee(count, span, frame.origin)
    return count
