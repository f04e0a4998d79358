"""Random weights and inputs, the same for the same seed and name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from math import prod, sqrt
from typing import TYPE_CHECKING

from graphcnn.ir import Graph
from graphcnn.ops.merge import Add
from graphcnn.weights import Entry, Weights, canonical

if TYPE_CHECKING:
    from numpy.random import Generator

    from graphcnn.weights.weights import Array

_PIECE = 1 << 18  # numbers drawn at a time


#: Each sum adds to the variance. After some hundreds float32 overflows, so where there are more
#: sums than these, what is added is drawn smaller.
_SUMS = 100


class Drawn(Weights):
    """Weights under which every tensor of a model matters, and signals neither fade nor grow.

    Norms scale and shift, and their running statistics are not those of a fresh model.
    """

    def __init__(self, graph: Graph, seed: int) -> None:
        sums = sum(isinstance(node.op, Add) for node in graph.nodes)
        self._gain = min(1.0, sqrt(_SUMS / max(sums, 1)))
        self._entries = canonical(graph)
        self._seed = seed
        super().__init__({name: entry.shape for name, entry in self._entries.items()})

    def chunks(self, name: str) -> Iterator[bytes]:
        entry, generator = self._entries[name], stream(f"{self._seed}:weight:{name}")
        left = prod(entry.shape)
        while left:
            count = min(left, _PIECE)
            yield _drawn(entry, count, generator, self._gain).astype("<f4", copy=False).tobytes()
            left -= count


def _drawn(entry: Entry, count: int, generator: Generator, gain: float) -> Array:
    """Numbers of a tensor, by what it is for; ``gain`` multiplies those of products."""
    import numpy as np

    kind = entry.key.rpartition(".")[2]
    if kind == "running_var" or (not entry.trained and kind == "weight"):
        return generator.uniform(0.5, 2, count).astype(np.float32)
    spread = 0.3
    if kind and len(entry.shape) > 1:
        spread = gain * sqrt(1.5 / max(prod(entry.shape[1:]), 1))
    elif kind == "weight":
        return generator.uniform(0.5, 1.5, count).astype(np.float32)
    return generator.standard_normal(count, np.float32) * np.float32(spread)


def inputs(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Array]:
    """An array for each input, drawn from a normal distribution."""
    import numpy as np

    return {
        name: stream(f"{seed}:input:{name}").standard_normal(shape, np.float32)
        for name, shape in shapes.items()
    }


def stream(key: str) -> Generator:
    """The generator that belongs to a text."""
    from numpy.random import PCG64, Generator

    return Generator(PCG64(int.from_bytes(hashlib.sha256(key.encode()).digest())))
