"""Layers that Keras lacks, in the words in which emitted files hold them.

The source text of a class is copied into the files that use it, so each stands alone: it needs
nothing but the names imported here. Data is channels last.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import KerasTensor, layers, ops


@keras.saving.register_keras_serializable()
class LearnedTensor(layers.Layer):
    """A trained tensor, the same for every sample of the batch that it is called with."""

    def __init__(self, shape: tuple[int, ...], initializer: Any = "zeros", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)
        self.initializer = keras.initializers.get(initializer)
        self.value = self.add_weight(shape=self.shape, initializer=self.initializer, name="value")

    def call(self, x: KerasTensor) -> KerasTensor:
        return ops.broadcast_to(self.value, (ops.shape(x)[0], *self.shape))

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        initializer = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "shape": self.shape, "initializer": initializer}


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
class GroupedConvTranspose(layers.Layer):
    """A transposed convolution in groups, uncropped, with cells added at the end.

    The input is laid out `strides` apart, and a convolution with the kernel turned around runs
    over it.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        output_padding: int | tuple[int, ...] = 0,
        dilation_rate: int | tuple[int, ...] = 1,
        *,
        use_bias: bool = True,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.output_padding = output_padding
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias
        self.groups = groups

    def each(self, value: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
        return (value,) * rank if isinstance(value, int) else tuple(value)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        size = self.each(self.kernel_size, len(input_shape) - 2)
        shape = (*size, self.filters // self.groups, input_shape[-1])
        self.kernel = self.add_weight(shape=shape, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def turned(self, rank: int) -> KerasTensor:
        """The kernel of the convolution: (size…, channels of a group, filters)."""
        *size, filters, channels = self.kernel.shape
        kernel = ops.flip(self.kernel, axis=tuple(range(rank)))
        kernel = ops.reshape(kernel, (*size, filters, self.groups, -1))
        kernel = ops.moveaxis(kernel, -1, rank)
        kernel = ops.swapaxes(kernel, -1, -2)
        return ops.reshape(kernel, (*size, channels // self.groups, self.filters))

    def call(self, x: KerasTensor) -> KerasTensor:
        rank = len(x.shape) - 2
        dilation = self.each(self.dilation_rate, rank)
        for axis, stride in enumerate(self.each(self.strides, rank), start=1):
            apart = ops.expand_dims(x, axis + 1)
            ends = [(0, 0)] * (rank + 3)
            ends[axis + 1] = (0, stride - 1)
            sizes = [-1 if n is None else n for n in x.shape]
            sizes[axis] = x.shape[axis] * stride
            x = ops.reshape(ops.pad(apart, ends), (-1, *sizes[1:]))
        frame = []
        for kernel, stride, step, more in zip(
            self.each(self.kernel_size, rank),
            self.each(self.strides, rank),
            dilation,
            self.each(self.output_padding, rank),
            strict=True,
        ):
            around = step * (kernel - 1)
            frame.append((around, around + more - stride + 1))
        for axis, (_, end) in enumerate(frame, start=1):
            if end < 0:
                x = x[(*(slice(None),) * axis, slice(None, end))]
        ends = [(0, 0), *((before, max(end, 0)) for before, end in frame), (0, 0)]
        x = ops.conv(ops.pad(x, ends), self.turned(rank), dilation_rate=dilation)
        return x + self.bias if self.use_bias else x

    def get_config(self) -> dict[str, Any]:
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "output_padding": self.output_padding,
            "dilation_rate": self.dilation_rate,
            "use_bias": self.use_bias,
            "groups": self.groups,
        }
        return {**super().get_config(), **own}


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
