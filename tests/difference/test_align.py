"""Two sequences beside each other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcnn.difference import align as module
from graphcnn.difference.align import Pairs, align

LETTERS = st.text("abcd", max_size=12)


def similar(a: str, b: str) -> float:
    return 8.0 if a == b else 1.0 if a.lower() == b.lower() else 0.0


def aligned(before: str, after: str) -> Pairs:
    return align(before, after, str, str.lower, similar)


def common(before: str, after: str) -> int:
    """The length of a longest common subsequence, the slow way."""
    lengths = [0] * (len(after) + 1)
    for a in before:
        row = [0]
        for j, b in enumerate(after):
            row.append(lengths[j] + 1 if a == b else max(row[j], lengths[j + 1]))
        lengths = row
    return lengths[-1]


def assert_longest(before: str, after: str) -> None:
    found = aligned(before, after)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(found))
    assert all(before[i] == after[j] for i, j in found)
    assert len(found) == common(before, after)


@given(LETTERS, LETTERS)
def test_as_much_as_possible_is_the_same(before: str, after: str) -> None:
    assert_longest(before, after)


@given(LETTERS, LETTERS)
def test_long_sequences_too(before: str, after: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", 0)
        assert_longest(before, after)


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("abc", "abxc", [(0, 0), (1, 1), (2, 3)]),
        ("abc", "aBc", [(0, 0), (1, 1), (2, 2)]),
        ("ab", "BAab", [(0, 2), (1, 3)]),
        ("", "a", []),
    ],
)
def test_what_is_alike_fills_the_gaps(before: str, after: str, pairs: Pairs) -> None:
    assert aligned(before, after) == pairs


def test_two_changes_far_apart_in_a_long_sequence() -> None:
    before = "ab" * 2500
    after = "ab" * 500 + "Ab" + "ab" * 1499 + "c" + "ab" * 500
    found = dict(aligned(before, after))
    assert len(found) == 5000
    assert found[1000] == 1000
    assert 4000 not in found.values()


def test_long_sequences_that_have_little_in_common_are_aligned_by_kind() -> None:
    before, after = "ab" * 1000, "AB" * 500 + "C" + "AB" * 500
    found = aligned(before, after)
    assert len(found) == 2000
    assert (1000, 1001) in found


def test_long_sequences_that_have_nothing_in_common_end_soon() -> None:
    assert aligned("a" * 3000, "b" * 3000) == []
