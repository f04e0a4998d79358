"""Modules that are used again on other sizes: what depends on these is read where the code runs."""

from __future__ import annotations

import pytest

from graphcnn.diagnostics import SpecError
from tests import inline
from tests.backends.emitted import check
from tests.backends.test_pytorch_tools import scripts_and_traces

#: heads that stand for others of their kind, each with what its `forward` says of sizes
HEADS = {
    "flatten": ("[{conv: 4}, {flatten: 1}, {permute: [1, 0]}]", ".flatten(2)"),
    "reshape": (
        "[{conv: 4}, {reshape: [4, $(x.height * x.width)]}]",
        "x.reshape(x.size(0), 4, -1)",
    ),
    "anchors": (
        (
            "[{conv: 12}, {reshape: [3, 4, $x.height, $x.width]}, {permute: [2, 3, 0, 1]},"
            " {reshape: [$(3 * x.height * x.width), 4]}]"
        ),
        "x.reshape(x.size(0), -1, 4)",
    ),
    "slice": (
        "[{conv: 4}, {slice: {axis: 1, stop: $(x.height // 2)}}]",
        ": x.shape[2] // 2]",
    ),
    "split": (
        (
            "[{conv: 4}, {split: {sizes: [$(x.height // 2), $(x.height - x.height // 2)], axis: 1},"
            " id: parts}, {global_avg_pool: {}, from: parts.0}]"
        ),
        "y.split((x.shape[2] // 2, x.shape[2] - x.shape[2] // 2), dim=2)",
    ),
    "crop": (
        "[{conv: 4}, {crop: [0, $(x.height // 4), 0]}]",
        "x.shape[2] // 4 : y.shape[2] - x.shape[2] // 4",
    ),
    "pad": ("[{conv: 4}, {pad: [0, $(x.height // 4), 1]}]", "(1, 1, x.shape[2] // 4"),
    "tile": (
        "[{conv: 4}, global_avg_pool, {tile: [1, $x.height, $x.width]}]",
        ".repeat(1, 1, x.shape[2], x.shape[3])",
    ),
    "upsample": (
        "[{max_pool: 2}, {conv: 4}, {upsample: {size: [$x.height, $x.width]}}]",
        "size=x.shape[-2:]",
    ),
    "avg_pool": ("[{conv: 4}, {avg_pool: [$x.height, $x.width]}]", "F.avg_pool2d(y, x.shape[-2:])"),
    "adaptive_pool": (
        "[{conv: 4}, {adaptive_max_pool: $(x.height // 2)}]",
        "F.adaptive_max_pool2d(y, (x.shape[2] // 2, x.shape[2] // 2))",
    ),
    "scope": (
        (
            "[{sequence: [{conv: 4}, {reshape: [4, $(x.height * x.width)]}], id: inner},"
            " {slice: {axis: 1, stop: $x.width}}]"
        ),
        "x.reshape(x.size(0), 4, -1)",
    ),
}

SPEC = """
graphcnn: 1
name: net
inputs: {{a: [3, 8, 8], b: [3, 4, 4], c: [3, 6, 10]}}
blocks:
  head:
    {kind}: {body}
graph:
  - {{head: {{}}, from: a, id: first}}
  - {{reuse: first, from: b, id: second}}
  - {{reuse: first, from: c, id: third}}
  - {{head: {{}}, from: c, id: other}}
outputs: {{first: first, second: second, third: third, other: other}}
"""


@pytest.mark.parametrize("head", HEADS)
def test_a_shared_head_computes_what_it_means_on_every_size(head: str) -> None:
    body, said = HEADS[head]
    model = inline.model(SPEC.format(kind="graph", body=body))
    text = check(model)
    assert said in text
    scripts_and_traces(model)


def test_a_shared_sequence_reads_sizes_too() -> None:
    text = check(inline.model(SPEC.format(kind="sequence", body=HEADS["reshape"][0])))
    assert "reshape(x.size(0), 4, -1)" in text


def test_computed_names_are_read_with_what_they_are_computed_from() -> None:
    spec = SPEC.format(
        kind="let: {half: $(x.height // 2)}\n    graph",
        body="[{conv: 4}, {slice: {axis: 1, stop: $half}}]",
    )
    assert ": x.shape[2] // 2]" in check(inline.model(spec))


def test_what_is_no_size_cannot_differ_in_one_module() -> None:
    body = "[{conv: 4}, {scale: {factor: $(x.height / 3)}}]"
    with pytest.raises(SpecError) as caught:
        inline.model(SPEC.format(kind="graph", body=body)).build("pytorch")
    (found,) = caught.value.diagnostics
    assert found.code == "unsupported-op"
    assert "`scale` is shared" in found.message
    assert found.span.begin_position.line == 7
