"""Emitted PyTorch files: they hold the graph's weights, compute what it means, and read well."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from ruff.__main__ import find_ruff_bin
from torch import nn

import graphcnn
from graphcnn.compiler import compile_file
from graphcnn.diagnostics import SpecError
from graphcnn.ops import OPS
from graphcnn.source import SourceFile
from tests import inline
from tests.backends.emitted import SPECS, agrees, check, emit, imported, variants, written
from tests.backends.interpreter import random_inputs, sizes_of
from tests.backends.op_uses import USES, Uses

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in SPECS.glob("*.yaml"))
SHIPPED = [
    (path, model.variant)
    for path in sorted((ROOT / "specs").glob("*.yaml"))
    for model in variants(SourceFile(path.name, path.read_text(encoding="utf-8"), path))
]


@pytest.mark.parametrize("name", NAMES)
def test_written_specs(name: str) -> None:
    for model in variants(written(name)):
        check(model)


# Ops


@pytest.mark.parametrize("uses", USES, ids=str)
def test_ops_in_a_graph(uses: Uses) -> None:
    check(compile_file(uses.in_graph()))


IN_SEQUENCE = [uses for uses in USES if len(uses.inputs) == 1 and not uses.after]


@pytest.mark.parametrize("uses", IN_SEQUENCE, ids=str)
def test_ops_in_a_sequence(uses: Uses) -> None:
    check(compile_file(uses.in_sequence()))


@pytest.mark.parametrize("uses", USES, ids=str)
def test_ops_in_a_block_whose_uses_differ(uses: Uses) -> None:
    check(compile_file(uses.in_blocks("graph")))


@pytest.mark.parametrize("uses", IN_SEQUENCE, ids=str)
def test_ops_in_a_sequence_block_whose_uses_differ(uses: Uses) -> None:
    check(compile_file(uses.in_blocks("sequence")))


def test_the_uses_set_every_attribute_of_every_op() -> None:
    used = {(uses.op, name) for uses in USES for name in uses.attributes}
    assert {uses.op for uses in USES} == {op.name for op in OPS}
    assert not [(op.name, n) for op in OPS for n in op.attributes() if (op.name, n) not in used]


# The text


def texts() -> dict[str, str]:
    """A file for each of the specs of these tests, of the shipped ones, and of the ops."""
    found = {f"own_{m.name}": emit(m) for name in NAMES for m in variants(written(name))}
    for path, variant in SHIPPED:
        found[f"zoo_{variant or path.stem}"] = emit(graphcnn.load(path, variant))
    for number, uses in enumerate(USES):
        found[f"op_{number}_{uses.op}"] = emit(compile_file(uses.in_blocks("graph")))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("emitted")
    for name, text in texts().items():
        (path / f"{name}.py").write_text(text, encoding="utf-8")
    return path


def tool(*command: str | Path, folder: Path) -> str:
    """What a checker has to say, nothing if all is well."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_passes_ruff(folder: Path) -> None:
    ruff = find_ruff_bin()
    options = ("--isolated", "--no-cache")
    assert not tool(ruff, "check", *options, "--output-format=concise", ".", folder=folder)
    layout = ("--check", "--line-length", "88")
    assert not tool(ruff, "format", *options, *layout, ".", folder=folder)


def test_passes_mypy(folder: Path) -> None:
    cache = ("--cache-dir", ROOT / ".mypy_cache" / "emitted")
    modules = ("--config-file", "", "--ignore-missing-imports")
    assert not tool(sys.executable, "-m", "mypy", *modules, *cache, ".", folder=folder)


