"""Specs compared variant by variant, and what does not compile."""

from __future__ import annotations

import pytest

from graphcnn.diagnostics import UsageError
from graphcnn.difference.specs import SpecDiff, Status
from tests.difference.models import side, specs
from tests.inline import spec

CONV = "- conv: {out: $width, kernel: 3}"


def varied(variants: str, graph: str = CONV, more: str = "") -> str:
    return spec(graph, head=f"parameters: {{width: 8}}\nvariants: {{{variants}}}\n{more}")


def statuses(found: SpecDiff) -> dict[str | None, Status]:
    return {one.variant: one.status for one in found.variants}


def test_variants_are_compared_by_name() -> None:
    before = varied("small: {width: 4}, net: {}, old: {}")
    after = varied("small: {width: 4}, net: {width: 9}, new: {}")
    assert statuses(specs(before, after)) == {
        "small": Status.SAME,
        "net": Status.CHANGED,
        "new": Status.CAME,
        "old": Status.WENT,
    }


def test_without_variants_on_one_side_the_default_is_compared() -> None:
    plain = spec(CONV, head="parameters: {width: 8}")
    several = varied("small: {width: 4}, net: {width: 9}")
    assert statuses(specs(plain, several)) == {"net": Status.CHANGED, "small": Status.CAME}
    assert statuses(specs(several, plain)) == {"net": Status.CHANGED, "small": Status.WENT}
    unlike = varied("small: {width: 4}")
    assert statuses(specs(plain, unlike)) == {None: Status.SAME, "small": Status.CAME}


def test_a_variant_that_is_asked_for_is_compared_alone() -> None:
    text = varied("small: {width: 4}, large: {width: 9}")
    found = SpecDiff("net.yaml", side(text, "small"), side(text, "large"))
    assert statuses(found) == {"small → large": Status.CHANGED}
    with pytest.raises(UsageError, match="no variant `lage`"):
        side(text, "lage")


def test_new_and_deleted_specs() -> None:
    text = varied("small: {width: 4}, large: {width: 9}")
    new, deleted = (
        SpecDiff("net.yaml", *sides) for sides in ((None, side(text)), (side(text), None))
    )
    assert {*statuses(new).values()} == {Status.CAME}
    assert {*statuses(deleted).values()} == {Status.WENT}
    assert not new.is_broken


def test_what_does_not_compile_is_reported_with_what_is_known() -> None:
    good, bad = (
        varied("small: {width: 4}, net: {}"),
        varied("small: {width: 4}, net: {}", "- cov: 3"),
    )
    found = specs(good, bad)
    assert statuses(found) == {"small": Status.BROKEN, "net": Status.BROKEN}
    assert [one.code for one in found.diagnostics] == ["unknown-op"]
    assert found.variants[0].before is not None
    assert found.variants[0].after is None
    assert found.is_broken
    assert not found.is_empty
    assert not specs(bad, good).is_broken


def test_what_is_no_yaml_has_the_variants_of_the_other_side() -> None:
    good = varied("small: {width: 4}, net: {}")
    assert statuses(specs(good, "graphcnn: [")) == {"small": Status.BROKEN, "net": Status.BROKEN}
    assert statuses(specs("graphcnn: [", "graphcnn: [")) == {None: Status.BROKEN}


def test_one_variant_that_does_not_compile_leaves_the_others() -> None:
    good = varied("small: {width: 4}, net: {}")
    more = "- conv: {out: 4, kernel: $(1 if width == 4 else 99)}"
    found = specs(good, varied("small: {width: 4}, net: {}", f"{CONV}\n{more}"))
    assert statuses(found) == {"small": Status.CHANGED, "net": Status.BROKEN}
    variants = "net: {}, small: {width: 4}"
    found = specs(varied(variants), varied(variants, f"{CONV}\n{more}"))
    assert statuses(found) == {"net": Status.BROKEN, "small": Status.CHANGED}


def test_a_budget_that_is_exceeded_is_no_obstacle() -> None:
    before = varied("small: {width: 4}")
    after = varied(
        "small: {width: 5}", more="expect: {small: {params: 1}, outputs: {nothing: [$x]}}"
    )
    found = specs(before, after)
    assert statuses(found) == {"small": Status.CHANGED}
    assert found.diagnostics == []


def test_words_are_no_difference() -> None:
    after = spec(
        f"# a comment\n{CONV}", head="title: A net\ndoc: For tests.\nparameters: {width: 8}"
    )
    assert specs(spec(CONV, head="parameters: {width: 8}"), after).is_empty
