"""Text to expressions: what each `$` in it begins."""

from __future__ import annotations

import re

from graphcnn.expression.parser import CONSTANTS, MAX_HEIGHT, Parser, too_deep
from graphcnn.expression.tree import Const, Expr, ExpressionError, Name, Property, Template

_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


def parse_text(text: str, offset: int) -> str | Expr:
    """The meaning of a piece of a spec's text: itself, an expression, or a template.

    ``offset`` is the place of ``text`` in the file. `$$` is a dollar.

    Raises:
        ExpressionError: where a `$` is followed by something that is no expression.
    """
    if "$" not in text:
        return text
    parts: list[str | Expr] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        if dollar > at:
            parts.append(text[at:dollar])
        expr, at = _after_dollar(text, dollar + 1, offset)
        parts.append(expr)
    if at < len(text):
        parts.append(text[at:])
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return Template(offset, offset + len(text), tuple(parts))


def _after_dollar(text: str, at: int, offset: int) -> tuple[str | Expr, int]:
    """What the `$` before ``at`` begins, and where it ends."""
    if text.startswith("$", at):
        return "$", at + 1
    if text.startswith("(", at):
        expr, end = Parser(text, at, offset).parenthesised()
        return expr, end - offset
    match = _SIMPLE.match(text, at)
    if not match:
        raise ExpressionError(
            "expression-syntax",
            "`$` starts an expression: `$name` or `$(…)`",
            offset + at - 1,
            offset + at,
            help=f"write `$({text[at + 1 :].partition('}')[0]})`"
            if text.startswith("{", at)
            else "write `$$` for a dollar",
        )
    return _dotted(match[0], offset + at), match.end()


def _dotted(text: str, start: int) -> Expr:
    first, *rest = text.split(".")
    expr: Expr = Name(start, start + len(first), first)
    if len(rest) > MAX_HEIGHT:
        raise too_deep(start, start + len(text))
    if not rest and first in CONSTANTS:
        return Const(start, expr.end, CONSTANTS[first])
    for name in rest:
        expr = Property(start, expr.end + 1 + len(name), expr, name)
    return expr
