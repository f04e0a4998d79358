"""Merges, reductions, and products of matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import sqrt

import numpy as np

from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Op
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.ops.merge import Add, Average, Concat, Maximum, Multiply, Scale, Subtract
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.reduction import Max, Mean, Sum
from graphcnn.reference.arrays import Array, Arrays, numbers

Inputs = Sequence[Array]
Weights = Mapping[str, Array]


def add(_op: Add, inputs: Inputs, _: Weights) -> Array:
    return reduce(np.add, inputs)


def subtract(_op: Subtract, inputs: Inputs, _: Weights) -> Array:
    a, b = inputs
    return a - b


def multiply(_op: Multiply, inputs: Inputs, _: Weights) -> Array:
    return reduce(np.multiply, inputs)


def maximum(_op: Maximum, inputs: Inputs, _: Weights) -> Array:
    return reduce(np.maximum, inputs)


def average(_op: Average, inputs: Inputs, _: Weights) -> Array:
    return np.asarray(reduce(np.add, inputs) / len(inputs))


def concat(op: Concat, inputs: Inputs, _: Weights) -> Array:
    batch = max(len(x) for x in inputs)  # a learned tensor is the same for every sample
    whole = [np.broadcast_to(x, (batch, *x.shape[1:])) for x in inputs]
    return np.concatenate(whole, op.axis % (whole[0].ndim - 1) + 1)


def scale(op: Scale, inputs: Inputs, _: Weights) -> Array:
    return op.factor * inputs[0]


def _places(axes: Sequence[int], x: Array) -> tuple[int, ...]:
    return tuple(axis % (x.ndim - 1) + 1 for axis in axes)


def mean(op: Mean, inputs: Inputs, _: Weights) -> Array:
    return np.asarray(inputs[0].mean(axis=_places(op.axes, inputs[0]), keepdims=op.keepdims))


def total(op: Sum, inputs: Inputs, _: Weights) -> Array:
    return np.asarray(inputs[0].sum(axis=_places(op.axes, inputs[0]), keepdims=op.keepdims))


def largest(op: Max, inputs: Inputs, _: Weights) -> Array:
    return np.asarray(inputs[0].max(axis=_places(op.axes, inputs[0]), keepdims=op.keepdims))


def linear(_op: Linear, inputs: Inputs, weights: Weights) -> Array:
    y = inputs[0] @ weights["weight"].T
    return y + weights["bias"] if "bias" in weights else y


def matmul(op: Matmul, inputs: Inputs, _: Weights) -> Array:
    a, b = inputs
    return np.asarray(a @ (b.swapaxes(-1, -2) if op.transpose else b))


def attention(op: Attention, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    batch, tokens, features = x.shape
    heads = int(op.heads)
    projected = x @ weights["in_proj_weight"].T + weights.get("in_proj_bias", np.zeros(1))
    split = projected.reshape(batch, tokens, 3, heads, features // heads)
    query, key, value = split.transpose(2, 0, 3, 1, 4)
    scores = query @ key.swapaxes(-1, -2) / sqrt(features // heads)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    seen = scores / scores.sum(axis=-1, keepdims=True) @ value
    joined = seen.transpose(0, 2, 1, 3).reshape(x.shape)
    return np.asarray(joined @ weights["out_proj.weight"].T + weights.get("out_proj.bias", 0.0))


def parameter(op: Parameter, _inputs: Inputs, weights: Weights) -> Array:
    return weights[""].reshape(1, *numbers(op.shape))


RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    Linear: linear,
    Attention: attention,
    Parameter: parameter,
    Matmul: matmul,
    Add: add,
    Subtract: subtract,
    Multiply: multiply,
    Maximum: maximum,
    Average: average,
    Concat: concat,
    Scale: scale,
    Mean: mean,
    Sum: total,
    Max: largest,
}
