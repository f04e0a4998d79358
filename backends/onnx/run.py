"""A model as onnxruntime runs it: what comes out, and what is made on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime as ort

from graphcnn.backends import Device
from graphcnn.backends.onnx.assemble import assemble
from graphcnn.backends.onnx.checkpoint import read
from graphcnn.backends.onnx.emit import files
from graphcnn.diagnostics import UsageError
from graphcnn.weights import Entry, Weights, canonical
from graphcnn.weights import fresh as drawn

if TYPE_CHECKING:
    from graphcnn.backends import Array
    from graphcnn.model import CompiledModel

_NAME = "model.onnx"
_CUDA = "CUDAExecutionProvider"

#: values that one run hands out, in cells of one sample: what bounds the memory of a watched run
_CELLS = 1 << 24


def fresh(model: CompiledModel, seed: int, names: Sequence[str]) -> dict[str, Array]:
    """What a file of fresh weights holds; see :class:`graphcnn.backends.Startable`."""
    from graphcnn import __version__

    with TemporaryDirectory(prefix="graphcnn-") as folder:
        path = Path(folder, _NAME)
        for file in files(model, lambda: drawn(model, seed), _NAME, __version__):
            with path.with_name(file.name).open("wb") as stream:
                stream.writelines(file.chunks)
        with read(path, path.stat().st_size) as held:
            tensors = held.tensors
            return {name: tensors[name].read() for name in names if name in tensors}


def _providers(device: Device) -> list[Any]:
    # Without this, products on a GPU are of factors rounded to TF32.
    gpu = [(_CUDA, {"use_tf32": "0"})] if device is Device.GPU else []
    return [*gpu, "CPUExecutionProvider"]


def obstacle(device: Device) -> str | None:
    """An onnxruntime that was built without CUDA."""
    if device is Device.GPU and _CUDA not in ort.get_available_providers():
        return "onnxruntime finds no GPU"
    return None


class OnnxRunner:
    """The emitted file, in a folder of its own until this is closed."""

    def __init__(self, model: CompiledModel, weights: Weights, device: Device) -> None:
        from graphcnn import __version__

        self._model = model
        self._device = device
        self._folder = TemporaryDirectory(prefix="graphcnn-")
        self._path = Path(self._folder.name, _NAME)
        try:
            for file in files(model, lambda: weights, _NAME, __version__):
                with self._path.with_name(file.name).open("wb") as stream:
                    stream.writelines(file.chunks)
            self._session = _session(self._path, device)
        except BaseException:
            self.close()
            raise

    @property
    def framework(self) -> str:
        """Onnxruntime and its version."""
        return f"onnxruntime {ort.__version__}"

    def entries(self) -> Mapping[str, Entry]:
        """The weights of the graph in inference."""
        return canonical(self._model.ir, training=False)

    def counts(self) -> Mapping[str, int]:
        """The elements of the file's initialisers."""
        held = onnx.load(self._path, load_external_data=False).graph.initializer
        return {"weights": sum(prod(tensor.dims) for tensor in held)}

    def run(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Every output, by name, of the file as it is."""
        return _run(self._session, inputs)

    def watch(self, inputs: Mapping[str, Array], see: Callable[[Array], None]) -> None:
        """Show the values of all nodes: runs of the same file with some of them put out."""
        for array in inputs.values():
            see(array)
        file = onnx.load(self._path, load_external_data=False)
        own = {output.name for output in file.graph.output}
        typed = {value.name: value for value in file.graph.value_info}
        names = assemble(self._model.ir).names.values()
        path = self._path.with_name("watched.onnx")
        for part in _parts([typed[name] for name in dict.fromkeys(names) if name in typed]):
            del file.graph.output[len(own) :]
            file.graph.output.extend(part)
            path.write_bytes(file.SerializeToString())
            for array in _run(_session(path, self._device), inputs).values():
                see(array)

    def close(self) -> None:
        """Delete the folder."""
        self._folder.cleanup()


def _parts(values: list[onnx.ValueInfoProto]) -> Iterator[list[onnx.ValueInfoProto]]:
    part: list[onnx.ValueInfoProto] = []
    cells = 0
    for value in values:
        size = prod(dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim)
        if part and cells + size > _CELLS:
            yield part
            part, cells = [], 0
        part.append(value)
        cells += size
    yield part  # also where no value is left, for the outputs themselves


def _session(path: Path, device: Device) -> Any:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(path, options, providers=_providers(device))
    if device is Device.GPU and _CUDA not in session.get_providers():  # it went on without
        raise UsageError("onnxruntime finds no GPU")
    return session


def _run(session: Any, inputs: Mapping[str, Array]) -> dict[str, Array]:
    names = [output.name for output in session.get_outputs()]
    wanted = {one.name for one in session.get_inputs()}
    given = {name: np.ascontiguousarray(x) for name, x in inputs.items() if name in wanted}
    return dict(zip(names, session.run(names, given), strict=True))
