"""Attention in PyTorch."""

from __future__ import annotations

from graphcnn.backends.python.code import Call, Keyword, Lowered
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Shape


def attention(op: Attention, *inputs: Shape) -> Lowered:
    ((_, features),) = inputs
    return Lowered(
        Call(
            "SelfAttention",
            (
                features,
                op.heads,
                Keyword("dropout", op.dropout, 0.0),
                Keyword("bias", op.bias, True),
            ),
        )
    )
