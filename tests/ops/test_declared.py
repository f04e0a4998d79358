"""Ops that a spec declares: its rules are those of an op, and their mistakes are the author's."""

from __future__ import annotations

import pytest

from graphcnn.ops.declared import Declared
from graphcnn.size import symbol
from tests.inline import findings, model, spec

DEFORM = """
ops:
  deform:
    doc: Deformable convolution.
    attributes: {out: int, kernel: 3, wide: $(kernel + 2)}
    shape: "$([out, in.height, in.width])"
    weights: {weight: "$([out, in.channels, kernel, wide])", bias: "$([out])"}
    buffers: {offset: "$([kernel])"}
    macs: $(out * in.channels * kernel * wide * in.height * in.width)
    pytorch: mylib.Deform
"""


def declared(**rules: str) -> str:
    rules = {"shape": "$in.shape", "macs": "0", **rules}
    return "ops:\n  f:\n" + "".join(f"    {name}: {rule}\n" for name, rule in rules.items())


def codes(graph: str, head: str) -> list[str]:
    return [one.code for one in findings(spec(graph, head=head))]


def test_rules_are_those_of_an_op() -> None:
    first, second = model(
        spec("- deform: {out: 8}\n- deform: {out: 4, kernel: 1}", head=DEFORM)
    ).ir.nodes
    assert first.outputs[0].shape == (8, 32, 32)
    assert {name: one.shape for name, one in first.facts.weights.items()} == {
        "weight": (8, 3, 3, 5), "bias": (8,), "offset": (3,),
    }  # fmt: skip
    assert not first.facts.weights["offset"].trained
    assert (first.facts.params, first.facts.buffers) == (8 * 3 * 15 + 8, 3)
    assert first.facts.macs == 8 * 3 * 15 * 32 * 32
    assert second.facts.params == 4 * 8 * 3 + 4
    assert isinstance(first.op, Declared)
    assert dict(first.op.values) == {"out": 8, "kernel": 3, "wide": 5}
    assert first.op.declaration.targets == {"pytorch": "mylib.Deform"}


def test_equal_uses_are_one_op() -> None:
    head = declared(attributes="{sizes: [1, [2]]}")
    first, second = model(
        spec("- f: {sizes: [3, [4]]}\n- f: {sizes: [3, [4]]}", head=head)
    ).ir.nodes
    assert first.op is second.op
    assert isinstance(first.op, Declared)
    assert dict(first.op.values) == {"sizes": (3, (4,))}


def test_lists_are_lists_in_rules() -> None:
    head = declared(attributes="{sizes: list}", shape='"$([sizes[0]] + in.shape[1:])"')
    assert model(spec("- f: {sizes: [7, 8]}", head=head)).ir.nodes[0].outputs[0].shape == (
        7,
        32,
        32,
    )


def test_symbolic_sizes() -> None:
    head = declared(shape='"$([in.channels, in.height // 2, in.width])"', macs="$(in.height * 3)")
    (node,) = model(spec("- f", head=head, image="[3, 32*H, 8]")).ir.nodes
    assert node.outputs[0].shape == (3, 16 * symbol("H"), 8)
    assert node.facts.macs == 96 * symbol("H")


def test_several_outputs() -> None:
    head = declared(shape='"$([in.shape, [1]])"')
    made = model(spec("- {f: {}, id: f}\n- {relu: {}, from: f.1}", head=head)).ir.nodes
    assert [value.shape for value in made[0].outputs] == [(3, 32, 32), (1,)]
    assert made[1].outputs[0].shape == (1,)


@pytest.mark.parametrize(
    ("rules", "arity"),
    [
        ({}, (1, 1)),
        ({"shape": "'$(inputs[1].shape)'"}, (2, 2)),
        ({"shape": "'$(inputs[0].shape)'", "macs": "'$(inputs[2].channels)'"}, (3, 3)),
        ({"macs": "$(len(inputs))"}, (1, None)),
        ({"macs": "'$(sum([one.channels for one in inputs]))'"}, (1, None)),
        ({"weights": "{w: '$(inputs[1].shape)'}"}, (2, 2)),
    ],
)
def test_how_many_inputs_follows_from_the_rules(
    rules: dict[str, str], arity: tuple[int, int | None]
) -> None:
    low, high = arity
    head = declared(**rules)
    for count in range(1, 5):
        graph = f"- {{f: {{}}, from: [{', '.join(['image'] * count)}]}}"
        fits = count >= low and (high is None or count <= high)
        assert codes(graph, head) == ([] if fits else ["wrong-arity"])


@pytest.mark.parametrize(
    ("rules", "use", "code", "place"),
    [
        ({"shape": "$(in.shpae)"}, "- f", "unknown-property", "in.shpae"),
        ({"shape": "$nope"}, "- f", "unknown-name", "nope"),
        ({"weights": '{w: "$([nope])"}'}, "- f", "unknown-name", "nope"),
        ({"macs": "$(1 // 0)"}, "- f", "division-by-zero", "1 // 0"),
        ({"macs": "$(1 / 3)"}, "- f", "declared-rule", "$(1 / 3)"),
        ({"macs": "$(0 - 3)"}, "- f", "declared-rule", "$(0 - 3)"),
        ({"macs": "$(1 == 1)"}, "- f", "declared-rule", "$(1 == 1)"),
        ({"shape": "$(3)"}, "- f", "declared-rule", "$(3)"),
        ({"shape": '"$([3, 0])"'}, "- f", "declared-rule", '"$([3, 0])"'),
        ({"shape": '"$([3, 1.5])"'}, "- f", "declared-rule", '"$([3, 1.5])"'),
        ({"weights": '{w: "$([-1])"}'}, "- f", "declared-rule", '"$([-1])"'),
        ({"attributes": "{n: int}"}, "- f: {n: a}", "bad-value", "a"),
        ({"attributes": "{n: 3}"}, "- f: {n: 0.5}", "bad-value", "0.5"),
        ({"attributes": "{n: 3}"}, "- f: {m: 3}", "unknown-attribute", "m"),
        ({"attributes": "{n: int}"}, "- f", "missing-attribute", "f"),
        ({"attributes": "{n: $(1 // 0)}"}, "- f", "division-by-zero", "1 // 0"),
        ({}, "- use: f\n  with: {m: 3}", "unknown-attribute", "m"),
        ({"attributes": "{n: int}"}, "- use: f", "missing-attribute", "use"),
    ],
)
def test_mistakes_are_where_they_are_made(
    rules: dict[str, str], use: str, code: str, place: str
) -> None:
    (found,) = findings(spec(use, head=declared(**rules)))
    assert found.code == code
    assert found.span.file.text[found.span.start : found.span.end] == place


def test_a_mistake_in_a_rule_names_the_use() -> None:
    (found,) = findings(spec("- flatten\n- f", head=declared(macs="$in.height")))
    assert found.message == "a tensor of shape (3072,) has no height"
    assert found.notes == ("in op `f` on (3072,), used at net.yaml:10",)


def test_defaults_of_the_file() -> None:
    head = DEFORM + "defaults: {deform: {out: 5, kernel: 1}}\n"
    assert model(spec("- deform", head=head)).ir.nodes[0].outputs[0].shape == (5, 32, 32)


def test_rules_are_evaluated_within_bounds() -> None:
    head = declared(attributes="{n: int}", macs='"$(len([k for k in range(9999)]) + n)"')
    graph = "- for: {k: $(range(9999))}\n  do: [{f: {n: $k}}]"
    assert codes(graph, head) == ["too-much-work"]
