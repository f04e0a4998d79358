"""Normalisations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from graphcnn.ops.base import Op
from graphcnn.ops.normalisation import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Norm,
    LayerNorm,
    LocalResponseNorm,
)
from graphcnn.reference.arrays import Array, Arrays, along

Inputs = Sequence[Array]
Weights = Mapping[str, Array]


def _scaled(y: Array, weights: Weights) -> Array:
    """Scaled and shifted, channel by channel."""
    if "weight" in weights:
        y = y * along(weights["weight"], 1, y.ndim)
    if "bias" in weights:
        y = y + along(weights["bias"], 1, y.ndim)
    return y


def _normal(x: Array, axes: Sequence[int], eps: float) -> Array:
    mean = x.mean(axis=tuple(axes), keepdims=True)
    variance = x.var(axis=tuple(axes), keepdims=True)
    return np.asarray((x - mean) / np.sqrt(variance + eps))


def batch_norm(op: BatchNorm, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    mean = along(weights["running_mean"], 1, x.ndim)
    variance = along(weights["running_var"], 1, x.ndim)
    return _scaled((x - mean) / np.sqrt(variance + op.eps), weights)


def layer_norm(op: LayerNorm, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    axes = [axis + 1 for axis in op.normalised(x.shape[1:])]
    y = _normal(x, axes, op.eps)
    shape = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]
    if "weight" in weights:
        y = y * weights["weight"].reshape(shape)
    if "bias" in weights:
        y = y + weights["bias"].reshape(shape)
    return y


def group_norm(op: GroupNorm, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    groups = x.reshape(len(x), int(op.groups), -1)
    return _scaled(_normal(groups, [2], op.eps).reshape(x.shape), weights)


def instance_norm(op: InstanceNorm, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    return _scaled(_normal(x, range(2, x.ndim), op.eps), weights)


def local_response_norm(op: LocalResponseNorm, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    channels = x.shape[1]
    total = np.zeros_like(x)
    for shift in range(-(op.size // 2), (op.size - 1) // 2 + 1):
        first, last = max(0, -shift), min(channels, channels - shift)
        if first < last:
            total[:, first:last] += x[:, first + shift : last + shift] ** 2
    return np.asarray(x / (op.k + op.alpha / op.size * total) ** op.beta)


def l2_norm(op: L2Norm, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    axis = op.axis % (x.ndim - 1) + 1
    y: Array = x / np.maximum(np.sqrt((x**2).sum(axis=axis, keepdims=True)), op.eps)
    return y * along(weights["weight"], axis, x.ndim) if "weight" in weights else y


RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    BatchNorm: batch_norm,
    LayerNorm: layer_norm,
    GroupNorm: group_norm,
    InstanceNorm: instance_norm,
    LocalResponseNorm: local_response_norm,
    L2Norm: l2_norm,
}
