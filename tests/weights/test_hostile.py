"""Files of strangers: nothing in them runs, leads anywhere else, or takes what it likes."""

from __future__ import annotations

import os
import pickle
import random
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
import pytest
import torch

from graphcnn.backends.keras import hdf5
from graphcnn.compiler import Model
from graphcnn.diagnostics import UsageError
from tests.weights.files import Arrays, drawn, got, net, put, same


@pytest.fixture(scope="module")
def small() -> Model:
    return net("- {conv: {out: 4, kernel: 3}, id: c}\n- flatten\n- {linear: 2, id: fc}")


@pytest.fixture(scope="module")
def weights(small: Model) -> Arrays:
    return drawn(small)


def refused(path: Path, model: Model, says: str) -> None:
    start = time.monotonic()
    with pytest.raises(UsageError, match=says) as caught:
        got(path, model)
    assert str(path) in str(caught.value)
    assert time.monotonic() - start < 20


# PyTorch


class Runs:
    """Unpickled, it would make a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


class Fills:
    """Unpickled, it would take all memory."""

    def __reduce__(self) -> Any:
        return bytearray, (1 << 45,)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_makes_tensors_alone(
    zipped: bool, small: Model, weights: Arrays, tmp_path: Path
) -> None:
    path = tmp_path / "w.pt"
    state: dict[str, Any] = {name: torch.tensor(array) for name, array in weights.items()}
    for evil, says in ((Runs(tmp_path / "ran"), "mkdir"), (Fills(), "bytearray")):
        for held in ({**state, "x": evil}, {"model": state, "x": [evil]}):
            torch.save(held, path, _use_new_zipfile_serialization=zipped)
            refused(path, small, says)
    torch.save(torch.nn.Linear(2, 2), path, _use_new_zipfile_serialization=zipped)
    refused(path, small, r"more than tensors: torch\.nn\.modules\.linear\.Linear; save the weights")
    assert not (tmp_path / "ran").exists()


def test_a_pickle_of_another_protocol_is_seen_through(small: Model, tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    for protocol in range(6):
        path.write_bytes(pickle.dumps(Runs(tmp_path / "ran"), protocol))
        refused(path, small, "more than tensors|no PyTorch checkpoint")
    assert not (tmp_path / "ran").exists()


def test_a_packed_archive_is_refused(small: Model, weights: Arrays, tmp_path: Path) -> None:
    put(tmp_path / "w.pt", small, weights)
    with (
        zipfile.ZipFile(tmp_path / "w.pt") as before,
        zipfile.ZipFile(tmp_path / "x.pt", "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            after.writestr(name, before.read(name))
    refused(tmp_path / "x.pt", small, "packed")


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ([1, 2], "holds no state dict"),
        ({"epoch": 3, "lr": 0.1}, "holds no state dict; its keys are epoch, lr"),
        ({"a": torch.zeros(1), "b": 3}, "its entry 'b' is no tensor"),
        ({3: torch.zeros(1)}, "its entry '3' is no tensor"),
        ({"a": torch.zeros(2, dtype=torch.complex64)}, "more than tensors|of a kind"),
        ({"a": torch.eye(2).to_sparse()}, "more than tensors"),
    ],
    ids=["list", "no tensors", "a number", "a key", "complex", "sparse"],
)
def test_what_is_no_state_dict(held: Any, says: str, small: Model, tmp_path: Path) -> None:
    torch.save(held, tmp_path / "w.pt")
    refused(tmp_path / "w.pt", small, says)


def test_a_tensor_of_any_stride_is_read_only_when_it_fits(small: Model, tmp_path: Path) -> None:
    torch.save({"c.weight": torch.zeros(1).expand(1 << 20, 1 << 20)}, tmp_path / "w.pt")
    with pytest.raises(UsageError, match=r"another shape: c\.weight is \(1048576, 1048576\)"):
        got(tmp_path / "w.pt", small)


# HDF5


def h5(path: Path, fill: Callable[[h5py.Group], None]) -> Path:
    """A file like Keras', with a layer `c` whose variables `fill` makes."""
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/conv2d/vars")
        group.attrs["name"] = "c"
        fill(group)
    return path


