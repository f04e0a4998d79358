"""Python source put together: it means what its parts mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.backends.python.expression import PythonText, presence
from graphcnn.backends.python.precedence import (
    ATOM,
    are_opposite,
    binding,
    conditional,
    infix,
    negated,
    operand,
    shifted,
)
from graphcnn.evaluate import Budget, evaluate
from graphcnn.expression import Expr, ExpressionError, parse_text

# from the loosest to the tightest
LEVELS = ("a if b else c", "a or b", "a and b", "not a", "a < b", "a - b", "a % b", "-a", "a ** b")
ATOMS = ("a", "f(a, b)", "a[1, 2]", "a.b", "(a + b)", "'a + b'", "3", "(a, b)", "[a + b]")


@pytest.mark.parametrize("text", LEVELS)
def test_what_binds_looser_stands_in_parentheses(text: str) -> None:
    own = LEVELS.index(text)
    for level in range(len(LEVELS) + 1):
        assert operand(text, level) == (text if own >= level else f"({text})")


@pytest.mark.parametrize("text", ATOMS)
def test_atoms(text: str) -> None:
    assert binding(text) == ATOM
    assert operand(text) == text


def test_operators() -> None:
    assert infix("*", "a", "b // c", "d + e") == "a * (b // c) * (d + e)"
    assert infix("-", "a - b", "c - d") == "a - b - (c - d)"
    assert infix("**", "-a", "b ** c") == "(-a) ** b ** c"
    assert infix("is not", "a if b else None", "None") == "(a if b else None) is not None"
    assert infix("==", "a < b", "c < d") == "(a < b) == (c < d)"
    assert (
        infix("or", "a and b", "c or d", "e if f else g") == "a and b or c or d or (e if f else g)"
    )
    assert (shifted("a", 1), shifted("a if b else c", -2), shifted("a or b", 0)) == (
        "a + 1",
        "(a if b else c) - 2",
        "a or b",
    )
    assert (negated("a == b"), negated("a or b")) == ("not a == b", "not (a or b)")
    first = conditional("a if b else c", "d if e else f", "g if h else i")
    assert first == "(a if b else c) if (d if e else f) else g if h else i"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("a == 1", "a != 1"), ("a < b", "a >= b"), ("a > 1", "a <= 1"), ("deep", "not deep")),
        *(("f(a == b)", "not f(a == b)"), ("a is None", "a is not None"), ("a in b", "a not in b")),
    ],
)
def test_opposites(one: str, other: str) -> None:
    assert are_opposite(one, other)
    assert are_opposite(other, one)
    assert not are_opposite(one, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a == 1 and b", "a != 1 and b"),
        ("1 < a < 3", "1 >= a < 3"),
        ("a < 1", "a > 1"),
        ("a if b == 1 else c", "a if b != 1 else c"),
        ("f(a == b)", "f(a != b)"),
    ],
)
def test_no_opposites(one: str, other: str) -> None:
    assert not are_opposite(one, other)


# the author's expressions

NAMES: dict[str, Any] = {
    "m": 7,
    "n": 3,
    "r": 0.3,
    "s": 2.5,
    "p": True,
    "q": False,
    "act": "relu",
    "none_": None,
}

OPERATORS = ("+", "-", "*", "/", "//", "%")
COMPARED = ("==", "!=", "<", "<=", ">", ">=")


@st.composite
def numbers(draw: st.DrawFn, depth: int) -> str:
    """An expression that is a number, with every part of it in parentheses."""
    form = draw(st.integers(0, 5)) if depth else 0
    if form == 0:
        return draw(st.sampled_from(["m", "n", "r", "s", "2", "5", "0.5"]))
    a, b = draw(numbers(depth - 1)), draw(numbers(depth - 1))
    if form == 1:
        return f"({a} if {draw(truths(depth - 1))} else {b})"
    if form == 2:
        return draw(st.sampled_from([f"(-{a})", f"({a} ** 2)", f"max({a}, {b})"]))
    return f"({a} {draw(st.sampled_from(OPERATORS))} {b})"


@st.composite
def truths(draw: st.DrawFn, depth: int) -> str:
    """One that is true or false, likewise."""
    form = draw(st.integers(0, 4)) if depth else 0
    if form == 0:
        return draw(st.sampled_from(["p", "q", "(act != none)", "(act == 'a or b')"]))
    a, b = draw(truths(depth - 1)), draw(truths(depth - 1))
    if form == 1:
        return f"(not {a})"
    if form == 2:
        operator = draw(st.sampled_from(COMPARED))
        return f"({draw(numbers(depth - 1))} {operator} {draw(numbers(depth - 1))})"
    if form == 3:
        return f"({a} if {draw(truths(depth - 1))} else {b})"
    return f"({a} {draw(st.sampled_from(['and', 'or', '==', '!=']))} {b})"


@given(st.integers(1, 4).flatmap(lambda depth: st.one_of(numbers(depth), truths(depth))))
def test_an_expression_as_python_means_what_it_means(source: str) -> None:
    expr = parse_text(f"$({source})", 0)
    assert isinstance(expr, Expr)
    try:
        value = evaluate(expr, NAMES, Budget(100_000))
    except ExpressionError:  # it divides by 0, say
        return
    text = PythonText({}, {name: name for name in NAMES}).text(expr)
    found = eval(text, dict(NAMES))  # noqa: S307 - the text is our own
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("act", "act is not None"),
        ("none if m == n else 'relu'", "m != n"),
        ("'relu' if m == n else none", "m == n"),
        ("act if p else 'relu'", "act is not None if p else True"),
        ("none if p or q else 'relu'", "not (p or q)"),
    ],
)
def test_presence(source: str, python: str) -> None:
    expr = parse_text(f"$({source})", 0)
    assert isinstance(expr, Expr)
    assert PythonText({}, {name: name for name in NAMES}).text(presence(expr)) == python
