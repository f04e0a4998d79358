"""Pools that Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops


@keras.saving.register_keras_serializable()
class MaskedAveragePooling(layers.Layer):
    """Average pooling whose padding, given as pairs, is left out of the mean."""

    def __init__(
        self,
        pool_size: tuple[int, ...],
        strides: tuple[int, ...],
        padding: tuple[tuple[int, int], ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = tuple(pool_size)
        self.strides = tuple(strides)
        self.padding = tuple(tuple(ends) for ends in padding)

    def pool(self, x: KerasTensor) -> KerasTensor:
        padded = ops.pad(x, ((0, 0), *self.padding, (0, 0)))
        return ops.average_pool(padded, self.pool_size, self.strides)

    def call(self, x: KerasTensor) -> KerasTensor:
        return self.pool(x) / self.pool(ops.ones_like(x[:1, ..., :1]))

    def get_config(self) -> dict[str, Any]:
        own = {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable()
class DilatedMaxPooling(layers.Layer):
    """The largest cell of windows whose cells lie apart."""

    def __init__(
        self,
        pool_size: tuple[int, ...],
        strides: tuple[int, ...],
        dilation: tuple[int, ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = tuple(pool_size)
        self.strides = tuple(strides)
        self.dilation = tuple(dilation)

    def call(self, x: KerasTensor) -> KerasTensor:
        windows = zip(self.pool_size, self.strides, self.dilation, strict=True)
        for axis, (kernel, stride, step) in enumerate(windows, start=1):
            cells = (x.shape[axis] - step * (kernel - 1) - 1) // stride + 1
            before = (slice(None),) * axis
            shifted = [
                x[(*before, slice(at, at + (cells - 1) * stride + 1, stride))]
                for at in range(0, step * kernel, step)
            ]
            x = shifted[0]
            for other in shifted[1:]:
                x = ops.maximum(x, other)
        return x

    def get_config(self) -> dict[str, Any]:
        own = {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "dilation": self.dilation,
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable()
class PartsMaxPooling(layers.Layer):
    """The largest cell of each of the parts that an image is divided into."""

    def __init__(self, output_size: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = tuple(output_size)

    def call(self, x: KerasTensor) -> KerasTensor:
        for axis, size in enumerate(self.output_size, start=1):
            n = x.shape[axis]
            parts = [
                ops.take(x, list(range(i * n // size, -(-(i + 1) * n // size))), axis)
                for i in range(size)
            ]
            x = ops.stack([ops.max(part, axis) for part in parts], axis)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_size": self.output_size}
