"""Reductions in PyTorch: methods of the tensor."""

from __future__ import annotations

from graphcnn.backends.python.code import Input, Keyword, Lowered, Method
from graphcnn.backends.pytorch.lower.axes import batched_all
from graphcnn.ops.base import Shape
from graphcnn.ops.reduction import Max, Mean, Sum


def _reduce(method: str, op: Mean | Sum | Max) -> Lowered:
    arguments = (Keyword("dim", batched_all(op.axes)), Keyword("keepdim", op.keepdims, False))
    return Lowered(forward=Method(Input(), method, arguments))


def mean(op: Mean, *inputs: Shape) -> Lowered:
    return _reduce("mean", op)


def sum_(op: Sum, *inputs: Shape) -> Lowered:
    return _reduce("sum", op)


def max_(op: Max, *inputs: Shape) -> Lowered:
    return _reduce("amax", op)
