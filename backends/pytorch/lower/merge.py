"""Merges in PyTorch: expressions over the inputs."""

from __future__ import annotations

from functools import reduce
from typing import Any

from graphcnn.backends.python.code import Infix, Input, Inputs, Lowered, call
from graphcnn.backends.pytorch.lower.axes import batched
from graphcnn.ops.base import Shape
from graphcnn.ops.merge import Add, Average, Concat, Maximum, Multiply, Scale, Subtract


def _each(inputs: tuple[Shape, ...]) -> tuple[Input, ...]:
    return tuple(Input(index) for index in range(len(inputs)))


def add(op: Add, *inputs: Shape) -> Lowered:
    return Lowered(forward=Infix("+", _each(inputs)))


def subtract(op: Subtract, *inputs: Shape) -> Lowered:
    return Lowered(forward=Infix("-", _each(inputs)))


def multiply(op: Multiply, *inputs: Shape) -> Lowered:
    return Lowered(forward=Infix("*", _each(inputs)))


def maximum(op: Maximum, *inputs: Shape) -> Lowered:
    first, *others = _each(inputs)
    start: Any = first
    return Lowered(forward=reduce(lambda a, b: call("torch.maximum", a, b), others, start))


def average(op: Average, *inputs: Shape) -> Lowered:
    return Lowered(forward=Infix("/", (Infix("+", _each(inputs)), len(inputs))))


def concat(op: Concat, *inputs: Shape) -> Lowered:
    return Lowered(forward=call("torch.cat", Inputs(), dim=batched(op.axis)))


def scale(op: Scale, *inputs: Shape) -> Lowered:
    return Lowered(forward=Infix("*", (Input(), op.factor)))
