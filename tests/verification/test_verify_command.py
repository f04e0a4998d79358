"""What `graphcnn verify` prints, its exit codes, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from graphcnn.backends.keras.engine import silent
from graphcnn.cli import main
from tests.inline import spec


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["verify", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_says_what_came_of_each() -> None:
    code, out, _ = run("lenet5", "--backends", "onnx,pytorch", "--seed", "3")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "lenet5: image (2, 1, 32, 32), seed 3"
    assert [line.split()[0] for line in lines[3:5]] == ["onnx", "pytorch"]
    assert lines[-1] == "onnx and pytorch compute what the spec means, within 0.0001"


def test_nothing_but_the_result_is_said(tmp_path: Path) -> None:
    """What frameworks write is none of it: as they are loaded, or after kernels of many kinds."""
    convs = "- for: {n: [1, 2, 3]}\n  do:\n" + "".join(
        f"    - conv: {{out: 16, kernel: $n, padding: 1, groups: {groups}}}\n"
        for groups in (2, 4, 8)
    )
    path = tmp_path / "net.yaml"
    graph = f"{convs}- global_avg_pool\n- {{conv: {{out: 1, kernel: 1}}}}\n- flatten\n- softmax\n"
    path.write_text(spec(graph, image="[8, 9, 9]"), encoding="utf-8")
    quiet = {"TF_CPP_MIN_LOG_LEVEL", "KERAS_BACKEND"}
    done = subprocess.run(
        [sys.executable, "-m", "graphcnn", "verify", str(path), "--train"],
        env={name: value for name, value in os.environ.items() if name not in quiet},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("net: ")


@pytest.mark.parametrize("engine", [name for name in ("jax", "torch") if find_spec(name)])
def test_keras_on_another_engine(engine: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "graphcnn",
            "verify",
            "lenet5",
            "--backends",
            "keras,pytorch",
            "--train",
        ],
        env={**os.environ, "KERAS_BACKEND": engine},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f" ({engine})  passed " in done.stdout
    assert "\ntraining: the loss is " in done.stdout


def test_what_a_failing_import_writes_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        with silent():
            os.write(2, b"no such library\n")
            raise ImportError

    with pytest.raises(ImportError):
        fails()
    assert capfd.readouterr().err == "no such library\n"
    with silent():
        os.write(2, b"a note\n")
    assert capfd.readouterr().err == ""


def test_json_is_a_contract() -> None:
    code, out, _ = run("lenet5", "--backends", "pytorch", "--format", "json")
    assert code == 0
    found: Mapping[str, Any] = json.loads(out)
    assert list(found) == [
        *("model", "variant", "passed", "verdict", "seed", "draws", "tolerance", "device"),
        *("inputs", "sizes", "backends", "training"),
    ]
    (one,) = found["backends"]
    assert list(one) == [
        *("backend", "framework", "verdict", "reason", "error", "outputs", "nodes", "counts"),
        *("difference", "rounding", "fresh"),
    ]
    assert one["fresh"] == {"weights": 5, "models": 7, "wrong": []}
    assert one["counts"] == {
        "params": {"found": 61706, "inferred": 61706},
        "buffers": {"found": 0, "inferred": 0},
    }


def test_a_tolerance_that_nothing_meets_decides_nothing() -> None:
    code, out, _ = run("lenet5", "--backends", "pytorch", "--tolerance", "1e-12")
    assert code == 3
    assert "pytorch: the output `logits` has an error of" in out
    assert "so these weights decide nothing" in out
    assert out.splitlines()[-1].startswith("undecided: 3 draws of weights")
    assert "the first node" not in out  # none is further off than rounding explains
    code, out, _ = run(
        *("lenet5", "--backends", "pytorch", "--tolerance", "1e-12", "--format", "json")
    )
    found = json.loads(out)
    assert (code, found["passed"], found["verdict"], found["draws"]) == (3, False, "undecided", 3)
    assert [one["verdict"] for one in found["backends"]] == ["undecided"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--backends", "pytroch"), "did you mean `pytorch`?"),
        (("--backends", ","), "--backends takes names"),
        (("--size", "H=3"), "there is no size `H`"),
        (("--backends", "pytorch", "--train"), "--train compares two backends that learn"),
        (("--backends", "pytorch", "--tolerance", "0"), "--tolerance"),
        (("--device", "tpu"), "'cpu', 'gpu'"),
    ],
)
def test_wrong_requests(arguments: tuple[str, ...], words: str) -> None:
    code, out, complaint = run("lenet5", *arguments)
    assert (code, out) == (2, "")
    assert words in complaint


def test_a_framework_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphcnn.backends.keras import Keras

    monkeypatch.setattr(Keras, "obstacle", lambda *_: "keras is not installed")
    code, _, complaint = run("lenet5", "--backends", "keras,onnx")
    assert code == 2
    assert "keras cannot be verified: keras is not installed" in complaint
    code, out, _ = run("lenet5")
    assert code == 0
    assert "keras: keras is not installed" in out


def test_a_machine_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    code, out, complaint = run("lenet5", "--backends", "pytorch", "--device", "gpu")
    assert (code, out) == (2, "")
    assert "pytorch cannot be verified: torch finds no GPU" in complaint


def test_frameworks_that_find_no_gpu_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU does not stand in for what is missing."""
    from graphcnn.backends.keras import Keras
    from graphcnn.backends.onnx import Onnx
    from graphcnn.backends.pytorch import PyTorch

    for backend in (Keras, Onnx, PyTorch):
        monkeypatch.setattr(backend, "obstacle", lambda self, device: f"{self.name}: no {device}")
    code, out, complaint = run("lenet5", "--device", "gpu")
    assert (code, out) == (2, "")
    assert "no framework can run the model on the gpu: keras: no gpu, onnx: no gpu, " in complaint


def test_what_a_backend_cannot_express(tmp_path: Any) -> None:
    path = tmp_path / "own.yaml"
    own = '\nops:\n  own: {shape: "$(in.shape)", macs: 0, pytorch: tests.backends.layers.Gate}\n'
    path.write_text(spec("- {own: {}}", head=own), encoding="utf-8")
    code, _, complaint = run(str(path), "--backends", "onnx", "--trust")
    assert code == 1
    assert "unsupported-op" in complaint


def test_a_class_beside_the_spec_is_found(tmp_path: Path) -> None:
    """In the folder of the file that declares the op, wherever the command is run."""
    classes = "from torch import Tensor, nn\n\nclass Double(nn.Module):\n"
    for folder, factor in (("a", 2), ("b", 3)):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "net.yaml"
        own = '\nops:\n  own: {shape: "$(in.shape)", macs: 0, pytorch: beside_layers.Double}\n'
        path.write_text(spec("- {own: {}}", head=own), encoding="utf-8")
        forward = f"    def forward(self, x: Tensor) -> Tensor:\n        return {factor} * x\n"
        path.with_name("beside_layers.py").write_text(classes + forward, encoding="utf-8")
        code, out, complaint = run(str(path), "--backends", "pytorch", "--trust")
        assert (code, complaint) == (0, ""), out
        assert "beside_layers" not in sys.modules
        assert not [one for one in sys.path if one.startswith(str(tmp_path))]
