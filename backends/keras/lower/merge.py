"""Merges in Keras: layers that take a list.

Where one input is repeated along axes of another, `ops.add` of Keras 3 on TensorFlow, and with it
the layers `Add` and `Average`, may repeat it along others. A second input of which one axis alone
has more than one cell it hands to `tf.nn.bias_add`, as a bias of the first input's last axis or
else of the axis behind the batch, if that has as many cells; and the one axis may be the batch.
"""

from __future__ import annotations

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer, one
from graphcnn.backends.python.code import Call, Infix, Input, Inputs, Keyword, call
from graphcnn.ops.base import Shape
from graphcnn.ops.merge import Add, Average, Concat, Maximum, Multiply, Scale, Subtract
from graphcnn.size import equal


def _merged(name: str) -> tuple[Stage, ...]:
    return (Stage(Call(f"layers.{name}"), fed=(Inputs(),)),)


def _signs(count: int) -> Infix:
    """The sum of all inputs, without `ops.add`."""
    return Infix("-", (Input(), *(call("ops.negative", Input(n)) for n in range(1, count))))


def _added(
    name: str, code: Infix, op: Add | Average, layout: Layout, inputs: tuple[Shape, ...]
) -> Forms:
    """The layer of that name, and ``code`` that does the same; that alone where the layer errs."""
    found = {"signs": (Stage(code, fed=None, why="Add may repeat it along another axis"),)}
    sums = [inputs[0], *(op.outputs(*inputs[:n])[0] for n in range(2, len(inputs)))]
    pairs = zip(sums, inputs[1:], strict=True)
    if any(_is_mistaken(layout.ordered(a), layout.ordered(b)) for a, b in pairs):
        return found
    return {"": _merged(name), **found}


def _is_mistaken(a: Shape, b: Shape) -> bool:
    """Whether `ops.add` may take the second of two samples for a bias of an axis it is not of."""
    long = [axis for axis, n in enumerate(b) if equal(n, 1) is not True]
    ends = {0, len(a) - 1}
    if not long:
        return any(equal(a[axis], 1) is not True for axis in ends)
    if len(long) > 1 or (long == [len(a) - 1] and equal(a[-1], b[-1])):
        return False
    (own,) = long
    others = [a[axis] for axis in ends - {own} if equal(a[axis], 1) is not True]
    return any(equal(n, b[own]) is not False for n in others)


def add(op: Add, layout: Layout, *inputs: Shape) -> Forms:
    return _added("Add", _signs(len(inputs)), op, layout, inputs)


def subtract(op: Subtract, layout: Layout, *inputs: Shape) -> Forms:
    return one(*_merged("Subtract"))


def multiply(op: Multiply, layout: Layout, *inputs: Shape) -> Forms:
    return one(*_merged("Multiply"))


def maximum(op: Maximum, layout: Layout, *inputs: Shape) -> Forms:
    return one(*_merged("Maximum"))


def average(op: Average, layout: Layout, *inputs: Shape) -> Forms:
    count = len(inputs)
    return _added("Average", Infix("/", (_signs(count), count)), op, layout, inputs)


def concat(op: Concat, layout: Layout, *inputs: Shape) -> Forms:
    if len(inputs) == 1:
        return one(expression(Input()))
    axis = Keyword("axis", layout.spoken(op.axis, len(inputs[0])), -1)
    return one(Stage(Call("layers.Concatenate", (axis,)), fed=(Inputs(),)))


def scale(op: Scale, layout: Layout, *inputs: Shape) -> Forms:
    return one(layer("layers.Rescaling", op.factor))
