"""Convolutions in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from graphcnn.backends.python.code import Call, Keyword, Lowered, call
from graphcnn.backends.pytorch.lower.axes import collapsed, last_first
from graphcnn.backends.pytorch.lower.sliding import alone, amounts, needs_same
from graphcnn.ops.base import Shape
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv


def conv(op: Conv, *inputs: Shape) -> Lowered:
    return _of(_ways(op, inputs[0]))


def depthwise_conv(op: DepthwiseConv, *inputs: Shape) -> Lowered:
    (image,) = inputs
    return _of(_ways(op.as_conv(image), image))


def separable_conv(op: SeparableConv, *inputs: Shape) -> Lowered:
    (image,) = inputs
    (between,) = op.depthwise.outputs(image)
    depthwise = _ways(op.depthwise.as_conv(image), image)
    (pointwise,) = _ways(op.pointwise, between)
    return _of([call("SeparableConv", one, pointwise) for one in depthwise])


def _of(ways: Sequence[Call]) -> Lowered:
    return Lowered(ways[0], others=tuple(map(Lowered, ways[1:])))


def _ways(op: Conv, image: Shape) -> list[Call]:
    """A convolution as code; `same` as PyTorch has it, for steps of 1, and as any other has it.

    An even window would make PyTorch warn, so its own way comes second there.
    """
    walk = op.sliding(image)
    if not walk.same or any(step != 1 for step in walk.stride):
        return [_conv(op, image, own=walk.same)]
    ways = [_conv(op, image, own=own) for own in (False, True)]
    return ways[::-1] if needs_same(walk) else ways


def _conv(op: Conv, image: Shape, *, own: bool) -> Call:
    """As a layer of PyTorch, or for `same` as the file's ``own``."""
    walk = op.sliding(image)
    layer = f"Conv{len(image) - 1}d"
    padding = "same" if walk.same else amounts(op.padding)
    if own:
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
