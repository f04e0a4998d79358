"""Sizes that are known only when the model runs, as calls on the shapes of its inputs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import reduce

from graphcnn.backends.onnx.calls import call, elementwise, ints
from graphcnn.backends.onnx.tensor import Tensor
from graphcnn.ops.base import OpError
from graphcnn.size import Size, Symbolic, equal, evaluate, symbol, symbols

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "Add",
    ast.Sub: "Sub",
    ast.Mult: "Mul",
    ast.Pow: "Pow",
}
_FUNCTIONS = {"max": "Max", "min": "Min"}


class Measure:
    """Makes each size once, whoever asks for it."""

    def __init__(self, inputs: Iterable[Tensor]) -> None:
        self.inputs = tuple(inputs)
        self._made: dict[str, Tensor] = {}

    def size(self, size: Size) -> Tensor:
        """A vector of one number.

        Raises:
            OpError: the shapes of the inputs do not tell.
        """
        return self._expression(ast.parse(str(size), mode="eval").body)

    def _expression(self, tree: ast.expr) -> Tensor:
        text = ast.unparse(tree)
        if text not in self._made:
            self._made[text] = self._computed(tree)
        return self._made[text]

    def _computed(self, tree: ast.expr) -> Tensor:
        match tree:
            case ast.Name(name):
                return self._symbol(name)
            case ast.Constant(int(value)):
                return ints([value], "number")
            case ast.UnaryOp(ast.USub(), operand):
                return elementwise("Neg", self._expression(operand))
            case ast.BinOp(left, ast.FloorDiv(), right):
                return floor_div(self._expression(left), self._expression(right))
            case ast.BinOp(left, operator, right):
                a, b = self._expression(left), self._expression(right)
                return elementwise(_OPERATORS[type(operator)], a, b)
            case ast.Call(ast.Name(name), arguments):
                operands = [self._expression(argument) for argument in arguments]
                return reduce(lambda a, b: elementwise(_FUNCTIONS[name], a, b), operands)
        raise AssertionError(ast.dump(tree))

    def _symbol(self, name: str) -> Tensor:
        """The symbol's value, from the first axis that tells it."""
        for x in self.inputs:
            for axis, size in enumerate(x.shape):
                line = _line(size, name)
                if line is None:
                    continue
                found = call("Shape", x, shape=(1,), dtype="int64", start=axis, end=axis + 1)
                factor, offset = line
                if offset:
                    found = elementwise("Sub", found, ints([offset], "offset"))
                if factor != 1:
                    found = elementwise("Div", found, ints([factor], "factor"))
                return found
        raise OpError(
            f"it needs the number `{name}`, which no one axis of the inputs tells",
            code="unsupported-op",
            help=f"give an input an axis of size `{name}`, or fix its size",
        )


def _line(size: Size, name: str) -> tuple[int, int] | None:
    """``(a, b)`` where the size is a * name + b, a not 0."""
    if not isinstance(size, Symbolic) or set(symbols(size)) != {name}:
        return None
    first, second = (evaluate(size, {name: n}) for n in (1, 2))
    if not isinstance(first, int) or not isinstance(second, int) or first == second:
        return None
    factor = second - first
    offset = first - factor
    return (factor, offset) if equal(size, factor * symbol(name) + offset) else None


def floor_div(a: Tensor, b: Tensor) -> Tensor:
    """The quotient rounded down; ONNX rounds towards zero."""
    rest = elementwise("Mod", a, b)
    return elementwise("Div", elementwise("Sub", a, rest), b)


def vector(parts: Sequence[Tensor]) -> Tensor:
    """Numbers one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return call("Concat", *parts, shape=(len(parts),), axis=0)
