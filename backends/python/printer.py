"""Trees of ``code`` to Python text. Layout (line breaks, quotes) is left to ruff's formatter."""

from __future__ import annotations

import re
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
from graphcnn.size import Symbolic


class Text(str):
    """Python source that stands for itself."""

    __slots__ = ()


_LOOSE = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2}


class Printer:
    """Prints trees; ``inputs`` and ``self_`` are what Input and Self stand for."""

    def __init__(self, inputs: Sequence[str] = (), self_: str = "self") -> None:
        self.inputs = inputs
        self.self_ = self_

    def text(self, code: Any) -> str:
        printer = _PRINTERS.get(type(code))
        return printer(self, code) if printer else literal(code)

    def operand(self, code: Any, tightness: int) -> str:
        """An operand, in parentheses where it binds looser than its operator."""
        text = self.text(code)
        loose = isinstance(code, Infix) and _LOOSE[code.operator] < tightness
        open_text = isinstance(code, (Formula, Text, Input, Symbolic)) and not is_atom(text)
        return f"({text})" if loose or open_text else text

    def arguments(self, arguments: tuple[Any, ...]) -> str:
        return ", ".join(
            f"{argument.name}={self.text(argument.value)}"
            if isinstance(argument, Keyword)
            else self.text(argument)
            for argument in arguments
        )


def is_atom(text: str) -> bool:
    """Whether text can be an operand as it stands: a name, number or call, in brackets or not."""
    depth = 0
    for char in text:
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == " " and depth == 0:
            return False
    return not text.startswith("-")


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
    return f"{printer.operand(code.receiver, 3)}.{code.name}({printer.arguments(code.arguments)})"


def _infix(printer: Printer, code: Infix) -> str:
    tightness = _LOOSE[code.operator]
    first, *rest = code.operands
    strict = tightness + (code.operator in "-/@")
    parts = [printer.operand(first, tightness), *(printer.operand(x, strict) for x in rest)]
    return f" {code.operator} ".join(parts)


def _subscript(printer: Printer, code: Subscript) -> str:
    index = ", ".join(printer.text(part) for part in code.index)
    return f"{printer.operand(code.value, 3)}[{index}]"


def _slice(printer: Printer, code: Slice) -> str:
    start, stop = ("" if x is None else printer.text(x) for x in (code.start, code.stop))
    step = "" if code.step is None else f":{printer.text(code.step)}"
    return f"{start}:{stop}{step}"


def _tuple(printer: Printer, code: tuple[Any, ...]) -> str:
    inner = ", ".join(printer.text(item) for item in code)
    return f"({inner},)" if len(code) == 1 else f"({inner})"


def _attribute(printer: Printer, code: Attribute) -> str:
    return f"{printer.operand(code.receiver, 3)}.{code.name}"


def _formula(printer: Printer, code: Formula) -> str:
    reads = {name: printer.text(read) for name, read in code.reads}
    return re.sub(r"\b[A-Za-z_]\w*", lambda match: reads.get(match[0], match[0]), code.text)


def _choice(printer: Printer, code: Choice) -> str:
    then, otherwise = printer.text(code.then), printer.text(code.otherwise)
    return f"{then} if {code.condition} else {otherwise}"


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
