"""Convolutions, as sums over the cells of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from graphcnn.ops.base import Op, per_axis
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.reference.arrays import Array, Arrays, along, fitted, numbers, windows

Inputs = Sequence[Array]
Weights = Mapping[str, Array]


def _at(weight: Array, place: tuple[int, ...]) -> Array:
    """One cell of the kernel, as a matrix."""
    cell: tuple[Any, ...] = (slice(None), slice(None), *place)
    return np.asarray(weight[cell])


def _biased(y: Array, weights: Weights) -> Array:
    return y + along(weights["bias"], 1, y.ndim) if "bias" in weights else y


def conv(op: Conv, inputs: Inputs, weights: Weights) -> Array:
    (x,) = inputs
    sample = x.shape[1:]
    out, *spatial = numbers(op.outputs(sample)[0])
    walk = op.sliding(sample)
    groups = int(op.groups)
    weight = weights["weight"]  # (out, in / groups, kernel…)
    y = np.zeros((len(x), groups, out // groups, int(np.prod(spatial))))
    for place, seen in windows(fitted(x, walk, spatial, 0.0), walk, spatial):
        part = _at(weight, place).reshape(groups, out // groups, -1)
        cells = seen.reshape(len(x), groups, sample[0] // groups, -1)
        # one input channel a group is a product, which saves a matrix product for each channel
        y += part * cells if part.shape[2] == 1 else part @ cells
    return _biased(y.reshape(len(x), out, *spatial), weights)


def depthwise_conv(op: DepthwiseConv, inputs: Inputs, weights: Weights) -> Array:
    return conv(op.as_conv(inputs[0].shape[1:]), inputs, weights)


def separable_conv(op: SeparableConv, inputs: Inputs, weights: Weights) -> Array:
    first = {"weight": weights["depthwise.weight"]}
    second = {
        key.removeprefix("pointwise."): value
        for key, value in weights.items()
        if key.startswith("pointwise.")
    }
    return conv(op.pointwise, [depthwise_conv(op.depthwise, inputs, first)], second)


def conv_transpose(op: ConvTranspose, inputs: Inputs, weights: Weights) -> Array:
    """Each input cell lays a copy of the kernel, `stride` apart, and what overlaps is summed."""
    (x,) = inputs
    sample = x.shape[1:]
    axes = len(sample) - 1
    out, *spatial = numbers(op.outputs(sample)[0])
    groups = int(op.groups)
    kernel, stride, dilation = (
        numbers(per_axis(value, axes, name))
        for value, name in (
            (op.kernel, "kernel"),
            (op.stride, "stride"),
            (op.dilation, "dilation"),
        )
    )
    pads, _ = op.crops(sample)
    before = [int(pair[0]) for pair in pads]
    full = [
        max((n - 1) * s + d * (k - 1) + 1, b + size)
        for n, s, d, k, b, size in zip(
            sample[1:], stride, dilation, kernel, before, spatial, strict=True
        )
    ]
    weight = weights["weight"]  # (in, out / groups, kernel…)
    laid = np.zeros((len(x), out, *full))
    cells = x.reshape(len(x), groups, sample[0] // groups, -1)
    for place in product(*map(range, kernel)):
        part = _at(weight, place)
        part = part.reshape(groups, sample[0] // groups, out // groups).transpose(0, 2, 1)
        cut = tuple(
            slice(at * d, at * d + (n - 1) * s + 1, s)
            for at, d, s, n in zip(place, dilation, stride, sample[1:], strict=True)
        )
        laid[(slice(None), slice(None), *cut)] += (part @ cells).reshape(len(x), out, *sample[1:])
    kept = tuple(slice(b, b + size) for b, size in zip(before, spatial, strict=True))
    return _biased(laid[(slice(None), slice(None), *kept)], weights)


RULES: dict[type[Op], Callable[..., Array | Arrays]] = {
    Conv: conv,
    DepthwiseConv: depthwise_conv,
    SeparableConv: separable_conv,
    ConvTranspose: conv_transpose,
}
