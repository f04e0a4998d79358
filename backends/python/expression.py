"""The author's expressions as Python source, with what is known folded in.

``PythonText`` says what text an expression has, or None where it cannot be carried over (it
asks for something that only the compiler knows). The caller checks the text's value against
every use, so folding never has to be clever to be right.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from graphcnn.evaluate import Budget, Scope, evaluate
from graphcnn.expression import (
    Binary,
    CallOf,
    Compare,
    Conditional,
    Const,
    Expr,
    ExpressionError,
    Index,
    ListOf,
    Name,
    Unary,
)
from graphcnn.size import Symbolic

_OPPOSITE = {"==": "!=", "!=": "==", "in": "not in", "not in": "in"}
_TIGHTNESS = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8}
_DIRECT_CALLS = {"min", "max", "abs", "round", "int", "len", "sum"}


class NoText(Exception):
    """An expression that has no counterpart in the emitted code."""


def is_ragged(value: Any) -> bool:
    """Whether a number is better said as what it was computed from: 0.037500000000000006."""
    return isinstance(value, float) and len(repr(value)) > 10


class PythonText:
    """Writes expressions over names that stand for ``symbols`` or for constants of ``scope``.

    ``scope`` maps integers that differ between uses to symbols (so that arithmetic is put in
    normal form); ``names`` says how the code writes them and the other values that differ.
    """

    def __init__(self, scope: Scope, names: Mapping[str, str]) -> None:
        self.scope = scope
        self.names = names
        #: whether fractions stay as the author computed them, since one of them is ragged
        self._by_operands = False

    def text(self, expr: Expr, *, by_operands: bool = False) -> str:
        """Python source for ``expr``, perhaps with every fraction as computed; raises NoText."""
        self._by_operands = by_operands
        return self._write(expr)[0]

    def _write(self, expr: Expr) -> tuple[str, int]:
        """Source and how tightly its outermost operator binds (9 is an atom)."""
        known = self._value(expr)
        if known is not None:
            return known
        writers: dict[type[Expr], Callable[[Any], tuple[str, int]]] = {
            Name: self._name,
            Unary: self._unary,
            Binary: self._binary,
            Compare: self._compare,
            Conditional: self._conditional,
            CallOf: self._call,
            Index: self._index,
            ListOf: self._list,
        }
        if type(expr) not in writers:
            raise NoText
        return writers[type(expr)](expr)

    def _value(self, expr: Expr) -> tuple[str, int] | None:
        """The value itself, where it is a constant or arithmetic over symbols."""
        try:
            value = evaluate(expr, self.scope, Budget(100_000))
        except ExpressionError:
            return None
        if isinstance(expr, Binary) and isinstance(value, float):
            self._by_operands = self._by_operands or is_ragged(value)
            if self._by_operands:
                return None
        if isinstance(value, (bool, int, float, str)) or value is None:
            return repr(value), 9 if not isinstance(value, (int, float)) or value >= 0 else 7
        if isinstance(value, Symbolic):
            text = str(value)
            return text, _outer_tightness(text)
        if isinstance(value, list) and all(isinstance(v, (int, float, str)) for v in value):
            return repr(tuple(value)), 9
        return None

    def _operand(self, expr: Expr, tightness: int) -> str:
        text, own = self._write(expr)
        return text if own >= tightness else f"({text})"

    def _name(self, expr: Name) -> tuple[str, int]:
        if expr.name in self.names:
            return self.names[expr.name], 9
        raise NoText

    def _unary(self, expr: Unary) -> tuple[str, int]:
        if expr.operator == "not":
            inner = self._plain(expr.operand)
            if isinstance(inner, Compare) and len(inner.rest) == 1:
                ((operator, right),) = inner.rest
                if operator in _OPPOSITE:
                    return self._compare(replace(inner, rest=((_OPPOSITE[operator], right),)))
            return f"not {self._operand(expr.operand, 3)}", 3
        return f"{expr.operator}{self._operand(expr.operand, 7)}", 7

    def _binary(self, expr: Binary) -> tuple[str, int]:
        own = _TIGHTNESS[expr.operator]
        if expr.operator in ("and", "or"):
            folded = self._logic(expr)
            if folded is not None:
                return folded
        left = self._operand(expr.left, own + (expr.operator == "**"))
        right = self._operand(expr.right, own + (expr.operator in ("-", "/", "//", "%")))
        return f"{left} {expr.operator} {right}", own

    def _logic(self, expr: Binary) -> tuple[str, int] | None:
        """`x and true` is `x`; what absorbs it was folded before."""
        neutral = expr.operator == "and"
        plain = self._plain(expr)
        if plain is not expr:
            return self._write(plain)
        absorbing = [e for e in (expr.left, expr.right) if self._constant(e) is (not neutral)]
        return (repr(not neutral), 9) if absorbing else None

    def _plain(self, expr: Expr) -> Expr:
        """What is left of `x and true`."""
        if isinstance(expr, Binary) and expr.operator in ("and", "or"):
            neutral = expr.operator == "and"
            for known, other in ((expr.left, expr.right), (expr.right, expr.left)):
                if self._constant(known) is neutral:
                    return self._plain(other)
        return expr

    def _constant(self, expr: Expr) -> Any:
        if isinstance(expr, Const):
            return expr.value
        try:
            return evaluate(expr, self.scope, Budget(100_000))
        except ExpressionError:
            return ...

    def _compare(self, expr: Compare) -> tuple[str, int]:
        parts = [self._operand(expr.first, 5)]
        for operator, right in expr.rest:
            word = operator
            if operator in ("==", "!=") and self._constant(right) is None:
                word = "is" if operator == "==" else "is not"
            parts += [word, self._operand(right, 5)]
        return " ".join(parts), 4

    def _conditional(self, expr: Conditional) -> tuple[str, int]:
        condition = self._constant(expr.condition)
        if isinstance(condition, bool):
            return self._write(expr.then if condition else expr.otherwise)
        then, test = self._operand(expr.then, 1), self._operand(expr.condition, 1)
        return f"{then} if {test} else {self._operand(expr.otherwise, 0)}", 0

    def _index(self, expr: Index) -> tuple[str, int]:
        return f"{self._operand(expr.value, 9)}[{self._write(expr.index)[0]}]", 9

    def _list(self, expr: ListOf) -> tuple[str, int]:
        items = [self._write(item)[0] for item in expr.items]
        return f"({', '.join(items)}{',' * (len(items) == 1)})", 9

    def _call(self, expr: CallOf) -> tuple[str, int]:
        if expr.function not in _DIRECT_CALLS:
            raise NoText
        arguments = ", ".join(self._write(argument)[0] for argument in expr.arguments)
        return f"{expr.function}({arguments})", 9


def _outer_tightness(text: str) -> int:
    """How tightly the outermost operator of Python source binds."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.BinOp):
        return 5 if isinstance(node.op, (ast.Add, ast.Sub)) else 6
    return 7 if isinstance(node, ast.UnaryOp) else 9
