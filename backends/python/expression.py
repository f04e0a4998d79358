"""The author's expressions as Python source, with what is known folded in.

``PythonText`` says what text an expression has, or None where it cannot be carried over (it
asks for something that only the compiler knows). The caller checks the text's value against
every use, so folding never has to be clever to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from graphcnn.backends.python.precedence import SUM, UNARY, conditional, infix, negated, operand
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
_DIRECT_CALLS = {"min", "max", "abs", "round", "int", "len", "sum"}


class NoText(Exception):
    """An expression that has no counterpart in the emitted code."""


def is_ragged(value: Any) -> bool:
    """Whether a number is better said as what it was computed from: 0.037500000000000006."""
    return isinstance(value, float) and len(repr(value)) > 10


def presence(expr: Expr) -> Expr:
    """An expression for whether this one is something, and not none."""
    if isinstance(expr, Const):
        return replace(expr, value=expr.value is not None)
    if isinstance(expr, Conditional):
        then, otherwise = presence(expr.then), presence(expr.otherwise)
        if (
            isinstance(then, Const)
            and isinstance(otherwise, Const)
            and then.value != otherwise.value
        ):
            condition = expr.condition
            return condition if then.value else Unary(expr.start, expr.end, "not", condition)
        return replace(expr, then=then, otherwise=otherwise)
    none = Const(expr.start, expr.end, None)
    return Compare(expr.start, expr.end, expr, (("!=", none),))


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
        return self._write(expr)

    def _write(self, expr: Expr) -> str:
        known = self._value(expr)
        if known is not None:
            return known
        writers: dict[type[Expr], Callable[[Any], str]] = {
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

    def _value(self, expr: Expr) -> str | None:
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
            return repr(value)
        if isinstance(value, Symbolic):
            return str(value)
        if isinstance(value, list) and all(isinstance(v, (int, float, str)) for v in value):
            return repr(tuple(value))
        return None

    def _name(self, expr: Name) -> str:
        if expr.name in self.names:
            return self.names[expr.name]
        raise NoText

    def _unary(self, expr: Unary) -> str:
        if expr.operator == "not":
            inner = self._plain(expr.operand)
            if isinstance(inner, Compare) and len(inner.rest) == 1:
                ((operator, right),) = inner.rest
                if operator in _OPPOSITE:
                    return self._compare(replace(inner, rest=((_OPPOSITE[operator], right),)))
            return negated(self._write(expr.operand))
        return f"{expr.operator}{operand(self._write(expr.operand), UNARY)}"

    def _binary(self, expr: Binary) -> str:
        if expr.operator in ("and", "or"):
            folded = self._logic(expr)
            if folded is not None:
                return folded
        return infix(expr.operator, self._write(expr.left), self._write(expr.right))

    def _logic(self, expr: Binary) -> str | None:
        """`x and true` is `x`; what absorbs it was folded before."""
        neutral = expr.operator == "and"
        plain = self._plain(expr)
        if plain is not expr:
            return self._write(plain)
        absorbing = [e for e in (expr.left, expr.right) if self._constant(e) is (not neutral)]
        return repr(not neutral) if absorbing else None

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

    def _compare(self, expr: Compare) -> str:
        parts = [operand(self._write(expr.first), SUM)]
        for operator, right in expr.rest:
            word = operator
            if operator in ("==", "!=") and self._constant(right) is None:
                word = "is" if operator == "==" else "is not"
            parts += [word, operand(self._write(right), SUM)]
        return " ".join(parts)

    def _conditional(self, expr: Conditional) -> str:
        condition = self._constant(expr.condition)
        if isinstance(condition, bool):
            return self._write(expr.then if condition else expr.otherwise)
        return conditional(*map(self._write, (expr.then, expr.condition, expr.otherwise)))

    def _index(self, expr: Index) -> str:
        return f"{operand(self._write(expr.value))}[{self._write(expr.index)}]"

    def _list(self, expr: ListOf) -> str:
        items = [self._write(item) for item in expr.items]
        return f"({', '.join(items)}{',' * (len(items) == 1)})"

    def _call(self, expr: CallOf) -> str:
        if expr.function not in _DIRECT_CALLS:
            raise NoText
        arguments = ", ".join(self._write(argument) for argument in expr.arguments)
        return f"{expr.function}({arguments})"
