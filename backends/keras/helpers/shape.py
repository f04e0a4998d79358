"""Layers that move, copy or blend cells."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import KerasTensor, layers, ops


@keras.saving.register_keras_serializable()
class EdgePadding(layers.Layer):
    """Padding with copies of the outermost cells."""

    def __init__(self, padding: tuple[tuple[int, int], ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = tuple(tuple(ends) for ends in padding)

    def call(self, x: KerasTensor) -> KerasTensor:
        for axis, (before, after) in enumerate(self.padding, start=1):
            left = (slice(None),) * axis
            first, last = x[(*left, slice(0, 1))], x[(*left, slice(-1, None))]
            x = ops.concatenate([first] * before + [x] + [last] * after, axis=axis)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}


@keras.saving.register_keras_serializable()
class Interpolation(layers.Layer):
    """An image on another grid, each cell taken or blended from those around its place."""

    def __init__(
        self,
        size: tuple[int, ...],
        mode: str = "bilinear",
        *,
        align_corners: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = tuple(size)
        self.mode = mode
        self.align_corners = align_corners

    def place(self, at: int, cells: int, out: int) -> float:
        """Where a cell of the output lies among those of the input."""
        if self.mode == "nearest":
            return at * cells // out
        if self.align_corners:
            return at * (cells - 1) / max(out - 1, 1)
        return min(max((at + 0.5) * cells / out - 0.5, 0), cells - 1)

    def call(self, x: KerasTensor) -> KerasTensor:
        for axis, out in enumerate(self.size, start=1):
            cells = x.shape[axis]
            places = [self.place(at, cells, out) for at in range(out)]
            low = [math.floor(place) for place in places]
            lower = ops.take(x, low, axis=axis)
            if self.mode == "nearest":
                x = lower
                continue
            upper = ops.take(x, [min(at + 1, cells - 1) for at in low], axis=axis)
            share = [place - at for place, at in zip(places, low, strict=True)]
            shape = [1] * len(x.shape)
            shape[axis] = out
            weight = ops.reshape(ops.convert_to_tensor(share, dtype=x.dtype), shape)
            x = lower + (upper - lower) * weight
        return x

    def get_config(self) -> dict[str, Any]:
        own = {
            "size": self.size,
            "mode": self.mode,
            "align_corners": self.align_corners,
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable()
class ChannelShuffle(layers.Layer):
    """Mixes the channels of groups: the first of each, then the second of each, and so on."""

    def __init__(self, groups: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.groups = groups

    def call(self, x: KerasTensor) -> KerasTensor:
        shape = ops.shape(x)
        x = ops.reshape(x, (*shape[:-1], self.groups, shape[-1] // self.groups))
        return ops.reshape(ops.swapaxes(x, -1, -2), shape)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups}


@keras.saving.register_keras_serializable()
class PixelShuffle(layers.Layer):
    """Channels become space: each cell a square of `factor` by `factor` cells."""

    def __init__(self, factor: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x: KerasTensor) -> KerasTensor:
        batch, height, width, channels = ops.shape(x)
        n, c = self.factor, channels // self.factor**2
        x = ops.reshape(x, (batch, height, width, c, n, n))
        x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
        return ops.reshape(x, (batch, height * n, width * n, c))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        n = self.factor
        sizes = [None if size is None else size * n for size in (height, width)]
        return (batch, *sizes, channels // n**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable()
class SpaceToDepth(layers.Layer):
    """Space becomes channels: each square of `block` by `block` cells one cell."""

    def __init__(self, block: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block = block

    def call(self, x: KerasTensor) -> KerasTensor:
        batch, height, width, channels = ops.shape(x)
        n = self.block
        x = ops.reshape(x, (batch, height // n, n, width // n, n, channels))
        x = ops.transpose(x, (0, 1, 3, 5, 2, 4))
        return ops.reshape(x, (batch, height // n, width // n, channels * n * n))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        batch, height, width, channels = input_shape
        n = self.block
        sizes = [None if size is None else size // n for size in (height, width)]
        return (batch, *sizes, channels * n * n)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block": self.block}
