"""The benchmarks measure what they say. How long it takes is not tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import chain, many
from benchmarks.__main__ import PAGE, PARTS
from benchmarks.onnx_model import resnet50
from benchmarks.table import Table
from graphcnn.api import validate
from graphcnn.compiler import compile_file, load


@pytest.mark.parametrize("form", chain.FORMS)
def test_chains_are_as_long_as_they_say(form: str) -> None:
    ops = [node.op.name for node in compile_file(chain.spec(form, 30)).ir.nodes]
    assert ops[-30:] == 10 * ["conv", "relu", "add"]
    assert len(ops) <= 31  # what is written out begins with something to add to


def test_onnx_is_given_as_many_nodes() -> None:
    assert len(resnet50().graph.node) == len(load("resnet50").ir.nodes)


@pytest.mark.parametrize("form", many.FORMS)
def test_a_thousand_specs_are_of_resnet_50s_size(form: str, tmp_path: Path) -> None:
    """The one that is as wide is ResNet-50 itself."""
    many.write(form, tmp_path, 49)
    assert validate(tmp_path) == []
    model = load(tmp_path / "net0048.yaml")
    reference = load("resnet50", classes=58)
    assert model.summary().params == reference.summary().params
    assert len(model.ir.nodes) == len(reference.ir.nodes)


@pytest.mark.parametrize("part", [*PARTS, "setting"])
def test_the_page_has_a_place_for_every_table(part: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(f"<!-- {part} -->\n") == text.count(f"<!-- /{part} -->\n") == 1


def test_tables_are_markdown() -> None:
    table = Table(("process", "time"), (("one", "7 ms"), ("another", "11 ms")))
    assert table.markdown() == (
        "| process |  time |\n| :------ | ----: |\n| one     |  7 ms |\n| another | 11 ms |\n"
    )
