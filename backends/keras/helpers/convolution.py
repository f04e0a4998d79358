"""Convolutions that Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops


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
