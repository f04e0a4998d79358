"""How ONNX files are written: as a stream, in one file or two, from the command line."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.torch
import torch
from click.testing import CliRunner, Result

from graphcnn import cli, load, torch_module
from graphcnn.backends import Weighted, find
from graphcnn.backends.onnx import backend, stream
from graphcnn.diagnostics import UsageError
from graphcnn.weights import canonical, fresh, save
from tests.backends.onnx_runs import close, run
from tests.inline import spec

Run = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `graphcnn build` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli.main, ("build", *arguments), prog_name="graphcnn")

    return invoke


def numbers(path: str) -> dict[str, np.ndarray]:
    """The weights in a file, those in a file beside it included."""
    graph = onnx.load(path).graph
    return {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}


# The bytes


def test_the_stream_is_what_protobuf_would_write_of_the_same_message() -> None:
    """Fields come in another order, which the format allows; the message is the same."""
    data = backend.emit(load("lenet5"))
    found = onnx.load_model_from_string(data)
    written = found.SerializeToString(deterministic=True)
    assert len(written) == len(data)
    assert onnx.load_model_from_string(written) == found


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31 - 1, 2**40])
def test_lengths_are_written_as_protobuf_does(value: int) -> None:
    message = onnx.TensorProto(int64_data=[value]).SerializeToString()
    assert message.endswith(stream.varint(value))


def test_nothing_large_is_held() -> None:
    model = load("resnet18")
    weights = fresh(model)
    tracemalloc.start()
    try:
        (file,) = backend.files(model, lambda: weights, "-")
        size = sum(map(len, file.chunks))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 46_000_000
    assert peak < 0.3 * size


def test_weights_beyond_the_limit_lie_in_a_second_file(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("lenet5", "-b", "onnx", "-o", "one.onnx").exit_code == 0
    monkeypatch.setattr(stream, "LIMIT", 100_000)
    Path("nets").mkdir()
    assert command("lenet5", "-b", "onnx", "-o", "nets/two.onnx").exit_code == 0
    assert sorted(path.name for path in Path("nets").iterdir()) == ["two.onnx", "two.onnx.data"]
    onnx.checker.check_model("nets/two.onnx", full_check=True)
    found = onnx.load("nets/two.onnx", load_external_data=False)
    places = [{e.key: e.value for e in one.external_data} for one in found.graph.initializer]
    assert {place["location"] for place in places} == {"two.onnx.data"}
    assert all(int(place["offset"]) % 4096 == 0 for place in places)
    one, two = numbers("one.onnx"), numbers("nets/two.onnx")
    assert list(one) == list(two)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    x = {"image": np.ones((2, 1, 32, 32), np.float32)}
    (first,) = run(Path("one.onnx").read_bytes(), x).values()
    (second,) = run("nets/two.onnx", x).values()
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "name", ["a b.onnx", "netz_für_größe.onnx", "..net", "-net.onnx", "%n.onnx"]
)
def test_odd_names_of_two_files(
    name: str, command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LIMIT", 100_000)
    path = str(tmp_path / name)
    assert command("lenet5", "-b", "onnx", "-o", path).exit_code == 0
    onnx.checker.check_model(path, full_check=True)
    assert run(path, {"image": np.ones((2, 1, 32, 32), np.float32)})["logits"].shape == (2, 10)


def test_of_two_files_both_are_written_or_none(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LIMIT", 100_000)
    Path("net.onnx").mkdir()
    Path("net.onnx.data").write_text("before")
    result = command("lenet5", "-b", "onnx", "-o", "net.onnx")
    assert result.exit_code == 2
    assert "net.onnx is a folder" in result.stderr
    assert Path("net.onnx.data").read_text() == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["net.onnx", "net.onnx.data"]


def test_two_files_do_not_go_to_standard_output(
    command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LIMIT", 100_000)
    result = command("lenet5", "-b", "onnx")
    assert result.exit_code == 2
    assert "name the first with -o" in result.stderr
    with pytest.raises(UsageError):
        backend.emit(load("lenet5"))


# The command


def test_the_backend_says_that_it_holds_weights() -> None:
    assert isinstance(find("onnx"), Weighted)
    assert not isinstance(find("pytorch"), Weighted)


def test_build_writes_a_file(command: Run) -> None:
    result = command("lenet5", "--backend", "onnx", "-o", "net.onnx")
    assert (result.exit_code, result.output) == (0, "")
    data = Path("net.onnx").read_bytes()
    assert data == backend.emit(load("lenet5"))
    assert data == command("lenet5", "-b", "onnx").stdout_bytes
    assert [path.name for path in Path().iterdir()] == ["net.onnx"]


def test_the_seed_decides(command: Run) -> None:
    def drawn(*arguments: str) -> bytes:
        assert command("lenet5", "-b", "onnx", "-o", "net.onnx", *arguments).exit_code == 0
        return hashlib.sha256(Path("net.onnx").read_bytes()).digest()

    assert drawn() == drawn("--seed", "0") != drawn("--seed", "1") == drawn("--seed", "1")


def test_weights_from_a_file(command: Run) -> None:
    model = load("lenet5")
    weights = fresh(model, seed=5)
    save("w.safetensors", weights)
    result = command("lenet5", "-b", "onnx", "--weights", "w.safetensors", "-o", "net.onnx")
    assert (result.exit_code, result.output) == (0, "")
    found = numbers("net.onnx")
    assert list(found) == list(canonical(model.ir))
    assert all(np.array_equal(found[name], weights[name]) for name in found)


def test_weights_of_the_emitted_pytorch_model(command: Run) -> None:
    text = spec("- {conv: {out: 4, kernel: 3}, id: c}\n- batch_norm\n- relu")
    Path("net.yaml").write_text(text)
    module = torch_module("net.yaml").eval()
    safetensors.torch.save_file(module.state_dict(), "w.safetensors")
    assert command("net.yaml", "-b", "onnx", "--weights", "w.safetensors", "-o", "n").exit_code == 0
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        expected = module(x).numpy()
    (found,) = run("n", {"image": x.numpy()}).values()
    close(found, expected)


def test_weights_of_another_model(command: Run) -> None:
    save("w.safetensors", fresh(load("lenet5")))
    Path("net.onnx").write_text("old")
    result = command(
        "lenet5",
        "--set",
        "classes=12",
        "-b",
        "onnx",
        "--weights",
        "w.safetensors",
        "-o",
        "net.onnx",
    )
    assert result.exit_code == 2
    assert "another shape: output.weight is (10, 84), not (12, 84)" in result.stderr
    assert "another shape: output.bias is (10,), not (12,)" in result.stderr
    assert Path("net.onnx").read_text() == "old"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-b", "pytorch", "--seed", "1"], "--seed is for files that hold weights"),
        (["-b", "pytorch", "--weights", "w"], "--weights is for files that hold weights"),
        (["-b", "onnx", "--weights", "w", "--seed", "1"], "exclude each other"),
        (["-b", "onnx", "--weights", "w"], "w cannot be read: No such file"),
        (["-b", "onnx", "-o", "none/net.onnx"], "there is no folder none"),
        (["-b", "onnx", "-o", "."], "is a folder"),
    ],
)
def test_wrong_requests(command: Run, arguments: list[str], words: str) -> None:
    result = command("lenet5", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_what_onnx_cannot_express_is_said_at_its_line(command: Run) -> None:
    pool = "- avg_pool: {kernel: [$(image.height // 2), 1], stride: 1}"
    Path("net.yaml").write_text(spec(f"- relu\n{pool}", image="[3, 2*H, W]"))
    result = command("net.yaml", "-b", "onnx", "-o", "net.onnx")
    assert result.exit_code == 1
    assert "net.yaml:6:5: error[unsupported-op]" in result.stderr
    assert not Path("net.onnx").exists()


def test_without_the_onnx_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    for name in ("proto", "stream"):
        monkeypatch.delitem(sys.modules, f"graphcnn.backends.onnx.{name}", raising=False)
        monkeypatch.delattr(f"graphcnn.backends.onnx.{name}", raising=False)
    with pytest.raises(UsageError, match="pip install 'graphcnn\\[onnx\\]'"):
        backend.emit(load("lenet5"))


@pytest.mark.parametrize("options", [[], ["--weights", "w.safetensors"]], ids=["fresh", "given"])
def test_building_loads_no_framework(options: list[str], tmp_path: Path) -> None:
    script = """
import sys
from graphcnn.cli import main
code = main(["build", "lenet5", "-b", "onnx", *sys.argv[1:]], standalone_mode=False)
assert code == 0, code
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    save(tmp_path / "w.safetensors", fresh(load("lenet5")))
    arguments = [sys.executable, "-c", script, "-o", "net.onnx", *options]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=tmp_path)
    loaded = set(done.stdout.split())
    assert "onnx" in loaded
    assert not loaded & {"torch", "tensorflow", "keras", "jax", "onnxruntime", "safetensors"}
