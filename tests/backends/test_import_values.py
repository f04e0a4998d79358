"""What is emitted of blocks whose file has values from the one that imports it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graphcnn.compiler import load
from tests.backends.emitted import check

UNIT = """\
parameters: {act: relu, eps: 1.0e-5, width: 4}
defaults: {batch_norm: {eps: $eps}}
blocks:
  unit:
    parameters: {out: $(2 * width), kernel: 1}
    sequence: [{conv: {out: $out, kernel: $kernel}}, batch_norm, {use: $act}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "unit", UNIT)
    return tmp_path


def write(folder: Path, name: str, body: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f"graphcnn: 1\nname: {name}\n{body}")
    return path


def net(folder: Path, imports: str, graph: str, more: str = "") -> Path:
    body = f"imports: [{imports}]\n{more}\ninputs: {{image: [3, 8, 8]}}\ngraph: {graph}\n"
    return write(folder, "net", body)


@pytest.mark.parametrize("backend", ["pytorch", "keras"])
def test_it_is_emitted_as_a_block_of_the_file_would_be(folder: Path, backend: str) -> None:
    graph = "[unit, {unit: {kernel: 3, out: 8}}, {unit: {out: 5}}, flatten, {linear: $classes}]"
    more = "parameters: {act: tanh, classes: 10}"
    imported = load(net(folder, "unit.yaml: {act: $act, eps: 0.5}", graph, more)).build(backend)
    own = UNIT.partition("\n")[2].replace("$eps", "0.5").replace("$(2 * width)", "8")
    assert load(net(folder, "", graph, f"{more}\n{own}")).build(backend) == imported


def test_a_default_of_the_file_is_a_value(folder: Path) -> None:
    """Where it follows another argument there is none."""
    graph = "[unit, {unit: {out: 5}}]"
    text = check(load(net(folder, "unit.yaml: {width: 3}", graph)))
    assert "out: int = 6" in text
    assert "out: int = 9" in check(load(net(folder, "", graph, UNIT.replace("2 * width", "4 + 5"))))
    own = "{kernel: 1, out: $(2 * kernel)}"
    write(folder, "unit", re.sub("(parameters: ){out.*}", rf"\g<1>{own}", UNIT))
    text = check(load(net(folder, "unit.yaml: {width: 3}", graph)))
    assert "out: int)" in text


def test_a_parameter_of_the_spec_may_be_its_value(folder: Path) -> None:
    """It is a number in the file, as it is where a block's use gives it."""
    text = check(load(net(folder, "unit.yaml: {width: $n}", "[unit]", "parameters: {n: 3}")))
    assert "nn.Conv2d(3, 6, 1)" in text
    assert "def net() -> Net" in text


def test_each_import_has_a_class(folder: Path) -> None:
    for name, eps in (("a", 0.25), ("b", 0.5)):
        body = f"imports: [unit.yaml: {{eps: {eps}}}]\nblocks: {{{name}: {{graph: [unit]}}}}\n"
        write(folder, name, body)
    imports = "a.yaml, b.yaml, unit.yaml: {eps: 0.125}"
    text = check(load(net(folder, imports, "[a, b, unit, a]")))
    assert re.findall(r"class (Unit\w*)", text) == ["Unit", "Unit2", "Unit3"]
