"""Activations in Keras."""

from __future__ import annotations

from typing import Any

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
from graphcnn.ops.base import Op, Shape

#: those without settings that Keras knows by the op's name
_NAMES = frozenset(
    {"relu", "relu6", "selu", "silu", "mish", "hard_sigmoid", "hard_swish", "sigmoid", "tanh"}
)


def is_named(op: Op) -> bool:
    """Whether `layers.Activation` makes an op of its name."""
    return op.name in _NAMES


def activation(name: Any) -> Forms:
    """An op by its name, or by the words that say which."""
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
    return activation("selu")


def gelu(op: Gelu, layout: Layout, *inputs: Shape) -> Forms:
    if op.approximation == "tanh":
        return one(expression(call("ops.gelu", Input(), approximate=True)))
    return activation("gelu")


def silu(op: Silu, layout: Layout, *inputs: Shape) -> Forms:
    return activation("silu")


def mish(op: Mish, layout: Layout, *inputs: Shape) -> Forms:
    return activation("mish")


def hard_sigmoid(op: HardSigmoid, layout: Layout, *inputs: Shape) -> Forms:
    return activation("hard_sigmoid")


def hard_swish(op: HardSwish, layout: Layout, *inputs: Shape) -> Forms:
    return activation("hard_silu")


def sigmoid(op: Sigmoid, layout: Layout, *inputs: Shape) -> Forms:
    return activation("sigmoid")


def tanh(op: Tanh, layout: Layout, *inputs: Shape) -> Forms:
    return activation("tanh")


def softplus(op: Softplus, layout: Layout, *inputs: Shape) -> Forms:
    sharp = call("ops.softplus", Infix("*", (op.beta, Input())))
    general = (expression(Infix("/", (sharp, op.beta))),)
    found = {"sharp": general}
    return {**activation("softplus"), **found} if op.beta == 1 else found


def softmax(op: Softmax, layout: Layout, *inputs: Shape) -> Forms:
    axis = layout.spoken(op.axis, len(inputs[0]))
    return one(Stage(Call("layers.Softmax", (Keyword("axis", axis, -1),))))


def log_softmax(op: LogSoftmax, layout: Layout, *inputs: Shape) -> Forms:
    axis = layout.spoken(op.axis, len(inputs[0]))
    return one(expression(Call("ops.log_softmax", (Input(), Keyword("axis", axis, -1)))))
