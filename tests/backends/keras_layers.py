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


@keras.saving.register_keras_serializable("tests")
class Mix(keras.layers.Layer):
    """A weighted sum of two values."""

    def __init__(self, share: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.share = share

    def call(self, a: Any, b: Any) -> Any:
        return self.share * a + (1 - self.share) * b


@keras.saving.register_keras_serializable("tests")
class Halves(keras.layers.Layer):
    """The two halves of the channels."""

    def call(self, x: Any) -> Any:
        return ops.split(x, 2, axis=-1)


@keras.saving.register_keras_serializable("tests")
class Cell(keras.layers.Layer):
    """Called as an author's block may be, too."""

    def __init__(self, factor: float = 3.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x: Any) -> Any:
        return self.factor * x
