"""Python source put together from parts, in parentheses where they bind looser than what is around.

Whatever joins text by an operator does it here.
"""

from __future__ import annotations

import ast
from functools import lru_cache

CONDITIONAL, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, POWER, ATOM = range(10)

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")
_TIGHTNESS = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(_COMPARISONS, COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT),
    "**": POWER,
}
_OPERATORS: dict[type[ast.AST], int] = {
    **dict.fromkeys((ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Starred), CONDITIONAL),
    ast.Or: OR,
    ast.And: AND,
    ast.Not: NOT,
    ast.Compare: COMPARISON,
    **dict.fromkeys((ast.Add, ast.Sub), SUM),
    **dict.fromkeys((ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.MatMult), PRODUCT),
    **dict.fromkeys((ast.USub, ast.UAdd), UNARY),
    ast.Pow: POWER,
}
_OPPOSITES = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}


@lru_cache(maxsize=8192)
def binding(text: str) -> int:
    """How tightly the outermost operator of an expression binds; an ATOM has none."""
    node = ast.parse(text, mode="eval").body
    if node.col_offset > 0:  # behind a parenthesis that is closed at the end
        return ATOM
    operator: ast.AST = getattr(node, "op", node)
    return _OPERATORS.get(type(operator), ATOM)


def operand(text: str, tightness: int = ATOM) -> str:
    """An expression as a part of another, which binds as tightly as that."""
    return text if binding(text) >= tightness else f"({text})"


def infix(operator: str, first: str, *others: str) -> str:
    """``a + b + c``, from the left to the right."""
    own = _TIGHTNESS[operator]
    left = own + (own in (COMPARISON, POWER))
    right = own + (own not in (OR, AND, POWER))
    parts = [operand(first, left), *(operand(other, right) for other in others)]
    return f" {operator} ".join(parts)


def shifted(text: str, amount: int) -> str:
    """``a + 1``, ``a - 1``, or ``a`` alone."""
    return infix("-" if amount < 0 else "+", text, str(abs(amount))) if amount else text


def negated(text: str) -> str:
    """``not a``."""
    return f"not {operand(text, NOT)}"


def conditional(then: str, condition: str, otherwise: str) -> str:
    """``a if b else c``."""
    return f"{operand(then, OR)} if {operand(condition, OR)} else {otherwise}"


def are_opposite(one: str, other: str) -> bool:
    """Whether one condition is plainly the other's negation, as `a != b` is that of `a == b`."""
    nodes = [ast.parse(text, mode="eval").body for text in (one, other)]
    dumps = [ast.dump(node) for node in nodes]
    return any(_opposite(nodes[n]) == dumps[1 - n] for n in (0, 1))


def _opposite(node: ast.expr) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ast.dump(node.operand)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return ast.dump(ast.Compare(node.left, [_OPPOSITES[type(node.ops[0])]()], node.comparators))
    return None
