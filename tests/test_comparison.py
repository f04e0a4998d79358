"""Comparisons as people write them: what they hold of."""

from __future__ import annotations

import pytest

from graphcnn.size import UNKNOWN, Size, symbol
from graphcnn.size.comparison import exactly, read_comparison

H = symbol("H")


@pytest.mark.parametrize(
    ("text", "found", "holds"),
    [
        ("< 5M", 4_999_999, True),
        ("<5M", 5_000_000, False),
        ("<= 5M", 5_000_000, True),
        ("> 1.5k", 1501, True),
        (">= 1e3", 999, False),
        ("= 2T", 2 * 10**12, True),
        ("= 0.5", 0, False),
        ("= 3", H - H + 3, True),
        ("= 3", H, None),
        ("= 2.5", H, False),
        (">= 1", H, True),
        ("> 0.5", H, True),
        ("< 0.5", H, False),
        ("<= 8", H, None),
        ("< 1", UNKNOWN, True),
    ],
)
def test_what_holds(text: str, found: Size, *, holds: bool | None) -> None:
    comparison = read_comparison(text)
    assert comparison is not None
    assert comparison.holds(found) is holds


@pytest.mark.parametrize(
    "text", ["5", "<", "< -1", "<5X", "<> 5", "< 5M ", "< 1e1000000", f"< {'9' * 5000}", "< ٣"]
)
def test_what_is_none(text: str) -> None:
    assert read_comparison(text) is None


def test_exactly() -> None:
    assert exactly(1234).text == "1,234"
    assert exactly(1234).holds(1234)
    assert not exactly(1234).holds(1235)
