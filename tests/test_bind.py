"""Arguments to parameters: types, defaults, what a file and its variants set."""

from __future__ import annotations

from typing import Any

import pytest

from graphcnn.compiler import compile_file
from graphcnn.diagnostics import UsageError
from graphcnn.elaborate.arguments import fits
from graphcnn.size import UNKNOWN, symbol
from graphcnn.source import SourceFile
from tests.inline import findings, model, spec


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (True, {"bool"}),
        (3, {"int", "float"}),
        (symbol("H"), {"int", "float"}),
        (2.5, {"float"}),
        ("relu", {"str"}),
        (None, {"str"}),
        ([1], {"list"}),
        (UNKNOWN, {"bool", "int", "float", "str", "list"}),
    ],
)
def test_types(value: Any, kinds: set[str]) -> None:
    assert {kind for kind in ("bool", "int", "float", "str", "list") if fits(value, kind)} == kinds
    assert fits(value, "any")


def used(parameter: str, argument: str) -> list[str]:
    """What is said of giving an argument to a parameter `p`."""
    head = f"blocks: {{unit: {{parameters: {{p: {parameter}}}, graph: [relu]}}}}"
    found = findings(spec(f"- unit: {{p: {argument}}}", head=head))
    return [one.message for one in found]


@pytest.mark.parametrize(
    ("parameter", "argument"),
    [
        ("int", "3"), ("float", "3"), ("float", "0.5"), ("bool", "true"), ("str", "relu"),
        ("str", "none"), ("list", "[1, a]"), ("any", "3"), ("any", "[1]"), ("3", "4"), ("0.5", "1"),
        ("relu", "none"), ("none", "3"), ("none", "[1]"), ("3", "[1, 3]"), ("[1]", "[2, 3]"),
        ("$(1 + 1)", "a"), ("true", "$(1 < 2)"), ("int", "$in.channels"),
    ],
)  # fmt: skip
def test_arguments_that_fit(parameter: str, argument: str) -> None:
    assert used(parameter, argument) == []


@pytest.mark.parametrize(
    ("parameter", "argument", "message"),
    [
        ("int", "0.5", "`p` of block `unit` is an integer, found 0.5"),
        ("int", "true", "`p` of block `unit` is an integer, found a boolean"),
        ("int", "[1, 2]", "`p` of block `unit` is an integer, found a list"),
        ("int", "none", "`p` of block `unit` is an integer, found none"),
        ("int", "$in", "`p` of block `unit` is an integer, found a tensor"),
        ("any", "$in", "`p` of block `unit` is a value, found a tensor"),
        ("float", "a", "`p` of block `unit` is a number, found `a`"),
        ("bool", "1", "`p` of block `unit` is true or false, found an integer"),
        ("str", "1", "`p` of block `unit` is text, found an integer"),
        ("list", "1", "`p` of block `unit` is a list, found an integer"),
        ("3", "[a]", "`p` of block `unit` is an integer, found a list"),
        ("3", "no", "`p` of block `unit` is an integer, found `no`"),
        ("0.5", "[1]", "`p` of block `unit` is a number, found a list"),
        ("[1]", "1", "`p` of block `unit` is a list, found an integer"),
    ],
)
def test_arguments_that_do_not(parameter: str, argument: str, message: str) -> None:
    assert used(parameter, argument) == [message]


def channels(text: str, variant: str | None = None) -> int:
    value = next(iter(model(text, variant).ir.outputs.values())).value
    assert value.shape is not None
    assert isinstance(value.shape[0], int)
    return value.shape[0]


def test_defaults_see_the_parameters_before_them_and_the_file() -> None:
    head = """
    parameters: {width: 4}
    let: {twice: $(2 * width)}
    blocks:
      unit:
        parameters: {out: $twice, more: $(out + 1)}
        graph: [{conv: $(more)}]
    """
    assert channels(spec("- unit: {}", head=head)) == 9
    assert channels(spec("- unit: {out: 20}", head=head)) == 21
    assert channels(spec("- unit: {more: 3}", head=head)) == 3


def test_let_of_a_block_sees_what_comes_in() -> None:
    head = """
    blocks:
      unit:
        parameters: {ratio: 2}
        let: {out: $(x.channels * ratio), more: $(out + 1)}
        graph: [{conv: $more}]
    """
    assert channels(spec("- unit\n- unit: {ratio: 3}", head=head)) == 7 * 3 + 1


def test_a_block_does_not_see_where_it_is_used() -> None:
    head = "blocks: {unit: {graph: [{conv: $k}]}}"
    graph = "- for: {k: [8]}\n  do: [unit]"
    assert [one.code for one in findings(spec(graph, head=head))] == ["unknown-name"]


def test_arguments_are_evaluated_where_the_block_is_used() -> None:
    head = "blocks: {unit: {parameters: {out: int}, graph: [{conv: $out}]}}"
    graph = "- unit: {out: $(in.channels + 1)}\n- unit: {out: $(in.channels + 1)}"
    assert channels(spec(graph, head=head)) == 5


def test_variants_and_settings() -> None:
    head = "parameters: {width: 4, deep: int}\nvariants: {a: {deep: 1}, b: {deep: 2, width: 6}}"
    text = spec("- conv: $(width * deep)", head=head)
    assert channels(text, "a") == 4
    assert channels(text, "b") == 12
    file = SourceFile("net.yaml", text)
    assert compile_file(file, "a", {"width": 5}).ir.scope == {"width": 5, "deep": 1}
    assert compile_file(file, "b", {"deep": 3}).ir.scope == {"width": 6, "deep": 3}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"widht": 3}, "net has no parameter `widht`; did you mean `width`?"),
        ({"width": "a"}, "the parameter `width` is an integer, found `a`"),
        ({"width": 2.5}, "the parameter `width` is an integer, found 2.5"),
        ({"name": 3}, "the parameter `name` is text, found an integer"),
        ({"flag": 1}, "the parameter `flag` is true or false, found an integer"),
    ],
)
def test_settings_that_do_not_fit(given: dict[str, Any], message: str) -> None:
    head = "parameters: {width: 4, name: relu, flag: false}"
    file = SourceFile("net.yaml", spec("- conv: $width", head=head))
    with pytest.raises(UsageError) as caught:
        compile_file(file, None, given)
    assert str(caught.value) == message


def test_tuples_are_lists() -> None:
    file = SourceFile("net.yaml", spec("- conv: '$(sizes[1])'", head="parameters: {sizes: [1, 2]}"))
    assert compile_file(file, None, {"sizes": (3, 4)}).ir.scope == {"sizes": [3, 4]}


def test_a_variant_is_checked_like_a_use() -> None:
    head = "parameters: {width: 4}\nvariants: {a: {width: wide}, b: {}}"
    (found,) = findings(spec("- conv: $width", head=head))
    assert found.message == "`width` is an integer, found `wide`"
    assert found.notes == ("in variant `a`",)


def test_defaults_of_ops_mean_the_same_in_every_block() -> None:
    head = """
    parameters: {bias: false}
    defaults: {conv: {bias: $bias, kernel: 3, padding: same}}
    blocks:
      unit:
        parameters: {bias: 7}
        graph: [{conv: 8}]
    """
    made = model(spec("- unit\n- conv: {out: 4, bias: true}", head=head))
    assert [[*node.facts.weights] for node in made.ir.nodes] == [["weight"], ["weight", "bias"]]
