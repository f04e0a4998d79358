"""Convolutions in ONNX."""

from __future__ import annotations

from graphcnn.backends.onnx.calls import call, numeric
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
    x = use.x
    (sample,) = op.outputs(x.sample)
    axes = len(x.sample) - 1
    crops, added = op.crops(x.sample)
    before, after = zip(*crops, strict=True)
    return call(
        "ConvTranspose",
        x,
        use.weights["weight"],
        use.weights.get("bias"),
        shape=(x.shape[0], *sample),
        kernel_shape=numeric(per_axis(op.kernel, axes, "kernel"), "kernel"),
        strides=numeric(per_axis(op.stride, axes, "stride"), "stride"),
        pads=numeric([*before, *after], "padding"),
        output_padding=numeric(added, "output_padding"),
        dilations=numeric(per_axis(op.dilation, axes, "dilation"), "dilation"),
        group=numeric([op.groups], "groups")[0],
    )
