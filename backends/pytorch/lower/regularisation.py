"""Regularisation in PyTorch: modules alone, since they must know whether the model trains."""

from __future__ import annotations

from graphcnn.backends.python.code import Lowered, call
from graphcnn.ops.base import Shape
from graphcnn.ops.regularisation import Dropout, DropPath, SpatialDropout


def dropout(op: Dropout, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Dropout", op.rate))


def spatial_dropout(op: SpatialDropout, *inputs: Shape) -> Lowered:
    return Lowered(call(f"nn.Dropout{len(inputs[0]) - 1}d", op.rate))


def drop_path(op: DropPath, *inputs: Shape) -> Lowered:
    return Lowered(call("DropPath", op.rate))
