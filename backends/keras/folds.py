"""What one line of Keras computes and a spec says in two ops: a vector taken out of an image.

The line of the first op is changed, and the second, a `flatten`, has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.steps import Part, Slot, Step
from graphcnn.backends.python.code import Call, Slice, Subscript
from graphcnn.ir import Node, Value
from graphcnn.ops import shape
from graphcnn.ops.base import resolve_axis
from graphcnn.ops.pooling import GlobalAvgPool, GlobalMaxPool
from graphcnn.ops.regularisation import Dropout


def folded(
    nodes: Sequence[Node], slot: Slot, parts: Sequence[Part], readers: Mapping[int, int]
) -> bool:
    """Whether the lines written last now make the vectors that ``nodes`` make of ``slot``.

    ``readers`` says how often a value is read, by its identity.
    """
    if any(len(node.outputs[0].shape or ()) != 1 for node in nodes):
        return False
    if not all(isinstance(node.op, shape.Flatten) for node in nodes):
        return False
    values = [node.inputs[0] for node in nodes]
    return _pooled(values, slot, parts, readers) or _picked(values, slot, parts, readers)


def _pooled(
    values: Sequence[Value], slot: Slot, parts: Sequence[Part], readers: Mapping[int, int]
) -> bool:
    """A global pool, with a dropout behind it or none: Keras' pool gives a vector of itself."""
    if not all(_is_of_pool(value, readers) for value in values):
        return False
    between: list[Step] = []
    for step in reversed(parts):
        if not isinstance(step, Step) or step.targets != [slot]:
            return False
        between.append(step)
        if isinstance(step.code, Call) and step.code.target.startswith("layers.Global"):
            step.code = Call(step.code.target)
            for one in between:
                (made,) = one.targets
                made.shape, made.layout, one.comment = made.shape[:1], Layout.PLAIN, None
            return True
        slot = step.sources[0]
    return False


def _is_of_pool(value: Value, readers: Mapping[int, int]) -> bool:
    while value.node is not None and readers.get(id(value), 0) == 1:
        if not isinstance(value.node.op, Dropout):
            return isinstance(value.node.op, (GlobalAvgPool, GlobalMaxPool))
        value = value.node.inputs[0]
    return False


def _picked(
    values: Sequence[Value], slot: Slot, parts: Sequence[Part], readers: Mapping[int, int]
) -> bool:
    """One row of several: `x[:, 0]` for `x[:, :1]`."""
    step = parts[-1] if parts else None
    if not isinstance(step, Step) or step.targets != [slot] or len(slot.shape) != 2:
        return False
    if not all(_is_row(value) and readers.get(id(value), 0) == 1 for value in values):
        return False
    if not isinstance(step.code, Subscript) or not isinstance(step.code.index[-1], Slice):
        return False
    *before, part = step.code.index
    step.code = replace(step.code, index=(*before, part.start or 0))
    step.comment = None
    return True


def _is_row(value: Value) -> bool:
    op = value.node.op if value.node is not None else None
    whole = value.shape or ()
    return isinstance(op, shape.Slice) and whole[0] == 1 and resolve_axis(op.axis, len(whole)) == 0
