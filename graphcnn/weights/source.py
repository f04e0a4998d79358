"""What a file of weights holds, before it is known what of it a model wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from graphcnn.diagnostics import UsageError
from graphcnn.ir import Graph
from graphcnn.weights.canonical import canonical

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array

#: the types that numbers of a weight may have, by numpy's names; all become float32
FLOATS = ("float16", "bfloat16", "float32", "float64")

#: what a file may have beside the weights: a graph, the state of an optimizer
_TIMES, _BESIDE = 8, 256 << 20

#: tensors of one file
MAX_TENSORS = 200_000


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a file. ``read`` gives it whole, as float32 where it is of floats.

    ``type`` is numpy's name for that of the numbers. ``chunks`` gives the bytes as they lie in
    the file, where they are float32 and the file need not be unpacked. ``columns`` says of a matrix
    that a product has one column of it for each output, and not one row.
    """

    shape: tuple[int, ...]
    type: str
    read: Callable[[], Array]
    chunks: Callable[[], Iterator[bytes]] | None = None
    columns: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a file. ``kind`` is its class or op in snake case, empty where it is not said."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds: its tensors by name, in its order, and what it says of its layers.

    A tensor belongs to the layer of which its name begins with the name. ``runs`` says that the
    layers are in the order in which they run. ``needs`` has for each layer all those that it needs,
    and is empty where the file does not say so.
    """

    tensors: Mapping[str, Tensor]
    layers: tuple[Layer, ...] = ()
    runs: bool = False
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)


def allowance(graph: Graph) -> int:
    """How many bytes a file may have that is read whole for the weights of a graph."""
    return _BESIDE + _TIMES * 4 * sum(prod(entry.shape) for entry in canonical(graph).values())


def check_size(path: Path, limit: int) -> None:
    """See that a file is there, and no larger than anything that holds these weights.

    Raises:
        UsageError: it is not, or is larger.
    """
    try:
        if not path.is_file():
            raise UsageError(f"{path}: no such file" if not path.exists() else f"{path} is no file")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if size > limit:
        raise UsageError(
            f"{path} has {size:,} bytes, more than {limit:,}, which is beyond anything that holds "
            "the weights of this model"
        )


def needs(package: str, extra: str, what: str) -> UsageError:
    """The error of a package that is not installed."""
    return UsageError(f"{what} needs the package {package}: pip install 'graphcnn[{extra}]'")
