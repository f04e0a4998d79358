"""What the configuration of a Keras model says of its layers: names, classes and their order.

It is read as data. Nothing that it names is looked up, built or run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, TypeVar

from graphcnn.weights.source import MAX_TENSORS, Layer
from graphcnn.weights.structure import snake

_MAX_DEPTH: Final = 20
_MAX_TEXT: Final = 1_000
_MAX_NEEDS: Final = 5_000

T = TypeVar("T")


@dataclass
class Configuration:
    """The layers in the order in which they run, and the names of the models inside the model.

    ``reads`` are the layers that each reads; None of one that is used several times.
    """

    layers: list[Layer] = field(default_factory=list)
    models: set[str] = field(default_factory=set)
    reads: dict[str, set[str] | None] = field(default_factory=dict)

    def needs(self) -> dict[str, frozenset[str]]:
        """All layers that each layer needs; nothing where models or layers are used in others."""
        found: dict[str, frozenset[str]] = {}
        if self.models or len(self.layers) > _MAX_NEEDS:
            return {}
        for layer in self.layers:
            before = self.reads.get(layer.name)
            if before is None or not before <= found.keys():
                return {}
            found[layer.name] = frozenset(before).union(*(found[name] for name in before))
        return found

    def without_models(self, tensors: Mapping[str, T]) -> dict[str, T]:
        """Tensors by the layers that hold them, where files before Keras 3 name models first."""
        found: dict[str, T] = {}
        for name, tensor in tensors.items():
            parts = name.split("/")
            while len(parts) > 2 and parts[0] in self.models:
                parts = parts[1:]
            found["/".join(parts)] = tensor
        return found if len(found) == len(tensors) else dict(tensors)


def configured(text: str) -> Configuration:
    """What a configuration says; nothing where it is none."""
    found = Configuration()
    try:
        _read(json.loads(text), found, 0)
    except (ValueError, RecursionError):
        return Configuration()
    return found


def _read(data: Any, found: Configuration, depth: int) -> None:
    """A layer, or a model with those in it."""
    match data:
        case {"config": {"layers": [*inner]}} if depth < _MAX_DEPTH:
            name = data["config"].get("name")
            if depth and isinstance(name, str):
                found.models.add(name)
            for one in inner[:MAX_TENSORS]:
                _read(one, found, depth + 1)
            if data.get("class_name") == "Sequential" and depth == 0:
                names = [layer.name for layer in found.layers]
                found.reads = {name: {before} for before, name in pairwise(names)}
                found.reads |= {name: set() for name in names[:1]}
        case {"class_name": str(kind), "config": {"name": str(name)}} if depth:
            if len(found.layers) < MAX_TENSORS:
                found.layers.append(Layer(name[:_MAX_TEXT], snake(kind[:_MAX_TEXT])))
                found.reads[name[:_MAX_TEXT]] = _reads(data.get("inbound_nodes"))


def _reads(nodes: Any) -> set[str] | None:
    """The layers that a layer reads in its one use."""
    if not isinstance(nodes, list) or len(nodes) > 1:
        return None
    found: set[str] = set()
    waiting: list[Any] = [*nodes]
    while waiting:
        match waiting.pop():
            case {"keras_history": [str(name), *_]}:
                found.add(name[:_MAX_TEXT])
            case dict() as inner:
                waiting.extend(inner.values())
            case [str(name), int(), int(), *more]:  # as before Keras 3
                found.add(name[:_MAX_TEXT])
                waiting.extend(more)
            case list() as inner:
                waiting.extend(inner)
    return found


def unnumbered(name: str) -> str:
    """A name that Keras gave, without the number: that of the class.

    >>> unnumbered("conv2d_transpose_12"), unnumbered("conv2d")
    ('conv2d_transpose', 'conv2d')
    """
    return re.sub(r"_\d+$", "", name)
