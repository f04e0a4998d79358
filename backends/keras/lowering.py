"""An op's code: from the table, or the class that the author's declaration names."""

from __future__ import annotations

from graphcnn.backends import Level, Support, from_tables
from graphcnn.backends.keras.arrange import Arrangement
from graphcnn.backends.keras.lower import COMPOSED, LOWER, MOVING
from graphcnn.backends.keras.lower.pooling import max_pool
from graphcnn.backends.keras.stages import Forms, Stage, one
from graphcnn.backends.python.code import Call, Input, Keyword
from graphcnn.ops.base import Op, Shape
from graphcnn.ops.declared import Declared
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.pooling import MaxPool
from graphcnn.ops.shape import Flatten, Reshape
from graphcnn.program import is_identifier


def lowering(
    op: Op,
    arrangement: Arrangement,
    shapes: tuple[Shape, ...],
    *,
    positive: bool = False,
    words: bool = False,
) -> Forms:
    """How an op is written; an author's own op is a call of the class it names, dots and all.

    ``positive`` promises that no cell of its input is below 0, ``words`` that symbols of sizes
    are names in the code.
    """
    if isinstance(op, Declared):
        path = op.declaration.targets["keras"]
        arguments = tuple(Keyword(key, value) for key, value in op.values)
        fed = tuple(Input(k) for k in range(len(shapes)))
        return one(Stage(Call(path, arguments), fed, key=""))
    if isinstance(op, MaxPool):
        return max_pool(op, arrangement.takes, *shapes, positive=positive)
    if isinstance(op, Parameter):
        return LOWER[Parameter](op, arrangement.gives)
    if isinstance(op, (Flatten, Reshape)):
        gives = arrangement.gives
        return LOWER[type(op)](op, arrangement.takes, *shapes, after=gives, words=words)
    if type(op) in MOVING:
        return LOWER[type(op)](op, arrangement.takes, *shapes, after=arrangement.gives)
    return LOWER[type(op)](op, arrangement.takes, *shapes)


def support(op: Op | type[Op]) -> Support:
    """Whether Keras has an op (`native`), it is composed (`lowered`), or neither."""
    if isinstance(op, Declared):
        target = op.declaration.targets.get("keras", "")
        if "." in target and all(is_identifier(part) for part in target.split(".")):
            return Support(Level.NATIVE)
        return Support(Level.UNSUPPORTED, "its declaration names no Keras class")
    return from_tables(op, "Keras", LOWER, COMPOSED)
