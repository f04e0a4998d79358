"""Specs drawn from the grammar compute what they mean, in every way in which they are run.

``python -m tests.grammar NUMBER --shrink`` repeats a failure on less.
"""

from __future__ import annotations

from collections import Counter

import pytest

from graphcnn.diagnostics import SpecError
from tests.grammar import page
from tests.grammar.check import examined, ways_of
from tests.grammar.coverage import Counts, Reading
from tests.grammar.draw import draw
from tests.grammar.runs import compiled, shown
from tests.grammar.shrink import Files, shrink

#: parts of `make test-all`, each of so many draws
PARTS, EACH = 36, 250
assert PARTS * EACH == page.DRAWS


def wrong(seeds: range) -> list[str]:
    """What is wrong with specs: those that are refused too, for all are drawn to be valid."""
    found = []
    for seed in seeds:
        drawn = draw(seed)
        try:
            with compiled(drawn.files, drawn.variant) as model:
                complaints = examined(model, ways_of(seed)).wrong
        except SpecError as refused:
            complaints = {"refused": refused.diagnostics[0].message}
        if complaints:
            found.append(f"{seed}: {complaints}")
    return found


@pytest.fixture(scope="module")
def drawn() -> Counts:
    counts: Counts = Counter()
    for seed in range(400):
        counts.update({*Reading(draw(seed).files).counts})
    return counts


def test_every_construct_of_the_schema_is_drawn(drawn: Counts) -> None:
    """A key that the schema gains is drawn, too."""
    for table, _, rows, columns in page.tables():
        for row in rows:
            assert any(drawn[table, row, column] for column in columns), (table, row)
        for column in columns:
            assert any(drawn[table, row, column] for row in rows), (table, column)


def test_no_pair_is_left_out() -> None:
    published = page.read(page.PAGE.read_text(encoding="utf-8"))
    assert published["specs", "", ""] >= 5000
    assert page.left_out(published) == []


def test_a_number_is_a_spec() -> None:
    assert shown(draw(17)) == shown(draw(17))
    assert shown(draw(17)) != shown(draw(18))


def test_a_third_leaves_sizes_open() -> None:
    assert sum(Reading(draw(seed).files).open for seed in range(300)) > 80


def test_a_spec_is_made_smaller_while_it_is_wrong() -> None:
    """Here, while it has a residual and an op of several values."""

    def is_wrong(files: Files) -> bool:
        try:
            with compiled(files, None) as model:
                names = {node.op.name for node in model.ir.nodes}
        except (SpecError, KeyError):
            return False
        return "residual" in shown_files(files) and "concat" in names

    def shown_files(files: Files) -> str:
        return str(files)

    seeds = (seed for seed in range(200) if draw(seed).variant is None)
    seed = next(seed for seed in seeds if is_wrong(draw(seed).files))
    small = shrink(draw(seed).files, is_wrong)
    assert is_wrong(small)
    assert len(str(small)) < len(str(draw(seed).files)) / 2


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_many_specs_of_the_grammar(part: int) -> None:
    assert wrong(range(part * EACH, (part + 1) * EACH)) == []
