"""Keras files: weights alone (`.weights.h5`) or with their model (`.keras`).

Reading one takes h5py and no Keras. A configuration is read for the names, classes and order of
the layers, and nothing that it would build or run is. Writing one builds the model that
`graphcnn build --backend keras` writes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from graphcnn.backends import File
from graphcnn.backends.keras import backend, hdf5
from graphcnn.backends.keras.configuration import configured, unnumbered
from graphcnn.backends.keras.engine import missing
from graphcnn.backends.keras.spelling import builder_name
from graphcnn.backends.keras.weights import assign
from graphcnn.backends.python.live import imported
from graphcnn.diagnostics import UsageError
from graphcnn.model import CompiledModel
from graphcnn.ops.declared import Declared
from graphcnn.weights import Weights, foreign
from graphcnn.weights.source import Layer, Source, check_size, needs

_WEIGHTS, _CONFIGURATION = "model.weights.h5", "config.json"
_MAX_CONFIGURATION = 64 << 20


@contextmanager
def read_h5(path: Path, limit: int) -> Iterator[Source]:
    """The variables of a `.weights.h5` file, or of an `.h5` file as before Keras 3."""
    check_size(path, limit)
    with (
        tempfile.TemporaryDirectory() as folder,
        _source(path, path.absolute(), Path(folder), limit) as source,
    ):
        yield source


@contextmanager
def read_archive(path: Path, limit: int) -> Iterator[Source]:
    """The variables in a `.keras` archive."""
    check_size(path, limit)
    with tempfile.TemporaryDirectory() as folder:
        inner = Path(folder) / _WEIGHTS
        try:
            said = _unpack(path, inner, limit)
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError) as error:
            raise UsageError(f"{path} is no Keras archive: {error}") from None
        with _source(path, inner, Path(folder), limit, said) as source:
            yield source


@contextmanager
def _source(
    path: Path, file: Path, folder: Path, limit: int, said: str | None = None
) -> Iterator[Source]:
    """What an HDF5 file holds; ``said`` is the configuration that stands beside it."""
    made = _extracted(path, file, folder, limit)
    beside = json.loads(Path(f"{made}.json").read_text(encoding="utf-8"))
    with foreign.read(made, limit) as source:
        configuration = configured(said or beside["configuration"] or "")
        if configuration.layers:
            tensors = configuration.without_models(source.tensors)
            layers, needs = tuple(configuration.layers), configuration.needs()
            yield Source(tensors, layers, runs=True, needs=needs)
        else:
            layers = tuple(Layer(name, unnumbered(kind)) for name, kind in beside["layers"])
            yield Source(source.tensors, layers, runs=True)


def _unpack(path: Path, inner: Path, limit: int) -> str | None:
    """Copy the weights out of an archive, as far as they are no larger than they may be.

    What comes back is the configuration, if it is there and of a size that one has.
    """
    with zipfile.ZipFile(path) as archive, inner.open("wb") as stream:
        if _WEIGHTS not in archive.namelist():
            raise zipfile.BadZipFile(f"it has no {_WEIGHTS}")
        with archive.open(_WEIGHTS) as member:
            left = limit
            while piece := member.read(min(left + 1, 1 << 20)):
                left -= len(piece)
                if left < 0:
                    raise zipfile.BadZipFile("its weights are larger than any of this model")
                stream.write(piece)
        if _CONFIGURATION not in archive.namelist():
            return None
        with archive.open(_CONFIGURATION) as member:
            text = member.read(_MAX_CONFIGURATION + 1)
    return text.decode(errors="replace") if len(text) <= _MAX_CONFIGURATION else None


def _extracted(path: Path, file: Path, folder: Path, limit: int) -> Path:
    """The variables of an HDF5 file as a safetensors file, made by a process of its own."""
    if not find_spec("h5py"):
        raise needs("h5py", "weights", "a Keras file")
    made = folder / "variables.safetensors"
    command = [sys.executable, "-P", "-m", "graphcnn.backends.keras.hdf5"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, str(file), str(made), str(limit)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=2 * hdf5.seconds(limit),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{path} is no HDF5 file of weights: reading it does not end") from None
    if done.returncode == hdf5.REFUSED:
        said = done.stderr.decode(errors="replace")[:500]
        raise UsageError(f"{path} is no HDF5 file of weights: {said}")
    if done.returncode != 0:
        raise UsageError(f"{path} is no HDF5 file of weights: reading it fails")
    return made


def write(model: CompiledModel, weights: Weights, name: str) -> Iterator[File]:
    """The file called ``name``, as the emitted model itself saves it.

    Raises:
        UsageError: Keras is not installed, or the spec names classes that would have to run.
        SpecError: Keras cannot express an op.
    """
    declared = sorted({node.op.name for node in model.ir.nodes if isinstance(node.op, Declared)})
    if declared:
        raise UsageError(
            f"a Keras file is written by the model itself, and this one would import the classes "
            f"that its spec names for {', '.join(declared)}; build it with Keras, and load a "
            "canonical file into it"
        )
    built = _built(model)
    assign(built, model.ir, weights)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("model.keras" if name.endswith(".keras") else _WEIGHTS)
        built.save(path) if path.suffix == ".keras" else built.save_weights(path)
        with path.open("rb") as stream:
            yield File(name, iter(lambda: stream.read(1 << 20), b""))


def _built(model: CompiledModel) -> Any:
    """The live model that the backend writes, without outputs for training."""
    lacking = missing()
    if lacking is not None:
        raise needs(lacking, "keras", "writing a Keras file")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # notes on how TensorFlow was built
    module = imported(model.name, backend.emit(model))
    return getattr(module, builder_name(model.name))()
