"""The author's expressions as Python source."""

from __future__ import annotations

from typing import Any

import pytest

from graphcnn.backends.python.expression import NoText, PythonText
from graphcnn.backends.python.unit import Unit
from graphcnn.expression import Expr, parse_text
from graphcnn.size import symbol

NUMBERS = {"planes": symbol("planes", 0), "stride": symbol("stride", 0), "base": 64, "groups": 1}
NAMES = {name: name for name in ("act", "rate", "skip", "planes", "stride")} | {"max": "max_"}


def text(source: str) -> str:
    expr = parse_text(f"$({source})", 0)
    assert isinstance(expr, Expr)
    return PythonText(NUMBERS, NAMES).text(expr)


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("4 * planes", "4 * planes"),
        ("planes * base // 64 * groups", "planes"),  # what is known is folded in
        ("stride != 1", "stride != 1"),
        ("max == 1", "max_ == 1"),
        ("[stride, 3]", "(stride, 3)"),
        ("[planes]", "(planes,)"),
        ("rate / 4", "rate / 4"),
        ("0.2 * 3 / 16", "0.2 * 3 / 16"),  # 0.037500000000000006
        ("0.2 * (base // 16 + 1) / 23", "0.2 * 5 / 23"),
        ("0.2 / 16", "0.0125"),
        ("stride != 1 or planes != 64", "stride != 1 or planes != 64"),
        ("groups == 1 and stride != 1", "stride != 1"),
        ("groups != 1 or skip", "skip"),
        ("groups != 1 and skip", "False"),
        ("act != none", "act is not None"),
        ("act == 'relu'", "act == 'relu'"),
        ("not skip", "not skip"),
        ("not (skip and stride == 1)", "not (skip and stride == 1)"),
        ("2 if stride == 1 else planes", "2 if stride == 1 else planes"),
        ("rate * 0.5", "rate * 0.5"),
        ("(rate - 1) * planes", "(rate - 1) * planes"),
        ("max(planes // 4, rate)", "max(planes // 4, rate)"),
        ("2 if groups == 1 else rate", "2"),
    ],
)
def test_source(source: str, python: str) -> None:
    assert text(source) == python


@pytest.mark.parametrize(
    "source", ["x.height // 2", "ceil(rate)", "unknown + 1", "[act for x in act]"]
)
def test_what_python_cannot_say_has_no_text(source: str) -> None:
    with pytest.raises(NoText):
        text(source)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("source", ["stride != 1 or planes == 64", "(planes + 1) * 2 // stride"])
def test_the_text_means_what_the_expression_means(source: str, stride: int) -> None:
    names: dict[str, Any] = {"planes": 64, "stride": stride}
    assert eval(text(source), names) == eval(source, names)  # noqa: S307 - as above


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("h - 2 * (h // 2)", "h % 2"),
        ("a + h - 2 * (h // 2)", "a + h % 2"),
        ("a - h - 2 * (h // 2)", "a - h - 2 * (h // 2)"),
        ("3 * h - 2 * (h // 2)", "3 * h - 2 * (h // 2)"),
        ("-h - 2 * (h // 2)", "-h - 2 * (h // 2)"),
        ("h - 2 * (h // 2) // 3", "h - 2 * (h // 2) // 3"),
    ],
)
def test_remainders(source: str, written: str) -> None:
    """They come out of the normal form of sizes."""
    unit = Unit("unit", "", envs=[], parameters={}, lets={})
    assert unit.use(source) == written
    for h in range(5):
        assert eval(source, {"h": h, "a": 7}) == eval(written, {"h": h, "a": 7})  # noqa: S307 - our own
