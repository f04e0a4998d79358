"""Merges in Keras: layers that take a list."""

from __future__ import annotations

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer, one
from graphcnn.backends.python.code import Call, Input, Inputs, Keyword
from graphcnn.ops.base import Shape
from graphcnn.ops.merge import Add, Average, Concat, Maximum, Multiply, Scale, Subtract


def _merged(name: str) -> Forms:
    return one(Stage(Call(f"layers.{name}"), fed=(Inputs(),)))


def add(op: Add, layout: Layout, *inputs: Shape) -> Forms:
    return _merged("Add")


def subtract(op: Subtract, layout: Layout, *inputs: Shape) -> Forms:
    return _merged("Subtract")


def multiply(op: Multiply, layout: Layout, *inputs: Shape) -> Forms:
    return _merged("Multiply")


def maximum(op: Maximum, layout: Layout, *inputs: Shape) -> Forms:
    return _merged("Maximum")


def average(op: Average, layout: Layout, *inputs: Shape) -> Forms:
    return _merged("Average")


def concat(op: Concat, layout: Layout, *inputs: Shape) -> Forms:
    if len(inputs) == 1:
        return one(expression(Input()))
    axis = Keyword("axis", layout.spoken(op.axis, len(inputs[0])), -1)
    return one(Stage(Call("layers.Concatenate", (axis,)), fed=(Inputs(),)))


def scale(op: Scale, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("layers.Rescaling", op.factor))
