"""The canonical file: what is written, read, and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from graphcnn.compiler import Model
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.weights import WeightsError, canonical, fresh, load, save, serialise
from tests.inline import model, spec

Arrays = dict[str, NDArray[np.float32]]

SMALL = "- {conv: {out: 4, kernel: 3}, id: c}\n- {batch_norm: {}, id: n}\n- {reuse: n}"
SHAPES = {
    "c.weight": (4, 3, 3, 3),
    "c.bias": (4,),
    "n.weight": (4,),
    "n.bias": (4,),
    "n.running_mean": (4,),
    "n.running_var": (4,),
}


@pytest.fixture
def net() -> Model:
    return model(spec(SMALL))


@pytest.fixture
def arrays() -> Arrays:
    generator = np.random.default_rng(0)
    return {name: generator.random(shape, np.float32) for name, shape in SHAPES.items()}


def same(found: Any, expected: Any) -> None:
    assert list(found) == list(expected)
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


def test_a_model_has_its_weights_once_and_in_order(net: Model) -> None:
    found = canonical(net.ir)
    assert {name: entry.shape for name, entry in found.items()} == SHAPES
    assert [name for name, entry in found.items() if not entry.trained] == [
        "n.running_mean",
        "n.running_var",
    ]


def test_weights_for_training_alone_can_be_left_out() -> None:
    text = spec("- {conv: {out: 4, kernel: 3}, id: c}\n- {conv: {out: 2, kernel: 1}, id: aux}")
    each = model(f"{text}outputs: {{y: c, aux: {{from: aux, only: training}}}}\n")
    assert [*canonical(each.ir)] == ["c.weight", "c.bias", "aux.weight", "aux.bias"]
    assert [*canonical(each.ir, training=False)] == ["c.weight", "c.bias"]


def test_a_weight_has_a_fixed_shape() -> None:
    each = model(spec("- flatten\n- {linear: 2, id: fc}", image="[3, H, W]"))
    with pytest.raises(SpecError) as caught:
        canonical(each.ir)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "symbolic-weight"
    assert "`fc.weight` has shape (2, 3 * H * W)" in diagnostic.message


def test_what_is_saved_is_loaded(net: Model, arrays: Arrays, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save(path, arrays)
    found = load(path, net.ir)
    same(found, arrays)
    assert len(found) == len(SHAPES)
    assert found["c.weight"].flags.writeable
    with pytest.raises(KeyError):
        found["other"]
    again = tmp_path / "again.safetensors"
    save(again, found)
    assert again.read_bytes() == path.read_bytes()


def test_the_library_reads_what_we_write(arrays: Arrays, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save(path, arrays)
    same(dict(sorted(safetensors.numpy.load_file(path).items())), dict(sorted(arrays.items())))


def test_we_read_what_the_library_writes(net: Model, arrays: Arrays, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    counter: Any = {"n.num_batches_tracked": np.array(7)}
    safetensors.numpy.save_file(arrays | counter, path, metadata={"format": "pt"})
    same(load(path, net.ir), arrays)


def test_large_tensors_come_in_pieces(tmp_path: Path) -> None:
    each = model(spec("- {parameter: [1000, 1000], id: p}"))
    array = np.arange(1_000_000, dtype=np.float32).reshape(1000, 1000)
    save(tmp_path / "w", {"p": array})
    found = load(tmp_path / "w", each.ir)
    sizes = [len(piece) for piece in found.chunks("p")]
    assert sum(sizes) == array.nbytes
    assert len(sizes) > 1
    np.testing.assert_array_equal(found["p"], array)


def test_all_that_is_wrong_is_said(net: Model, arrays: Arrays, tmp_path: Path) -> None:
    other: dict[str, Any] = dict(arrays)
    del other["c.bias"], other["n.bias"]
    other["n.weight"] = np.zeros((5,), np.float32)
    other["n.running_mean"] = np.zeros((4,), np.float16)
    other["fc.weight"] = np.zeros((2, 3), np.float32)
    path = tmp_path / "w.safetensors"
    safetensors.numpy.save_file(other, path)
    with pytest.raises(WeightsError) as caught:
        load(path, net.ir)
    assert sorted(caught.value.problems) == [
        "another shape: n.weight is (5,), not (4,)",
        "another type: n.running_mean is F16, not F32",
        "left over: fc.weight (2, 3)",
        "missing: c.bias (4,)",
        "missing: n.bias (4,)",
    ]
    assert str(path) in str(caught.value)


HEADERS: dict[str, bytes] = {
    "no text": b"\xff\xfe",
    "no JSON": b"{",
    "no mapping": b"[]",
    "an entry that is none": b'{"c.bias": 3}',
    "a type that is none": b'{"c.bias": {"dtype": 1, "shape": [4], "data_offsets": [0, 16]}}',
    "a negative size": b'{"c.bias": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}}',
    "a size that is none": b'{"c.bias": {"dtype": "F32", "shape": [true], "data_offsets": [0, 4]}}',
    "a wrong length": b'{"c.bias": {"dtype": "F32", "shape": [4], "data_offsets": [0, 12]}}',
    "an end before the start": b'{"c.bias": {"dtype": "U8", "shape": [4], "data_offsets": [8, 4]}}',
    "an end too far": b'{"c.bias": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}',
    "nested deeply": b"[" * 100_000,
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_malformed_header_is_refused(name: str, net: Model, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    header = HEADERS[name]
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(16))
    with pytest.raises(UsageError, match="is no safetensors file"):
        load(path, net.ir)


@pytest.mark.parametrize("data", [b"", b"\x01", bytes(7), b"\xff" * 8, b"\xff" * 100])
def test_a_file_of_something_else_is_refused(data: bytes, net: Model, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="is no safetensors file"):
        load(path, net.ir)


def test_a_file_that_is_not_there(net: Model, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load(tmp_path / "none.safetensors", net.ir)


def test_a_file_that_shrinks(net: Model, arrays: Arrays, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save(path, arrays)
    found = load(path, net.ir)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(UsageError, match="became shorter"):
        found["n.running_var"]


def test_the_header_is_aligned(arrays: Arrays) -> None:
    length, header, *_ = serialise(arrays)
    assert int.from_bytes(length, "little") == len(header)
    assert len(header) % 8 == 0
    assert json.loads(header)["c.bias"] == {
        "dtype": "F32",
        "shape": [4],
        "data_offsets": [432, 448],
    }


def test_fresh_weights_can_be_saved(net: Model, tmp_path: Path) -> None:
    weights = fresh(net, seed=3)
    save(tmp_path / "w", weights)
    same(load(tmp_path / "w", net.ir), weights)
