"""Statements that hold statements: groups, residuals, branches, dense connections, loops."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from graphcnn.elaborate.ids import is_free
from graphcnn.elaborate.lookup import several, single
from graphcnn.elaborate.merge import chosen_merge, join
from graphcnn.elaborate.scope import Frame, Space, Use
from graphcnn.elaborate.state import Stop
from graphcnn.elaborate.unknown import either, truth
from graphcnn.evaluate import kind_of, said
from graphcnn.ir import Body, BranchesItem, DenseItem, ForItem, GroupItem, ResidualItem, Value
from graphcnn.program import Branches, Dense, For, Group, Path, Residual, Term
from graphcnn.size import UNKNOWN
from graphcnn.source import Origin

_ITEMS_SAID = 4


def group(use: Use, action: Group) -> GroupItem:
    """Statements one after the other. A `graph` without an id keeps nothing to itself."""
    is_scope = use.id is not None or action.kind == "sequence"
    inner = use.frame.inside(use.only(), {}, Space(use.frame.space) if is_scope else None)
    item = GroupItem(use.statement, use.id, use.inputs, action.kind, inner.run(action.body))
    item.result = inner.prev
    return item


def _space(use: Use) -> Space | None:
    """The space that an id opens; without one, what is inside is known outside."""
    return None if use.id is None else Space(use.frame.space)


def residual(use: Use, action: Residual) -> ResidualItem:
    """The value, plus what the body makes of it."""
    value = use.only()
    inner = use.frame.inside(value, {}, _space(use))
    body = inner.run(action.body)
    body_end = single(inner.prev, inner, use.span)
    skip = True if action.skip is None else truth(action.skip, "skip", use.frame)
    if skip is False:
        item = ResidualItem(use.statement, use.id, use.inputs, body, None, None)
        item.result = body_end
        return item
    name = chosen_merge(use, action.merge, "add")
    shortcut, shortcut_end = None, value
    if action.shortcut is not None:
        inner.prev, inner.idle = value, use.frame.idle
        shortcut = inner.run(action.shortcut)
        shortcut_end = single(inner.prev, inner, use.span)
    merge = join(use, str(name), (body_end, shortcut_end), quiet=skip is UNKNOWN)
    item = ResidualItem(use.statement, use.id, use.inputs, body, shortcut, merge)
    item.result = merge.outputs[0] if skip is True else either(body_end, merge.outputs[0])
    return item


def branches(use: Use, action: Branches) -> BranchesItem:
    """Parallel paths over the same value. A named path is a scope, and its end an id."""
    value = use.only()
    around = use.frame.inside(value, {}, _space(use))
    paths: list[tuple[str | None, Body]] = []
    ends: dict[str, Value] = {}
    for number, path in enumerate(action.paths):
        name = _path_name(path, around)
        body, end = _path(path, name, value, around)
        paths.append((name, body))
        ends[name or str(number)] = end
    if not ends:
        use.report("bad-value", "`branches` needs at least one path")
        raise Stop
    merge_name = chosen_merge(use, action.merge, "concat")
    merge = None if merge_name is None else join(use, merge_name, tuple(ends.values()))
    item = BranchesItem(use.statement, use.id, use.inputs, paths, merge)
    item.result = merge.outputs[0] if merge else several(ends)
    return item


def _path_name(path: Path, around: Frame) -> str | None:
    if path.name is None:
        return None
    name = str(path.name.value)
    return name if is_free(name, path.name.span, around) else None


def _path(path: Path, name: str | None, value: Value, around: Frame) -> tuple[Body, Value]:
    inner = around.inside(value, {}, None if path.name is None else Space(around.space))
    body = inner.run(path.body)
    body.single = path.single
    end = single(inner.prev, inner, path.node.span)
    if name is not None:
        around.space.ids[name] = end
        if path.single and body.items[0] is not None:
            around.space.items[name] = body.items[0]
    return body, end


def dense(use: Use, action: Dense) -> DenseItem:
    """The value, and behind it what the body makes of it."""
    value = use.only()
    inner = use.frame.inside(value, {}, _space(use))
    body = inner.run(action.body)
    end = single(inner.prev, inner, use.span)
    merge = join(use, "concat", (value, end))
    item = DenseItem(use.statement, use.id, use.inputs, body, merge)
    item.result = merge.outputs[0]
    return item


# --- loops -------------------------------------------------------------------------------


def loop(use: Use, action: For) -> ForItem:
    """`for`: the body once for each item, each turn on the value that the last one left."""
    frame = use.frame
    turns = rows(action, frame)
    begin = use.only()
    item = ForItem(use.statement, use.id, use.inputs, [])
    item.result = begin
    space = _space(use)
    for number, row in enumerate([unknown_row(action)] if turns is None else turns, 1):
        frame.place.state.step(use.statement, frame.origin, len(row))
        inner = frame.inside(item.result, row, space)
        inner.origin = _turn(number, row, use)
        body = inner.run(action.body)
        item.result = inner.prev
        item.iterations.append((row, body))
    if not item.iterations and use.statement.source is None:
        item.result = single(frame.prev, frame, use.span)
    if turns is None:
        item.result = either(begin, item.result)
    return item


def _turn(number: int, row: dict[str, Any], use: Use) -> Origin:
    bound = ", ".join(f"{name} = {_bound(value)}" for name, value in islice(row.items(), 4))
    line = use.span.begin_position.line
    words = f"in turn {number} of line {line}, with {bound}"
    return Origin(words, use.span, use.frame.origin)


def _bound(value: Any) -> str:
    """What a turn is known by: of a list, its first items."""
    if not isinstance(value, list):
        return said(value)
    items = [said(item) for item in value[:_ITEMS_SAID]]
    return f"[{', '.join(items + ['…'] * (len(value) > _ITEMS_SAID))}]"


def unknown_row(action: For) -> dict[str, Any]:
    """What a turn binds where an error hides the lists."""
    return {str(key.value): UNKNOWN for key, _ in action.names}


def rows(action: For, frame: Frame) -> Iterator[dict[str, Any]] | None:
    """What each turn binds: several lists go together, item by item. None where one is lost."""
    columns = {str(key.value): _column(term, frame) for key, term in action.names}
    known = {name: column for name, column in columns.items() if column is not None}
    if len(known) < len(columns) or not known:
        return None
    if len({len(column) for column in known.values()}) > 1:
        listed = ", ".join(f"`{name}` has {len(column)}" for name, column in known.items())
        message = f"lists that go together in `for` are equally long: {listed}"
        frame.report("wrong-length", message, action.names[0][0].span)
        return None
    return (dict(zip(known, row, strict=True)) for row in zip(*known.values(), strict=True))


def _column(term: Term, frame: Frame) -> list[Any] | None:
    values = frame.value(term)
    if isinstance(values, list):
        return values
    if values is not UNKNOWN:
        message = f"`for` goes through a list, found {kind_of(values)}"
        help = f"`$(range({values}))` counts from 0" if type(values) is int else None
        frame.report("wrong-type", message, term.node.span, help=help)
    return None
