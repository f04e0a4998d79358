"""Merges in ONNX."""

from __future__ import annotations

from functools import reduce

from graphcnn.backends.onnx.calls import batched, call, elementwise, number
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.base import resolve_axis
from graphcnn.ops.merge import Add, Average, Concat, Maximum, Multiply, Scale, Subtract
from graphcnn.size import equal


def add(op: Add, use: Use) -> Tensor:
    return elementwise("Add" if len(use.inputs) == 2 else "Sum", *use.inputs)


def subtract(op: Subtract, use: Use) -> Tensor:
    return elementwise("Sub", *use.inputs)


def multiply(op: Multiply, use: Use) -> Tensor:
    return reduce(lambda a, b: elementwise("Mul", a, b), use.inputs)


def maximum(op: Maximum, use: Use) -> Tensor:
    return elementwise("Max", *use.inputs)


def average(op: Average, use: Use) -> Tensor:
    return elementwise("Mean", *use.inputs)


def concat(op: Concat, use: Use) -> Tensor:
    inputs = use.inputs
    if any(equal(x.shape[0], use.batch) for x in inputs):
        inputs = tuple(batched(x, use.batch) for x in inputs)
    (sample,) = op.outputs(*use.samples)
    axis = resolve_axis(op.axis, len(sample)) + 1
    return call("Concat", *inputs, shape=(inputs[0].shape[0], *sample), axis=axis)


def scale(op: Scale, use: Use) -> Tensor:
    return elementwise("Mul", use.x, number(op.factor, "factor"))
