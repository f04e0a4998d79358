"""Fresh weights, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from math import prod, sqrt
from typing import TYPE_CHECKING

from graphcnn.initialisation import Initial, initialisation
from graphcnn.ir import Graph
from graphcnn.weights.canonical import Entry, canonical, numbers
from graphcnn.weights.schemes import Scheme, fans, read
from graphcnn.weights.weights import Weights

if TYPE_CHECKING:
    from numpy.random import Generator

    from graphcnn.model import CompiledModel

_PIECE = 1 << 18  # numbers drawn at a time


def fresh(model: CompiledModel, seed: int = 0) -> Weights:
    """The weights of a model before training, as its spec's `init` section has them."""
    initial, _ = initialisation(model.program, model.ir.scope)
    return initialise(model.ir, seed, initial)


def initialise(graph: Graph, seed: int = 0, init: Initial | None = None) -> Weights:
    """Random weights for a graph; ``init`` is the section of a spec.

    What it does not name is as PyTorch's layers have it: uniform within 1 / sqrt(fan-in), and of
    a norm the identity. Each tensor is drawn from a stream of its own, by the seed and its name,
    so that one layer more or less changes no other.
    """
    return Fresh(canonical(graph), seed, init or Initial({}, {}))


class Fresh(Weights):
    """Weights that are drawn when they are asked for."""

    def __init__(self, entries: Mapping[str, Entry], seed: int, init: Initial) -> None:
        super().__init__({name: entry.shape for name, entry in entries.items()})
        self.seed = seed
        self.schemes = {name: _scheme(entry, init) for name, entry in entries.items()}

    def chunks(self, name: str) -> Iterator[bytes]:
        generator = _generator(f"{self.seed}:{name}")
        left = prod(self.shapes[name])
        while left:
            count = min(left, _PIECE)
            yield self.schemes[name].draw(count, generator).astype("<f4", copy=False).tobytes()
            left -= count


def _generator(key: str) -> Generator:
    from numpy.random import PCG64, Generator

    return Generator(PCG64(int.from_bytes(hashlib.sha256(key.encode()).digest())))


def stated(model: CompiledModel) -> dict[str, Scheme]:
    """How the spec says that weights start, by their names: in `init`, or as an op's attribute."""
    initial, _ = initialisation(model.program, model.ir.scope)
    found = {}
    for name, entry in canonical(model.ir).items():
        given = initial.of(entry.node).get(entry.key)
        own = entry.weight.initial
        # What an op's own scheme is for one framework may be another one for the next.
        if given is None and (isinstance(own, float) or own.startswith("normal(")):
            given = own
        if given is not None:
            found[name] = read(given, entry.shape)
    return found


def _scheme(entry: Entry, init: Initial) -> Scheme:
    given = init.of(entry.node).get(entry.key)
    if given is not None:
        return read(given, entry.shape)
    initial = entry.weight.initial
    return _default(entry) if initial == "default" else read(initial, entry.shape)


def _default(entry: Entry) -> Scheme:
    """Uniform within 1 / sqrt(fan-in); a bias takes the fan-in of the weight beside it."""
    shape = entry.shape
    if len(shape) < 2:
        beside = f"{entry.key.rpartition('.')[0]}.weight".lstrip(".")
        weight = entry.node.facts.weights.get(beside)
        matrix = numbers(weight) if weight is not None else ()
        shape = matrix if len(matrix) > 1 else (1, *shape)
    return Scheme("uniform", 1 / sqrt(max(fans(shape)[0], 1)))
