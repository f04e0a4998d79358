"""Products of matrices in PyTorch."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.python.code import Call, Infix, Input, Keyword, Lowered, Method
from graphcnn.ops.base import Shape
from graphcnn.ops.linear import Linear, Matmul


def linear(op: Linear, *inputs: Shape) -> Lowered:
    (x,) = inputs
    return Lowered(Call("nn.Linear", (x[-1], op.out, Keyword("bias", op.bias, True))))


def matmul(op: Matmul, *inputs: Shape) -> Lowered:
    second: Any = Input(1)
    if op.transpose:
        second = Method(second, "transpose", (-2, -1))
    return Lowered(forward=Infix("@", (Input(0), second)))
