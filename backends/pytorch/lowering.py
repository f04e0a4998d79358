"""An op's code: from the table, or the class that the author's declaration names."""

from __future__ import annotations

from graphcnn.backends import Level, Support, from_tables
from graphcnn.backends.python.code import Call, Keyword, Lowered
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.pytorch.lower import COMPOSED, LOWER
from graphcnn.ops.base import Op, OpError, Shape
from graphcnn.ops.declared import Declared
from graphcnn.program import is_identifier


def lowering(op: Op, shapes: tuple[Shape, ...]) -> Lowered:
    """How an op is written; an author's own op is a call of the class it names, dots and all."""
    if isinstance(op, Declared):
        arguments = tuple(Keyword(key, value) for key, value in op.values)
        return Lowered(Call(op.declaration.targets["pytorch"], arguments))
    return LOWER[type(op)](op, *shapes)


def executable(op: Op, found: Lowered) -> Lowered:
    """The code of an op whose module, made before any input is known, depends on none.

    Raises:
        OpError: it has no form but such a module.
    """
    if not is_open(found.module):
        return found
    if found.forward is None:
        raise OpError(
            f"the layer of this `{op.name}` is made before the size of its input is known, and "
            "depends on it",
            code="unsupported-op",
            help="give the input a fixed size",
        )
    return Lowered(None, found.forward)


def support(op: Op | type[Op]) -> Support:
    """Whether PyTorch has an op (`native`), it is composed (`lowered`), or neither."""
    if isinstance(op, Declared):
        target = op.declaration.targets.get("pytorch", "")
        if "." in target and all(is_identifier(part) for part in target.split(".")):
            return Support(Level.NATIVE)
        return Support(Level.UNSUPPORTED, "its declaration names no PyTorch class")
    return from_tables(op, "PyTorch", LOWER, COMPOSED)
