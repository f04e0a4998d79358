"""Layers that are used again."""

from __future__ import annotations

from keras import layers


class Shared:
    """Layers by name: of those that are called alike it hands out the first."""

    def __init__(self) -> None:
        self.layers: dict[str, layers.Layer] = {}

    def __call__(self, layer: layers.Layer) -> layers.Layer:
        return self.layers.setdefault(layer.name, layer)
