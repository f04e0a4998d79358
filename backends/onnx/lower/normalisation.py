"""Normalisation in ONNX."""

from __future__ import annotations

from collections.abc import Sequence

from graphcnn.backends.onnx.calls import (
    aligned,
    call,
    elementwise,
    floats,
    number,
    numeric,
    reduce,
    reshape,
    transpose,
)
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.base import resolve_axis
from graphcnn.ops.normalisation import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    L2Norm,
    LayerNorm,
    LocalResponseNorm,
)


def _affine(op: BatchNorm | GroupNorm | InstanceNorm, use: Use) -> tuple[Tensor, Tensor]:
    """Scale and shift, for operators that insist on both."""
    weight, bias = use.weights.get("weight"), use.weights.get("bias")
    (channels,) = numeric(use.x.sample[:1], "channels") if weight is None or bias is None else (0,)
    return (
        floats([1.0] * channels, "scale") if weight is None else weight,
        floats([0.0] * channels, "shift") if bias is None else bias,
    )


def batch_norm(op: BatchNorm, use: Use) -> Tensor:
    kept = use.weights["running_mean"], use.weights["running_var"]
    return call("BatchNormalization", use.x, *_affine(op, use), *kept, epsilon=op.eps)


def group_norm(op: GroupNorm, use: Use) -> Tensor:
    """Each group as a channel: an instance norm.

    `GroupNormalization` is defined by the mean of the squares less the square of the mean, and
    onnxruntime computes it so. In float32 nothing is left of a variance that is small beside the
    mean: with a mean of 100 and a deviation of 0.1 a third of the largest value is wrong.
    """
    x = use.x
    (groups,) = numeric([op.groups], "groups")
    cells = x.sample[0] // groups
    for n in x.sample[1:]:
        cells = cells * n
    scale, shift = floats([1.0] * groups, "ones"), floats([0.0] * groups, "zeros")
    grouped = reshape(x, (x.shape[0], groups, cells))
    y = reshape(call("InstanceNormalization", grouped, scale, shift, epsilon=op.eps), x.shape)
    for operator, key in (("Mul", "weight"), ("Add", "bias")):
        if key in use.weights:
            y = elementwise(operator, y, aligned(use.weights[key], [1], len(x.shape)))
    return y


def instance_norm(op: InstanceNorm, use: Use) -> Tensor:
    return call("InstanceNormalization", use.x, *_affine(op, use), epsilon=op.eps)


def layer_norm(op: LayerNorm, use: Use) -> Tensor:
    """The operator takes the last axes and insists on a scale; else it is done step by step."""
    x = use.x
    rank = len(x.shape)
    axes = [axis + 1 for axis in op.normalised(x.sample)]
    weight, bias = use.weights.get("weight"), use.weights.get("bias")
    if weight is None:
        y = _standardised(x, axes, op.eps)
        return y if bias is None else elementwise("Add", y, aligned(bias, axes, rank))
    order = [*(axis for axis in range(rank) if axis not in axes), *axes]
    if order == [*range(rank)]:
        return call("LayerNormalization", x, weight, bias, axis=axes[0], epsilon=op.eps)
    last = transpose(x, order)
    first = rank - len(axes)
    y = call("LayerNormalization", last, weight, bias, axis=first, epsilon=op.eps)
    return transpose(y, [order.index(axis) for axis in range(rank)])


def _standardised(x: Tensor, axes: Sequence[int], eps: float) -> Tensor:
    """Mean 0 and variance 1 over the axes."""
    centred = elementwise("Sub", x, reduce("ReduceMean", x, axes, keepdims=True))
    variance = reduce("ReduceMean", elementwise("Mul", centred, centred), axes, keepdims=True)
    raised = elementwise("Add", variance, number(eps, "eps"))
    return elementwise("Div", centred, call("Sqrt", raised))


def local_response_norm(op: LocalResponseNorm, use: Use) -> Tensor:
    """The operator centres an even window otherwise, and runtimes want an odd one and an image."""
    x = use.x
    if op.size % 2 == 1:
        if len(x.shape) == 4:
            return _lrn(op, x)
        spatial = (*x.shape[2:], 1) if len(x.shape) == 3 else (x.shape[2] * x.shape[3], x.shape[4])
        return reshape(_lrn(op, reshape(x, (*x.shape[:2], *spatial))), x.shape)
    mean = _mean_of_channels(elementwise("Mul", x, x), op.size)
    strength = elementwise("Mul", mean, number(op.alpha, "alpha"))
    divisor = elementwise("Add", strength, number(op.k, "k"))
    return elementwise("Div", x, elementwise("Pow", divisor, number(op.beta, "beta")))


def _lrn(op: LocalResponseNorm, image: Tensor) -> Tensor:
    return call("LRN", image, size=op.size, alpha=op.alpha, beta=op.beta, bias=op.k)


def _mean_of_channels(x: Tensor, size: int) -> Tensor:
    """The mean over ``size`` channels, of which those beyond the first and last count as zeros."""
    cells = x.shape[2]
    for n in x.shape[3:]:
        cells = cells * n
    image = reshape(x, (x.shape[0], 1, x.shape[1], cells))
    mean = call(
        "AveragePool",
        image,
        kernel_shape=[size, 1],
        pads=[size // 2, 0, (size - 1) // 2, 0],
        count_include_pad=1,
    )
    return reshape(mean, x.shape)


def l2_norm(op: L2Norm, use: Use) -> Tensor:
    x = use.x
    axis = resolve_axis(op.axis, len(x.sample)) + 1
    length = reduce("ReduceL2", x, [axis], keepdims=True)
    unit = elementwise("Div", x, call("Clip", length, number(op.eps, "eps")))
    weight = use.weights.get("weight")
    return (
        unit if weight is None else elementwise("Mul", unit, aligned(weight, [axis], len(x.shape)))
    )
