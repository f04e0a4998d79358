"""The syntax of expressions: what is read, and where an error is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.expression import (
    Binary,
    CallOf,
    Compare,
    Comprehension,
    Conditional,
    Const,
    Expr,
    ExpressionError,
    Index,
    ListOf,
    Name,
    Property,
    SliceOf,
    Template,
    Unary,
    names_in,
    parse_text,
)

#: expressions without their places, as nested tuples
SHAPES: dict[type[Expr], Callable[[Any], object]] = {
    Const: lambda e: e.value,
    Name: lambda e: e.name,
    Property: lambda e: (".", shape(e.value), e.name),
    Unary: lambda e: (e.operator, shape(e.operand)),
    Binary: lambda e: (e.operator, shape(e.left), shape(e.right)),
    Compare: lambda e: ("cmp", shape(e.first), *((op, shape(right)) for op, right in e.rest)),
    Conditional: lambda e: ("if", shape(e.condition), shape(e.then), shape(e.otherwise)),
    ListOf: lambda e: [shape(item) for item in e.items],
    Index: lambda e: ("[]", shape(e.value), shape(e.index)),
    SliceOf: lambda e: ("[:]", shape(e.value), *map(shape, e.bounds)),
    Comprehension: lambda e: (
        ("for", shape(e.element), e.names, shape(e.source), shape(e.condition))
    ),
    CallOf: lambda e: (e.function, *map(shape, e.arguments)),
    Template: lambda e: ("text", *map(shape, e.parts)),
}


def shape(expr: object) -> object:
    return SHAPES[type(expr)](expr) if isinstance(expr, Expr) else expr


def parsed(text: str) -> object:
    return shape(parse_text(text, 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$$5", "$5"),
        ("a$$b$$", "a$b$"),
        ("$name", "name"),
        ("$x.channels", (".", "x", "channels")),
        ("$true", True),
        ("$none", None),
        ("$(8)", 8),
        ("$(8.5)", 8.5),
        ("$(1e3)", 1000.0),
        ("$('a')", "a"),
        ('$("a b")', "a b"),
        ("$(true)", True),
        ("$(none)", None),
        ("$(a + b * c)", ("+", "a", ("*", "b", "c"))),
        ("$((a + b) * c)", ("*", ("+", "a", "b"), "c")),
        ("$(a - b - c)", ("-", ("-", "a", "b"), "c")),
        ("$(a ** b ** c)", ("**", "a", ("**", "b", "c"))),
        ("$(-a ** b)", ("-", ("**", "a", "b"))),
        ("$(a ** -b)", ("**", "a", ("-", "b"))),
        ("$(a // b % c)", ("%", ("//", "a", "b"), "c")),
        ("$(a or b and not c)", ("or", "a", ("and", "b", ("not", "c")))),
        ("$(not a == b)", ("not", ("cmp", "a", ("==", "b")))),
        ("$(a < b <= c)", ("cmp", "a", ("<", "b"), ("<=", "c"))),
        ("$(a not in b)", ("cmp", "a", ("not in", "b"))),
        ("$(in in in)", ("cmp", "in", ("in", "in"))),
        ("$(in.height)", (".", "in", "height")),
        ("$(half.0)", (".", "half", "0")),
        ("$(half.0.channels + 1)", ("+", (".", (".", "half", "0"), "channels"), 1)),
        ("$(a if b else c if d else e)", ("if", "b", "a", ("if", "d", "c", "e"))),
        ("$([])", []),
        ("$([1, a, ])", [1, "a"]),
        ("$(a[0][-1])", ("[]", ("[]", "a", 0), ("-", 1))),
        ("$(a[1:])", ("[:]", "a", 1, None, None)),
        ("$(a[:k:2])", ("[:]", "a", None, "k", 2)),
        ("$(a[::])", ("[:]", "a", None, None, None)),
        ("$(max(a, 1))", ("max", "a", 1)),
        ("$(sum(k for k in a))", ("sum", ("for", "k", ("k",), "a", None))),
        ("$([a + b for a, b in c if a])", ("for", ("+", "a", "b"), ("a", "b"), "c", "a")),
        ("layer$(k + 1)", ("text", "layer", ("+", "k", 1))),
        ("$a$b", ("text", "a", "b")),
        ("$name.1", ("text", "name", ".1")),
        ("$$$a", ("text", "$", "a")),
        ("$a-b", ("text", "a", "-b")),
        ("$(  a\n + b )", ("+", "a", "b")),
    ],
)
def test_what_is_read(text: str, expected: object) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("$", "expression-syntax", "$"),
        ("a $ b", "expression-syntax", "$"),
        ("${a}", "expression-syntax", "$"),
        ("$()", "expression-syntax", ")"),
        ("$(a", "expression-syntax", "("),
        ("$([a)", "expression-syntax", ")"),
        ("$(a b)", "expression-syntax", "b"),
        ("$(a +)", "expression-syntax", ")"),
        ("$(a = b)", "expression-syntax", "="),
        ("$(a if b)", "expression-syntax", ")"),
        ("$(a.)", "expression-syntax", ")"),
        ("$(a.0e5)", "expression-syntax", ".0e5"),
        ("$(a[])", "expression-syntax", "]"),
        ("$(a[1:2:3:4])", "expression-syntax", None),
        ("$(lambda: 1)", "expression-syntax", ":"),
        ("$(k for k in a)", "expression-syntax", "for"),
        ("$([k for in in a])", "expression-syntax", "in"),
        ("$([k for true in a])", "expression-syntax", "true"),
        ("$('a)", "expression-syntax", "'"),
        ("$(a ; b)", "expression-syntax", ";"),
        ("$(a.__class__)", None, None),
        ("$(open(1))", "unknown-function", "open"),
        ("$(__import__('os'))", "unknown-function", "__import__"),
        ("$(lenn(a))", "unknown-function", "lenn"),
        ("$(123456789012345678901)", "bad-number", "123456789012345678901"),
        ("$(1e999)", "bad-number", "1e999"),
    ],
)
def test_errors_are_at_their_place(text: str, code: str | None, place: str | None) -> None:
    if code is None:  # reads, and has no value: see the tests of evaluation
        assert isinstance(parse_text(text, 0), Expr)
        return
    with pytest.raises(ExpressionError) as caught:
        parse_text(text, 100)
    error = caught.value
    assert error.code == code
    if place is not None:
        assert text[error.start - 100 : error.end - 100] == place


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50 + "a" + ")" * 50,
        "not " * 50 + "a",
        "-" * 50 + "a",
        "a" + "[0]" * 120,
        "a" + " + a" * 120,
        "a" + " ** a" * 50,
        "a if b else " * 50 + "c",
        "a" + ".b" * 120,
        "[" * 50 + "]" * 50,
    ],
)
def test_depth_is_bounded(text: str) -> None:
    """Whatever walks an expression does so by recursion."""
    with pytest.raises(ExpressionError, match="too many levels"):
        parse_text(f"$({text})", 0)


def test_length_is_bounded() -> None:
    with pytest.raises(ExpressionError, match="2,000 characters"):
        parse_text("$(" + "[" + "1, " * 1000 + "])", 0)
    assert parsed("$(1)" + "," * 5000) == ("text", 1, "," * 5000)


def test_places_are_those_in_the_file() -> None:
    text = "layer$(stage + 1)"
    template = parse_text(text, 10)
    assert isinstance(template, Template)
    added = template.parts[1]
    assert isinstance(added, Binary)
    assert text[added.start - 10 : added.end - 10] == "stage + 1"
    assert text[added.left.start - 10 : added.left.end - 10] == "stage"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$(a + b.channels)", {"a", "b"}),
        ("$([k * a for k in b if k > c])", {"a", "b", "c"}),
        ("$([k for k in k])", {"k"}),
        ("$(max(a, [b][c]))", {"a", "b", "c"}),
        ("$(a[b:c])", {"a", "b", "c"}),
        ("x$a", {"a"}),
    ],
)
def test_names_that_are_read(text: str, names: set[str]) -> None:
    expr = parse_text(text, 0)
    assert isinstance(expr, Expr)
    assert names_in(expr) == names


@given(st.text(alphabet="$()[]{}.,:+-*/%<>=!'\"abin not or0123456789e \n", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    error: ExpressionError | None = None
    try:
        parse_text(f"$({text})", 0)
    except ExpressionError as caught:
        error = caught
    if error is not None:
        assert 0 <= error.start <= error.end
        assert error.message
