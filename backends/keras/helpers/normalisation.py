"""Normalisations that Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops


@keras.saving.register_keras_serializable()
class AxesNormalization(layers.LayerNormalization):
    """Layer normalisation over axes that are not the last ones."""

    def call(self, x: KerasTensor) -> KerasTensor:
        axes = (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)
        mean, variance = ops.moments(x, axes=axes, keepdims=True)
        x = (x - mean) / ops.sqrt(variance + self.epsilon)
        shape = [n if at in axes else 1 for at, n in enumerate(x.shape)]
        if self.scale:
            x = x * ops.reshape(self.gamma, shape)
        return x + ops.reshape(self.beta, shape) if self.center else x


@keras.saving.register_keras_serializable()
class LocalResponseNormalization(layers.Layer):
    """Divides each cell by the strength of the channels beside its own."""

    def __init__(
        self,
        size: int,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def call(self, x: KerasTensor) -> KerasTensor:
        channels = x.shape[-1]
        ends = [(0, 0)] * (len(x.shape) - 1)
        squares = ops.pad(x * x, [*ends, (self.size // 2, (self.size - 1) // 2)])
        total = squares[..., :channels]
        for at in range(1, self.size):
            total = total + squares[..., at : at + channels]
        return x / (self.k + self.alpha / self.size * total) ** self.beta

    def get_config(self) -> dict[str, Any]:
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable()
class L2Normalization(layers.Layer):
    """Divides the values along an axis by their Euclidean length."""

    def __init__(self, axis: int = -1, epsilon: float = 1e-12, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.epsilon = epsilon

    def call(self, x: KerasTensor) -> KerasTensor:
        length = ops.sqrt(ops.sum(x * x, axis=self.axis, keepdims=True))
        return x / ops.maximum(length, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        own = {"axis": self.axis, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable()
class ScaledL2Normalization(L2Normalization):
    """Divides the values along an axis by their length, and scales each place of it."""

    def __init__(self, scale: float, axis: int = -1, epsilon: float = 1e-12, **kwargs: Any) -> None:
        super().__init__(axis, epsilon, **kwargs)
        self.scale = scale

    def build(self, input_shape: tuple[Any, ...]) -> None:
        self.weight = self.add_weight(
            shape=(input_shape[self.axis],),
            initializer=keras.initializers.Constant(self.scale),
            name="weight",
        )

    def call(self, x: KerasTensor) -> KerasTensor:
        shape = [1] * len(x.shape)
        shape[self.axis] = -1
        return super().call(x) * ops.reshape(self.weight, shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}
