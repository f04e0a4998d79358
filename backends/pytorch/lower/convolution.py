"""Convolutions in PyTorch."""

from __future__ import annotations

from graphcnn.backends.python.code import Call, Keyword, Lowered, call
from graphcnn.backends.pytorch.lower.axes import collapsed, last_first
from graphcnn.backends.pytorch.lower.sliding import alone, amounts, needs_same
from graphcnn.ops.base import Shape
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv


def conv(op: Conv, *inputs: Shape) -> Lowered:
    return _both(op, inputs[0])


def depthwise_conv(op: DepthwiseConv, *inputs: Shape) -> Lowered:
    (image,) = inputs
    return _both(op.as_conv(image), image)


def separable_conv(op: SeparableConv, *inputs: Shape) -> Lowered:
    (image,) = inputs
    (between,) = op.depthwise.outputs(image)
    depthwise = _both(op.depthwise.as_conv(image), image)
    pointwise = _conv(op.pointwise, between)
    general = depthwise.general and call("SeparableConv", depthwise.general, pointwise)
    return Lowered(call("SeparableConv", depthwise.module, pointwise), general=general)


def _both(op: Conv, image: Shape) -> Lowered:
    """A convolution, and what it shares with those of other strides where it is padded as they."""
    general = _conv(op, image, general=True) if op.padding == "same" else None
    return Lowered(_conv(op, image), general=general)


def _conv(op: Conv, image: Shape, *, general: bool = False) -> Call:
    walk = op.sliding(image)
    layer = f"Conv{len(image) - 1}d"
    padding = "same" if walk.same else amounts(op.padding)
    if walk.same and (general or needs_same(walk)):
        target, pads = f"Same{layer}", Keyword("padding", 0, 0)
    elif padding is None:
        target, pads = f"Padded{layer}", Keyword("pads", last_first(walk.pads))
    else:
        target, pads = f"nn.{layer}", Keyword("padding", padding, 0)
    return Call(
        target,
        (
            image[0],
            op.out,
            alone(op.kernel),
            Keyword("stride", alone(op.stride), 1),
            pads,
            Keyword("dilation", alone(op.dilation), 1),
            Keyword("groups", op.groups, 1),
            Keyword("bias", op.bias, True),
        ),
    )


def conv_transpose(op: ConvTranspose, *inputs: Shape) -> Lowered:
    (image,) = inputs
    layer = f"ConvTranspose{len(image) - 1}d"
    pads, added = op.crops(image)
    padding = amounts(pads if op.padding == "same" else op.padding)
    if padding is None:
        target, crop = f"Cropped{layer}", Keyword("crop", last_first(pads))
    else:
        target, crop = f"nn.{layer}", Keyword("padding", padding, 0)
    output_padding = collapsed(added) if op.padding == "same" else alone(op.output_padding)
    return Lowered(
        Call(
            target,
            (
                image[0],
                op.out,
                alone(op.kernel),
                Keyword("stride", alone(op.stride), 1),
                crop,
                Keyword("output_padding", output_padding, 0),
                Keyword("groups", op.groups, 1),
                Keyword("bias", op.bias, True),
                Keyword("dilation", alone(op.dilation), 1),
            ),
        )
    )
