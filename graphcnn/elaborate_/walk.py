"""The walk over statements, in the source's order: `when`, `id`, `from`, `repeat`, then the op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from graphcnn.diagnostics import did_you_mean
from graphcnn.elaborate import nodes, structure
from graphcnn.elaborate.blocks import block
from graphcnn.elaborate.ids import read_id
from graphcnn.elaborate.lookup import lookup, single
from graphcnn.elaborate.reuse import reuse
from graphcnn.elaborate.scope import Frame, Space, Use
from graphcnn.elaborate.state import Stop
from graphcnn.elaborate.unknown import either, truth
from graphcnn.evaluate import said
from graphcnn.ir import Body, Item, RepeatItem, Result, Value
from graphcnn.program import (
    Block,
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
from graphcnn.program.references import misfits
from graphcnn.size import UNKNOWN
from graphcnn.source import Origin

MAX_DEPTH: Final = 100

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
    if frame.depth > MAX_DEPTH:
        span = statements[0].key.span if statements else frame.place.program.root.span
        message = f"more than {MAX_DEPTH} statements lie in one another"
        frame.report("too-deep", message, span)
        raise Stop
    return Body(statements, [_statement(statement, frame) for statement in statements])


def _statement(statement: Statement, frame: Frame) -> Item | None:
    state = frame.place.state
    state.step(statement, frame.origin)
    before, doubtful, name = frame.prev, frame.doubtful, None
    if before is None:
        frame.local.pop("in", None)
    else:
        frame.local["in"] = before
    try:
        if statement.when is not None:
            wanted = truth(statement.when, "when", frame)
            if wanted is False:
                _leave_out(statement, frame)
                return None
            frame.doubtful = doubtful or wanted is UNKNOWN
        if statement.id is not None:
            name = read_id(statement.id, frame)
        if statement.repeat is not None:
            item: Item = _repeat(statement, statement.repeat, name, frame)
        else:
            item = _once(statement, name, frame)
    except Stop:
        _lose(statement, name, frame)
        return None
    finally:
        if frame.doubtful is not doubtful:
            frame.doubtful = doubtful
    if frame.doubtful is not doubtful ...
