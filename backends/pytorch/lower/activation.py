"""Activations in PyTorch."""

from __future__ import annotations

from graphcnn.backends.python.code import Call, Input, Keyword, Lowered, call
from graphcnn.backends.pytorch.lower.axes import batched
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
from graphcnn.ops.base import Shape


def relu(op: Relu, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.ReLU"), call("F.relu", Input()))


def relu6(op: Relu6, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.ReLU6"), call("F.relu6", Input()))


def leaky_relu(op: LeakyRelu, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.LeakyReLU", op.slope), call("F.leaky_relu", Input(), op.slope))


def prelu(op: Prelu, *inputs: Shape) -> Lowered:
    slopes = op.weights(*inputs)["weight"].shape[0]
    return Lowered(Call("nn.PReLU", (slopes, Keyword("init", op.init, 0.25))))


def elu(op: Elu, *inputs: Shape) -> Lowered:
    alpha = Keyword("alpha", op.alpha, 1.0)
    return Lowered(Call("nn.ELU", (alpha,)), Call("F.elu", (Input(), alpha)))


def selu(op: Selu, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.SELU"), call("F.selu", Input()))


def gelu(op: Gelu, *inputs: Shape) -> Lowered:
    form = Keyword("approximate", "none" if op.approximation == "exact" else "tanh", "none")
    return Lowered(Call("nn.GELU", (form,)), Call("F.gelu", (Input(), form)))


def silu(op: Silu, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.SiLU"), call("F.silu", Input()))


def mish(op: Mish, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Mish"), call("F.mish", Input()))


def hard_sigmoid(op: HardSigmoid, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Hardsigmoid"), call("F.hardsigmoid", Input()))


def hard_swish(op: HardSwish, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Hardswish"), call("F.hardswish", Input()))


def sigmoid(op: Sigmoid, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Sigmoid"), call("torch.sigmoid", Input()))


def tanh(op: Tanh, *inputs: Shape) -> Lowered:
    return Lowered(call("nn.Tanh"), call("torch.tanh", Input()))


def softplus(op: Softplus, *inputs: Shape) -> Lowered:
    beta = Keyword("beta", op.beta, 1.0)
    return Lowered(Call("nn.Softplus", (beta,)), Call("F.softplus", (Input(), beta)))


def softmax(op: Softmax, *inputs: Shape) -> Lowered:
    dim = batched(op.axis)
    return Lowered(call("nn.Softmax", dim=dim), call("F.softmax", Input(), dim=dim))


def log_softmax(op: LogSoftmax, *inputs: Shape) -> Lowered:
    dim = batched(op.axis)
    return Lowered(call("nn.LogSoftmax", dim=dim), call("F.log_softmax", Input(), dim=dim))
