"""Pools in PyTorch."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.pytorch.code import Call, Input, Keyword, Lowered, Method, call
from graphcnn.backends.pytorch.lower.axes import last_first
from graphcnn.backends.pytorch.lower.sliding import alone, pool_padding, trimmed
from graphcnn.ops.base import Shape
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)


def _pool(op: MaxPool | AvgPool, image: Shape, layer: str, *rest: Keyword) -> Lowered:
    walk = op.sliding(image)
    padding = pool_padding(walk, op.padding)
    layer = f"{layer}{len(image) - 1}d"
    ceil = op.ceil and not walk.same
    if padding is not None:
        target, pads = f"nn.{layer}", Keyword("padding", padding, 0)
    elif walk.same:
        target, pads = f"Same{layer}", Keyword("padding", 0, 0)
    else:
        target, pads = f"Padded{layer}", Keyword("pads", last_first(trimmed(walk, ceil)))
    stride: Any = None if op.stride == op.kernel else alone(op.stride)
    arguments = (
        alone(op.kernel),
        Keyword("stride", stride, None),
        pads,
        Keyword("ceil_mode", ceil, False),
        *rest,
    )
    return Lowered(Call(target, arguments))


def max_pool(op: MaxPool, *inputs: Shape) -> Lowered:
    return _pool(op, inputs[0], "MaxPool", Keyword("dilation", alone(op.dilation), 1))


def avg_pool(op: AvgPool, *inputs: Shape) -> Lowered:
    counted = Keyword("count_include_pad", op.count_padding, True)
    return _pool(op, inputs[0], "AvgPool", counted)


def _global(module: str, method: str, op: GlobalAvgPool | GlobalMaxPool, image: Shape) -> Lowered:
    pool = call(f"{module}{len(image) - 1}d", 1)
    if op.keepdims:
        return Lowered(pool)
    dims = tuple(range(2, len(image) + 1))
    dim = Keyword("dim", dims[0] if len(dims) == 1 else dims)
    reduced = Method(Input(), method, (dim,))
    return Lowered(call("nn.Sequential", pool, call("nn.Flatten")), reduced)


def global_avg_pool(op: GlobalAvgPool, *inputs: Shape) -> Lowered:
    return _global("nn.AdaptiveAvgPool", "mean", op, inputs[0])


def global_max_pool(op: GlobalMaxPool, *inputs: Shape) -> Lowered:
    return _global("nn.AdaptiveMaxPool", "amax", op, inputs[0])


def adaptive_avg_pool(op: AdaptiveAvgPool, *inputs: Shape) -> Lowered:
    return Lowered(call(f"nn.AdaptiveAvgPool{len(inputs[0]) - 1}d", alone(op.size)))


def adaptive_max_pool(op: AdaptiveMaxPool, *inputs: Shape) -> Lowered:
    return Lowered(call(f"nn.AdaptiveMaxPool{len(inputs[0]) - 1}d", alone(op.size)))
