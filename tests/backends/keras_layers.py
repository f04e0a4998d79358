"""Layers of an author's own for Keras, which specs of these tests declare."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("tests")
class Gate(keras.layers.Layer):
    """Scales each channel by a trained value."""

    def __init__(self, channels: int, power: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.power = power
        self.weight = self.add_weight(shape=(channels,), initializer="ones", name="weight")

    def call(self, x: Any) -> Any:
        return x * ops.abs(self.weight) ** self.power
