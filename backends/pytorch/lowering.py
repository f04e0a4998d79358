"""An op's code: from the table, or the class that the author's declaration names."""

from __future__ import annotations

from graphcnn.backends.pytorch.code import Call, Keyword, Lowered
from graphcnn.backends.pytorch.lower import LOWER
from graphcnn.ops.base import Op, Shape
from graphcnn.ops.declared import Declared


def lowering(op: Op, shapes: tuple[Shape, ...]) -> tuple[Lowered, str | None]:
    """How an op is written, and the import that it needs, if any."""
    if isinstance(op, Declared):
        module, _, name = op.declaration.targets["pytorch"].rpartition(".")
        arguments = tuple(Keyword(key, value) for key, value in op.values)
        return Lowered(Call(name, arguments)), f"from {module} import {name}"
    return LOWER[type(op)](op, *shapes), None
