"""Learned tensors in PyTorch."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.python.code import Infix, Lowered, Self, Subscript, call
from graphcnn.ops.base import Shape
from graphcnn.ops.parameter import Parameter


def parameter(op: Parameter, *inputs: Shape) -> Lowered:
    """The value is one sample, with a batch axis of 1 that repeats where it meets others."""
    shape = (1, *op.shape) if op.batch else op.shape
    value: Any
    if op.init == "normal":
        value = Infix("*", (call("torch.randn", *shape), op.std))
    elif op.init == 0:
        value = call("torch.zeros", *shape)
    elif op.init == 1:
        value = call("torch.ones", *shape)
    else:
        value = call("torch.full", shape, op.init)
    held = call("nn.Parameter", value)
    return Lowered(held, Self() if op.batch else Subscript(Self(), (None,)))
