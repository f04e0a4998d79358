"""Sizes of inputs that a setting or a variant frees: symbols in the place of integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import graphcnn
from graphcnn.cli import main
from graphcnn.compiler import compile_file
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.source import SourceFile
from tests.inline import findings

TEXT = """
graphcnn: 1
name: net
parameters: {height: 32, size: [32, 32], least: 4, classes: 10, act: relu}
let: {width: "$(2 * size[1])"}
inputs: {image: [3, $height, $width], low: [3, "$(size[0])", $least]}
graph:
  - {conv: {out: 4, kernel: 3, padding: 1}, from: image}
  - {use: $act}
  - global_avg_pool
  - flatten
  - {linear: $classes}
"""


def text_of(found: Diagnostic) -> str:
    return found.span.file.text[found.span.start : found.span.end]


def shapes(given: dict[str, Any]) -> list[str]:
    graph = compile_file(SourceFile("net.yaml", TEXT), None, given).ir
    return [str(value.shape) for value in graph.inputs.values()]


def test_a_setting_frees_sizes() -> None:
    assert shapes({}) == ["(3, 32, 64)", "(3, 32, 4)"]
    assert shapes({"height": "H"}) == ["(3, H, 64)", "(3, 32, 4)"]
    assert shapes({"height": "32*H + 1"}) == ["(3, 32 * H + 1, 64)", "(3, 32, 4)"]
    assert shapes({"size": ["S", 8]}) == ["(3, 32, 16)", "(3, S, 4)"]
    assert shapes({"size": ("S", "S")}) == ["(3, 32, 2 * S)", "(3, S, 4)"]


def test_a_symbol_of_one_name_is_one_symbol() -> None:
    graph = compile_file(SourceFile("net.yaml", TEXT), None, {"height": "S", "least": "S"}).ir
    assert (graph.inputs["image"].shape or ())[1] == (graph.inputs["low"].shape or ())[2]


NEEDS = "it takes an integer, or an expression over symbols, such as `H` or `32*H`"
NAMESAKE = "`classes` is a symbol here, and a parameter of the same name exists"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"classes": "C"}, "the parameter `classes` is an integer, found `C`"),
        ({"height": "C +"}, f"`C +` is no size for `height`: {NEEDS}"),
        ({"height": "if"}, f"`if` is no size for `height`: {NEEDS}"),
        ({"height": ""}, f"`` is no size for `height`: {NEEDS}"),
        ({"height": "classes"}, f"`classes` is no size for `height`: {NAMESAKE}"),
    ],
)
def test_what_is_no_symbol(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        shapes(given)
    assert str(caught.value) == message


def test_text_stays_text_where_no_input_reads_it() -> None:
    graph = compile_file(SourceFile("net.yaml", TEXT), None, {"act": "tanh"}).ir
    assert [node.op.name for node in graph.nodes][1] == "tanh"


def test_a_size_that_may_be_nothing() -> None:
    with pytest.raises(SpecError) as caught:
        shapes({"height": "H - 1"})
    (found,) = caught.value.diagnostics
    assert found.message == "a size is an integer of at least 1, found H - 1"
    assert text_of(found) == "$height"


def test_a_symbol_where_a_number_is_needed() -> None:
    text = TEXT.replace("- {use: $act}", "- {relu: {}, repeat: $height}")
    with pytest.raises(SpecError) as caught:
        compile_file(SourceFile("net.yaml", text), None, {"height": "H"})
    (found,) = caught.value.diagnostics
    assert found.message == "`repeat` is an integer of at least 0, found H"
    assert text_of(found) == "$height"


def test_a_variant_frees_sizes() -> None:
    text = TEXT.replace("let:", "variants: {fixed: {}, free: {height: H, size: [H, 8]}}\nlet:")
    graph = compile_file(SourceFile("net.yaml", text), "free").ir
    assert [str(value.shape) for value in graph.inputs.values()] == ["(3, H, 16)", "(3, H, 4)"]


def test_a_variant_that_frees_what_it_cannot() -> None:
    head = "variants: {bad: {height: classes}, worse: {height: H -}, text: {classes: C}}\nlet:"
    found = findings(TEXT.replace("let:", head))
    assert [(one.code, text_of(one)) for one in found] == [
        ("bad-value", "classes"),
        ("wrong-type", "H -"),
        ("wrong-type", "C"),
    ]


def test_it_is_freed_from_outside(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    one = TEXT.replace(', low: [3, "$(size[0])", $least]', "").replace(", from: image", "")
    file.write_text(one)
    assert str(graphcnn.load(str(file), height="H").ir.inputs["image"].shape) == "(3, H, 64)"
    run = CliRunner().invoke(main, ["summary", str(file), "--set", "height=2*H"])
    assert run.exit_code == 0
    assert "(3, 2 * H, 64)" in run.output
    made = tmp_path / "net.py"
    given = ["--set", "height=H", "--set", "size=[1, W]", "-o", str(made)]
    run = CliRunner().invoke(main, ["build", str(file), "--backend", "pytorch", *given])
    assert run.exit_code == 0, run.output
    assert "Input    image    (N, 3, H, 2 * W)" in made.read_text()
    given = ["--set", "height=H", "--size", "H=9", "--backends", "pytorch,onnx"]
    run = CliRunner().invoke(main, ["verify", str(file), *given])
    assert run.exit_code == 0, run.output
