"""Activations in ONNX."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import aligned, call, elementwise, number
from graphcnn.backends.onnx.tensor import Tensor, Use
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
from graphcnn.ops.base import resolve_axis


def relu(op: Relu, use: Use) -> Tensor:
    return call("Relu", use.x)


def relu6(op: Relu6, use: Use) -> Tensor:
    return call("Clip", use.x, number(0.0, "min"), number(6.0, "max"))


def leaky_relu(op: LeakyRelu, use: Use) -> Tensor:
    return call("LeakyRelu", use.x, alpha=op.slope)


def prelu(op: Prelu, use: Use) -> Tensor:
    slope = use.weights["weight"]
    if not op.shared:
        slope = aligned(slope, (1,), len(use.x.shape))
    return call("PRelu", use.x, slope)


def elu(op: Elu, use: Use) -> Tensor:
    return call("Elu", use.x, alpha=op.alpha)


def selu(op: Selu, use: Use) -> Tensor:
    return call("Selu", use.x)


def gelu(op: Gelu, use: Use) -> Tensor:
    return call("Gelu", use.x, approximate="tanh" if op.approximation == "tanh" else None)


def silu(op: Silu, use: Use) -> Tensor:
    """ONNX' `Swish`, of opset 24, has no kernel yet; runtimes know this pair and join it."""
    return elementwise("Mul", use.x, call("Sigmoid", use.x))


def mish(op: Mish, use: Use) -> Tensor:
    return call("Mish", use.x)


def hard_sigmoid(op: HardSigmoid, use: Use) -> Tensor:
    return call("HardSigmoid", use.x, alpha=1 / 6, beta=0.5)


def hard_swish(op: HardSwish, use: Use) -> Tensor:
    return call("HardSwish", use.x)


def sigmoid(op: Sigmoid, use: Use) -> Tensor:
    return call("Sigmoid", use.x)


def tanh(op: Tanh, use: Use) -> Tensor:
    return call("Tanh", use.x)


def softplus(op: Softplus, use: Use) -> Tensor:
    if op.beta == 1:
        return call("Softplus", use.x)
    beta = number(op.beta, "beta")
    return elementwise("Div", call("Softplus", elementwise("Mul", use.x, beta)), beta)


def softmax(op: Softmax, use: Use) -> Tensor:
    return call("Softmax", use.x, axis=resolve_axis(op.axis, len(use.x.sample)) + 1)


def log_softmax(op: LogSoftmax, use: Use) -> Tensor:
    return call("LogSoftmax", use.x, axis=resolve_axis(op.axis, len(use.x.sample)) + 1)
