"""An op's code: from the table, or the class that the author's declaration names."""

from __future__ import annotations

from graphcnn.backends import Level, Support
from graphcnn.backends.keras.arrange import Arrangement
from graphcnn.backends.keras.lower import COMPOSED, LOWER, MOVING
from graphcnn.backends.keras.lower.pooling import max_pool
from graphcnn.backends.keras.stages import Forms, Stage, one
from graphcnn.backends.python.code import Call, Input, Keyword
from graphcnn.ops.base import Op, Shape
from graphcnn.ops.declared import Declared
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.pooling import MaxPool
from graphcnn.program import is_identifier


def lowering(
    op: Op, arrangement: Arrangement, shapes: tuple[Shape, ...], *, positive: bool = False
) -> Forms:
    """How an op is written; ``positive`` promises that no cell of its input is below 0."""
    if isinstance(op, Declared):
        _, _, name = op.declaration.targets["keras"].rpartition(".")
        arguments = tuple(Keyword(key, value) for key, value in op.values)
        fed = tuple(Input(k) for k in range(len(shapes)))
        return one(Stage(Call(name, arguments), fed, key="" if op.weights(*shapes) else None))
    if isinstance(op, MaxPool):
        return max_pool(op, arrangement.takes, *shapes, positive=positive)
    if isinstance(op, Parameter):
        return LOWER[Parameter](op, arrangement.gives)
    if type(op) in MOVING:
        return LOWER[type(op)](op, arrangement.takes, *shapes, after=arrangement.gives)
    return LOWER[type(op)](op, arrangement.takes, *shapes)


def import_of(op: Declared) -> str:
    """The line that brings in the author's own layer."""
    module, _, name = op.declaration.targets["keras"].rpartition(".")
    return f"from {module} import {name}"


def support(op: Op | type[Op]) -> Support:
    """Whether Keras has an op (`native`), it is composed (`lowered`), or neither."""
    if isinstance(op, Declared):
        target = op.declaration.targets.get("keras", "")
        if "." in target and all(is_identifier(part) for part in target.split(".")):
            return Support(Level.NATIVE)
        return Support(Level.UNSUPPORTED, "its declaration names no Keras class")
    kind = op if isinstance(op, type) else type(op)
    if kind not in LOWER:
        return Support(Level.UNSUPPORTED, "Keras has no such op")
    return Support(Level.LOWERED if kind in COMPOSED else Level.NATIVE)
