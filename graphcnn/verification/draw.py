"""Random weights and inputs, the same for the same seed and name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from math import prod, sqrt
from typing import TYPE_CHECKING

from graphcnn.ir import Graph, Node
from graphcnn.ops.declared import Declared
from graphcnn.ops.normalisation import BatchNorm
from graphcnn.weights import Entry, Weights, canonical

if TYPE_CHECKING:
    from numpy.random import Generator

    from graphcnn.weights.weights import Array

_PIECE = 1 << 18  # numbers drawn at a time


class Drawn(Weights):
    """Weights under which every tensor of a model matters, and signals neither fade nor grow.

    Norms scale and shift. What depends on the signals is fitted to those of a pass of the
    reference, which shows each layer's inputs to :meth:`fit` before it asks for its weights: a
    kernel is divided by their size, and the running statistics of a norm are of their size. They
    are not those of the batch: a network of many layers that each make small differences large
    would do so with rounding too.
    """

    def __init__(self, graph: Graph, seed: int, draw: int = 0) -> None:
        self._entries = canonical(graph)
        self._stream = f"{seed}:weight" if draw == 0 else f"{seed}:weight:{draw}"
        self._gains: dict[str, float] = {}
        super().__init__({name: entry.shape for name, entry in self._entries.items()})

    def fit(self, node: Node, inputs: Sequence[Array]) -> None:
        """Fit the weights of a layer to what it is given, where nothing was fitted before."""
        if node.owner is not None or not inputs or not inputs[0].size:
            return
        size = _size(inputs[0]) or 1.0
        if isinstance(node.op, BatchNorm):
            self._gains[f"{node.name}.running_mean"] = size
            self._gains[f"{node.name}.running_var"] = size**2
        elif not isinstance(node.op, Declared):
            for key in node.facts.weights:
                name = f"{node.name}.{key}"
                # Those behind the first kernel of a layer have what that one makes.
                first = not key.startswith(("out_proj", "pointwise"))
                if key and first and len(self.shapes[name]) > 1:
                    self._gains[name] = 1 / size

    def chunks(self, name: str) -> Iterator[bytes]:
        import numpy as np

        entry, generator = self._entries[name], stream(f"{self._stream}:{name}")
        gain, left = self._gains.get(name, 1.0), prod(entry.shape)
        while left:
            count = min(left, _PIECE)
            numbers = _drawn(entry, count, generator) * np.float32(gain)
            yield numbers.astype("<f4", copy=False).tobytes()
            left -= count


def _size(x: Array) -> float:
    """The root of the mean square, 0 where it is no number that can be divided by."""
    import numpy as np

    found = float(np.sqrt(np.einsum("i,i->", x.reshape(-1), x.reshape(-1)) / x.size))
    return found if np.isfinite(found) else 0.0


def _drawn(entry: Entry, count: int, generator: Generator) -> Array:
    """Numbers of a tensor, by what it is for, among signals of size 1."""
    import numpy as np

    kind = entry.key.rpartition(".")[2]
    if kind == "running_var" or (not entry.trained and kind == "weight"):
        return generator.uniform(0.5, 2, count).astype(np.float32)
    spread = 0.3
    if kind and len(entry.shape) > 1:
        spread = sqrt(1.5 / max(prod(entry.shape[1:]), 1))
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
