"""Products of matrices in Keras."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, Stage, expression, one
from graphcnn.backends.python.code import Call, Input, Keyword, call
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import OpError, Shape
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.ops.parameter import Parameter
from graphcnn.size import equal


def linear(op: Linear, layout: Layout, *inputs: Shape) -> Forms:
    return one(Stage(Call("layers.Dense", (op.out, Keyword("use_bias", op.bias, True))), key=""))


def matmul(op: Matmul, layout: Layout, *inputs: Shape) -> Forms:
    second: Any = Input(1)
    if op.transpose:
        second = call("ops.swapaxes", second, -2, -1)
    return one(expression(call("ops.matmul", Input(0), second)))


def attention(op: Attention, layout: Layout, *inputs: Shape) -> Forms:
    """Biases of one feature a head and as many heads as tokens are added along the tokens.

    Keras' layer adds them with `ops.add`; see :mod:`graphcnn.backends.keras.lower.merge`.
    """
    ((tokens, features),) = inputs
    narrow = op.bias and features == op.heads > 1
    if narrow and equal(tokens, op.heads) is not False:
        raise OpError(
            f"Keras adds the biases of {op.heads} heads of one feature along the {tokens} tokens",
            code="unsupported-op",
            attribute="heads",
            help="take fewer heads, or `bias: false`",
        )
    made = Call(
        "layers.MultiHeadAttention",
        (
            op.heads,
            features // op.heads,
            Keyword("dropout", op.dropout, 0.0),
            Keyword("use_bias", op.bias, True),
        ),
    )
    return one(Stage(made, fed=(Input(), Input()), key=""))


def parameter(op: Parameter, layout: Layout, *inputs: Shape) -> Forms:
    """A layer that hands its tensor to every sample; what it is called with tells how many."""
    initial: Any
    if op.init == "normal":
        initial = call("initializers.RandomNormal", stddev=op.std)
    elif op.init in (0, 1):
        initial = "ones" if op.init else "zeros"
    else:
        initial = call("initializers.Constant", op.init)
    shape = layout.ordered(op.shape)
    return one(
        Stage(Call("LearnedTensor", (shape, Keyword("initializer", initial, "zeros"))), key="")
    )
