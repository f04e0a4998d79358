"""Uses of blocks: arguments bound, the body expanded, its outputs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphcnn.elaborate.bind import bind
from graphcnn.elaborate.files import file_of
from graphcnn.elaborate.lookup import lookup, several
from graphcnn.elaborate.scope import Frame, Place, Use, frame_of
from graphcnn.elaborate.state import MANY, Stop
from graphcnn.evaluate import Names
from graphcnn.ir import BlockItem, Result, Value
from graphcnn.program import Block, BlockUse
from graphcnn.source import Origin, Span

MAX_BLOCK_DEPTH: Final = 48


def block(use: Use, action: BlockUse) -> BlockItem:
    """A statement that is a block."""
    frame = use.frame
    found = frame.place.program.blocks.get(action.name)
    if found is None:  # its definition was refused
        raise Stop
    _check_depth(found, use)
    return expand(use, found, bind(found, action.arguments, frame))


def _check_depth(block: Block, use: Use) -> None:
    """Stop what never ends: at once where that is known, else at a depth that no network has."""
    place, state = use.frame.place, use.frame.place.state
    if block in block.program.endless or block in state.endless:
        raise Stop
    if use.frame.doubtful and place.is_within(block):
        raise Stop  # an error hides what would end it
    if place.blocks >= MAX_BLOCK_DEPTH:
        use.report(
            "endless-recursion",
            f"blocks use each other more than {MAX_BLOCK_DEPTH} deep, `{block.name}` again",
            help="end the recursion with a `when` that turns false",
        )
        state.endless.add(block)
        raise Stop


def expand(use: Use, block: Block, arguments: Mapping[str, Any]) -> BlockItem:
    """A use of a block with its arguments bound."""
    names = block.input_names
    length = len(names) + len(arguments) + len(block.let) + len(block.outputs or ())
    weight = 1 if length <= MANY else length // 4
    use.frame.place.state.step(use.statement, use.frame.origin, weight)
    if len(use.inputs) != len(names):
        _report_arity(use, block)
        raise Stop
    values: dict[str, Value] = dict(zip(names, use.inputs, strict=True))
    scope: dict[str, Any] = {**arguments, **values}
    frame = _frame(use, block, scope, values)
    for name, term in block.let.items():
        scope[name] = frame.value(term)
    body = frame.run(block.body)
    result = _result(block, frame)
    item = BlockItem(use.statement, use.id, use.inputs, block, arguments, scope, body, block.name)
    item.result = result
    return item


def _frame(use: Use, block: Block, scope: dict[str, Any], values: dict[str, Value]) -> Frame:
    outer, span = use.frame.place, use.span
    return frame_of(
        Place(outer.state, outer.run, block.program, block.body, block, outer, outer.blocks + 1),
        Names(scope, file_of(use.frame, block.program).values),
        dict(values),
        use.inputs[0] if len(use.inputs) == 1 else None,
        Origin(_used_at(use, block), span, use.frame.origin),
        use.frame.depth + 1,
        use.frame.doubtful,
    )


def _used_at(use: Use, block: Block) -> str:
    known, key = use.frame.place.state.used_at, (use.statement, block)
    found = known.get(key)
    if found is None:
        found = f"in block `{block.name}`, used at {_place(use.span)}"
        if block.program.entry is not None:
            found += f", imported with values at {_place(block.program.entry.path.span)}"
        known[key] = found
    return found


def _place(span: Span) -> str:
    return f"{span.file.name}:{span.begin_position.line}"


def _report_arity(use: Use, block: Block) -> None:
    names = block.input_names
    listed = ", ".join(names)
    count = f"{len(names)} input{'s' if len(names) > 1 else ''}"
    use.frame.report(
        "wrong-arity",
        f"block `{block.name}` takes {count} ({listed}), found {len(use.inputs)}",
        use.listed,
        help=f"name them in this order: `from: [{listed}]`" if len(names) > 1 else None,
    )


def _result(block: Block, frame: Frame) -> Result:
    """What leaves a block: its outputs by name, or the value of its last statement."""
    if block.outputs is None:
        if frame.prev is None:
            message = f"block `{block.name}` has several inputs and no statement"
            frame.report("no-previous", message, block.key.span)
            return Value(None)
        return frame.prev
    found: dict[str, Value] = {}
    for name, term in block.outputs.items():
        try:
            found[name] = lookup(term, frame)
        except Stop:
            found[name] = Value(None)
    return several(found)
