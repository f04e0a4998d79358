"""Reductions in ONNX."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import reduce
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.base import resolve_axes
from graphcnn.ops.reduction import Max, Mean, Sum


def mean(op: Mean, use: Use) -> Tensor:
    return _reduced("ReduceMean", op, use.x)


def sum_(op: Sum, use: Use) -> Tensor:
    return _reduced("ReduceSum", op, use.x)


def max_(op: Max, use: Use) -> Tensor:
    return _reduced("ReduceMax", op, use.x)


def _reduced(operator: str, op: Mean | Sum | Max, x: Tensor) -> Tensor:
    axes = [axis + 1 for axis in resolve_axes(op.axes, len(x.sample))]
    return reduce(operator, x, axes, keepdims=op.keepdims)
