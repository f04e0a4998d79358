"""Sizes that are set free: a symbol where a parameter has an integer, as inputs have it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import suppress
from typing import Any

from graphcnn.elaborate.arguments import type_of
from graphcnn.evaluate import Budget, Names, evaluate
from graphcnn.expression import Expr, ExpressionError, Name, names_in, parse_text
from graphcnn.program import Parameter, Program
from graphcnn.size import symbol
from graphcnn.syntax import Scalar, Sequence


class BadSymbol(Exception):
    """A name that cannot stand for a size; ``code`` is that of the diagnostic."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


def freed(program: Program, parameter: Parameter, value: Any, budget: Budget) -> Any:
    """What a setting comes to: text is a symbol, or an expression over symbols, where it can be.

    It can be where a size of an input reads the parameter, and the parameter is an integer, or
    the text stands for an item of a list of integers. Any other value is returned as it is.

    Raises:
        ExpressionError: the text is no expression, or has no value.
        BadSymbol: a name in it is no symbol.
    """
    if parameter.name not in _read_by_inputs(program):
        return value
    if isinstance(value, str) and type_of(parameter) == "int":
        return symbolic(value, 0, program.parameters, budget)
    if isinstance(value, list) and _holds_integers(parameter):
        return [
            symbolic(item, 0, program.parameters, budget) if isinstance(item, str) else item
            for item in value
        ]
    return value


def _holds_integers(parameter: Parameter) -> bool:
    known = None if parameter.default is None else parameter.default.value
    return isinstance(known, list) and all(type(item) is int for item in known)


def _read_by_inputs(program: Program) -> set[str]:
    """The names that sizes of inputs read, themselves or by a `let` or the default of another."""
    computed = {name: term.value for name, term in program.let.items()}
    for name, parameter in program.parameters.items():
        if parameter.default is not None:
            computed[name] = parameter.default.value
    found: set[str] = set()
    waiting = {name for expr in _sizes(program) for name in names_in(expr)}
    while waiting:
        name = waiting.pop()
        found.add(name)
        expr = computed.get(name)
        waiting |= names_in(expr) - found if isinstance(expr, Expr) else set()
    return found


def _sizes(program: Program) -> Iterator[Expr]:
    """The expressions over parameters among the sizes of inputs."""
    for _, node in program.inputs.values():
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Scalar) and isinstance(item.value, str) and "$" in item.value:
                with suppress(ExpressionError):  # which is reported where inputs are read
                    expr = parse_text(item.value, 0)
                    if isinstance(expr, Expr):
                        yield expr


def symbolic(text: str, offset: int, taken: Container[str], budget: Budget) -> Any:
    """A size in symbols, such as `32*H`; each name in it is one, and none of those ``taken``.

    Raises:
        ExpressionError: the text is no expression, or has no value.
        BadSymbol: a name in it is no symbol.
    """
    expr = parse_text(f"$({text})", offset)
    if not isinstance(expr, Expr):
        return expr
    symbols = {}
    for name in sorted(names_in(expr)):
        if name in taken:
            raise BadSymbol(
                "bad-value",
                f"`{name}` is a symbol here, and a parameter of the same name exists",
                f"write `${name}` for its value",
            )
        try:
            symbols[name] = symbol(name)
        except ValueError:
            raise BadSymbol("bad-name", f"`{name}` cannot name a size") from None
    if isinstance(expr, Name):
        return symbols[expr.name]
    return evaluate(expr, Names(symbols), budget)
