"""What backends say of ops is true of the files that they write; `ops --support` shows it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphcnn import cli
from graphcnn.backends import Level, find, names
from graphcnn.backends.onnx.assemble import Assembly, assemble
from graphcnn.compiler import compile_file
from graphcnn.ops import OPS
from graphcnn.ops.base import Op
from graphcnn.source import SourceFile
from tests.backends.op_uses import USES
from tests.inline import spec

ops = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)


def files(op: type[Op]) -> Iterator[SourceFile]:
    """A spec for every use of an op, alone."""
    for uses in USES:
        if uses.op == op.name:
            for attributes in uses.each():
                yield uses.file(graph=[uses.statement(attributes), *uses.after, "relu"])


def operators(made: Assembly) -> int:
    """How many operators of the node work on values, and not on weights and numbers alone."""
    fixed = {*made.weights}
    count = 0
    for record in made.records:
        if fixed.issuperset(record.inputs):
            fixed.update(record.outputs)
        elif record.name == "it" or record.name.startswith("it/"):
            count += 1
    return count


@ops
def test_in_onnx(op: type[Op]) -> None:
    """Native: one operator does it, or a weight alone. Lowered: it takes several, or none."""
    counts = [operators(assemble(compile_file(file).ir)) for file in files(op)]
    if find("onnx").support(op).level is Level.NATIVE:
        assert min(counts) == (1 if op.arity[1] != 0 else 0)
    else:
        assert max(counts) != 1


@pytest.mark.parametrize("backend", ["keras", "pytorch"])
@ops
def test_in_source_text(op: type[Op], backend: str) -> None:
    """Native: the framework's own. Lowered: the class in the file that it says, or two calls."""
    level, reason = find(backend).support(op)
    if level is Level.NATIVE:
        assert any(not classes(backend, file) for file in files(op))
    elif "in the file" in reason:
        assert all(any(f"`{name}`" in reason for name in classes(backend, f)) for f in files(op))


def classes(backend: str, file: SourceFile) -> list[str]:
    """The classes in an emitted file but for the model's own."""
    text = find(backend).emit(compile_file(file))
    assert isinstance(text, str)
    found = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return [name for name in found if not name.startswith("With")]


# The command


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.main, ("ops", *arguments), prog_name="graphcnn")
    assert result.exit_code == 0, result.output
    return result.output


def test_the_table() -> None:
    levels, remarks = run("--support").split("\n\n")
    head, *rows = levels.splitlines()
    assert head.split() == ["op", *names()]
    assert [row.split()[0] for row in rows] == [op.name for op in OPS]
    assert "silu" in remarks
    assert "`Sigmoid` and `Mul`" in remarks


def test_one_op() -> None:
    assert run("conv", "--support").splitlines() == [
        "op    keras   onnx    pytorch",
        "conv  native  native  native",
    ]


def test_as_markdown() -> None:
    assert "| `silu` | onnx | lowered | `Sigmoid`" in run(
        "silu", "--support", "--format", "markdown"
    )


def test_as_json() -> None:
    (found,) = json.loads(run("silu", "--support", "--format", "json"))
    assert (found["op"], found["group"]) == ("silu", "activation")
    assert found["support"]["pytorch"] == {"level": "native", "reason": None}
    assert found["support"]["onnx"]["level"] == "lowered"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["conv", "--format", "json"], "--format is for the table of --support"),
        (["convv", "--support"], "did you mean `conv`"),
    ],
)
def test_wrong_requests(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(cli.main, ["ops", *arguments], prog_name="graphcnn")
    assert result.exit_code == 2
    assert words in result.stderr


# The refusal


@pytest.mark.parametrize("backend", ["keras", "onnx", "pytorch"])
def test_build_refuses_what_a_backend_lacks(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the line of each, all in one run, before anything is written."""
    monkeypatch.chdir(tmp_path)
    own = "".join(
        f'  for_{name}: {{shape: "$(in.shape)", macs: 0, {name}: {target}}}\n'
        for name, target in {"keras": "a.B", "onnx": "a::B", "pytorch": "a.B"}.items()
    )
    graph = "- for_keras\n- relu\n- for_onnx\n- for_pytorch"
    Path("net.yaml").write_text(spec(graph, head=f"\nops:\n{own}"))
    Path("out").write_text("before")
    result = CliRunner().invoke(cli.main, ["build", "net.yaml", "-b", backend, "-o", "out"])
    assert result.exit_code == 1
    lines = Path("net.yaml").read_text().splitlines()
    refused = re.findall(r"net\.yaml:(\d+):\d+: error\[unsupported-op\]", result.stderr)
    named = [lines[int(line) - 1].strip("- ") for line in refused]
    assert named == [f"for_{name}" for name in ("keras", "onnx", "pytorch") if name != backend]
    assert Path("out").read_text() == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["net.yaml", "out"]
