"""Weights from any kind of file to any other: the same bits, or a word on what differs."""

from __future__ import annotations

import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import pytest
import safetensors.numpy
import torch
from click.testing import CliRunner, Result
from onnx import TensorProto, numpy_helper

import graphcnn
from graphcnn import cli
from graphcnn.compiler import Model
from graphcnn.convert import formats
from graphcnn.diagnostics import UsageError
from graphcnn.weights import WeightsError, load
from tests.backends.emitted import written as shared_spec
from tests.backends.keras_models import built, has_training
from tests.backends.onnx_runs import run as run_onnx
from tests.inline import model as inline
from tests.weights.files import GRAPH, SUFFIXES, Arrays, drawn, got, net, put, same

Convert = Callable[..., Result]


@pytest.fixture(scope="module")
def small() -> Model:
    return net()


@pytest.fixture(scope="module")
def weights(small: Model) -> Arrays:
    return drawn(small)


@pytest.fixture(scope="module")
def each(small: Model, weights: Arrays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same weights in a file of each kind, `w.pt` and so on."""
    folder = tmp_path_factory.mktemp("each")
    for suffix in SUFFIXES:
        put(folder / f"w{suffix}", small, weights)
    return folder


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Runs `graphcnn weights convert` for the small model."""
    spec = tmp_path / "net.yaml"
    spec.write_text(net().program.file.text, encoding="utf-8")

    def invoke(source: Path, destination: Path, *options: str) -> Result:
        arguments = ["weights", "convert", str(source), str(destination), "--model", str(spec)]
        result = CliRunner().invoke(cli.main, [*arguments, *options], prog_name="graphcnn")
        assert "Traceback" not in result.output
        return result

    return invoke


def test_every_kind_is_tried() -> None:
    assert {one.suffix for one in formats() if one.write is not None} == set(SUFFIXES)


@pytest.mark.parametrize("destination", SUFFIXES)
@pytest.mark.parametrize("source", SUFFIXES)
def test_each_way_keeps_every_bit(
    source: str, destination: str, each: Path, small: Model, weights: Arrays, tmp_path: Path,
    convert: Convert,
) -> None:  # fmt: skip
    made = tmp_path / f"made{destination}"
    result = convert(each / f"w{source}", made)
    assert result.exit_code == 0, result.output
    numbers = sum(array.size for array in weights.values())
    assert result.stdout == f"{made}: {len(weights)} tensors, {numbers:,} numbers\n"
    same(got(made, small), weights)


# what comes out is what the frameworks themselves read


def test_the_emitted_module_takes_a_checkpoint(each: Path, small: Model, weights: Arrays) -> None:
    state = torch.load(each / "w.pt", weights_only=True)
    module = graphcnn.torch_module(small)
    module.load_state_dict(state, strict=True)
    same({name: tensor.numpy() for name, tensor in state.items()}, weights)


def test_what_the_emitted_module_saves_is_read(
    small: Model, weights: Arrays, tmp_path: Path
) -> None:
    module = graphcnn.torch_module(small)
    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    torch.save(module.state_dict(), tmp_path / "w.pth")
    same(got(tmp_path / "w.pth", small), weights)
    torch.save(module.state_dict(), tmp_path / "o.pth", _use_new_zipfile_serialization=False)
    same(got(tmp_path / "o.pth", small), weights)


def test_the_emitted_keras_model_takes_weights(each: Path, small: Model, weights: Arrays) -> None:
    from graphcnn.backends.keras.weights import collect

    live = built(small)
    live.load_weights(each / "w.weights.h5")
    same(collect(live, small.ir), weights)


def test_keras_loads_a_whole_model(small: Model, weights: Arrays, tmp_path: Path) -> None:
    import keras

    from graphcnn.backends.keras.weights import collect

    live = keras.models.load_model(put(tmp_path / "w.keras", small, weights))
    same(collect(live, small.ir), weights)


def test_what_keras_trained_is_read(tmp_path: Path) -> None:
    """An optimizer's state and the seeds of dropout are beside the weights."""
    model = net("- {conv: {out: 4, kernel: 3}, id: c}\n- {dropout: 0.5}\n- flatten\n- linear: 2")
    live = built(model)
    live.compile("adam", "mse")
    live.fit(np.ones((2, 18, 18, 3)), np.ones((2, 2)), verbose=0)
    live.save(tmp_path / "w.keras")
    live.save_weights(tmp_path / "w.weights.h5")
    from graphcnn.backends.keras.weights import collect

    same(got(tmp_path / "w.keras", model), collect(live, model.ir))
    same(got(tmp_path / "w.weights.h5", model), collect(live, model.ir))


def test_onnxruntime_runs_what_is_converted(each: Path, small: Model, weights: Arrays) -> None:
    module = graphcnn.torch_module(small).eval()
    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    x = np.random.default_rng(1).standard_normal((2, 3, 18, 18)).astype(np.float32)
    (found,) = run_onnx(str(each / "w.onnx"), {"image": x}).values()
    with torch.no_grad():
        expected = module(torch.tensor(x)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


# what only training needs


@pytest.mark.parametrize("name", ["training_outputs", "single_training_output"])
def test_what_only_training_needs_may_be_missing(name: str, tmp_path: Path) -> None:
    model = inline(shared_spec(name).text)
    weights = drawn(model)
    assert has_training(model.ir)
    whole = put(tmp_path / "w.pt", model, weights)
    same(got(whole, model), weights)
    part = got(put(tmp_path / "w.onnx", model, weights), model, training=False)
    assert set(part) < set(weights)
    same(part, {key: weights[key] for key in part})
    keras = put(tmp_path / "w.weights.h5", model, weights)
    same(got(keras, model, training=False), part)
    with pytest.raises(WeightsError, match="missing"):
        got(keras, model)


# foreign files


def test_wrappers_are_seen_through(small: Model, weights: Arrays, tmp_path: Path) -> None:
    state = {name: torch.tensor(array) for name, array in weights.items()}
    counted = {**state, "norm.num_batches_tracked": torch.tensor(3)}
    wrapped = OrderedDict((f"module.{name}", tensor) for name, tensor in counted.items())
    compiled = {f"_orig_mod.module.{name}": tensor for name, tensor in state.items()}
    for held in (
        counted,
        wrapped,
        compiled,
        {"state_dict": wrapped, "epoch": 3, "lr": 0.1, "names": ["a"]},
        {"model": state, "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}}},
        {"model_state_dict": state},
        {name: torch.nn.Parameter(tensor) for name, tensor in state.items()},
    ):
        torch.save(held, tmp_path / "w.pt")
        same(got(tmp_path / "w.pt", small), weights)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_become_float32(kind: torch.dtype, small: Model, tmp_path: Path) -> None:
    state = {name: torch.tensor(array).to(kind) for name, array in drawn(small).items()}
    expected = {name: tensor.float().numpy() for name, tensor in state.items()}
    torch.save(state, tmp_path / "w.pt")
    same(got(tmp_path / "w.pt", small), expected)
    import safetensors.torch

    safetensors.torch.save_file(state, tmp_path / "w.safetensors")
    same(got(tmp_path / "w.safetensors", small), expected)
    numbers = {torch.float16: 10, torch.bfloat16: 16, torch.float64: 11}[kind]
    graph = onnx.GraphProto(name="g")
    for name, tensor in state.items():
        raw = tensor.view(torch.int16) if kind is torch.bfloat16 else tensor
        one = TensorProto(name=name, dims=tensor.shape, data_type=numbers)
        one.raw_data = raw.contiguous().numpy().tobytes()
        graph.initializer.append(one)
    (tmp_path / "w.onnx").write_bytes(onnx.ModelProto(graph=graph).SerializeToString())
    same(got(tmp_path / "w.onnx", small), expected)


def test_numbers_may_be_fields_of_an_onnx_file(
    small: Model, weights: Arrays, tmp_path: Path
) -> None:
    graph = onnx.GraphProto(name="g")
    for name, array in weights.items():
        one = TensorProto(name=name, dims=array.shape, data_type=TensorProto.FLOAT)
        one.float_data.extend(array.ravel().tolist())
        graph.initializer.append(one)
    graph.initializer.append(numpy_helper.from_array(np.arange(3), "axes"))
    (tmp_path / "w.onnx").write_bytes(onnx.ModelProto(graph=graph).SerializeToString())
    same(got(tmp_path / "w.onnx", small), weights)


def test_onnx_data_beside_the_file(
    each: Path, small: Model, weights: Arrays, tmp_path: Path
) -> None:
    model = onnx.load(each / "w.onnx")
    onnx.save(
        model, tmp_path / "w.onnx", save_as_external_data=True, location="w.data", size_threshold=0
    )
    assert (tmp_path / "w.data").is_file()
    same(got(tmp_path / "w.onnx", small), weights)


# what is wrong


def wrong(weights: Arrays) -> dict[str, Any]:
    """A file with one mistake of each kind."""
    found: dict[str, Any] = dict(weights)
    del found["stem.bias"]
    found["norm.weight"] = found["norm.weight"][:5]
    found["head.weight"] = np.zeros((2, 3), np.float32)
    found["fc.bias"] = np.zeros(5, np.int32)
    return found


PROBLEMS = [
    "another shape: norm.weight is (5,), not (8,)",
    "another type: fc.bias is of int32, not of floats",
    "left over: head.weight (2, 3)",
    "missing: stem.bias (8,)",
]


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".onnx"])
def test_all_that_is_wrong_is_said(
    suffix: str, weights: Arrays, convert: Convert, tmp_path: Path
) -> None:
    path = tmp_path / f"w{suffix}"
    arrays = wrong(weights)
    if suffix == ".pt":
        torch.save({name: torch.tensor(array) for name, array in arrays.items()}, path)
    elif suffix == ".safetensors":
        safetensors.numpy.save_file(arrays, path)
    else:
        tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
        graph = onnx.GraphProto(name="g", initializer=tensors)
        path.write_bytes(onnx.ModelProto(graph=graph).SerializeToString())
    result = convert(path, tmp_path / "out.pt")
    assert result.exit_code == 2
    assert result.stdout == ""
    first, *lines = result.stderr.splitlines()
    assert first == f"graphcnn: {path} does not hold the weights of this model:"
    kind = {".pt": "int32", ".safetensors": "I32", ".onnx": "type 6"}[suffix]
    assert sorted(lines) == [f"  {one.replace('int32', kind)}" for one in PROBLEMS]
    assert not (tmp_path / "out.pt").exists()


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_all_that_is_wrong_in_a_keras_file_is_said(
    suffix: str, convert: Convert, tmp_path: Path
) -> None:
    headed = net(GRAPH.replace("id: fc", "id: head"))
    path = put(tmp_path / f"w{suffix}", headed, drawn(headed))
    result = convert(path, tmp_path / "out.onnx")
    assert result.exit_code == 2
    assert sorted(result.stderr.splitlines()[1:]) == [
        "  left over: head/0 (3456, 5)",
        "  left over: head/1 (5,)",
        "  missing: fc.bias (5,)",
        "  missing: fc.weight (3456, 5)",
    ]
    other = net(GRAPH.replace("linear: 5", "linear: 7").replace("out: 6,", "out: 6, bias: false,"))
    path = put(tmp_path / f"x{suffix}", other, drawn(other))
    result = convert(path, tmp_path / "out.onnx")
    assert sorted(result.stderr.splitlines()[1:]) == [
        "  another shape: fc.bias is (7,), not (5,)",
        "  another shape: fc.weight is (3456, 7), not (3456, 5)",
        "  missing: up.bias (6,)",
    ]


def test_many_problems_are_cut_short(small: Model, tmp_path: Path) -> None:
    torch.save({f"w{n}": torch.zeros(1) for n in range(5000)}, tmp_path / "w.pt")
    with pytest.raises(WeightsError) as caught:
        got(tmp_path / "w.pt", small)
    assert len(caught.value.problems) > 5000
    assert len(str(caught.value).splitlines()) < 100
    assert "more" in str(caught.value).splitlines()[-1]


def test_a_file_that_stands_stays_when_it_fails(
    weights: Arrays, convert: Convert, tmp_path: Path
) -> None:
    safetensors.numpy.save_file(wrong(weights), tmp_path / "w.safetensors")
    (tmp_path / "out.pt").write_text("before")
    assert convert(tmp_path / "w.safetensors", tmp_path / "out.pt").exit_code == 2
    assert (tmp_path / "out.pt").read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.yaml", "out.pt", "w.safetensors"]


def test_a_file_can_be_converted_onto_itself(
    each: Path, small: Model, weights: Arrays, convert: Convert, tmp_path: Path
) -> None:
    for suffix in SUFFIXES:
        path = tmp_path / f"w{suffix}"
        path.write_bytes((each / path.name).read_bytes())
        assert convert(path, path).exit_code == 0
        same(got(path, small), weights)


@pytest.mark.parametrize(
    ("source", "destination", "says"),
    [
        ("w.dat", "w.pt", "w.dat is to end as a file of weights does"),
        ("w.pt", "w.bin", "w.bin is to end as a file of weights does"),
        ("w.pt", "w.h5", "w.h5 is to end as a file of weights does"),
        ("none.pt", "w.onnx", "none.pt: no such file"),
        ("none.safetensors", "w.onnx", "none.safetensors cannot be read"),
        ("none.keras", "w.onnx", "none.keras: no such file"),
        (".pt", "w.onnx", "no such file"),
    ],
)
def test_wrong_requests(
    source: str, destination: str, says: str, convert: Convert, tmp_path: Path
) -> None:
    result = convert(tmp_path / source, tmp_path / destination)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_folder_that_is_not_there(each: Path, convert: Convert, tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        result = convert(each / "w.pt", tmp_path / "no" / f"w{suffix}")
        assert result.exit_code == 2
        assert "there is no folder" in result.stderr


def test_settings_reach_the_model(tmp_path: Path) -> None:
    model = graphcnn.load("lenet5", classes=3)
    path = put(tmp_path / "w.pt", model, drawn(model))
    arguments = ["weights", "convert", str(path), str(tmp_path / "w.onnx"), "--model", "lenet5"]
    assert CliRunner().invoke(cli.main, arguments).exit_code == 2
    assert CliRunner().invoke(cli.main, [*arguments, "--set", "classes=3"]).exit_code == 0


def test_a_canonical_file_is_what_build_takes(each: Path, small: Model, weights: Arrays) -> None:
    same(load(each / "w.safetensors", small.ir), weights)


def test_classes_of_a_spec_are_not_run(tmp_path: Path) -> None:
    """A Keras file is written by running the model; what a spec names is not imported for that."""
    head = 'ops: {evil: {attributes: {text: ""}, shape: "$(in.shape)", macs: 0, keras: os.system}}'
    text = f"graphcnn: 1\nname: net\n{head}\ninputs: {{image: [3]}}\ngraph:\n"
    model = inline(f"{text}  - evil: {{text: touch {tmp_path}/ran}}\n  - {{linear: 2, id: fc}}\n")
    for suffix in (".keras", ".weights.h5"):
        with pytest.raises(UsageError, match=r"would import the classes .* for evil"):
            put(tmp_path / f"w{suffix}", model, drawn(model))
    assert list(tmp_path.iterdir()) == []
    put(tmp_path / "w.pt", model, drawn(model))


def test_weights_without_a_place_are_missing(tmp_path: Path) -> None:
    """A functional Keras model has no layers that no output depends on."""
    model = net(
        "- {conv: {out: 4, kernel: 3}, id: lost}\n- {conv: {out: 4, kernel: 1}, id: c, from: image}"
    )
    path = put(tmp_path / "w.weights.h5", model, drawn(model))
    with pytest.raises(WeightsError) as caught:
        got(path, model)
    assert caught.value.problems == (
        "missing: lost.weight (4, 3, 3, 3), which has no place in such files",
        "missing: lost.bias (4,), which has no place in such files",
    )


def test_a_keras_archive_is_one_file(each: Path) -> None:
    with zipfile.ZipFile(each / "w.keras") as archive:
        assert "model.weights.h5" in archive.namelist()
    with h5py.File(each / "w.weights.h5") as file:
        assert file["layers/conv2d/vars"].attrs["name"] == "stem"
