"""Safetensors files, those of others included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graphcnn.weights.file import Place, places
from graphcnn.weights.source import Source, Tensor

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array

_TYPES: Final = {"F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64"}


@contextmanager
def read(path: Path, _limit: int) -> Iterator[Source]:
    """The tensors of a file; they are read when they are asked for."""
    yield Source({name: _tensor(path, place) for name, place in places(path).items()})


def _tensor(path: Path, place: Place) -> Tensor:
    type = _TYPES.get(place.type, place.type)  # noqa: A001 - the field's name
    plain = type == "float32"
    chunks = (lambda: place.chunks(path)) if plain else None
    return Tensor(place.shape, type, _reader(path, place, type), chunks)


def _reader(path: Path, place: Place, type: str) -> Callable[[], Array]:  # noqa: A002
    def read() -> Array:
        return floats(b"".join(place.chunks(path)), type, place.shape)

    return read


def floats(data: bytes, type: str, shape: tuple[int, ...]) -> Array:  # noqa: A002
    """Little-endian numbers of a type of floats as float32."""
    import numpy as np

    if type == "bfloat16":  # the upper half of a float32
        wide = np.frombuffer(data, "<u2").astype(np.uint32) << 16
        return wide.view(np.float32).reshape(shape)
    kind = {"float16": "<f2", "float32": "<f4", "float64": "<f8"}[type]
    return np.frombuffer(data, kind).astype(np.float32).reshape(shape)
