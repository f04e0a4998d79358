"""Calls as opsets had to write them that are older than the form in which they are made.

Lowerings use the newest form of an operator. ``FORMS`` says since when that form exists, and how
the same is computed without it; operators that are not there are as old as the oldest opset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import pi, sqrt

from graphcnn.backends.onnx.calls import call, elementwise, number
from graphcnn.backends.onnx.tensor import Call, Constant, Result, Tensor


def written(made: Call, opset: int) -> Call:
    """A call as this opset has it."""
    since, form = FORMS.get(made.operator, (0, None))
    return made if form is None or made.domain or opset >= since else form(made)


def _reduction(made: Call) -> Call:
    """The axes were an attribute."""
    x, axes = made.inputs
    return replace(made, inputs=(x,), attributes={**made.attributes, "axes": list(_numbers(axes))})


def _pad(made: Call) -> Call:
    """The axes had no names; all of them are there."""
    x, amounts, value, _ = made.inputs
    return replace(made, inputs=(x, amounts) if value is None else (x, amounts, value))


def _max_pool(made: Call) -> Call:
    """Zeros without named axes would be moved into the pool, where they count as -infinity.

    onnxruntime does that to a pool right behind a pad; a maximum of one value stands between them.
    """
    (x,) = made.inputs
    if isinstance(x, Result) and x.call.operator == "Pad":
        return replace(made, inputs=(call("Max", x),))
    return made


def _split(made: Call) -> Call:
    """The number of equal parts was that of the outputs."""
    attributes = {key: value for key, value in made.attributes.items() if key != "num_outputs"}
    return replace(made, attributes=attributes)


def _mish(made: Call) -> Call:
    x = _first(made)
    return _product(x, call("Tanh", call("Softplus", x)))


def _gelu(made: Call) -> Call:
    """Half of x times 1 + erf(x / √2), or the approximation of that by a hyperbolic tangent."""
    x = _first(made)
    if made.attributes.get("approximate") == "tanh":
        cube = elementwise("Mul", elementwise("Mul", x, x), x)
        bent = elementwise("Add", x, elementwise("Mul", cube, number(0.044715, "cubic")))
        curve = call("Tanh", elementwise("Mul", bent, number(sqrt(2 / pi), "slope")))
    else:
        curve = call("Erf", elementwise("Div", x, number(sqrt(2), "root")))
    share = elementwise("Add", curve, number(1.0, "one"))
    return _product(elementwise("Mul", x, number(0.5, "half")), share)


def _product(a: Tensor, b: Tensor) -> Call:
    return Call("Mul", (a, b))


def _first(made: Call) -> Tensor:
    (x,) = made.inputs
    assert x is not None  # noqa: S101 - the operator's one input is not optional
    return x


def _numbers(tensor: Tensor | None) -> tuple[int, ...]:
    assert isinstance(tensor, Constant)  # noqa: S101 - `calls.reduce` alone makes it
    return tuple(int(value) for value in tensor.values)


FORMS: dict[str, tuple[int, Callable[[Call], Call]]] = {
    "Gelu": (20, _gelu),
    "MaxPool": (18, _max_pool),
    "Mish": (18, _mish),
    "Pad": (18, _pad),
    "ReduceL2": (18, _reduction),
    "ReduceMax": (18, _reduction),
    "ReduceMean": (18, _reduction),
    "Split": (18, _split),
}
