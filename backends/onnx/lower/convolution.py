"""Convolutions in ONNX."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import aligned, call, elementwise, numeric, pad
from graphcnn.backends.onnx.lower.sliding import given_or_laid_on
from graphcnn.backends.onnx.tensor import Tensor, Use
from graphcnn.ops.base import per_axis
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv


def conv(op: Conv, use: Use) -> Tensor:
    return _conv(op, use.x, use.weights["weight"], use.weights.get("bias"))


def depthwise_conv(op: DepthwiseConv, use: Use) -> Tensor:
    weights = use.weights
    return _conv(op.as_conv(use.x.sample), use.x, weights["weight"], weights.get("bias"))


def separable_conv(op: SeparableConv, use: Use) -> Tensor:
    weights = use.weights
    depthwise = op.depthwise.as_conv(use.x.sample)
    between = _conv(depthwise, use.x, weights["depthwise.weight"], label="depthwise")
    bias = weights.get("pointwise.bias")
    return _conv(op.pointwise, between, weights["pointwise.weight"], bias)


def _conv(
    op: Conv, x: Tensor, weight: Tensor, bias: Tensor | None = None, label: str = ""
) -> Tensor:
    (sample,) = op.outputs(x.sample)
    walk = op.sliding(x.sample)
    padded, pads = given_or_laid_on(x, walk)
    return call(
        "Conv",
        padded,
        weight,
        bias,
        shape=(x.shape[0], *sample),
        label=label,
        kernel_shape=numeric(walk.kernel, "kernel"),
        strides=numeric(walk.stride, "stride"),
        pads=pads,
        dilations=numeric(walk.dilation, "dilation"),
        group=numeric([op.groups], "groups")[0],
    )


def conv_transpose(op: ConvTranspose, use: Use) -> Tensor:
    axes = len(use.x.sample) - 1
    crops, added = op.crops(use.x.sample)
    before = numeric([one for one, _ in crops], "padding")
    after = numeric([one for _, one in crops], "padding")
    extra = numeric(added, "output_padding")
    stride = numeric(per_axis(op.stride, axes, "stride"), "stride")
    if all(cells < step for cells, step in zip(extra, stride, strict=True)):
        return _transposed(op, use, [*before, *after], extra, use.weights.get("bias"))
    # A dilated window allows for more than runtimes accept. What is added undoes what is cropped
    # at the end; beyond that no input reaches.
    undone = [min(pair) for pair in zip(after, extra, strict=True)]
    after = [a - b for a, b in zip(after, undone, strict=True)]
    beyond = [a - b for a, b in zip(extra, undone, strict=True)]
    y = _transposed(op, use, [*before, *after], [0] * axes, None)
    y = pad(y, tuple((0, cells) for cells in beyond))
    if not op.bias:
        return y
    return elementwise("Add", y, aligned(use.weights["bias"], (1,), axes + 2))


def _transposed(
    op: ConvTranspose, use: Use, crops: list[int], added: list[int], bias: Tensor | None
) -> Tensor:
    x = use.x
    axes = len(x.sample) - 1
    kernel = numeric(per_axis(op.kernel, axes, "kernel"), "kernel")
    stride = numeric(per_axis(op.stride, axes, "stride"), "stride")
    dilation = numeric(per_axis(op.dilation, axes, "dilation"), "dilation")
    sizes = [
        (n - 1) * s + d * (k - 1) + 1 - before - after + extra
        for n, k, s, d, before, after, extra in zip(
            x.sample[1:], kernel, stride, dilation, crops, crops[axes:], added, strict=False
        )
    ]
    return call(
        "ConvTranspose",
        x,
        use.weights["weight"],
        bias,
        shape=(x.shape[0], op.out, *sizes),
        kernel_shape=kernel,
        strides=stride,
        pads=crops,
        output_padding=added,
        dilations=dilation,
        group=numeric([op.groups], "groups")[0],
    )
