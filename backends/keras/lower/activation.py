"""Activations in Keras."""

from __future__ import annotations

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer, one
from graphcnn.backends.python.code import Call, Infix, Input, Keyword, call
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


def _named(name: str) -> Forms:
    return one(layer("layers.Activation", name))


def relu(op: Relu, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("layers.ReLU"))


def relu6(op: Relu6, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("layers.ReLU", max_value=6))


def leaky_relu(op: LeakyRelu, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("layers.LeakyReLU", negative_slope=op.slope))


def prelu(op: Prelu, layout: Layout, *inputs: Shape) -> Forms:
    """The axes along which the slope is one and the same are all but the channels."""
    rank = len(inputs[0])
    channels = layout.place(0, rank)
    axes = tuple(at for at in range(1, rank + 1) if op.shared or at != channels)
    initial = call("initializers.Constant", op.init)
    return one(
        Stage(
            Call(
                "layers.PReLU",
                (Keyword("alpha_initializer", initial), Keyword("shared_axes", axes, ())),
            ),
            key="",
        )
    )


def elu(op: Elu, layout: Layout, *inputs: Shape) -> Forms:
    return one(Stage(Call("layers.ELU", (Keyword("alpha", op.alpha, 1.0),))))


def selu(op: Selu, layout: Layout, *inputs: Shape) -> Forms:
    return _named("selu")


def gelu(op: Gelu, layout: Layout, *inputs: Shape) -> Forms:
    if op.approximation == "tanh":
        return one(expression(call("ops.gelu", Input(), approximate=True)))
    return _named("gelu")


def silu(op: Silu, layout: Layout, *inputs: Shape) -> Forms:
    return _named("silu")


def mish(op: Mish, layout: Layout, *inputs: Shape) -> Forms:
    return _named("mish")


def hard_sigmoid(op: HardSigmoid, layout: Layout, *inputs: Shape) -> Forms:
    return _named("hard_sigmoid")


def hard_swish(op: HardSwish, layout: Layout, *inputs: Shape) -> Forms:
    return _named("hard_silu")


def sigmoid(op: Sigmoid, layout: Layout, *inputs: Shape) -> Forms:
    return _named("sigmoid")


def tanh(op: Tanh, layout: Layout, *inputs: Shape) -> Forms:
    return _named("tanh")


def softplus(op: Softplus, layout: Layout, *inputs: Shape) -> Forms:
    sharp = call("ops.softplus", Infix("*", (op.beta, Input())))
    general = (expression(Infix("/", (sharp, op.beta))),)
    found = {"sharp": general}
    return {**_named("softplus"), **found} if op.beta == 1 else found


def softmax(op: Softmax, layout: Layout, *inputs: Shape) -> Forms:
    axis = layout.spoken(op.axis, len(inputs[0]))
    return one(Stage(Call("layers.Softmax", (Keyword("axis", axis, -1),))))


def log_softmax(op: LogSoftmax, layout: Layout, *inputs: Shape) -> Forms:
    axis = layout.spoken(op.axis, len(inputs[0]))
    return one(expression(Call("ops.log_softmax", (Input(), Keyword("axis", axis, -1)))))
