"""Trees of code to Python text."""

from __future__ import annotations

import pytest

from graphcnn.backends.python.code import (
    Call,
    Choice,
    Infix,
    Input,
    Inputs,
    Keyword,
    Method,
    Self,
    Slice,
    Subscript,
    call,
    rewritten,
)
from graphcnn.backends.python.printer import Printer, Text, literal
from graphcnn.size import symbol


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (call("nn.Conv2d", 3, 64, 7, stride=2), "nn.Conv2d(3, 64, 7, stride=2)"),
        (call("nn.Conv2d", 3, (1, 7)), "nn.Conv2d(3, (1, 7))"),
        (call("f", (1,), "a'b", None, True), """f((1,), "a'b", None, True)"""),
        (call("f", Text("2 * width"), symbol("k") // 2), "f(2 * width, k // 2)"),
        (Infix("+", (Input(0), Input(1))), "x + y"),
        (Infix("-", (Input(0), Infix("-", (Input(1), 1)))), "x - (y - 1)"),
        (Infix("-", (Infix("-", (Input(0), Input(1))), 1)), "x - y - 1"),
        (Infix("*", (Infix("+", (Input(0), Input(1))), 2)), "(x + y) * 2"),
        (Infix("*", (Input(0), Text("a + b"))), "x * (a + b)"),
        (Method(Input(), "mean", (Keyword("dim", (2, 3)),)), "x.mean(dim=(2, 3))"),
        (Method(Infix("+", (Input(0), Input(1))), "sum"), "(x + y).sum()"),
        (call("torch.cat", Inputs(), dim=1), "torch.cat([x, y], dim=1)"),
        (Subscript(Input(), (Slice(), Slice(1, None), Slice(None, -1))), "x[:, 1:, :-1]"),
        (Subscript(Input(), (..., 2)), "x[..., 2]"),
        (Call("", (Input(),)), "(x)"),
        (Self(), "self.token"),
        (Choice("self.skip", call("f", Input(0)), Input(1)), "f(x) if self.skip else y"),
    ],
)  # fmt: skip
def test_text(code: object, text: str) -> None:
    assert Printer(["x", "y"], "self.token").text(code) == text


def test_an_input_that_is_an_expression_is_put_in_brackets() -> None:
    printer = Printer(["a + b", "f(c, d)"])
    assert printer.text(Infix("*", (Input(0), Input(1)))) == "(a + b) * f(c, d)"


def test_literals_are_python() -> None:
    for value in (1, -2.5, "a\"'b\\", None, (1, (2, 3)), (), (1,)):
        assert eval(literal(value)) == value  # noqa: S307 - what a person would paste


def test_rewriting_touches_text_alone() -> None:
    tree = call("f", Text("a"), "a", (Text("b"), 1), k=Text("c"))
    assert rewritten(tree, lambda text: Text(f"self.{text}")) == call(
        "f", Text("self.a"), "a", (Text("self.b"), 1), k=Text("self.c")
    )
