"""Weights that travel: from any kind of file to any other, by way of the canonical names.

A file is opened as tensors by name, of which no number is read yet. Each is matched with a place of
the model: by name, by rules, or by order and shape. What fits is read, turned into the canonical
layout and handed on to a writer. The kinds of files are those of the backends, and the canonical
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphcnn.backends import File, Filed, Format, find, names
from graphcnn.diagnostics import UsageError
from graphcnn.model import CompiledModel
from graphcnn.ops.base import show_shape
from graphcnn.weights import Weights, WeightsError, canonical, foreign, serialise
from graphcnn.weights.match import Matching, match
from graphcnn.weights.normed import composed
from graphcnn.weights.rules import Rules
from graphcnn.weights.slots import Slots, canonical_slots
from graphcnn.weights.source import Tensor, allowance

if TYPE_CHECKING:
    from graphcnn.weights.weights import Array


def write_canonical(_model: CompiledModel, weights: Weights, name: str) -> Iterator[File]:
    """The canonical file called ``name``."""
    yield File(name, serialise(weights))


#: what is no backend's: files as they travel
CANONICAL = Format(".safetensors", foreign.read, canonical_slots, write_canonical, whole=True)


def formats() -> list[Format]:
    """Every kind of file of weights, that of the longest suffix first."""
    found = [CANONICAL]
    for name in names():
        backend = find(name)
        if isinstance(backend, Filed):
            found += backend.formats()
    return sorted(found, key=lambda one: -len(one.suffix))


def format_of(path: str, *, written: bool = False) -> Format:
    """The format of a file, by how its name ends.

    Raises:
        UsageError: it ends like none, or like one that is only read.
    """
    known = [one for one in formats() if one.write is not None or not written]
    for one in known:
        if path.endswith(one.suffix):
            return one
    listed = ", ".join(sorted(one.suffix for one in known))
    raise UsageError(f"{path} is to end as a file of weights does: {listed}")


@dataclass(frozen=True)
class Pair:
    """A weight and the tensor that it came from; ``shape`` is that of the tensor."""

    weight: str
    tensor: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """The weights in a file, and how each was found there.

    ``by_order`` are the layers with the shapes of others, of which only the order told them apart.
    """

    weights: Weights
    by_rules: tuple[Pair, ...]
    by_structure: tuple[Pair, ...]
    by_order: int
    skipped: tuple[str, ...]


@contextmanager
def reading(
    path: str,
    model: CompiledModel,
    rules: Rules | None = None,
    *,
    structural: bool = False,
    training: bool = True,
) -> Iterator[Reading]:
    """The weights of a model in a file; its numbers are read when they are asked for.

    Without ``training`` those may be missing that only outputs for training need.

    Raises:
        UsageError: the file cannot be read, is none of its kind, or more than weights.
        WeightsError: tensors are missing, left over, there twice, or of another shape or type.
    """
    entries = canonical(model.ir)
    needed = entries if training else canonical(model.ir, training=False)
    kind = format_of(path)
    with kind.read(Path(path), allowance(model.ir)) as held:
        source = replace(held, tensors=composed(held.tensors))
        slots = kind.slots(model.ir, entries, source)
        found = match(source, slots, needed, rules or Rules(), structural=structural)
        placed = {slot.weight for slot in slots.by_name.values()}
        found.problems += [
            f"missing: {name} {show_shape(entry.shape)}, which has no place in such files"
            for name, entry in needed.items()
            if name not in placed
        ]
        if found.problems:
            raise WeightsError(path, found.problems)
        shapes = {name: entry.shape for name, entry in entries.items()}
        yield Reading(
            Matched(source.tensors, slots, found, shapes),
            _pairs(found.by_rules, found, slots, source.tensors),
            _pairs(found.by_structure, found, slots, source.tensors),
            found.by_order,
            tuple(found.skipped),
        )


def _pairs(
    keys: Iterable[str], found: Matching, slots: Slots, tensors: Mapping[str, Tensor]
) -> tuple[Pair, ...]:
    names = [(slots.by_name[key].weight, found.tensors[key]) for key in keys]
    return tuple(Pair(weight, name, tensors[name].shape) for weight, name in names)


def written(weights: Weights, path: str, model: CompiledModel) -> Iterator[File]:
    """The files that hold a model's weights, that at ``path`` as the last, to be written in order.

    Raises:
        UsageError: a package is not installed, or a model has no file of this format.
        SpecError: the format cannot express an op.
    """
    write = format_of(path, written=True).write
    if write is not None:
        yield from write(model, weights, Path(path).name)


class Matched(Weights):
    """The weights that were found in a file, each turned as it is asked for."""

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        slots: Slots,
        found: Matching,
        shapes: Mapping[str, tuple[int, ...]],
    ) -> None:
        self._parts: dict[str, list[_Part]] = {}
        for key, slot in slots.by_name.items():
            if key in found.tensors:
                name = found.tensors[key]
                form = slot.form(tensors[name])
                back = form.back if form is not None else None
                self._parts.setdefault(slot.weight, []).append(_Part(tensors[name], back))
        super().__init__({name: shapes[name] for name in shapes if name in self._parts})

    def chunks(self, name: str) -> Iterator[bytes]:
        first, *others = self._parts[name]
        if not others and first.back is None and first.tensor.chunks is not None:
            yield from first.tensor.chunks()
        else:
            import numpy as np

            whole = [part.read() for part in (first, *others)]
            joined = np.concatenate(whole) if others else whole[0]
            yield np.ascontiguousarray(joined, "<f4").reshape(self.shapes[name]).tobytes()


class _Part(NamedTuple):
    """A tensor that is a weight or a part of one, and how to turn it."""

    tensor: Tensor
    back: Callable[[Array], Array] | None

    def read(self) -> Array:
        array = self.tensor.read()
        return array if self.back is None else self.back(array)


def count(weights: Weights) -> int:
    """How many numbers there are."""
    return sum(prod(shape) for shape in weights.shapes.values())
