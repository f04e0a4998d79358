"""An op as calls of operators: from the table, or the operator that its declaration names."""

from __future__ import annotations

from typing import Any

from graphcnn.backends import Level, Support, from_tables
from graphcnn.backends.onnx.calls import batched
from graphcnn.backends.onnx.lower import COMPOSED, LOWER
from graphcnn.backends.onnx.tensor import Call, Result, Tensor, Use
from graphcnn.ops.base import Op, OpError
from graphcnn.ops.declared import Declared
from graphcnn.size import equal


def lowered(op: Op, use: Use) -> tuple[Tensor, ...]:
    """What an op makes, one tensor for each of its outputs.

    Raises:
        OpError: this use of the op has no form in ONNX.
    """
    known = support(op)
    if known.level is Level.UNSUPPORTED:
        raise OpError(known.reason, code="unsupported-op")
    if isinstance(op, Declared):
        return _declared(op, use)
    found = LOWER[type(op)](op, use)
    return found if isinstance(found, tuple) else (found,)


def support(op: Op | type[Op]) -> Support:
    """Whether ONNX has an op (`native`), it is composed (`lowered`), or neither."""
    if isinstance(op, Declared):
        if "onnx" in op.declaration.targets:
            return Support(Level.NATIVE)
        return Support(Level.UNSUPPORTED, "its declaration names no ONNX operator")
    return from_tables(op, "ONNX", LOWER, COMPOSED)


def _declared(op: Declared, use: Use) -> tuple[Tensor, ...]:
    """The operator's inputs are those of the op, then its weights, as they are declared."""
    domain, _, operator = op.declaration.targets["onnx"].rpartition("::")
    inputs = [*use.inputs]
    if any(equal(x.shape[0], use.batch) for x in inputs):
        inputs = [batched(x, use.batch) for x in inputs]
    attributes = {
        name: _attribute(name, value) for name, value in op.values if value not in (None, ())
    }
    batch = inputs[0].shape[0]
    shapes = [(batch, *shape) for shape in op.outputs(*use.samples)]
    call = Call(operator, (*inputs, *use.weights.values()), attributes, domain, outputs=len(shapes))
    return tuple(Result(shape=shape, call=call, port=port) for port, shape in enumerate(shapes))


def _attribute(name: str, value: Any) -> Any:
    """A value of the spec as ONNX holds it: a number, a text, or a list of such of one type."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float, str)):
        return value
    if isinstance(value, tuple):
        items = [_attribute(name, item) for item in value]
        kinds = {type(item) for item in items}
        if kinds == {int, float}:
            return [float(item) for item in items]
        if len(kinds) == 1 and kinds <= {int, float, str}:
            return items
    raise OpError(
        f"its attribute `{name}` is neither a number, a text nor a list of such",
        code="unsupported-op",
        attribute=name,
    )
