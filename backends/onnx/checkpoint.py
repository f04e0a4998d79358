"""The weights in an ONNX model: its initialisers, wherever their numbers lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphcnn.diagnostics import UsageError
from graphcnn.weights.file import Place
from graphcnn.weights.foreign import floats
from graphcnn.weights.slots import divided
from graphcnn.weights.source import MAX_TENSORS, Layer, Source, Tensor, check_size, needs
from graphcnn.weights.structure import snake

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array

#: ONNX's numbers for types, and the bytes that each number takes
_TYPES: Final = {1: "float32", 10: "float16", 11: "float64", 16: "bfloat16"}
_BYTES: Final = {"float32": 4, "float16": 2, "float64": 8, "bfloat16": 2}


@contextmanager
def read(path: Path, limit: int) -> Iterator[Source]:
    """The initialisers of a model; of files beside it, those that its folder holds."""
    check_size(path, limit)
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ModuleNotFoundError as error:
        raise needs(str(error.name), "onnx", "an ONNX file") from None
    try:
        model = onnx.load(path, load_external_data=False)
    except (DecodeError, OSError, ValueError) as error:
        raise UsageError(f"{path} is no ONNX file: {error}") from None
    if len(model.graph.initializer) > MAX_TENSORS:
        raise UsageError(f"{path} holds more tensors than any model has")
    tensors = {one.name: _tensor(path, one) for one in model.graph.initializer}
    readers = dict(_readers(model.graph, tensors))
    for name, node in readers.items():
        if _by_columns(node, name):
            tensors[name] = replace(tensors[name], columns=True)
    layers = (Layer(divided(name)[0], snake(node.op_type)) for name, node in readers.items())
    yield Source(tensors, tuple(layers), runs=True)


def _readers(graph: Any, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Any]]:
    """The node that reads each tensor first, in the order in which nodes run."""
    seen: set[str] = set()
    for node in graph.node:
        for name in node.input:
            if name in tensors and name not in seen:
                seen.add(name)
                yield name, node


def _by_columns(node: Any, name: str) -> bool:
    """Whether a node multiplies with a matrix that has one column for each output."""
    if len(node.input) < 2 or node.input[1] != name:
        return False
    turned = any(one.name == "transB" and one.i for one in node.attribute)
    return node.op_type == "MatMul" or (node.op_type == "Gemm" and not turned)


def _tensor(path: Path, one: Any) -> Tensor:
    shape = tuple(one.dims)
    if any(size < 0 for size in shape):
        raise UsageError(f"{path} is no ONNX file: {one.name[:100]} has a negative size")
    kind = _TYPES.get(one.data_type)
    if kind is None:
        return Tensor(shape, f"type {one.data_type}", _unread)
    length = _BYTES[kind] * prod(shape)
    if one.data_location == 1:
        file, place = _outside(path, one, shape, length)
        chunks = (lambda: place.chunks(file)) if kind == "float32" else None
        read = _reader(lambda: b"".join(place.chunks(file)), kind, shape)
        return Tensor(shape, kind, read, chunks)
    if one.HasField("raw_data"):
        if len(one.raw_data) != length:
            raise _wrong_length(path, one)
        chunks = (lambda: iter((one.raw_data,))) if kind == "float32" else None
        return Tensor(shape, kind, _reader(lambda: one.raw_data, kind, shape), chunks)
    listed = {"float32": one.float_data, "float64": one.double_data}.get(kind, one.int32_data)
    if len(listed) != prod(shape):
        raise _wrong_length(path, one)
    return Tensor(shape, kind, _listed(one))


def _wrong_length(path: Path, one: Any) -> UsageError:
    return UsageError(f"{path} is no ONNX file: {one.name[:100]} has another shape than its data")


def _reader(data: Callable[[], bytes], kind: str, shape: tuple[int, ...]) -> Callable[[], Array]:
    return lambda: floats(data(), kind, shape)


def _listed(one: Any) -> Callable[[], Array]:
    """Numbers that are fields of the message and no bytes."""

    def read() -> Array:
        import numpy as np
        from onnx import numpy_helper

        return numpy_helper.to_array(one).astype(np.float32)

    return read


def _unread() -> Array:
    raise TypeError("no weight is of this type")


def _outside(path: Path, one: Any, shape: tuple[int, ...], length: int) -> tuple[Path, Place]:
    """Where a tensor's bytes lie in a file beside that of the model, which stands in its folder.

    Raises:
        UsageError: they are to be looked for anywhere else, or are not there.
    """
    said = {entry.key: entry.value for entry in one.external_data}
    location = said.get("location", "")
    file = path.parent / location
    # As text: a `Path` would drop a `/.` at the end and make a plain name of it.
    plain = location and os.path.basename(location) == location and location not in (".", "..")  # noqa: PTH119
    if not plain or "\0" in location or file.is_symlink() or not file.is_file():
        raise UsageError(f"{path}: the data of {one.name[:100]} is not in a file beside it")
    offset, size = said.get("offset", "0"), said.get("length", str(length))
    numbers = offset.isdecimal() and size.isdecimal() and max(len(offset), len(size)) < 19
    if not numbers or int(size) != length or int(offset) + length > file.stat().st_size:
        raise UsageError(f"{path}: {location} does not hold the data of {one.name[:100]}")
    return file, Place("F32", shape, int(offset), int(offset) + length)
