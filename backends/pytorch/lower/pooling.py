"""Pools in PyTorch."""

from __future__ import annotations

import re
from typing import Any

from graphcnn.backends.python.code import Call, Input, Keyword, Lowered, Method, call
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.pytorch.lower.axes import collapsed, last_first
from graphcnn.backends.pytorch.lower.sliding import alone, pool_padding, trimmed
from graphcnn.ops.base import Shape, per_axis
from graphcnn.ops.pooling import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
)
from graphcnn.ops.sliding import Sliding
from graphcnn.size import at_least, minimum


def max_pool(op: MaxPool, *inputs: Shape) -> Lowered:
    (image,) = inputs
    walk = op.sliding(image)
    dilation = Keyword("dilation", alone(op.dilation), 1)
    return _pool(op, walk, "MaxPool", pool_padding(walk, op.padding), dilation)


def avg_pool(op: AvgPool, *inputs: Shape) -> Lowered:
    (image,) = inputs
    walk = op.sliding(image)
    counted = Keyword("count_include_pad", op.count_padding, True)
    padding = pool_padding(walk, op.padding)
    if len(walk.kernel) == 3 and _holds_no_window(walk):
        if not walk.same:
            return _avg_pool_of_little(op, walk, counted)
        padding = None
    return _pool(op, walk, "AvgPool", padding, counted)


def _pool(op: MaxPool | AvgPool, walk: Sliding, layer: str, padding: Any, rest: Keyword) -> Lowered:
    layer = f"{layer}{len(walk.kernel)}d"
    ceil = op.ceil and not walk.same
    if padding is not None:
        target, pads = f"nn.{layer}", Keyword("padding", padding, 0)
    elif walk.same:
        target, pads = f"Same{layer}", Keyword("padding", 0, 0)
    else:
        target, pads = f"Padded{layer}", Keyword("pads", last_first(trimmed(walk, ceil)))
    kernel = alone(op.kernel)
    stride = Keyword("stride", kernel if op.stride is None else alone(op.stride), kernel)
    if layer.endswith("AvgPool1d"):  # whose stub has it as required
        stride = Keyword("stride", stride.value)
    ceil_mode = Keyword("ceil_mode", ceil, False)
    module = Call(target, (kernel, stride, pads, ceil_mode, rest))
    if not is_open(walk.kernel) or padding is None:
        return Lowered(module)
    arguments = (Input(), walk.kernel, stride, pads, ceil_mode, rest)
    return Lowered(module, Call(_function(layer), arguments))


def _function(layer: str) -> str:
    """The function that does what a layer does: `F.max_pool2d` for `MaxPool2d`."""
    return "F." + re.sub(r"(?<!^)([A-Z])", r"_\1", layer).lower()


def _holds_no_window(walk: Sliding) -> bool:
    """Whether the input alone, without padding, is known to be smaller than the window."""
    pairs = zip(walk.spatial, walk.kernel, strict=True)
    return any(at_least(n, k) is False for n, k in pairs)


def _avg_pool_of_little(op: AvgPool, walk: Sliding, counted: Keyword) -> Lowered:
    """Padding laid on beforehand, windows cut to what there is: AvgPool3d insists that they fit."""
    pads = trimmed(walk, op.ceil)
    kernel = walk.kernel
    if op.ceil:
        axes = zip(walk.kernel, walk.spatial, pads, strict=True)
        kernel = tuple(minimum(k, n + before + after) for k, n, (before, after) in axes)
    arguments = (
        collapsed(kernel),
        Keyword("stride", collapsed(walk.stride), None),
        Keyword("pads", last_first(pads)),
        Keyword("ceil_mode", op.ceil, False),
        counted,
    )
    return Lowered(Call("PaddedAvgPool3d", arguments))


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
    return _adaptive("AdaptiveAvgPool", op, inputs[0])


def adaptive_max_pool(op: AdaptiveMaxPool, *inputs: Shape) -> Lowered:
    return _adaptive("AdaptiveMaxPool", op, inputs[0])


def _adaptive(layer: str, op: AdaptiveAvgPool | AdaptiveMaxPool, image: Shape) -> Lowered:
    rank = len(image) - 1
    module = call(f"nn.{layer}{rank}d", alone(op.size))
    sizes = per_axis(op.size, rank, "size")
    if not is_open(sizes):
        return Lowered(module)
    return Lowered(module, call(_function(f"{layer}{rank}d"), Input(), sizes))
