"""Activations, each cell by itself, and the softmaxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import erf, pi, sqrt

import numpy as np

from graphcnn.ops.activation import (
    Elu,
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    LogSoftmax,
    Mish,
    Prelu,
    Relu,
    Relu6,
    Selu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from graphcnn.ops.base import Op
from graphcnn.reference.arrays import Array, Arrays, along

Inputs = Sequence[Array]
Weights = Mapping[str, Array]

_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772

_erf = np.frompyfunc(erf, 1, 1)


def relu(_op: Relu, inputs: Inputs, _: Weights) -> Array:
    return np.maximum(inputs[0], 0.0)


def relu6(_op: Relu6, inputs: Inputs, _: Weights) -> Array:
    return np.clip(inputs[0], 0.0, 6.0)


def leaky_relu(op: LeakyRelu, inputs: Inputs, _: Weights) -> Array:
    return np.where(inputs[0] >= 0, inputs[0], op.slope * inputs[0])


def prelu(_op: Prelu, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    return np.where(x >= 0, x, along(weights["weight"], 1, x.ndim) * x)


def elu(op: Elu, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return np.where(x >= 0, x, op.alpha * np.expm1(np.minimum(x, 0.0)))


def selu(_op: Selu, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    return _SCALE * np.where(x >= 0, x, _ALPHA * np.expm1(np.minimum(x, 0.0)))


def gelu(op: Gelu, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    if op.approximation == "tanh":
        return np.asarray(x * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2)
    return np.asarray(x * (1 + np.asarray(_erf(x / sqrt(2)), np.float64)) / 2)


def _sigmoid(x: Array) -> Array:
    return np.asarray((1 + np.tanh(x / 2)) / 2)


def _softplus(x: Array) -> Array:
    return np.logaddexp(x, 0.0)


def silu(_op: Silu, inputs: Inputs, _: Weights) -> Array:
    return inputs[0] * _sigmoid(inputs[0])


def mish(_op: Mish, inputs: Inputs, _: Weights) -> Array:
    return np.asarray(inputs[0] * np.tanh(_softplus(inputs[0])))


def hard_sigmoid(_op: HardSigmoid, inputs: Inputs, _: Weights) -> Array:
    return np.clip(inputs[0] + 3, 0.0, 6.0) / 6


def hard_swish(_op: HardSwish, inputs: Inputs, _: Weights) -> Array:
    return inputs[0] * np.clip(inputs[0] + 3, 0.0, 6.0) / 6


def sigmoid(_op: Sigmoid, inputs: Inputs, _: Weights) -> Array:
    return _sigmoid(inputs[0])


def tanh(_op: Tanh, inputs: Inputs, _: Weights) -> Array:
    return np.tanh(inputs[0])


def softplus(op: Softplus, inputs: Inputs, _: Weights) -> Array:
    return _softplus(op.beta * inputs[0]) / op.beta


def log_softmax(op: LogSoftmax | Softmax, inputs: Inputs, _: Weights) -> Array:
    (x,) = inputs
    axis = op.axis % (x.ndim - 1) + 1
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


def softmax(op: Softmax, inputs: Inputs, weights: Weights) -> Array:
    return np.exp(log_softmax(op, inputs, weights))


RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    Relu: relu,
    Relu6: relu6,
    LeakyRelu: leaky_relu,
    Prelu: prelu,
    Elu: elu,
    Selu: selu,
    Gelu: gelu,
    Silu: silu,
    Mish: mish,
    HardSigmoid: hard_sigmoid,
    HardSwish: hard_swish,
    Sigmoid: sigmoid,
    Tanh: tanh,
    Softplus: softplus,
    Softmax: softmax,
    LogSoftmax: log_softmax,
}
