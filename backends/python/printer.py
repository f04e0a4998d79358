"""Trees of ``code`` to Python text. Layout (line breaks, quotes) is left to ruff's formatter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcnn.backends.python.code import (
    Attribute,
    Call,
    Choice,
    Formula,
    Infix,
    Input,
    Inputs,
    Keyword,
    Method,
    Self,
    Slice,
    Subscript,
)
from graphcnn.backends.python.identifiers import renamed
from graphcnn.backends.python.precedence import conditional, infix, operand
from graphcnn.size import Symbolic


class Text(str):
    """Python source that stands for itself."""

    __slots__ = ()


class Printer:
    """Prints trees; ``inputs`` and ``self_`` are what Input and Self stand for."""

    def __init__(self, inputs: Sequence[str] = (), self_: str = "self") -> None:
        self.inputs = inputs
        self.self_ = self_

    def text(self, code: Any) -> str:
        printer = _PRINTERS.get(type(code))
        return printer(self, code) if printer else literal(code)

    def operand(self, code: Any) -> str:
        """A part of an operation; what is no code of its own is kept apart from the code around."""
        text = self.text(code)
        whole = isinstance(code, (Formula, Text, Input, Symbolic))
        return operand(text) if whole else text

    def arguments(self, arguments: tuple[Any, ...]) -> str:
        return ", ".join(
            f"{argument.name}={self.text(argument.value)}"
            if isinstance(argument, Keyword)
            else self.text(argument)
            for argument in arguments
        )


def literal(value: Any) -> str:
    """A plain value as Python writes it."""
    if isinstance(value, Text):
        return value
    if isinstance(value, Symbolic):
        return str(value)
    if value is ...:
        return "..."
    if isinstance(value, (tuple, list)):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def _call(printer: Printer, code: Call) -> str:
    return f"{code.target}({printer.arguments(code.arguments)})"


def _method(printer: Printer, code: Method) -> str:
    receiver = operand(printer.text(code.receiver))
    return f"{receiver}.{code.name}({printer.arguments(code.arguments)})"


def _infix(printer: Printer, code: Infix) -> str:
    return infix(code.operator, *map(printer.operand, code.operands))


def _subscript(printer: Printer, code: Subscript) -> str:
    index = ", ".join(printer.text(part) for part in code.index)
    return f"{operand(printer.text(code.value))}[{index}]"


def _slice(printer: Printer, code: Slice) -> str:
    start, stop = ("" if x is None else printer.text(x) for x in (code.start, code.stop))
    step = "" if code.step is None else f":{printer.text(code.step)}"
    return f"{start}:{stop}{step}"


def _tuple(printer: Printer, code: tuple[Any, ...]) -> str:
    inner = ", ".join(printer.text(item) for item in code)
    return f"({inner},)" if len(code) == 1 else f"({inner})"


def _attribute(printer: Printer, code: Attribute) -> str:
    return f"{operand(printer.text(code.receiver))}.{code.name}"


def _formula(printer: Printer, code: Formula) -> str:
    reads = {name: operand(printer.text(read)) for name, read in code.reads}
    return renamed(code.text, lambda name: reads.get(name, name))


def _choice(printer: Printer, code: Choice) -> str:
    then, otherwise = printer.text(code.then), printer.text(code.otherwise)
    return conditional(then, code.condition, otherwise)


_PRINTERS: dict[type, Callable[[Printer, Any], str]] = {
    Call: _call,
    Method: _method,
    Infix: _infix,
    Subscript: _subscript,
    Slice: _slice,
    tuple: _tuple,
    Attribute: _attribute,
    Formula: _formula,
    Choice: _choice,
    Input: lambda printer, code: printer.inputs[code.index],
    Inputs: lambda printer, _: f"[{', '.join(printer.inputs)}]",
    Self: lambda printer, _: printer.self_,
    Keyword: lambda printer, code: printer.text(code.value),
}
