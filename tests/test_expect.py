"""`expect` in a spec: what it holds against the model, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcnn import compiler, syntax
from graphcnn.diagnostics import Diagnostic
from tests.inline import findings, spec

CONV = "- conv: {out: 8, kernel: 3, bias: false}"  # 216 params, 194,400 MACs


def check(expect: str, graph: str = CONV, image: str = "[3, 32, 32]") -> list[Diagnostic]:
    return findings(spec(graph, head=f"expect: {{{expect}}}", image=image))


@pytest.mark.parametrize(
    "expect",
    [
        "params: 216",
        "params: <= 216",
        "params: < 217",
        "params: '>= 216'",
        "params: '> 0.2K'",
        "params: < 0.3k",
        "macs: 194400",
        "macs: <= 0.2M",
        "macs: < 1e6",
        "buffers: 0",
        "activations: 7200",
        "receptive_field: 3",
        "receptive_field: [3, 3]",
        "receptive_field: [3, < 5]",
        "outputs: {output: [8, 30, 30]}",
        "layers: {conv1: [8, 30, 30]}",
        "outputs: {output: '$([8, 30, 30])'}",
    ],
)
def test_what_holds(expect: str) -> None:
    assert check(expect) == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("params: 217", "params: found 216, expected 217 (1 fewer, 0.46%)"),
        ("params: < 216", "params: found 216, expected < 216"),
        ("params: 0", "params: found 216, expected 0 (216 more)"),
        ("macs: <= 0.1M", "macs: found 194,400, expected <= 0.1M (94,400 more, 94.40%)"),
        ("params: '>= 1.5G'", "params: found 216, expected >= 1.5G (1,499,999,784 fewer, 100.00%)"),
        ("receptive_field: 5", "receptive_field: found 3, expected 5 (2 fewer, 40.00%)"),
        ("receptive_field: [3]", "receptive_field has 2 axes, 1 expected"),
        (
            "outputs: {output: [8, 32, 32]}",
            "output `output`: found (8, 30, 30), expected (8, 32, 32)",
        ),
        ("outputs: {logits: [8]}", "the network has no output `logits`"),
        ("layers: {conv2: [8]}", "the network has no layer `conv2`"),
    ],
)
def test_what_does_not_hold(expect: str, message: str) -> None:
    (found,) = check(expect)
    assert found.code == "expectation-failed"
    assert found.message == message


def test_the_place_is_the_value() -> None:
    (found,) = check("macs: 1")
    text = found.span.file.text
    assert text[found.span.start : found.span.end] == "1"


def test_what_costs_most_is_named() -> None:
    graph = "\n".join(f"- conv: {{out: {8 * n}, kernel: 1, bias: false}}" for n in range(1, 8))
    (found,) = check("params: 1", graph)
    assert len(found.notes) == 5
    assert found.notes[0] == f"{48 * 56:,} of them (37.4%) in `conv7` (conv, line 12)"


def test_what_widens_the_field_most_is_named() -> None:
    graph = """
    - conv: {out: 8, kernel: 3, stride: 2}
    - conv: {out: 8, kernel: [1, 5]}
    - upsample: 2
    - conv: {out: 8, kernel: 2}
    """
    (found,) = check("receptive_field: <= 10", graph)
    assert found.message == "receptive_field: found 12, expected <= 10 (2 more, 20.00%)"
    assert found.notes == (
        "8 of them (66.7%) by `conv2` (conv, line 7)",
        "2 of them (16.7%) by `conv1` (conv, line 6)",
        "1 of them (8.3%) by `conv3` (conv, line 9)",
    )


def test_only_the_widest_path_counts() -> None:
    graph = """
    - branches:
        paths:
          small: {conv: {out: 8, kernel: 3, padding: 1}}
          large: {conv: {out: 8, kernel: 5, padding: 2}}
    - {conv: {out: 8, kernel: 3}, id: last}
    """
    (found,) = check("receptive_field: <= 4", graph)
    assert found.notes == (
        "4 of them (57.1%) by `large` (conv, line 9)",
        "2 of them (28.6%) by `last` (conv, line 10)",
    )


def test_a_field_that_is_too_small_names_nothing() -> None:
    (found,) = check("receptive_field: '>= 5'")
    assert found.notes == ()


def test_what_is_imported_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "lib.yaml").write_text(
        "graphcnn: 1\nname: lib\nblocks:\n  wide:\n    sequence:\n"
        "      - conv: {out: 8, kernel: 3}\n"
    )
    top = tmp_path / "net.yaml"
    top.write_text(spec("- wide", head="imports: [lib.yaml]\nexpect: {params: <= 100}"))
    (found,) = compiler.check(syntax.read(top))
    assert found.notes == ("224 of them (100.0%) in `wide.0` (conv, lib.yaml:6)",)


def test_what_costs_too_little_names_nothing() -> None:
    (found,) = check("params: '> 1M'")
    assert found.notes == ()


def test_symbolic_sizes() -> None:
    graph, image = CONV.replace("3,", "3, padding: 1,"), "[3, H, W]"
    assert check("params: 216", graph, image) == []
    assert check("outputs: {output: [8, H, W]}", graph, image) == []
    assert check("outputs: {output: [8, 2*H, 2*W - 1]}", graph, "[3, 2*H, 2*W - 1]") == []
    assert check("macs: '> 215'", graph, image) == []
    (found,) = check("macs: < 1G", graph, image)
    assert found.message == "macs depends on the size of the input: 216 * H * W, expected < 1G"
    (found,) = check("outputs: {output: [8, H, H]}", graph, image)
    assert found.message == "output `output`: found (8, H, W), expected (8, H, H)"


DEEP = "- {conv: {out: 4, kernel: 1, stride: 2}, repeat: 50}"


def test_a_sum_without_a_short_form_is_undecided() -> None:
    (found,) = check("macs: <= 4G, params: < 2K", DEEP, image="[4, H, W]")
    assert found.message == "macs depends on the size of the input, expected <= 4G"


def test_words_that_cannot_name_a_size() -> None:
    (found,) = check("outputs: {output: [8, in, 30]}")
    assert (found.code, str(found.span)[-4:]) == ("bad-name", "3:32")


def test_variants() -> None:
    head = """
    parameters: {{width: 8}}
    variants: {{small: {{}}, large: {{width: 16}}}}
    expect: {{outputs: {{output: [$width, 30, 30]}}, small: {{params: 224}}, {}}}
    """
    graph = "- conv: {out: $width, kernel: 3}"
    assert findings(spec(graph, head=head.format("large: {params: 448}"))) == []
    (found,) = findings(spec(graph, head=head.format("large: {params: 224}")))
    assert found.message == "params: found 448, expected 224 (224 more, 100.00%)"
    assert "in variant `large`" in found.notes
    (found,) = findings(spec(graph, head=head.format("lage: {params: 448}")))
    assert (found.code, found.help) == ("unknown-variant", "did you mean `large`?")


def test_figures_that_differ_are_of_the_variant_that_is_named() -> None:
    head = "parameters: {width: 8}\nvariants: {small: {}, large: {width: 16}}\nexpect: {params: 1}"
    (found,) = findings(spec("- conv: {out: $width, kernel: 3}", head=head))
    assert found.message.startswith("params: found 224,")
    assert "in variants `small`, `large`; shown for `small`" in found.notes
    (found,) = findings(spec("- conv: {out: 8, kernel: 3}\n- scale: $width", head=head))
    assert not any("variant" in note for note in found.notes)


def test_networks_without_spatial_axes_have_no_field() -> None:
    (found,) = check("receptive_field: 1", "- linear: 10", "[4]")
    assert found.message == "the network has no spatial axes to have a receptive field along"


def test_errors_in_expected_shapes_have_a_place() -> None:
    (found,) = check("outputs: {output: [$nothing, 30, 30]}")
    assert found.code == "unknown-name"
    assert found.span.file.text[found.span.start : found.span.end] == "nothing"


def test_settings_from_outside_are_not_held_against_expectations() -> None:
    from graphcnn.compiler import compile_file
    from graphcnn.source import SourceFile

    text = spec(
        "- conv: {out: $width, kernel: 1}",
        head="parameters: {width: 8}\nexpect: {params: 32}",
    )
    made = compile_file(SourceFile("net.yaml", text), None, {"width": 16})
    assert made.summary().params == 64


@pytest.mark.parametrize("number", ["9" * 5000, "1e1000000", "0." + "1" * 5000])
def test_numbers_that_take_a_while_to_write_out_are_refused(number: str) -> None:
    assert [one.code for one in check(f"params: '< {number}'")] == ["bad-value"]