def test_is_the_same_in_another_process(folder: Path) -> None:
    script = """
import hashlib, json
from tests.backends.test_emit import texts
print(json.dumps({n: hashlib.sha256(t.encode()).hexdigest() for n, t in texts().items()}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.py")
    }
    assert json.loads(done.stdout) == here


def test_runs_as_a_script(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(emit(graphcnn.load("lenet5")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split() for line in lines[:1]] == [["c1", "156"]]
    assert lines[-1] == "(1, 10), 61,706 parameters"


def test_fresh_weights_of_linear_layers_leave_attention_alone() -> None:
    (model,) = variants(written("init_attention"))
    state = getattr(imported(emit(model)), model.name)().state_dict()
    assert torch.equal(state["fc.weight"], torch.ones(4, 64))
    assert len(state["attention.out_proj.weight"].unique()) > 1


def test_a_statement_that_is_one_of_two_blocks_or_none_needs_no_second_class() -> None:
    (model,) = variants(written("optional_choices"))
    text = emit(model)
    assert "Cell2" not in text
    assert "Unit2" not in text
    assert "elif not first:" in text


@pytest.mark.parametrize("backend", ["pytorch", "keras"])
def test_fractions_of_one_argument_are_said_alike(backend: str) -> None:
    head = """
        blocks:
          cell: {parameters: {drop: float}, graph: [{conv: 6}, {drop_path: $drop}]}
    """
    graph = "[{cell: {drop: $(0.2 * n / 16)}, id: cell$n}]"
    turns = f"[{{for: {{n: [0, 1, 3]}}, do: {graph}}}, relu, {{cell: {{drop: $(0.2 * 4 / 16)}}}}]"
    text = inline.model(inline.spec(turns, head=head)).build(backend)
    assert isinstance(text, str)
    assert "0.2 * 4 / 16" in text
    assert "0.0125" not in text
    assert "0.05" not in text


def test_what_several_lines_ask_for_is_kept_once() -> None:
    (model,) = variants(written("skip_twice"))
    text = emit(model)
    assert text.count("= skip\n") == 2  # of which one is behind `if deep`
    assert "if self.use_skip2:" in text


# PyTorch's own tools

SMALL_SPECS = (
    *("attention", "block_inputs", "dense", "groups", "inputs_outputs", "parameters"),
    *("ranks_one", "residual_skip", "reuse_in_block", "sequence_no_chain", "uneven_padding"),
)
BIG_ONES = ("resnet18", "densenet121", "mobilenet_v2", "googlenet")


def module_of(name: str) -> tuple[nn.Module, tuple[torch.Tensor, ...]]:
    model = graphcnn.load(name) if name in BIG_ONES else variants(written(name))[0]
    module: nn.Module = getattr(imported(emit(model), model.name), model.name)()
    sizes = sizes_of(model.ir)
    inputs = tuple(x.float() for x in random_inputs(model.ir, sizes, batch=2))
    if name in BIG_ONES:
        inputs = tuple(x[..., :64, :64] for x in inputs)
    return module.eval(), inputs


def flat(result: object) -> list[torch.Tensor]:
    return list(result.values()) if isinstance(result, dict) else [result]  # type: ignore[list-item]


@pytest.mark.parametrize("name", [*SMALL_SPECS, *BIG_ONES])
def test_can_be_compiled_and_exported(name: str) -> None:
    module, inputs = module_of(name)
    with torch.no_grad():
        expected = flat(module(*inputs))
        compiled = torch.compile(module, fullgraph=True, backend="eager")
        exported = torch.export.export(module, inputs).module()
        for found in (flat(compiled(*inputs)), flat(exported(*inputs))):
            for a, b in zip(found, expected, strict=True):
                torch.testing.assert_close(a, b)


# Refusals

REFUSED = {
    "forward": "[{conv: {out: 4, kernel: 1}, id: forward}]",
    "train": "[{conv: {out: 4, kernel: 1}, id: train}]",
    "training": "[{batch_norm: {}, id: training}]",
    "state_dict": "[{sequence: [{conv: {out: 4, kernel: 1}}], id: state_dict}]",
    "half": "[{conv: {out: 4, kernel: 1}, repeat: 2, id: half}]",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_layers_called_like_attributes_of_modules(name: str) -> None:
    text = f"graphcnn: 1\nname: net\ninputs: {{image: [4, 8, 8]}}\ngraph: {REFUSED[name]}\n"
    model = compile_file(SourceFile("net.yaml", text))
    with pytest.raises(SpecError) as caught:
        model.build("pytorch")
    assert [d.code for d in caught.value.diagnostics] == ["reserved-name"]
    assert name in caught.value.diagnostics[0].message


def test_refuses_a_scope_that_uses_a_layer_again_which_it_does_not_hold() -> None:
    text = """
graphcnn: 1
name: net
inputs: {image: [4, 8, 8]}
graph: [{conv: 4, id: c}, {sequence: [{conv: 4}, {reuse: c}], id: s}]
"""
    model = compile_file(SourceFile("net.yaml", text))
    with pytest.raises(SpecError) as caught:
        model.build("pytorch")
    (found,) = caught.value.diagnostics
    assert found.code == "unsupported-op"
    assert "`s` is a module of its own" in found.message
    assert "sequence" in text[found.span.start : found.span.end]


@pytest.mark.parametrize("name", sorted(dir(nn.Module())))
def test_no_name_of_a_layer_breaks_a_module(name: str) -> None:
    """Whatever modules have by themselves is refused, or does no harm."""
    statement = f"{{conv: {{out: 4, kernel: 1}}, id: {name}}}"
    text = f"graphcnn: 1\nname: net\ninputs: {{image: [4, 8, 8]}}\ngraph: [{statement}]\n"
    try:
        model = compile_file(SourceFile("net.yaml", text))
        emitted = emit(model)
    except SpecError as error:
        assert {d.code for d in error.diagnostics} <= {"reserved-name", "bad-name", "wrong-type"}  # noqa: PT017
        return
    agrees(imported(emitted).net(), model)
