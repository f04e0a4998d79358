"""The values of expressions, and the bounds within which they are worked out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.evaluate import Budget, Names, evaluate, kind_of, make_divisible, said
from graphcnn.expression import Expr, ExpressionError, parse_text
from graphcnn.ir import Value
from graphcnn.size import UNKNOWN, symbol

H, W = symbol("H"), symbol("W")
SCOPE: dict[str, Any] = {
    "n": 7,
    "f": 2.5,
    "s": "relu",
    "yes": True,
    "nothing": None,
    "list": [3, 4, 6, 3],
    "pairs": [[1, 2], [3, 4]],
    "H": H,
    "W": W,
    "lost": UNKNOWN,
    "in": Value((64, 56, 28)),
    "vector": Value((10,)),
    "signal": Value((8, 100)),
    "volume": Value((8, 4, 5, 6)),
    "sym": Value((3, 32 * H, W)),
    "gone": Value(None),
    "cell": {"main": Value((8, 4, 4)), "skip": Value((16, 4, 4))},
    "half": {"0": Value((4, 4, 4)), "1": Value((5, 4, 4))},
}


def value(text: str, budget: Budget | None = None) -> Any:
    expr = parse_text(f"$({text})", 0)
    return evaluate(expr, SCOPE, budget or Budget()) if isinstance(expr, Expr) else expr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n + 1", 8),
        ("n / 2", 3.5),
        ("n // 2", 3),
        ("-n // 2", -4),
        ("n % 4", 3),
        ("2 ** n", 128),
        ("2 ** -1", 0.5),
        ("f * 2", 5.0),
        ("+n - -n", 14),
        ("n > 3 and f < 3", True),
        ("yes or lost", True),
        ("not yes and lost", False),
        ("1 < n <= 7", True),
        ("s == 'relu'", True),
        ("s != none", True),
        ("nothing == none", True),
        ("1 == true", False),
        ("'el' in s", True),
        ("4 in list", True),
        ("5 not in list", True),
        ("list == [3, 4, 6, 3]", True),
        ("list == [3, 4]", False),
        ("[1] == [true]", False),
        ("1 if yes else 1 / 0", 1),
        ("list[0] + list[-1]", 6),
        ("list[1:]", [4, 6, 3]),
        ("list[::2]", [3, 6]),
        ("s[0]", "r"),
        ("list + [1]", [3, 4, 6, 3, 1]),
        ("[0] * 3", [0, 0, 0]),
        ("'a' + s", "arelu"),
        ("[k * k for k in list if k > 3]", [16, 36]),
        ("[a + b for a, b in pairs]", [3, 7]),
        ("sum(list)", 16),
        ("sum(k for k in list)", 16),
        ("len(list) + len(s)", 8),
        ("max(1, n)", 7),
        ("min(list)", 3),
        ("abs(-n)", 7),
        ("range(4)", [0, 1, 2, 3]),
        ("range(4, 0, -2)", [4, 2]),
        ("range(3, 1)", []),
        ("ceil(2.1) + floor(2.9) + int(2.9)", 7),
        ("[round(0.5), round(1.5)]", [0, 2]),
        ("make_divisible(33, 8)", 32),
        ("in.channels", 64),
        ("in.height + in.width", 84),
        ("in.shape", [64, 56, 28]),
        ("signal.length", 100),
        ("volume.depth", 4),
        ("cell.skip.channels", 16),
        ("half.0.channels + half.1.channels", 9),
        ("8 // 3 * 3 == 6", True),
    ],
)
def test_values(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H + H", 2 * H),
        ("sym.height // 32", H),
        ("(H + 1) * (H - 1) + 1 == H ** 2", True),
        ("sym.height >= 32", True),
        ("H < 1", False),
        ("H == H + 1", False),
        ("H != none", True),
        ("max(H, 1)", H),
        ("abs(H)", H),
        ("ceil(H)", H),
        ("sum([H, 2 * H])", 3 * H),
        ("sym.height % 32 == 0", True),
    ],
)
def test_symbolic_sizes(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "lost", "lost + 1", "lost // 0", "-lost", "lost == 3", "lost > 2", "lost in list",
        "3 in [lost]", "[1, lost] == [1, 2]", "not lost", "lost and yes", "yes and lost",
        "1 if lost else 2", "list[lost]", "list[lost:]", "max(lost, 1)", "sum([1, lost])",
        "lost.channels", "gone.channels", "gone.shape", "[k for k in lost]",
        "[k for k in list if lost]", "len([lost])", "lost + lost", "make_divisible(lost, 8)",
    ],
)  # fmt: skip
def test_what_is_unknown_stays_unknown(text: str) -> None:
    assert value(text) is UNKNOWN


def test_what_is_decided_without_the_unknown() -> None:
    assert value("[lost, 1] == [2, 3]") is False
    assert value("3 in [lost, 3]") is True


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("nope", "unknown-name", "nope"),
        ("True", "unknown-name", "True"),
        ("n // 0", "division-by-zero", "n // 0"),
        ("n % 0", "division-by-zero", "n % 0"),
        ("1 / (n - 7)", "division-by-zero", "1 / (n - 7"),
        ("0 ** -1", "bad-number", "0 ** -1"),
        ("9 ** 9 ** 9", "bad-number", "9 ** 9 ** 9"),
        ("2 ** 63", "bad-number", "2 ** 63"),
        ("10.0 ** 400", "bad-number", "10.0 ** 400"),
        ("(-8) ** 0.5", "bad-number", None),
        ("1e308 * 10", "bad-number", "1e308 * 10"),
        ("n + 'a'", "expression-type", "'a'"),
        ("'a' * 3", "expression-type", "'a'"),
        ("true + 1", "expression-type", "true"),
        ("not n", "expression-type", "n"),
        ("n and yes", "expression-type", "n"),
        ("1 if n else 2", "expression-type", "n"),
        ("-s", "expression-type", "s"),
        ("n < s", "expression-type", "n < s"),
        ("3 in n", "expression-type", "3 in n"),
        ("n[0]", "expression-type", "n[0]"),
        ("list['a']", "expression-type", "'a'"),
        ("list[9]", "index-out-of-range", "list[9]"),
        ("list[::0]", "expression-type", "list[::0]"),
        ("[k for k in n]", "expression-type", "n"),
        ("[a for a, b in list]", "expression-type", "list"),
        ("sum(n)", "expression-type", "sum(n)"),
        ("sum(['a'])", "expression-type", None),
        ("max()", "expression-type", "max()"),
        ("max([])", "expression-type", "max([])"),
        ("len(n)", "expression-type", "len(n)"),
        ("range(1, 2, 0)", "expression-type", None),
        ("range(2.5)", "expression-type", None),
        ("make_divisible(n, 0)", "expression-type", None),
        ("make_divisible(H, 8)", "expression-type", None),
        ("range(10 ** 9)", "too-much-work", "range(10 ** 9)"),
        ("range(2 ** 62)", "too-much-work", None),
        ("[0] * 100000", "too-much-work", None),
        ("n.channels", "expression-type", "n.channels"),
        ("in.chanels", "unknown-property", "in.chanels"),
        ("in.__class__", "unknown-property", "in.__class__"),
        ("in.node", "unknown-property", "in.node"),
        ("vector.height", "unknown-property", "vector.height"),
        ("in.depth", "unknown-property", "in.depth"),
        ("cell.mian", "unknown-property", "cell.mian"),
        ("H > 16", "undecided", "H > 16"),
        ("H == 16", "undecided", "H == 16"),
        ("H > 1.5", "undecided", "H > 1.5"),
        ("H / 2", "undecided", "H / 2"),
        ("2 ** H", "undecided", "H"),
        ("H ** 0.5", "undecided", "0.5"),
        ("abs(H - 5)", "undecided", "abs(H - 5)"),
        ("H * 0.5", "undecided", "H * 0.5"),
        ("max(H, 0.5)", "expression-type", None),
        ("(H + W) ** 40", "too-much-work", None),
    ],
)
def test_errors(text: str, code: str, place: str | None) -> None:
    source = f"$({text})"
    with pytest.raises(ExpressionError) as caught:
        value(text)
    error = caught.value
    assert error.code == code
    if place is not None:
        assert source[error.start : error.end] == place


def test_text_is_interpolated() -> None:
    assert evaluate(expr("layer$(n + 1)_$s"), SCOPE, Budget()) == "layer8_relu"
    assert evaluate(expr("a$yes"), SCOPE, Budget()) == "atrue"
    with pytest.raises(ExpressionError, match="a list cannot stand in text"):
        evaluate(expr("a$list"), SCOPE, Budget())


def expr(text: str) -> Expr:
    found = parse_text(text, 0)
    assert isinstance(found, Expr)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "[a * b for a in range(9999) for b in range(9999)]",
        "sum([sum([a * b for b in range(9999)]) for a in range(9999)])",
        "len([[a for a in range(9999)] for b in range(9999)])",
        "max([(H + W) ** 8 * k for k in range(9999)])",
        "[k for k in range(9999) if (H + W * H) ** 9 > k]",
    ],
)
def test_work_is_bounded(text: str) -> None:
    begin = time.process_time()
    with pytest.raises(ExpressionError):
        value(text)
    assert time.process_time() - begin < 10


def test_lists_that_share_their_items_are_bounded() -> None:
    scope: dict[str, Any] = {"a": [1]}
    doubled = expr("$([a, a])")
    for _ in range(11):
        scope["a"] = evaluate(doubled, scope, Budget())
    with pytest.raises(ExpressionError, match="10,000 items"):
        evaluate(doubled, scope, Budget())


def test_a_budget_is_shared() -> None:
    budget = Budget(100)
    value("sum([k for k in range(20)])", budget)
    with pytest.raises(ExpressionError, match="too much work"):
        value("sum([k for k in range(50)])", budget)


def test_help_names_what_was_meant() -> None:
    for text, help in [
        ("pars", "did you mean `pairs`?"),
        ("None", "write `none`"),
        ("in.chanels", "did you mean `channels`?"),
        ("cell.mian", "did you mean `main`?"),
        ("sum(n)", "write `sum(list)`, of numbers"),
    ]:
        with pytest.raises(ExpressionError) as caught:
            value(text)
        assert caught.value.help == help


def test_names_are_looked_up_from_the_inside() -> None:
    names = Names({"a": 1}, Names({"a": 2, "b": 3}, {"c": 4}))
    assert (names["a"], names["b"], names["c"]) == (1, 3, 4)
    assert dict(names) == {"a": 1, "b": 3, "c": 4}
    assert len(names) == 3
    assert "d" not in names


def test_kinds_in_the_words_of_an_author() -> None:
    values = [None, True, 3, 2.5, "a", [1], SCOPE["in"], {"a": 1, "b": 2}, H]
    kinds = ["none", "a boolean", "an integer", "a number", "text", "a list", "a tensor"]
    assert [kind_of(one) for one in values] == [*kinds, "2 outputs", "an integer"]
    assert [said(one) for one in (True, "relu", 2.5, [1], None)] == [
        "true", "`relu`", "2.5", "a list", "none",
    ]  # fmt: skip
    assert said("a" * 100) == f"`{'a' * 39}…`"


@given(st.floats(1, 1e6), st.integers(1, 64))
def test_make_divisible(channels: float, divisor: int) -> None:
    found = make_divisible(channels, divisor)
    assert found % divisor == 0
    assert found >= divisor
    assert found >= 0.9 * channels


WORDS = [*SCOPE, *"()[]+-*/%<>:,.", "**", "//", "==", " and ", " or ", " not ", " if ", " else ",
         " for ", " in ", "len(", "range(", "max(", "sum(", "0", "1", "9", "'a'"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=14).map("".join))
def test_any_expression_has_a_value_or_an_error(text: str) -> None:
    error: ExpressionError | None = None
    try:
        value(text, Budget(100_000))
    except ExpressionError as caught:
        error = caught
    if error is not None:
        assert 0 <= error.start <= error.end <= len(text) + 3
        assert isinstance(error.help, str | None)
