"""What became of each layer, and that it adds up."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from graphcnn.compiler import compile_file
from graphcnn.counts import Costs
from graphcnn.difference.changes import Change, Kind, ModelDiff, compare
from graphcnn.size import UNKNOWN, Size
from graphcnn.source import SourceFile
from tests.backends.spec_draws import specs as drawn
from tests.difference.models import changes, diff, said, specs
from tests.inline import spec

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

SEQUENCE = """
- sequence:
    - conv: {out: 16, kernel: 3, padding: 1}
    - relu
    - conv: {out: 16, kernel: 3, padding: 1}
    - relu
    - conv: {out: 32, kernel: 3, padding: 1}
    - relu
  id: features
"""
FLAT = """
- conv: {out: 16, kernel: 3, padding: 1}
- relu
- conv: {out: 16, kernel: 3, padding: 1}
- relu
- conv: {out: 32, kernel: 3, padding: 1}
- relu
"""
RESIDUALS = """
- repeat: 4
  graph:
    - residual:
        body:
          - conv: {out: 16, kernel: 3, padding: 1}
          - batch_norm
          - relu
          - conv: {out: 16, kernel: 3, padding: 1}
  id: stage
- {conv: 8, id: head}
"""
HEAD = "- {conv: 8, id: a}\n- {conv: 8, id: b}\n- {conv: 8, id: c}\n"


def test_a_layer_in_the_middle_of_a_sequence_is_one_that_came() -> None:
    after = SEQUENCE.replace("    - relu\n", "    - batch_norm\n    - relu\n", 1)
    assert changes(SEQUENCE, after) == [
        "+features.1",
        *(f"features.{i} -> features.{i + 1}" for i in range(1, 6)),
    ]


def test_a_layer_that_is_taken_out_is_one_that_went() -> None:
    before = SEQUENCE.replace("    - relu\n", "    - batch_norm\n    - relu\n", 1)
    assert changes(before, SEQUENCE)[-1] == "-features.1"


def test_causes_are_told_from_what_follows() -> None:
    after = SEQUENCE.replace("kernel: 3, padding: 1", "kernel: 5, padding: 2, stride: 2", 1)
    assert changes(SEQUENCE, after) == [
        "features.0: kernel, stride, padding",
        *(f"(features.{i})" for i in range(1, 6)),
    ]


def test_a_scope_that_is_called_differently_is_only_renamed() -> None:
    found = diff(SEQUENCE, SEQUENCE.replace("id: features", "id: backbone"))
    assert {change.kind for change in found.changes} == {Kind.RENAMED}
    assert not found.is_empty


@pytest.mark.parametrize(("before", "after"), [(FLAT, SEQUENCE), (SEQUENCE, FLAT)])
def test_what_moves_into_a_scope_or_out_of_it_is_renamed(before: str, after: str) -> None:
    assert {change.kind for change in diff(before, after).changes} == {Kind.RENAMED}


def test_a_layer_that_goes_here_and_one_that_comes_there_are_two() -> None:
    before = f"{SEQUENCE}- {{conv: 8, id: head}}\n"
    after = before.replace("    - relu\n", "", 1) + "- relu\n"
    found = changes(before, after)
    assert "-features.1" in found
    assert "+relu" in found


def test_another_op_in_its_place() -> None:
    assert changes(SEQUENCE, SEQUENCE.replace("relu", "silu")) == [
        f"features.{i}: relu → silu" for i in (1, 3, 5)
    ]


def test_the_same_change_in_every_repetition() -> None:
    after = RESIDUALS.replace("batch_norm", "batch_norm: {momentum: 0.2}")
    assert changes(RESIDUALS, after) == [f"stage.{i}.bn1: momentum" for i in range(4)]


def test_repetitions_that_come_are_whole_scopes() -> None:
    found = diff(RESIDUALS, RESIDUALS.replace("repeat: 4", "repeat: 6"))
    assert {change.kind for change in found.changes} == {Kind.CAME}
    assert [*dict.fromkeys(one.scope and one.scope.full for one in found.changes)] == [
        "stage.4",
        "stage.5",
    ]


def test_an_author_s_name_counts_for_more_than_what_a_layer_does() -> None:
    after = "- {conv: {out: 8, kernel: 3}, id: a}\n- {conv: 4, id: b}\n- {conv: 8, id: c}\n"
    assert changes(HEAD, after) == ["a: kernel", "b: out", "(c)"]


def test_another_input() -> None:
    assert changes(HEAD, HEAD.replace("id: c", "id: c, from: a")) == ["c: takes a, not b"]


def test_one_input_more_or_less() -> None:
    two = f"{HEAD}- {{add: {{}}, from: [a, b], id: sum}}"
    three = two.replace("[a, b]", "[a, b, c]")
    assert changes(two, three) == ["sum: takes c too"]
    assert changes(three, two) == ["sum: no longer takes c"]


def test_another_part_of_the_same_layer() -> None:
    first = "- {split: 2, id: parts}\n- {relu: {}, from: parts.0, id: last}"
    assert changes(first, first.replace("parts.0", "parts.1")) == [
        "last: takes parts.1, not parts.0"
    ]


def test_an_input_that_is_called_differently_is_no_other_input() -> None:
    before = spec(HEAD)
    (found,) = specs(before, before.replace("image:", "photograph:")).variants
    assert found.diff is not None
    assert found.diff.changes == ()
    assert not found.diff.is_empty


def test_what_is_put_in_between_is_no_other_input() -> None:
    after = HEAD.replace("- {conv: 8, id: c}", "- {relu: {}, id: d}\n- {conv: 8, id: c}")
    assert changes(HEAD, after) == ["+d"]


def test_another_output() -> None:
    before, after = (spec(HEAD, head=f"outputs: {{y: {one}}}") for one in "cb")
    (found,) = specs(before, after).variants
    assert found.diff is not None
    assert found.diff.rewired == ("output y is b, not c",)
    assert not found.diff.is_empty


def test_weights_that_are_shared() -> None:
    shared = "- {conv: 16, id: a}\n- {reuse: a, id: b}\n"
    apart = "- {conv: 16, id: a}\n- {conv: 16, id: b}\n"
    assert changes(apart, shared) == ["b: shares the weights of a"]
    assert changes(shared, apart) == ["b: no longer shares the weights of a"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("conv: {out: 4, kernel: 3}", "conv: {out: 4, kernel: [3, 3]}"),
        (
            "conv: {out: 4, kernel: 3, padding: 1}",
            "conv: {out: 4, kernel: 3, padding: [[1, 1], 1]}",
        ),
        ("max_pool: 2", "max_pool: {kernel: [2, 2], stride: none}"),
    ],
)
def test_two_ways_to_write_the_same(before: str, after: str) -> None:
    assert diff(f"- {before}", f"- {after}").is_empty


def test_a_declared_op_with_other_rules() -> None:
    head = "ops: {{half: {{shape: '$([in.channels // 2, 2])', macs: {}}}}}"
    before, after = (spec("- half", head=head.format(macs)) for macs in (1, 2))
    (found,) = specs(before, after).variants
    assert found.diff is not None
    assert [*map(said, found.diff.changes)] == ["half: its op is declared with other rules"]


def test_symbolic_sizes() -> None:
    found = diff("- conv: {out: 4, kernel: 1}", "- conv: {out: 6, kernel: 1}", "[3, H, W]")
    (change,) = found.changes
    assert str(change.costs.macs) == "6 * H * W"


def test_ten_thousand_layers() -> None:
    graph = """
    - for: {{n: $(range({0}))}}
      do:
        - conv: {{out: "$({1} if n in [1000, 4000] else 1)", kernel: 3, padding: 1}}
        - relu
    """
    found = changes(graph.format(5000, 1), graph.format(5001, 2), "[1, 4, 4]")
    assert [one for one in found if ":" in one] == ["conv1001: out"]
    # The other one and a `relu` are the two layers that there are more of.
    assert [one for one in found if one.startswith("+")] == ["+relu4000", "+conv4001"]
    assert not any(one.startswith("-") for one in found)


# --- whatever the models are -------------------------------------------------------------


def total(found: ModelDiff) -> Costs:
    sums: list[Size] = [0, 0, 0, 0]
    for change in found.changes:
        sums = [a + b for a, b in zip(sums, change.costs, strict=True)]
    return Costs(*sums)


def reversed_(change: Change) -> tuple[object, ...]:
    names = [None if one is None else one.full for one in (change.after, change.before)]
    kinds = {Kind.CAME: Kind.WENT, Kind.WENT: Kind.CAME}
    return (kinds.get(change.kind, change.kind), *names)


@settings(suppress_health_check=SLOW)
@given(drawn())
def test_a_model_is_no_different_from_itself(file: SourceFile) -> None:
    assert compare(compile_file(file), compile_file(file)).is_empty


@settings(suppress_health_check=SLOW)
@given(drawn(), drawn())
def test_it_adds_up_and_can_be_turned_around(one: SourceFile, other: SourceFile) -> None:
    a, b = compile_file(one), compile_file(other)
    there, back = compare(a, b), compare(b, a)
    for name, growth in total(there)._asdict().items():
        before, after = getattr(there.before, name), getattr(there.after, name)
        assert UNKNOWN in (growth, before, after) or growth == after - before
    forth = Counter((one.kind, *_names(one)) for one in there.changes)
    assert forth == Counter(map(reversed_, back.changes))


def _names(change: Change) -> tuple[object, ...]:
    return tuple(None if one is None else one.full for one in (change.before, change.after))
