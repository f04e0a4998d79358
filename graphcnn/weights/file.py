"""The canonical file: safetensors, read and written as a stream.

The format is a length, a JSON header and the bytes of the tensors. The safetensors library hands
out tensors; to pass a model's weights on from file to file, their bytes are enough and need no
memory, so the few lines are here. Tests hold them against the library.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphcnn.diagnostics import UsageError
from graphcnn.ir import Graph
from graphcnn.ops.base import show_shape
from graphcnn.weights.canonical import canonical
from graphcnn.weights.weights import Held, Weights

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array

_LENGTH = 8  # bytes before the header that say how long it is
_LONGEST = 100_000_000
_PIECE = 1 << 20
_TYPE = "F32"
_MOST, _LONGEST_LINE = 60, 500  # problems that are shown, and characters of each

#: the bytes of a number of each type
_BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"), 1),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F64", "I64", "U64"), 8),
}

#: what PyTorch keeps beside a batch norm's statistics, and nothing else reads
_COUNTER = ".num_batches_tracked"


class WeightsError(UsageError):
    """A file that does not hold a model's weights; ``problems`` are all that is wrong with it."""

    def __init__(self, path: str | Path, problems: list[str]) -> None:
        self.problems = tuple(problems)
        shown = [problem[:_LONGEST_LINE] for problem in problems[:_MOST]]
        if len(problems) > _MOST:
            shown.append(f"and {len(problems) - _MOST:,} more")
        super().__init__(f"{path} does not hold the weights of this model:", shown)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tensor lies in a file, and what is there."""

    type: str
    shape: tuple[int, ...]
    start: int
    end: int

    def chunks(self, path: Path) -> Iterator[bytes]:
        """Its bytes in the file at ``path``, in pieces."""
        with path.open("rb", buffering=0) as stream:
            stream.seek(self.start)
            left = self.end - self.start
            while left:
                piece = stream.read(min(left, _PIECE))
                if not piece:
                    raise UsageError(f"{path} became shorter while it was read")
                yield piece
                left -= len(piece)


class Stored(Weights):
    """The tensors of a file."""

    def __init__(self, path: Path, places: Mapping[str, Place]) -> None:
        super().__init__({name: place.shape for name, place in places.items()})
        self._path = path
        self._places = places

    def chunks(self, name: str) -> Iterator[bytes]:
        return self._places[name].chunks(self._path)


def load(path: str | Path, graph: Graph, *, training: bool = True) -> Weights:
    """The weights in a file, which are exactly those of the model; read when they are needed.

    Without ``training`` those may be missing that only outputs for training need.

    Raises:
        UsageError: the file cannot be read, or is no safetensors file.
        WeightsError: tensors are missing, left over, or of another shape or type.
    """
    found = places(Path(path))
    every = canonical(graph)
    needed = every if training else canonical(graph, training=False)
    problems = [
        f"missing: {name} {show_shape(entry.shape)}"
        for name, entry in needed.items()
        if name not in found
    ]
    for name, place in found.items():
        if name not in every:
            if not name.endswith(_COUNTER):
                problems.append(f"left over: {name} {show_shape(place.shape)}")
            continue
        shape = every[name].shape
        if place.shape != shape:
            other = show_shape(place.shape)
            problems.append(f"another shape: {name} is {other}, not {show_shape(shape)}")
        if place.type != _TYPE:
            problems.append(f"another type: {name} is {place.type}, not {_TYPE}")
    if problems:
        raise WeightsError(path, problems)
    return Stored(Path(path), {name: found[name] for name in every if name in found})


def serialise(weights: Mapping[str, Array]) -> Iterator[bytes]:
    """The bytes of a file that holds these tensors, in pieces."""
    held = weights if isinstance(weights, Weights) else Held(weights)
    sizes = [4 * prod(shape) for shape in held.shapes.values()]
    ends = list(accumulate(sizes))
    header = {
        name: {"dtype": _TYPE, "shape": list(shape), "data_offsets": [end - size, end]}
        for (name, shape), size, end in zip(held.shapes.items(), sizes, ends, strict=True)
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(_LENGTH, "little")
    yield text
    for name in held:
        yield from held.chunks(name)


def save(path: str | Path, weights: Mapping[str, Array]) -> None:
    """Write a file that :func:`load` reads; see :func:`serialise` for its bytes alone."""
    with Path(path).open("wb") as stream:
        stream.writelines(serialise(weights))


# reading the header, which comes from anyone


class _Malformed(Exception):
    """Why a file is no safetensors file."""


def places(path: Path) -> dict[str, Place]:
    """Where each tensor of a safetensors file lies, in the order of its header.

    Raises:
        UsageError: the file cannot be read, or is no safetensors file.
    """
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH), "little")
            size = path.stat().st_size - _LENGTH - length
            if length > _LONGEST or size < 0:
                raise _Malformed("it is shorter than its header says")
            text = stream.read(length)
        header = json.loads(text)
        if not isinstance(header, dict):
            raise _Malformed("its header is no mapping")
        header.pop("__metadata__", None)
        begin = _LENGTH + length
        return {name: _place(name, entry, begin, size) for name, entry in header.items()}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
    except (_Malformed, ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no safetensors file: {error}") from None


def _place(name: str, entry: Any, begin: int, size: int) -> Place:
    match entry:
        case {"dtype": str(dtype), "shape": [*shape], "data_offsets": [int(start), int(end)]}:
            counts = all(type(n) is int and n >= 0 for n in shape)
            each = _BYTES.get(dtype)
            wrong = counts and each is not None and end - start != each * prod(shape)
            if counts and 0 <= start <= end <= size and not wrong:
                return Place(dtype, tuple(shape), begin + start, begin + end)
    raise _Malformed(f"its header says nothing sound of `{name}`")