def test_links_lead_nowhere(small: Model, weights: Arrays, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["0"] = weights["c.weight"].transpose(2, 3, 1, 0)

    def fill(group: h5py.Group) -> None:
        group["0"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "0")
        group["1"] = h5py.SoftLink("/layers/conv2d")

    refused(h5(tmp_path / "w.weights.h5", fill), small, "holds no weights")


def test_data_of_other_files_is_not_read(small: Model, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(432))

    def outside(group: h5py.Group) -> None:
        group.create_dataset("0", (3, 3, 3, 4), "f4", external=[(str(tmp_path / "secret"), 0, 432)])

    def virtual(group: h5py.Group) -> None:
        layout = h5py.VirtualLayout((3, 3, 3, 4), "f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "0", (3, 3, 3, 4))
        group.create_virtual_dataset("0", layout)

    for fill in (outside, virtual):
        refused(h5(tmp_path / "w.weights.h5", fill), small, "lies in other files")


def test_a_shape_is_believed_when_it_fits(small: Model, tmp_path: Path) -> None:
    def claims(group: h5py.Group) -> None:
        group.create_dataset("0", (1 << 20, 1 << 20), "f4", chunks=(1, 1 << 20))

    def parts(group: h5py.Group) -> None:
        group.create_dataset("0", (2, 2), "f4", chunks=(1 << 14, 1 << 14), maxshape=(None, None))

    refused(h5(tmp_path / "w.weights.h5", claims), small, "claims to hold more")
    refused(h5(tmp_path / "w.weights.h5", parts), small, "parts that are larger than the whole")


def test_what_is_packed_is_unpacked_by_hdf5_itself_or_not_at_all(
    small: Model, weights: Arrays, tmp_path: Path
) -> None:
    last = weights["fc.weight"].reshape(2, 4, 16, 16).transpose(2, 3, 1, 0).reshape(-1, 2)
    kernels = weights["c.weight"].transpose(2, 3, 1, 0), last  # nothing says it is emitted

    def fill(group: h5py.Group, packing: str) -> None:
        dense = group.parent.parent.create_group("dense/vars")
        dense.attrs["name"] = "fc"
        for where, kernel, name in ((group, kernels[0], "c"), (dense, kernels[1], "fc")):
            where.create_dataset("0", data=kernel, compression=packing)
            where["1"] = weights[f"{name}.bias"]

    same(got(h5(tmp_path / "w.weights.h5", lambda g: fill(g, "gzip")), small), weights)
    refused(h5(tmp_path / "x.weights.h5", lambda g: fill(g, "lzf")), small, "packed in a way")


def test_groups_without_end(small: Model, tmp_path: Path) -> None:
    def fill(group: h5py.Group) -> None:
        group.parent["again"] = group.parent
        group["0"] = np.zeros(3)

    refused(h5(tmp_path / "w.weights.h5", fill), small, "without end")
    with h5py.File(tmp_path / "x.weights.h5", "w") as file:
        file["layers/model/layers"] = file.create_group("layers")["/"]
    refused(tmp_path / "x.weights.h5", small, "no HDF5 file of weights")


def test_objects_are_no_numbers(small: Model, tmp_path: Path) -> None:
    def fill(group: h5py.Group) -> None:
        group.create_dataset("0", data=["a", "b"])

    refused(h5(tmp_path / "w.weights.h5", fill), small, "holds no numbers")


def test_a_reader_that_hangs_or_dies(
    small: Model, weights: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The HDF5 library does either on some broken files; it has a process of its own."""
    path = put(tmp_path / "w.weights.h5", small, weights)
    with monkeypatch.context() as patch:
        patch.setattr(hdf5, "seconds", lambda _: 0)
        refused(path, small, "reading it does not end")
    monkeypatch.setattr("sys.executable", "false")
    refused(path, small, "reading it fails")


def archive(path: Path, members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_of_an_archive_the_weights_are_read_alone(
    small: Model, weights: Arrays, tmp_path: Path
) -> None:
    with zipfile.ZipFile(put(tmp_path / "w.keras", small, weights)) as file:
        inner = file.read("model.weights.h5")
    evil = {
        "config.json": b'{"class_name": "Lambda", "module": "os", "config": "mkdir ran"}',
        "../../escaped": b"x",
        "/escaped": b"x",
        "model.weights.h5": inner,
    }
    same(got(archive(tmp_path / "x.keras", evil), small), weights)
    assert not (tmp_path.parent.parent / "escaped").exists()
    for name in ("../model.weights.h5", "x/model.weights.h5"):
        refused(archive(tmp_path / "x.keras", {name: inner}), small, "it has no model.weights.h5")


def test_an_archive_that_swells(small: Model, tmp_path: Path) -> None:
    bomb = {"model.weights.h5": bytes(300 << 20)}
    path = archive(tmp_path / "w.keras", bomb, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    refused(path, small, "larger than any of this model")


# ONNX


def with_data(path: Path, model: Model, weights: Arrays, **data: str) -> Path:
    """An ONNX file whose first weight lies in another file."""
    message = onnx.load(put(path, model, weights))
    one = message.graph.initializer[0]
    one.ClearField("raw_data")
    one.data_location = onnx.TensorProto.EXTERNAL
    for key, value in data.items():
        one.external_data.add(key=key, value=value)
    path.write_bytes(message.SerializeToString())
    return path


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"location": "../secret"}, "not in a file beside it"),
        ({"location": "/etc/hostname"}, "not in a file beside it"),
        ({"location": "link"}, "not in a file beside it"),
        ({"location": ".."}, "not in a file beside it"),
        ({"location": "a\0b"}, "not in a file beside it"),
        ({}, "not in a file beside it"),
        ({"location": "data", "offset": "9999"}, "does not hold the data"),
        ({"location": "data", "offset": "-4"}, "does not hold the data"),
        ({"location": "data", "length": "4"}, "does not hold the data"),
        ({"location": "data", "offset": "1" * 5000}, "does not hold the data"),
    ],
)
def test_onnx_data_is_beside_the_file(
    data: dict[str, str], says: str, small: Model, weights: Arrays, tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    for path in (tmp_path / "secret", folder / "data"):
        path.write_bytes(bytes(432))
    (folder / "link").symlink_to(tmp_path / "secret")
    refused(with_data(folder / "w.onnx", small, weights, **data), small, says)


def test_an_onnx_file_that_lies_about_its_shapes(
    small: Model, weights: Arrays, tmp_path: Path
) -> None:
    path = put(tmp_path / "w.onnx", small, weights)
    message = onnx.load(path)
    for dims, says in (([4, 3, 3, 1 << 40], "another shape than its data"), ([-4], "negative")):
        del message.graph.initializer[0].dims[:]
        message.graph.initializer[0].dims.extend(dims)
        path.write_bytes(message.SerializeToString())
        refused(path, small, says)


# any


def test_a_file_much_larger_than_the_weights(small: Model, tmp_path: Path) -> None:
    for suffix in (".pt", ".weights.h5", ".keras", ".onnx"):
        path = tmp_path / f"w{suffix}"
        with path.open("wb") as stream:
            stream.truncate(1 << 40)  # a hole: it takes no space
        refused(path, small, "beyond anything that holds the weights")
        path.unlink()


def test_what_is_no_file(small: Model, tmp_path: Path) -> None:
    for suffix in (".pt", ".weights.h5", ".keras", ".onnx", ".safetensors"):
        path = tmp_path / f"w{suffix}"
        path.mkdir()
        refused(path, small, "is no file|cannot be read")


SEED = 5


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pth", ".onnx", ".keras"])
def test_broken_files_are_refused_or_read(
    suffix: str, small: Model, weights: Arrays, tmp_path: Path
) -> None:
    """Whatever is changed in a file, it is read or there is a word about it."""
    path = put(tmp_path / f"w{suffix}", small, weights)
    if suffix == ".pth":
        state = {name: torch.tensor(array) for name, array in weights.items()}
        torch.save(state, path, _use_new_zipfile_serialization=False)
    whole = path.read_bytes()
    generator = random.Random(SEED)  # noqa: S311 - no secret
    for _ in range(4 if suffix == ".keras" else 100):
        data = bytearray(whole)
        for _ in range(generator.choice([1, 3, 20])):
            data[generator.randrange(len(data))] = generator.randrange(256)
        if generator.random() < 0.2:
            del data[generator.randrange(len(data)) :]
        path.write_bytes(data)
        with suppress(UsageError):
            got(path, small)
