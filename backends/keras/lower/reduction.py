"""Reductions in Keras: functions of ``keras.ops``."""

from __future__ import annotations

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, expression, one
from graphcnn.backends.python.code import Call, Input, Keyword
from graphcnn.ops.base import Shape, resolve_axes
from graphcnn.ops.reduction import Max, Mean, Sum


def _reduce(function: str, op: Mean | Sum | Max, layout: Layout, x: Shape) -> Forms:
    rank = len(x)
    places = sorted(layout.place(axis, rank) for axis in resolve_axes(op.axes, rank))
    if len(places) == 1:
        axis = Keyword("axis", -1 if places[0] == rank else places[0])
    else:
        axis = Keyword("axis", tuple(places))
    keep = Keyword("keepdims", op.keepdims, False)
    return one(expression(Call(f"ops.{function}", (Input(), axis, keep))))


def mean(op: Mean, layout: Layout, *inputs: Shape) -> Forms:
    return _reduce("mean", op, layout, inputs[0])


def sum_(op: Sum, layout: Layout, *inputs: Shape) -> Forms:
    return _reduce("sum", op, layout, inputs[0])


def max_(op: Max, layout: Layout, *inputs: Shape) -> Forms:
    return _reduce("max", op, layout, inputs[0])
