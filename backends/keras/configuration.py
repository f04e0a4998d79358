"""What the configuration of a Keras model says of its layers: names, classes and their order.

It is read as data. Nothing that it names is looked up, built or run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from graphcnn.weights.source import MAX_TENSORS, Layer
from graphcnn.weights.structure import snake

_MAX_DEPTH: Final = 20
_MAX_TEXT: Final = 1_000

T = TypeVar("T")


@dataclass
class Configuration:
    """The layers in the order in which they run, and the names of the models inside the model."""

    layers: list[Layer] = field(default_factory=list)
    models: set[str] = field(default_factory=set)

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
        case {"class_name": str(kind), "config": {"name": str(name)}} if depth:
            if len(found.layers) < MAX_TENSORS:
                found.layers.append(Layer(name[:_MAX_TEXT], snake(kind[:_MAX_TEXT])))


def unnumbered(name: str) -> str:
    """A name that Keras gave, without the number: that of the class.

    >>> unnumbered("conv2d_transpose_12"), unnumbered("conv2d")
    ('conv2d_transpose', 'conv2d')
    """
    return re.sub(r"_\d+$", "", name)
